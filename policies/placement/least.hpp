#pragma once
#include <cstdint>
#include <optional>

#include "policies/placement/feasible.hpp"

namespace codecosim {

/// The row that fits the workload and costs least, the lowest among equals; none where nothing fits. `cost(row)` is
/// asked once for each row that fits, and is anything that `<` orders: a pair to decide among equals by something else.
template <class Cost>
std::uint32_t least(const Feasible& feasible, std::uint32_t workload, Cost&& cost) {
  std::uint32_t best = PlacementProblem::none;
  std::optional<decltype(cost(best))> lowest;
  for (std::uint32_t row = 0; row < feasible.rows(); ++row) {
    if (!feasible.fits(workload, row)) continue;
    auto costs = cost(row);
    if (lowest && !(costs < *lowest)) continue;
    best = row;
    lowest = std::move(costs);
  }
  return best;
}

}  // namespace codecosim
