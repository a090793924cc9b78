#pragma once
#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "models/application/cam.hpp"
#include "models/orchestration/placement/cluster_state.hpp"
#include "models/policy.hpp"

namespace codecosim {

/// The network as it was built, which everybody may know.
class NetworkPlan {
 public:
  virtual ~NetworkPlan() = default;
  /// Propagation delay between the gateways of two clusters; forever when there is no path.
  virtual Seconds latency(ClusterId from, ClusterId to) const = 0;
};

/// A cluster, and how far it is one way.
struct Near {
  Seconds latency;
  ClusterId cluster;
  auto operator<=>(const Near&) const = default;
};

/// Pods of a service that one who decides has given to a cluster, with what each asks for.
struct Assigned {
  ServiceId service;
  std::uint32_t pods = 0;
  Cores cpu;
  Bytes memory;
};

/// What one who decides about placement knows of the federation at this moment: the truth (Truth), or what messages
/// have told a hub (HubView). It is all that a Placer sees.
class Knowledge {
 public:
  virtual ~Knowledge() = default;
  /// The clusters that there are to decide about, by rising id.
  virtual std::vector<ClusterId> clusters() const = 0;
  /// Whether nine tenths of the clusters that it decides about have told their state at least once.
  virtual bool knows_most() const = 0;
  /// Why a cluster cannot be given anything now, in the plural of a sum of clusters; none: it can.
  virtual std::optional<std::string> obstacle(ClusterId) const = 0;
  /// A cluster with what has been assigned to it and is not yet in what it says of itself.
  virtual ClusterSums sums(ClusterId, const std::vector<Assigned>&) const = 0;
  /// Whether it could take one more pod of a component, as far as is known.
  virtual bool fits(ClusterId, const std::vector<Assigned>&, const ComponentSpec&) const = 0;
  /// Whether PDLC's scores of clusters are as fresh as what they are made of.
  virtual bool scores_at_once() const { return false; }
  /// What is known of a cluster besides its state: labels, data sets, scores.
  virtual void describe(PlacementProblem::Row&, ClusterId) const = 0;
  virtual Security security(ClusterId) const = 0;
  /// One way between two clusters.
  virtual Seconds latency(ClusterId from, ClusterId to) const = 0;
  /// The clusters that are nearest to one, by rising latency, itself first, equals by rising id: all that are no
  /// farther than the last of them. Empty: they are not known in this order.
  virtual std::vector<Near> nearest(ClusterId from) const = 0;
  /// What ASSURED channels have been promised of a link.
  virtual BytesPerSecond reserved(LinkId) const = 0;
  /// The clusters that reach the clients of an application, one a client.
  virtual const std::vector<ClusterId>& clients(ApplicationId) const = 0;
  /// Pods of a service in a cluster whose nodes are to go.
  virtual std::uint32_t draining(ServiceId, ClusterId) const = 0;

  /// One way to a cluster, mean over the clients of an application; zero where it has none.
  Seconds client_latency(ApplicationId app, ClusterId cluster) const {
    const std::vector<ClusterId>& all = clients(app);
    Seconds sum;
    for (const ClusterId client : all) sum += latency(client, cluster);
    return all.empty() ? Seconds(0) : sum / static_cast<double>(all.size());
  }
};

}  // namespace codecosim
