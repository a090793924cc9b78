#include "policies/placement/least.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The feasible row with the least carbon per unit of work: carbon of its electricity x power of one of its cores [g
/// per core-second]. The marginal power of one more busy core is not monitored; the power of the row's nodes divided by
/// their cores, idle or not, approximates it. This ranks node types by power per core, and does not penalise an idle
/// row.
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
