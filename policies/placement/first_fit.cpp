#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The feasible row of lowest index: packs the workloads onto few targets.
class FirstFit final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng&) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
        if (feasible.fits(workload, row)) return row;
      return PlacementProblem::none;
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_first_fit() { return std::make_unique<FirstFit>(); }

}  // namespace codecosim
