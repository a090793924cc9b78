#include "policies/placement/kube_profile.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// kube-scheduler's default profile: its filters, then the row of the highest weighted sum of scores.
class KubeDefault final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    KubeProfile profile(problem);
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      return profile.best(feasible, workload, rng);
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_kube_default() { return std::make_unique<KubeDefault>(); }

}  // namespace codecosim
