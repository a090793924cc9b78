#include "policies/placement/least.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The row that fits with the least carbon per unit of work: carbon of its electricity x power that one of its cores
/// draws [g per core-second]. What one more busy core would draw is not monitored; the power of its nodes over their
/// cores, idle or not, stands for it. It ranks node types by what they draw for what they can do, and does not punish a
/// row for being idle.
class CarbonGreedy final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      return least(feasible, workload, rng, [&](std::uint32_t row) {
        const PlacementProblem::Row& there = problem.rows[row];
        const auto power_a_core = there.cpu > Cores(0) ? there.monitored.node_energy / there.cpu : Watts(0) / Cores(1);
        return there.monitored.carbon * power_a_core;
      });
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_carbon_greedy() { return std::make_unique<CarbonGreedy>(); }

}  // namespace codecosim
