#pragma once
#include <cstdint>

#include "policies/placement/feasible.hpp"
#include "sim/base/lowest.hpp"

namespace codecosim {

/// The row that fits the workload and costs least, any among equals; none where nothing fits. `cost(row)` is asked once
/// for each row that fits, and is anything that `<` orders: a pair to decide among equals by something else first.
template <class Cost>
Choice least(const Feasible& feasible, std::uint32_t workload, Rng& rng, Cost&& cost) {
  Lowest<decltype(cost(workload))> lowest(rng);
  for (std::uint32_t row = 0; row < feasible.rows(); ++row)
    if (feasible.fits(workload, row)) lowest.offer(row, cost(row), feasible.id(row));
  return {lowest.index().value_or(PlacementProblem::none), lowest.indifferent()};
}

}  // namespace codecosim
