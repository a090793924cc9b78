#include <algorithm>
#include <numeric>

#include "policies/placement/kube_profile.hpp"
#include "policies/placement/network_scores.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

struct Settings {
  TopologicalSort order = TopologicalSort::reverse_kahn;
  Seconds unit;
  std::int64_t weight = 5;
};

/// kube-scheduler with the network-aware plugins, as their own example configures it: TopologicalSort orders the
/// workloads, NetworkOverhead filters rows and scores them with a weight of its own, and NodeResourcesFit does not
/// score.
class NetworkAware final : public PlacementPolicy {
 public:
  explicit NetworkAware(Settings settings) : settings_(settings) {}

  Placement place(const PlacementProblem& problem, Rng& rng) override {
    KubeProfile profile(problem, {.least_allocated = 0});
    Peers peers(problem);
    NetworkCosts network(problem, settings_.unit);
    std::vector<std::int64_t> costs;  // by row, for the current workload
    const auto plugin = [&](std::span<const std::uint32_t> candidates, std::span<std::int64_t> totals) {
      std::vector<std::int64_t> scores;
      for (std::uint32_t row : candidates) scores.push_back(costs[row]);
      normalize_network_costs(scores);
      for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += settings_.weight * scores[i];
    };
    return place_in_order(problem, order_of(problem), [&](Feasible& feasible, std::uint32_t workload) {
      costs.assign(problem.rows.size(), 0);
      for (std::uint32_t row = 0; row < costs.size(); ++row) {
        if (!feasible.fits(workload, row)) continue;
        const NetworkOverhead overhead = network.at(problem.workloads[workload].component, row, peers);
        costs[row] = overhead.cost;
        if (!overhead.passes()) feasible.bar(workload, row);
      }
      const Choice target = profile.best(feasible, workload, rng, plugin);
      peers.decide(workload, target.row);
      return target;
    });
  }

 private:
  /// Workloads by the index of their component; those of the same index keep their order.
  std::vector<std::uint32_t> order_of(const PlacementProblem& problem) const {
    std::uint32_t components = 0;
    for (const auto& workload : problem.workloads) components = std::max(components, workload.component + 1);
    for (const auto& channel : problem.channels) components = std::max({components, channel.from + 1, channel.to + 1});
    std::vector<std::vector<std::uint32_t>> dependencies(components);
    for (const auto& channel : problem.channels) dependencies[channel.from].push_back(channel.to);
    const std::vector<std::uint32_t> sorted = topological_order(dependencies, settings_.order);
    std::vector<std::uint32_t> index(components, 0);
    for (std::uint32_t i = 0; i < sorted.size(); ++i) index[sorted[i]] = i + 1;
    std::vector<std::uint32_t> order(problem.workloads.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, {},
                             [&](std::uint32_t workload) { return index[problem.workloads[workload].component]; });
    return order;
  }

  Settings settings_;
};

}  // namespace

Registry<PlacementPolicy>::Make read_network_aware(Reader& reader) {
  Settings settings;
  settings.order = reader.choice<TopologicalSort>(
      "order", settings.order,
      {"KahnSort", "AlternateKahn", "ReverseKahn", "TarjanSort", "AlternateTarjan", "ReverseTarjan"},
      "In which components are placed: the AppGroup's topologySortingAlgorithm. A component counts the way to what it "
      "depends on "
      "only where that is placed already; KahnSort places it before.");
  settings.unit = reader.get<Seconds>("unit", Seconds(1e-3),
                                      "Latency between targets that costs 1; a cost is at most 100.", positive);
  settings.weight = reader.get<std::int64_t>("weight", 5, "Of the network's score in the total.", between(0, 100));
  return [settings] { return std::make_unique<NetworkAware>(settings); };
}

}  // namespace codecosim
