#pragma once
#include "policies/placement/swm/deadline.hpp"
#include "policies/placement/swm/model.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// A heuristic placement, without proof of optimality. Workloads are inserted in the order of their regret (the extra
/// cost of the second-best row over the best: Martello and Toth, "Knapsack Problems", 1990, section 7.4). Then each is
/// improved (by a move to another row, or an exchange with another workload), then a few at a time are removed and
/// inserted anew (large neighbourhood search: Shaw, CP 1998), until `patience` tries per workload in a row have
/// improved nothing, or the time limit has passed. It places as many workloads as it can. The result is the same for
/// the same model and random stream, unless the time limit has passed.
SwmSolution search(SwmModel& model, Rng& rng, Deadline& deadline, std::uint32_t patience);

}  // namespace codecosim
