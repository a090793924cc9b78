#pragma once
#include "policies/placement/swm/deadline.hpp"
#include "policies/placement/swm/model.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// A good placement, not known to be the best: workloads are inserted in the order of their regret (what the
/// second-best row costs more than the best: Martello and Toth, "Knapsack Problems", 1990, section 7.4), then improved
/// one by one (to another row, or by putting another one out of the way), then a few at a time are taken out and
/// inserted anew (large neighbourhood search: Shaw, CP 1998), until `patience` tries per workload in a row have
/// improved nothing, or the time is over. As many workloads are placed as it can. The same for the same model and
/// random stream, unless the time was over.
SwmSolution search(SwmModel& model, Rng& rng, Deadline& deadline, std::uint32_t patience);

}  // namespace codecosim
