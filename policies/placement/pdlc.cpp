#include "policies/placement/least.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// PDLC-CA deciding alone: the feasible row of least cost, the sum of the row's and of the workload's on it.
class Pdlc final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      return least(feasible, workload, rng, [&](std::uint32_t row) {
        return (problem.row_costs.empty() ? 0 : problem.row_costs[row]) +
               (problem.costs.empty() ? 0 : problem.costs[workload][row]);
      });
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_pdlc() { return std::make_unique<Pdlc>(); }

}  // namespace codecosim
