#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "policies/placement/swm/model.hpp"

namespace codecosim {

/// Why so many workloads cannot be placed, in a sentence: the kinds of constraints each of which, if it alone were
/// given up, would let the most of them be placed, with what is asked for and what there is. `unplaced` says how many
/// workloads of a model cannot be placed.
std::string explain(const PlacementProblem& problem, std::uint32_t count,
                    const std::function<std::uint32_t(SwmModel&)>& unplaced);

}  // namespace codecosim
