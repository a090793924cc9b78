#include <algorithm>

#include "policies/placement/least.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The feasible row with the least free resources after placement: free cores and memory, each as a share of the
/// largest row's, so that they can be added. Packs the workloads tightly and keeps the large rows for workloads that
/// need them.
class BestFit final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    std::int64_t millicores = 1, bytes = 1;
    const Feasible untouched(problem);
    for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
      millicores = std::max(millicores, untouched.room(row).allocatable.millicores);
      bytes = std::max(bytes, untouched.room(row).allocatable.bytes);
    }
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      return least(feasible, workload, rng, [&](std::uint32_t row) {
        const bool is_here = problem.workloads[workload].current == row;
        const Feasible::Demand demand = is_here ? Feasible::Demand() : feasible.demand(workload);
        const Feasible::Demand& free = feasible.room(row).free;
        return static_cast<double>(free.millicores - demand.millicores) / static_cast<double>(millicores) +
               static_cast<double>(free.bytes - demand.bytes) / static_cast<double>(bytes);
      });
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_best_fit() { return std::make_unique<BestFit>(); }

}  // namespace codecosim
