#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/lowest.hpp"

namespace codecosim {
namespace {

/// The feasible row with the highest recommendation of PDLC-DL, any among equals; without recommendations any feasible
/// row.
class Recommended final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) -> Choice {
      const auto recommendation = [&](std::uint32_t row) {
        return problem.recommendations.empty() ? 0.0 : problem.recommendations[workload][row];
      };
      Lowest<double> best(rng);
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
        if (best.could_change(-recommendation(row)) && feasible.fits(workload, row))
          best.offer(row, -recommendation(row), problem.rows[row].id);
      return {best.index().value_or(PlacementProblem::none), best.indifferent()};
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_recommended() { return std::make_unique<Recommended>(); }

}  // namespace codecosim
