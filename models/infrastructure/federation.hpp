#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/infrastructure/geometry.hpp"
#include "models/infrastructure/kubernetes_types.hpp"
#include "models/infrastructure/power.hpp"
#include "models/infrastructure/signal.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"
#include "sim/base/words.hpp"

namespace codecosim {

/// Classes of security and of compliance, rising, as CODECO names them.
enum class Security : std::uint8_t { none, low, medium, good, high };
template <>
inline constexpr auto words_of<Security> = std::to_array<std::string_view>({"None", "Low", "Medium", "Good", "High"});
enum class Compliance : std::uint8_t { low, medium, high };
template <>
inline constexpr auto words_of<Compliance> = std::to_array<std::string_view>({"Low", "Medium", "High"});

// Each struct lists its scenario fields once, for reading, describing and printing: see scenarios/fields.hpp.

/// An owner of clusters: its jurisdiction, its prices and its electricity.
struct ProviderSpec {
  std::string name;
  std::string domain = "default";
  Compliance compliance = Compliance::high;
  Signal<GramsPerJoule> carbon;
  Signal<EurosPerCoreSecond> cpu_price;  ///< Per core requested by placed pods.
  EurosPerByte egress_price;             ///< Per byte that leaves one of its clusters over the wide area.
  Signal<EurosPerJoule> energy_price;
  template <class V>
  void fields(V&& v) {
    v("domain", domain, "Jurisdiction that applications may be held to.");
    v.choice("compliance", compliance, "Compliance class.");
  }
};

/// A type of machine.
struct NodeType {
  std::string name;
  Cores cores;
  Bytes memory;
  double speed = 1;  ///< Speed of one core, relative to the reference core.
  std::string arch = "amd64";
  std::shared_ptr<const PowerModel> power;
  std::uint32_t max_pods = 110;  ///< Kubernetes' default.
  Seconds quota_period{0.1};     ///< Period of the quotas of CPU limits.
  Labels labels;
  std::vector<Taint> taints;
  template <class V>
  void fields(V&& v) {
    v.need("cores", cores, "Cores that pods may request.", positive);
    v.need("memory", memory, "Memory that pods may request.", positive);
    v("speed", speed, "Of a core, relative to the reference core on which work is stated.", positive);
    v("arch", arch, "Architecture, as in Kubernetes' label kubernetes.io/arch.");
    v("max_pods", max_pods, "Pods it takes; Kubernetes' default is 110.", between(1, 65535));
    v("cpu_cfs_quota_period", quota_period,
      "The kubelet's cpuCFSQuotaPeriod: in each, a pod with a CPU limit has limit x period of core time. [S: 100 ms]",
      between(1e-3, 1));
  }
};

/// One direction of a link.
struct LinkSpec {
  BytesPerSecond bandwidth;
  Seconds latency;
  double loss = 0;     ///< Probability that a message is lost on it.
  Bytes buffer{16e6};  ///< Space for messages that wait to be sent; those that find it full are dropped.
  JoulesPerByte energy;
  double assured_share = 0.75;  ///< Share of the capacity that is guaranteed to ASSURED when both classes wait.
  bool forwards =
      false;  ///< Over the air: whether a message for a receiver that has left its gateway follows it; else it is lost.
  auto operator<=>(const LinkSpec&) const = default;
  template <class V>
  void fields(V&& v) {
    v.need("bandwidth", bandwidth, "In each direction.", positive);
    v.need("latency", latency, "One way.", not_negative);
    v("loss", loss, "Probability that a message is lost on it.", between(0, 1));
    v("buffer", buffer, "Messages of a class that wait for it; who finds it full is dropped.", not_negative);
    v("energy", energy, "Of sending.", not_negative);
    v("assured", assured_share, "Share that the class ASSURED has while others use the link, too.",
      between(0.01, 0.99));
  }
};

/// `count` clusters of one kind. Nodes of a pool are alike in their type, and in the labels and taints, which are
/// merged with the type's.
struct ClusterSpec {
  struct Pool {
    std::uint32_t type = 0;
    std::uint32_t count = 1;
    Labels labels;
    std::vector<Taint> taints;
    std::string on = {};  ///< Kind of device that carries them, one each; empty: they do not move.
    template <class V>
    void fields(V&& v) {
      v("count", count, "How many.", between(1, 65535));
      v("on", on, "Kind of device that carries them, one each: they are reached over the air.");
    }
  };
  std::string name;
  bool numbered = false;  ///< Named name-0, name-1, ...; else it is one cluster with the plain name.
  bool hub = false;
  std::uint32_t provider = 0;
  std::vector<Position> positions;  ///< One a cluster.
  std::vector<Pool> pools;
  Labels labels;
  LinkSpec lan;     ///< Between each node and the gateway, in each direction.
  LinkSpec uplink;  ///< Between the gateway and the wide area, in each direction.
  bool image_cache = true;
  Security security = Security::high;
  std::string on = {};  ///< Kind of device that carries them, one each; empty: they do not move.
  template <class V>
  void fields(V&& v) {
    v.choice("security", security, "Security class.");
    v("on", on, "Kind of device that carries each: its uplink is over the air.");
    v("image_cache", image_cache, "Whether it fetches each image only once over the wide area.");
  }
};

/// A wide-area link of an explicit topology.
struct WanLinkSpec {
  std::uint32_t from = 0, to = 0;  ///< Clusters.
  LinkSpec link;
};

enum class Topology : std::uint8_t {
  star,      ///< Every uplink ends in a core without capacity limits.
  mesh,      ///< The same, with the latency by each pair's own distance.
  explicit_  ///< Only the wide-area links that are listed; shortest paths by latency.
};
template <>
inline constexpr auto words_of<Topology> = std::to_array<std::string_view>({"star", "mesh", "explicit"});

struct FederationSpec {
  std::vector<ProviderSpec> providers;
  std::vector<NodeType> node_types;
  std::vector<ClusterSpec> clusters;
  bool on_earth = false;
  Topology topology = Topology::star;
  double stretch = 0;  ///< Length of fibre over straight distance; 0: latency does not depend on distance.
  std::vector<WanLinkSpec> wan_links;
  template <class V>
  void fields(V&& v) {
    v.choice("topology", topology,
             "star: every uplink ends in a core without limits; mesh: likewise, with latency by the distance of each "
             "pair; explicit: only the links of wan_links.");
    v("stretch", stretch, "Length of fibre over straight distance: adds latency by distance at 204 218 km/s; 0: none.",
      between(0, 100));
  }
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
  ClusterIds clusters() const { return {0, cluster_count()}; }
  NodeIds nodes() const { return {0, node_count()}; }
  NodeIds nodes(ClusterId id) const { return {cluster(id).first_node, cluster(id).nodes}; }
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
  /// The clusters whose name may begin as a pattern does, as far as that is plain text.
  std::vector<ClusterId> begins_like(const std::string& pattern) const;
  /// Ids whose name matches a shell pattern, in order: `*` and `?` stand for no slash, `**` for any text.
  std::vector<ClusterId> match_clusters(const std::string& pattern) const;
  std::vector<NodeId> match_nodes(const std::string& pattern) const;
  /// The cluster closest to a position; on a tie, the one with the lowest id.
  ClusterId nearest_cluster(const Position&) const;
  Metres distance_between(ClusterId a, ClusterId b) const { return distance(position(a), position(b), spec_.on_earth); }

 private:
  FederationSpec spec_;
  std::vector<Cluster> clusters_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> first_of_spec_;
  std::unordered_map<std::string, std::uint32_t> spec_of_plain_, spec_of_numbered_;  // by name
};

}  // namespace codecosim
