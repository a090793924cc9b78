#pragma once
#include <cstdint>

#include "policies/placement/feasible.hpp"
#include "sim/base/lowest.hpp"

namespace codecosim {

/// The feasible row of least cost, any among equals; none where no row fits. `cost(row)` is called once for each
/// feasible row, and may have any type that `<` orders: a pair adds a tie-breaker.
template <class Cost>
Choice least(const Feasible& feasible, std::uint32_t workload, Rng& rng, Cost&& cost) {
  Lowest<decltype(cost(workload))> lowest(rng);
  for (std::uint32_t row = 0; row < feasible.rows(); ++row)
    if (feasible.fits(workload, row)) lowest.offer(row, cost(row), feasible.id(row));
  return {lowest.index().value_or(PlacementProblem::none), lowest.indifferent()};
}

}  // namespace codecosim
