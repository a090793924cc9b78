#include "policies/routing/policies.hpp"
#include "sim/base/lowest.hpp"

namespace codecosim {
namespace {

/// The endpoint at which the fewest requests are now, from whatever callers; any among equals. No proxy knows that: a
/// bound for policies that look at load.
class ShortestQueue final : public RoutingPolicy {
 public:
  std::uint32_t choose(const RoutingProblem& problem) override {
    Rng rng = problem.rng();
    Lowest<std::uint32_t> shortest(rng);
    for (std::uint32_t i = 0; i < problem.size(); ++i) shortest.offer(i, problem.load(i), problem.id(i));
    return *shortest.index();
  }
  bool omniscient() const override { return true; }
};

}  // namespace

std::unique_ptr<RoutingPolicy> make_shortest_queue() { return std::make_unique<ShortestQueue>(); }

}  // namespace codecosim
