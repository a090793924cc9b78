#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "models/policy.hpp"
#include "policies/placement/peers.hpp"

/// The rules of the network-aware plugins of kubernetes-sigs/scheduler-plugins, TopologicalSort and NetworkOverhead,
/// with their whole-number arithmetic: conversions drop the fraction, as in Go. Sources are paths below
/// pkg/networkaware of that repository, and its kep/260-network-aware-scheduling. Checked by
/// tests/conformance/network_scores_test.cpp against the numbers that these publish.
namespace codecosim {

/// The order in which the components of an application are placed.
enum class TopologicalSort : std::uint8_t {
  kahn,
  alternate_kahn,
  reverse_kahn,
  tarjan,
  alternate_tarjan,
  reverse_tarjan
};

/// The order of an AppGroup's workloads, first to be placed first. `dependencies[i]` are those that i depends on.
/// Workloads without any dependency in either direction are left out; the plugin places them first. Empty if the
/// dependencies form a cycle, as there is no order then. Kahn: with a stack. Tarjan: depth first, backwards. Reverse:
/// from the end. Alternate: first, last, second, last but one... Where the original takes them in the random order of a
/// Go map, here by number. Source: pkg/util of the AppGroup controller.
std::vector<std::uint32_t> topological_order(const std::vector<std::vector<std::uint32_t>>& dependencies,
                                             TopologicalSort sort);

/// NetworkOverhead: the counts and the cost of the placed dependencies of a pod, with the pod at one node.
struct NetworkOverhead {
  std::int64_t satisfied = 0;  ///< Dependencies within their maxNetworkCost.
  std::int64_t violated = 0;   ///< Dependencies beyond it.
  std::int64_t cost = 0;       ///< Total cost of all of them.
  bool passes() const { return violated <= satisfied; }
};

/// Cost constants of NetworkOverhead. Source: networkoverhead/networkoverhead.go.
inline constexpr std::int64_t same_host_cost = 0;
inline constexpr std::int64_t same_zone_cost = 1;
inline constexpr std::int64_t max_network_cost = 100;

/// NetworkOverhead on a problem: the cost between rows, by their zones and the latency between them, which replaces the
/// entry of a NetworkTopology. Must not outlive the problem.
class NetworkCosts {
 public:
  /// `unit`: the latency that costs 1.
  NetworkCosts(const PlacementProblem& problem, Seconds unit);

  /// The overhead of a pod of this component at this row. Its dependencies are the other ends of its channels; each
  /// placed replica counts.
  NetworkOverhead at(std::uint32_t component, std::uint32_t row, const Peers& peers);

 private:
  struct Zone {
    std::uint32_t number = 0;  ///< The same for the same region and zone.
    bool labelled = false;
  };

  const PlacementProblem& problem_;
  Seconds unit_;
  Ways ways_;
  std::vector<Zone> zones_;
};

/// NetworkOverhead, normalised in place: 100 - whole(100 (cost - min) / (max - min)), 100 where all are equal, but 0
/// where all are zero. Source: networkoverhead/networkoverhead.go.
void normalize_network_costs(std::span<std::int64_t> costs);

}  // namespace codecosim
