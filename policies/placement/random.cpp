#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// Uniform among the rows that fit: the baseline that any sensible policy must beat. One draw per workload that can be
/// placed.
class Random final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    std::vector<std::uint32_t> candidates;
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      candidates.clear();
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
        if (feasible.fits(workload, row)) candidates.push_back(row);
      return candidates.empty() ? PlacementProblem::none : candidates[rng.below(candidates.size())];
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_random() { return std::make_unique<Random>(); }

}  // namespace codecosim
