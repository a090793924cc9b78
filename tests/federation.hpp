#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "models/application/requests.hpp"
#include "models/orchestration/netma/channels.hpp"
#include "models/orchestration/netma/netma.hpp"
#include "models/world.hpp"
#include "sim/kernel/frame_pool.hpp"

namespace codecosim::test {

/// Clusters c-0 (the hub), c-1, ... of some nodes each. LANs: 8 Mbit/s (1 MB/s), 1 ms. Uplinks: 4 Mbit/s (0.5 MB/s), 10
/// ms.
inline FederationSpec star(std::uint32_t clusters, std::uint32_t nodes = 1) {
  FederationSpec spec;
  spec.providers.emplace_back();
  NodeType type;
  type.name = "n";
  type.cores = Cores(4);
  type.memory = Bytes(1e9);
  type.power = linear_power(Watts(0), Watts(0));
  spec.node_types.push_back(type);
  ClusterSpec cluster;
  cluster.name = "c";
  cluster.numbered = true;
  cluster.positions.resize(clusters);
  cluster.pools.push_back({0, nodes, {}, {}, {}});
  cluster.lan = {BytesPerSecond(1e6), Seconds(0.001), 0, Bytes(16e6), JoulesPerByte(0), 0.75};
  cluster.uplink = {BytesPerSecond(0.5e6), Seconds(0.010), 0, Bytes(16e6), JoulesPerByte(0), 0.75};
  spec.clusters.push_back(cluster);
  return spec;
}

/// Three such clusters in an explicit topology, every link 8 Mbit/s: c-0 to c-1 and c-1 to c-2 5 ms each way, c-0 to
/// c-2 20 ms.
inline FederationSpec triangle(std::uint32_t nodes = 1) {
  FederationSpec spec = star(3, nodes);
  spec.topology = Topology::explicit_;
  LinkSpec quick = spec.clusters[0].lan;
  quick.latency = Seconds(0.005);
  LinkSpec slow = quick;
  slow.latency = Seconds(0.020);
  spec.wan_links = {{0, 1, quick}, {1, 0, quick}, {1, 2, quick}, {2, 1, quick}, {0, 2, slow}, {2, 0, slow}};
  return spec;
}

/// A world without a scenario around it.
struct Land {
  explicit Land(const FederationSpec& spec, const std::vector<ClientSpec>& clients = {})
      : world(spec, Rng(1, 0), FlowSharing{}, Requests::access_specs(clients), Requests::accesses(clients)) {}
  // Everything that is suspended goes before what it waits for.
  ~Land() { frames::destroy_processes(); }
  /// NetMA probes these ways and tells the hub, which knows this.
  NetworkView& probe(const NetmaSpec& spec, ClusterId hub, const std::vector<Netma::Pair>& watched = {}) {
    view.emplace(hub);
    netma.emplace(
        world, wire, spec, std::vector<NetworkView*>{&*view}, [](ClusterId) { return std::size_t{0}; }, watched);
    return *view;
  }
  Bytes control(Plane plane) const { return world.metrics.control_bytes[static_cast<std::size_t>(plane)].total(); }

  Calendar calendar;
  World world;
  Wire wire{world};
  std::optional<Applications> applications;
  std::optional<Requests> requests;
  std::optional<NetworkView> view;  // of the hub
  std::optional<Netma> netma;
  std::optional<Channels> channels;
};

}  // namespace codecosim::test
