#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/compute/compute.hpp"
#include "models/infrastructure/fading.hpp"
#include "models/infrastructure/federation.hpp"
#include "models/measured.hpp"
#include "models/metrics.hpp"
#include "models/mobility/movers.hpp"
#include "models/network/network.hpp"
#include "models/network/radio/radio.hpp"
#include "sim/base/exact_sum.hpp"
#include "sim/base/rng.hpp"
#include "sim/kernel/platform.hpp"
#include "sim/trace/trace.hpp"

namespace codecosim {

/// What moves, and the radio access that it has.
struct MobilitySpec {
  std::vector<Technology> technologies;
  std::vector<CellSpec> cells;
  std::vector<DeviceSpec> devices;
  std::uint32_t count() const {
    std::uint32_t all = 0;
    for (const DeviceSpec& one : devices) all += one.count;
    return all;
  }
  DeviceId device(std::uint32_t kind, std::uint32_t number) const {
    for (std::uint32_t k = 0; k < kind; ++k) number += devices[k].count;
    return {number};
  }
  std::string name(DeviceId) const;
  std::optional<std::uint32_t> find(const std::string& kind) const;
};

/// The infrastructure as it is: what is up, what is free, what happened. The only writer of these and of their records.
class World : public Measured {
 public:
  World(FederationSpec spec, const Rng& rng, const FlowSharing& sharing, std::vector<LinkSpec> access_specs,
        const std::vector<Network::Access>& clients, const MobilitySpec& mobility = {});

  const Federation federation;
  Platform platform;
  Network network;
  Compute compute;
  Movers movers;
  Trace trace;
  Radio radio;
  Metrics metrics;
  const Rng rng;  ///< Root of all named streams.

  struct Resources {
    ExactSum<Cores> cpu;
    Bytes memory;
    std::uint32_t pods = 0;
  };
  /// Takes resources on a node for a pod, as its cluster's API server does, whether the node is up or not; false, and
  /// nothing taken, when they are not free.
  bool reserve(NodeId, Cores cpu, Bytes memory);
  void release(NodeId, Cores cpu, Bytes memory);
  /// What is requested by pods on a node.
  const Resources& reserved(NodeId node) const { return reserved_[node.index]; }
  Cores free_cpu(NodeId node) const { return exact_free_cpu(node).value(); }
  ExactSum<Cores> exact_free_cpu(NodeId node) const {
    return ExactSum<Cores>(federation.type(node).cores) - reserved_[node.index].cpu;
  }
  Bytes free_memory(NodeId node) const { return federation.type(node).memory - reserved_[node.index].memory; }

  /// Core time requested by the placed pods of a provider until now: what it charges for.
  CoreSeconds requested(std::uint32_t provider);

  bool up(NodeId node) const { return down_[node.index] == 0; }
  /// A node that is to go takes no new pods (kubectl cordon).
  void cordon(NodeId node) { ++cordoned_[node.index]; }
  void uncordon(NodeId node) { --cordoned_[node.index]; }
  bool cordoned(NodeId node) const { return cordoned_[node.index] > 0; }
  /// Whether any node of a cluster is up, so that something there can act.
  bool alive(ClusterId cluster) const { return nodes_up(cluster) > 0; }
  std::uint32_t nodes_up(ClusterId cluster) const { return up_in_[cluster.index]; }
  /// Takes a node down with its links, or gives back one such taking. `true` when its state changed. Its pods are the
  /// caller's.
  bool hold_down(NodeId);
  bool give_back(NodeId);
  void hold_down(LinkId);
  void give_back(LinkId);
  /// Its cluster's class, or none while something has breached it.
  Security security(ClusterId cluster) const {
    return breached_[cluster.index] > 0 ? Security::none : federation.cluster_spec(cluster).security;
  }
  void breach(ClusterId cluster) { ++breached_[cluster.index]; }
  void mend(ClusterId cluster) { --breached_[cluster.index]; }
  std::uint32_t nodes_up() const { return nodes_up_; }
  void reset() override;
  void restart() override;
  void figures(Figures&) override;

  /// Failures of a node, or of a link by itself, each halved every `failure_half_life`.
  double failures(NodeId node) const { return count(node_failures_, node.index); }
  double failures(LinkId link) const { return count(link_failures_, link.index); }

 private:
  using Failures = std::map<std::uint32_t, Fading>;  // of those that have failed
  static double count(const Failures& failures, std::uint32_t index) {
    const auto found = failures.find(index);
    return found == failures.end() ? 0 : found->second.at(now());
  }

  struct Meter {
    ExactSum<Cores> cores;
    CoreSeconds total;
    Seconds since;
  };
  void requests_change(NodeId, Cores by);
  void radio_figures(Figures&);
  std::vector<Meter> meters_;  // by provider
  std::vector<Resources> reserved_;
  std::vector<std::uint16_t> down_, cordoned_;
  std::vector<std::uint16_t> breached_;  // by cluster
  std::vector<std::uint32_t> up_in_;     // nodes, by cluster
  std::uint32_t nodes_up_;
  Failures node_failures_, link_failures_;
};

}  // namespace codecosim
