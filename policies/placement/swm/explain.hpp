#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "policies/placement/swm/model.hpp"

namespace codecosim {

/// A sentence on why `count` workloads cannot be placed: the kinds of constraints whose relaxation, one at a time,
/// would let the most of them be placed, with demand and supply. `unplaced` returns the number of workloads of a model
/// that cannot be placed.
std::string explain(const PlacementProblem& problem, std::uint32_t count,
                    const std::function<std::uint32_t(SwmModel&)>& unplaced);

}  // namespace codecosim
