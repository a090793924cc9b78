#include "policies/routing/observed.hpp"
#include "policies/routing/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

/// Of `choices` endpoints drawn at random, with replacement, the one to which this proxy has the fewest requests under
/// way; of equals the one drawn first. As Envoy's LEAST_REQUEST for endpoints of equal weight, and the power of two
/// choices (Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10), 2001).
class LeastRequests final : public RoutingPolicy {
 public:
  explicit LeastRequests(std::uint32_t choices) : choices_(choices) {}

  std::uint32_t choose(const RoutingProblem& problem) override {
    Rng rng = problem.rng();
    const auto draw = [&] { return static_cast<std::uint32_t>(rng.below(problem.size())); };
    std::uint32_t best = draw(), fewest = under_way_.outstanding(problem.id(best));
    for (std::uint32_t i = 1; i < choices_; ++i) {
      const std::uint32_t other = draw(), its = under_way_.outstanding(problem.id(other));
      if (its >= fewest) continue;
      best = other;
      fewest = its;
    }
    under_way_.send(problem, best);
    return best;
  }
  bool observes() const override { return true; }
  void ended(std::uint32_t id, Seconds, bool, Seconds) override { under_way_.end(id); }

 private:
  struct State {
    std::uint32_t outstanding = 0;
  };
  std::uint32_t choices_;
  Observed<State> under_way_;
};

}  // namespace

Registry<RoutingPolicy>::Make read_least_requests(Reader& reader) {
  const auto choices =
      reader.get<std::uint32_t>("choices", 2, "Endpoints that are compared: Envoy's choice_count.", between(2, 100));
  return [choices] { return std::make_unique<LeastRequests>(choices); };
}

}  // namespace codecosim
