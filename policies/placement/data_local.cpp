#include <algorithm>
#include <utility>

#include "policies/placement/least.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/error.hpp"

namespace codecosim {
namespace {

/// The feasible row with the most bytes of the data sets that the workload reads, so that the fewest bytes must be
/// copied; among equals the nearest to the application's clients. Nodes hold no data sets of their own, so among nodes
/// only the latter decides.
class DataLocal final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      return least(feasible, workload, rng, [&](std::uint32_t row) {
        Bytes missing;
        if (problem.level == PlacementProblem::Level::cluster)
          return std::pair(missing, problem.rows[row].client_latency);
        for (const std::uint32_t set : problem.workloads[workload].reads) {
          ensure(set < problem.data_sizes.size(), "a data set without a size");
          if (!std::ranges::binary_search(problem.rows[row].data, set)) missing += problem.data_sizes[set];
        }
        return std::pair(missing, problem.rows[row].client_latency);
      });
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_data_local() { return std::make_unique<DataLocal>(); }

}  // namespace codecosim
