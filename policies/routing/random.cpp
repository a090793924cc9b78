#include "policies/routing/policies.hpp"

namespace codecosim {
namespace {

class RandomRouting final : public RoutingPolicy {
 public:
  std::uint32_t choose(const RoutingProblem& problem) override { return any_endpoint(problem); }
};

}  // namespace

std::unique_ptr<RoutingPolicy> make_random_routing() { return std::make_unique<RandomRouting>(); }

}  // namespace codecosim
