#include "policies/placement/least.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The feasible row with the lowest price of a core.
class LeastCost final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      return least(feasible, workload, rng, [&](std::uint32_t row) { return problem.rows[row].monitored.cpu_price; });
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_least_cost() { return std::make_unique<LeastCost>(); }

}  // namespace codecosim
