#include "policies/routing/policies.hpp"

namespace codecosim {
namespace {

/// Every caller always the same endpoint, as long as that is there: the one of the highest weight, which is a hash of
/// both (Thaler, Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Trans. Networking 6(1),
/// 1998). When endpoints come or go, as few callers as possible change: consistent hashing.
class Sticky final : public RoutingPolicy {
 public:
  std::uint32_t choose(const RoutingProblem& problem) override {
    const Rng weights = Rng(problem.caller(), 0);
    std::uint32_t best = 0;
    std::uint64_t highest = 0;
    for (std::uint32_t i = 0; i < problem.size(); ++i) {
      const std::uint64_t weight = weights.stream(problem.id(i)).bits();
      if (weight < highest) continue;
      best = i;
      highest = weight;
    }
    return best;
  }
};

}  // namespace

std::unique_ptr<RoutingPolicy> make_sticky() { return std::make_unique<Sticky>(); }

}  // namespace codecosim
