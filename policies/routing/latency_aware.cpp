#include <cmath>

#include "policies/routing/observed.hpp"
#include "policies/routing/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

/// Of two endpoints drawn at random the one of less cost: the moving average of the latency that this proxy has seen
/// there, times one more than its requests that are under way. The average takes a higher latency at once, and forgets
/// with time constant `decay`: Peak EWMA of Finagle and Linkerd. An endpoint that was never answered costs `unseen`;
/// one that loses requests has their time to the loss, at least `unseen`.
class LatencyAware final : public RoutingPolicy {
 public:
  LatencyAware(Seconds decay, Seconds unseen) : decay_(decay), unseen_(unseen) {}

  std::uint32_t choose(const RoutingProblem& problem) override {
    Rng rng = problem.rng();
    const auto [first, second] = any_two(problem.size(), rng);
    const std::uint32_t best = cost(problem, second) < cost(problem, first) ? second : first;
    seen_.send(problem, best);
    return best;
  }
  bool observes() const override { return true; }
  void ended(std::uint32_t id, Seconds latency, bool answered, Seconds now) override {
    State* const state = seen_.end(id);
    if (!state) return;
    const Seconds sample = answered ? latency : std::max(latency, unseen_);
    const Seconds average = average_at(*state, now);
    const double kept = std::exp(-((now - state->since) / decay_));
    state->average = sample > average ? sample : sample + (state->average - sample) * kept;
    state->since = now;
    state->seen = true;
  }

 private:
  struct State {
    std::uint32_t outstanding = 0;
    bool seen = false;
    Seconds average, since;
  };
  Seconds average_at(const State& state, Seconds now) const {
    return state.average * std::exp(-((now - state.since) / decay_));
  }
  Seconds cost(const RoutingProblem& problem, std::uint32_t endpoint) const {
    const State* state = seen_.find(problem.id(endpoint));
    if (!state) return unseen_;
    const Seconds average = state->seen ? average_at(*state, problem.now()) : unseen_;
    return average * (1.0 + state->outstanding);
  }

  Seconds decay_, unseen_;
  Observed<State> seen_;
};

}  // namespace

Registry<RoutingPolicy>::Make read_latency_aware(Reader& reader) {
  const auto decay = reader.get<Seconds>("decay", Seconds(10),
                                         "Time constant of the moving average. Linkerd's default is 10 s.", positive);
  const auto unseen = reader.get<Seconds>(
      "unseen", Seconds(0.03),
      "Latency that is taken for an endpoint which has not answered yet. Linkerd's default is 30 ms.", positive);
  return [decay, unseen] { return std::make_unique<LatencyAware>(decay, unseen); };
}

}  // namespace codecosim
