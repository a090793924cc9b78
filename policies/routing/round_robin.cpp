#include "policies/routing/policies.hpp"

namespace codecosim {
namespace {

/// Each endpoint in turn: separately for the callers of each cluster, as IPVS does for those of each node, or over all
/// callers, as one load balancer in front does.
class RoundRobinRouting final : public RoutingPolicy {
 public:
  explicit RoundRobinRouting(bool in_front) : in_front_(in_front) {}
  std::uint32_t choose(const RoutingProblem& problem) override { return problem.next(); }
  bool in_front() const override { return in_front_; }

 private:
  bool in_front_;
};

}  // namespace

std::unique_ptr<RoutingPolicy> make_round_robin_routing() { return std::make_unique<RoundRobinRouting>(false); }
std::unique_ptr<RoutingPolicy> make_round_robin_over_all() { return std::make_unique<RoundRobinRouting>(true); }

}  // namespace codecosim
