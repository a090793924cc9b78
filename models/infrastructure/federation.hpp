#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/infrastructure/geometry.hpp"
#include "models/infrastructure/kubernetes_types.hpp"
#include "models/infrastructure/power.hpp"
#include "models/infrastructure/signal.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// Classes of security and of compliance, rising, as CODECO names them.
enum class Security : std::uint8_t { none, low, medium, good, high };
enum class Compliance : std::uint8_t { low, medium, high };

/// Who owns clusters, in which jurisdiction, at what price and with what electricity.
struct ProviderSpec {
  std::string name;
  std::string domain;
  Compliance compliance = Compliance::high;
  Signal<GramsPerJoule> carbon;
  Signal<EurosPerCoreSecond> cpu_price;  ///< Per core requested by placed pods.
  EurosPerByte egress_price;             ///< Per byte that leaves one of its clusters over the wide area.
  Signal<EurosPerJoule> energy_price;
};

/// What a kind of machine is.
struct NodeType {
  std::string name;
  Cores cores;
  Bytes memory;
  double speed = 1;  ///< Of one core, relative to the reference core.
  std::string arch;
  std::shared_ptr<const PowerModel> power;
  std::uint32_t max_pods = 110;  ///< Kubernetes' default.
  Seconds quota_period{0.1};     ///< Of CPU limits.
  Labels labels;
  std::vector<Taint> taints;
};

/// One direction of a link.
struct LinkSpec {
  BytesPerSecond bandwidth;
  Seconds latency;
  double loss = 0;     ///< Probability that a message is lost on it.
  Bytes buffer{16e6};  ///< Messages waiting to be sent; those that find it full are dropped.
  JoulesPerByte energy;
  double assured_share = 0.75;  ///< Of the capacity, guaranteed to ASSURED when both classes wait.
  bool forwards =
      false;  ///< Over the air: what reaches a gateway that its receiver has left follows it; else it is lost.
};

/// `count` clusters of one kind. Nodes of a pool are alike: type, and the labels and taints merged with the type's.
struct ClusterSpec {
  struct Pool {
    std::uint32_t type = 0;
    std::uint32_t count = 1;
    Labels labels;
    std::vector<Taint> taints;
    std::string on = {};  ///< Kind of device that carries them, one each; empty: they do not move.
  };
  std::string name;
  bool numbered = false;  ///< Named name-0, name-1, ...; else it is one cluster with the plain name.
  bool hub = false;
  std::uint32_t provider = 0;
  std::vector<Position> positions;  ///< One a cluster.
  std::vector<Pool> pools;
  Labels labels;
  LinkSpec lan;     ///< Between each node and the gateway, each way.
  LinkSpec uplink;  ///< Between the gateway and the wide area, each way.
  bool image_cache = true;
  Security security = Security::high;
  std::string on = {};  ///< Kind of device that carries them, one each; empty: they do not move.
};

/// A wide-area link of an explicit topology.
struct WanLinkSpec {
  std::uint32_t from = 0, to = 0;  ///< Clusters.
  LinkSpec link;
};

enum class Topology : std::uint8_t {
  star,      ///< Every uplink ends in a core without capacity limits.
  mesh,      ///< The same, with the latency of each pair's own distance.
  explicit_  ///< Only the wide-area links that are listed, shortest paths by latency.
};

struct FederationSpec {
  std::vector<ProviderSpec> providers;
  std::vector<NodeType> node_types;
  std::vector<ClusterSpec> clusters;
  bool on_earth = false;
  Topology topology = Topology::star;
  double stretch = 0;  ///< Fibre path over straight distance; 0: latency does not depend on distance.
  std::vector<WanLinkSpec> wan_links;
};

/// The clusters and nodes that a specification expands to, by dense id. Names are made on demand, not stored.
class Federation {
 public:
  struct Cluster {
    std::uint32_t spec, index, first_node, nodes;
  };
  struct Node {
    std::uint32_t cluster;
    std::uint16_t pool;
    std::uint16_t index;  // in its pool
  };

  explicit Federation(FederationSpec spec);

  const FederationSpec& spec() const { return spec_; }
  std::uint32_t cluster_count() const { return static_cast<std::uint32_t>(clusters_.size()); }
  std::uint32_t node_count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  const Cluster& cluster(ClusterId id) const { return clusters_[id.index]; }
  const ClusterSpec& cluster_spec(ClusterId id) const { return spec_.clusters[clusters_[id.index].spec]; }
  const ProviderSpec& provider(ClusterId id) const { return spec_.providers[cluster_spec(id).provider]; }
  const Position& position(ClusterId id) const {
    const Cluster& c = clusters_[id.index];
    return spec_.clusters[c.spec].positions[c.index];
  }
  ClusterId cluster_of(NodeId id) const { return {nodes_[id.index].cluster}; }
  const ClusterSpec::Pool& pool(NodeId id) const { return cluster_spec(cluster_of(id)).pools[nodes_[id.index].pool]; }
  const NodeType& type(NodeId id) const { return spec_.node_types[pool(id).type]; }
  /// The first cluster with the hub's role, else the first cluster.
  ClusterId hub() const;
  /// All clusters with the hub's role, else the first cluster.
  std::vector<ClusterId> hubs() const;

  std::string name(ClusterId) const;
  std::string name(NodeId) const;  ///< "edge-3/pi-0"
  std::optional<ClusterId> find_cluster(const std::string& name) const;
  /// Ids whose name matches a shell pattern (`*`, `?`), in order.
  std::vector<ClusterId> match_clusters(const std::string& pattern) const;
  std::vector<NodeId> match_nodes(const std::string& pattern) const;
  /// The cluster closest to a position; the lowest id of equals.
  ClusterId nearest_cluster(const Position&) const;
  Metres distance_between(ClusterId a, ClusterId b) const { return distance(position(a), position(b), spec_.on_earth); }

 private:
  FederationSpec spec_;
  std::vector<Cluster> clusters_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> first_of_spec_;
};

}  // namespace codecosim
