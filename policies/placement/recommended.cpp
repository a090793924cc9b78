#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The row that fits with the highest recommendation of PDLC-DL, the lowest index among equals; without recommendations
/// the row of lowest index that fits.
class Recommended final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng&) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      const auto recommendation = [&](std::uint32_t row) {
        return problem.recommendations.empty() ? 0 : problem.recommendations[workload][row];
      };
      std::uint32_t best = PlacementProblem::none;
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
        if ((best == PlacementProblem::none || recommendation(row) > recommendation(best)) &&
            feasible.fits(workload, row))
          best = row;
      return best;
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_recommended() { return std::make_unique<Recommended>(); }

}  // namespace codecosim
