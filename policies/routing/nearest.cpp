#include <numeric>
#include <optional>

#include "policies/routing/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

std::vector<double> priority_loads(std::span<const KnownEndpoints> priorities, double over_provisioning) {
  std::vector<double> loads;
  for (const KnownEndpoints& one : priorities) loads.push_back(one.health(over_provisioning));
  const double total = std::min(1.0, std::accumulate(loads.begin(), loads.end(), 0.0));
  double left = 1;
  for (double& load : loads) {
    load = total > 0 ? std::min(load / total, left) : 0;
    left -= load;
  }
  return loads;
}

namespace {

/// The endpoint with the least latency between gateways; equals in turn.
class NearestRouting final : public RoutingPolicy {
 public:
  std::uint32_t choose(const RoutingProblem& problem) override {
    const std::uint32_t size = problem.size();
    std::uint32_t at = problem.next(), best = at;
    Seconds least = problem.latency(at);
    for (std::uint32_t i = 1; i < size; ++i) {
      at = at + 1 == size ? 0 : at + 1;
      const Seconds far = problem.latency(at);
      if (far >= least) continue;
      best = at;
      least = far;
    }
    return best;
  }
};

/// The localities as priorities, as Envoy has them: the cluster of the callers, then the others of its provider, then
/// the rest. As the endpoints of one fall ill, requests go over to the next, each to any endpoint there. Where fewer
/// endpoints of a priority are healthy than the panic threshold, and all priorities together cannot serve everything,
/// its requests go to all its endpoints, healthy or not.
class Failover final : public RoutingPolicy {
 public:
  struct Settings {
    double over_provisioning = 1.4, panic = 0.5;
  };
  explicit Failover(Settings settings) : settings_(settings) {}

  std::uint32_t choose(const RoutingProblem& problem) override {
    std::array<KnownEndpoints, RoutingProblem::localities> levels{};
    for (std::uint32_t i = 0; i < problem.known(); ++i) {
      KnownEndpoints& level = levels[problem.locality(i)];
      ++level.all;
      level.healthy += i < problem.size();
    }
    const std::vector<double> loads = priority_loads(levels, settings_.over_provisioning);
    Rng rng = problem.rng();
    double point = rng.uniform();
    std::uint32_t chosen = 0;
    for (std::uint32_t level = 0; level < levels.size(); ++level) {
      if (loads[level] <= 0) continue;
      chosen = level;
      point -= loads[level];
      if (point < 0) break;
    }
    const KnownEndpoints& level = levels[chosen];
    const bool panics = serves_less_than_all(levels) && level.healthy < settings_.panic * level.all;
    std::uint64_t before = rng.below(panics ? level.all : level.healthy);
    for (std::uint32_t i = 0;; ++i)
      if (problem.locality(i) == chosen && before-- == 0) return i;
  }

 private:
  bool serves_less_than_all(std::span<const KnownEndpoints> levels) const {
    double total = 0;
    for (const KnownEndpoints& one : levels) total += one.health(settings_.over_provisioning);
    return total < 1;
  }

  Settings settings_;
};

}  // namespace

Registry<RoutingPolicy>::Make read_nearest_routing(Reader& reader) {
  std::optional<Failover::Settings> failover;
  if (auto r =
          reader.object("failover",
                        "By locality as Envoy's priorities: the callers' cluster, then the others of its provider, "
                        "then the rest; missing: strictly the nearest by latency.")) {
    Failover::Settings& settings = failover.emplace();
    settings.over_provisioning = r->get<double>(
        "over_provisioning", settings.over_provisioning,
        "A priority serves all its requests while so many times its healthy share is 1. Envoy's default is 1.4.",
        at_least(1));
    settings.panic = r->get<double>(
        "panic", settings.panic,
        "Below this share of healthy endpoints the others get requests too. Envoy's default is 0.5.", between(0, 1));
    r->close();
  }
  return [failover]() -> std::unique_ptr<RoutingPolicy> {
    if (failover) return std::make_unique<Failover>(*failover);
    return std::make_unique<NearestRouting>();
  };
}

}  // namespace codecosim
