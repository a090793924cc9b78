#pragma once
#include <algorithm>
#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "models/application/cam.hpp"
#include "models/orchestration/placement/cluster_state.hpp"
#include "models/policy.hpp"

namespace codecosim {

/// The network as it was built, which every decision maker may know.
class NetworkPlan {
 public:
  virtual ~NetworkPlan() = default;
  /// Propagation delay between the gateways of two clusters; forever when there is no path.
  virtual Seconds latency(ClusterId from, ClusterId to) const = 0;
};

/// A cluster, and how near it is: by latency, and among equals by distance.
struct Near {
  Seconds latency;       ///< One way.
  double distance2 = 0;  ///< Square of the distance in a straight line [m2].
  ClusterId cluster;
  auto operator<=>(const Near&) const = default;
};

/// The clusters nearest to one, itself first, ties by rising id. A cluster that is not among them is farther than the
/// last, by latency and then by distance.
struct Nearest {
  std::vector<Near> clusters;
  Seconds whole{-1};  ///< All clusters up to this latency are among them.
};

/// The pods of a service that a decision maker has assigned to a cluster, with the requests of each pod.
struct Assigned {
  ServiceId service;
  std::uint32_t pods = 0;
  Cores cpu;
  Bytes memory;
};

/// The present knowledge of a placement decision maker about the federation: the truth (Truth), or the content of
/// messages to a hub (HubView). A Placer sees nothing else.
class Knowledge {
 public:
  virtual ~Knowledge() = default;
  /// The clusters that are candidates, by rising id.
  virtual std::vector<ClusterId> clusters() const = 0;
  /// Whether nine tenths of the clusters about which it decides have reported their state at least once.
  virtual bool knows_most() const = 0;
  /// The clusters of which clusters(), obstacle() or security() has changed, in the order of the changes: a cluster is
  /// there as often as it has changed.
  virtual const std::vector<ClusterId>& changes() const = 0;
  /// Whether a cluster is among clusters().
  virtual bool has(ClusterId) const = 0;
  /// The reason why a cluster cannot be given any replica now, worded for a number of clusters; none: it can.
  virtual std::optional<std::string> obstacle(ClusterId) const = 0;
  /// The sums of a cluster, with the pods that have been assigned to it and are not yet in its reported state.
  virtual ClusterSums sums(ClusterId, const std::vector<Assigned>&) const = 0;
  /// Whether a cluster could take one more pod of a component, as far as is known.
  virtual bool fits(ClusterId, const std::vector<Assigned>&, const ComponentSpec&) const = 0;
  /// Whether PDLC's scores of clusters are computed at once from the present knowledge.
  virtual bool scores_at_once() const { return false; }
  /// Fills in the knowledge about a cluster besides its state: labels, data sets, scores.
  virtual void describe(PlacementProblem::Row&, ClusterId) const = 0;
  virtual Security security(ClusterId) const = 0;
  /// One-way latency between two clusters.
  virtual Seconds latency(ClusterId from, ClusterId to) const = 0;
  /// The clusters nearest to one. Empty: they are not known in this order.
  virtual Nearest nearest(ClusterId from) const = 0;
  /// The bandwidth of a link that is reserved for ASSURED channels.
  virtual BytesPerSecond reserved(LinkId) const = 0;
  /// The clusters that reach the clients of an application, one a client.
  virtual const std::vector<ClusterId>& clients(ApplicationId) const = 0;
  /// The number of pods of a service in a cluster whose nodes are to go.
  virtual std::uint32_t draining(ServiceId, ClusterId) const = 0;

  /// The cluster that reaches all clients of an application. None where several do, or it has none.
  std::optional<ClusterId> clients_at(ApplicationId app) const {
    const std::vector<ClusterId>& all = clients(app);
    const bool together = !all.empty() && std::ranges::all_of(all, [&](ClusterId one) { return one == all.front(); });
    return together && all.front() ? std::optional(all.front()) : std::nullopt;
  }
  /// One-way latency to a cluster, mean over the clients of an application; zero where it has none.
  Seconds client_latency(ApplicationId app, ClusterId cluster) const {
    const std::vector<ClusterId>& all = clients(app);
    Seconds sum;
    for (const ClusterId client : all) sum += latency(client, cluster);
    return all.empty() ? Seconds(0) : sum / static_cast<double>(all.size());
  }
};

}  // namespace codecosim
