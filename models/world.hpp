#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/compute/compute.hpp"
#include "models/infrastructure/decaying_count.hpp"
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

/// The mobile devices, and their radio access.
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

/// The true state of the infrastructure: nodes and links that are up, free resources, counters. Only this class writes
/// these and their records.
class World : public Measured {
 public:
  World(FederationSpec spec, const Rng& rng, const FlowSharing& sharing, const std::vector<LinkSpec>& access_specs,
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
  /// Reserves resources on a node for a pod, as its cluster's API server does, whether the node is up or not. Returns
  /// false, and reserves nothing, when they are not free.
  bool reserve(NodeId, Cores cpu, Bytes memory);
  void release(NodeId, Cores cpu, Bytes memory);
  /// The resources that pods on a node request.
  const Resources& reserved(NodeId node) const { return reserved_[node.index]; }
  Cores free_cpu(NodeId node) const { return exact_free_cpu(node).value(); }
  ExactSum<Cores> exact_free_cpu(NodeId node) const {
    return ExactSum<Cores>(federation.type(node).cores) - reserved_[node.index].cpu;
  }
  Bytes free_memory(NodeId node) const { return federation.type(node).memory - reserved_[node.index].memory; }

  /// Core time requested by the placed pods of a provider until now, for which it charges.
  CoreSeconds requested(std::uint32_t provider);

  bool up(NodeId node) const { return down_[node.index] == 0; }
  /// Cordons a node that is to go: it takes no new pods (kubectl cordon).
  void cordon(NodeId node) { ++cordoned_[node.index]; }
  void uncordon(NodeId node) { --cordoned_[node.index]; }
  bool cordoned(NodeId node) const { return cordoned_[node.index] > 0; }
  /// Whether any node of a cluster is up, so that its control plane can act.
  bool alive(ClusterId cluster) const { return nodes_up(cluster) > 0; }
  std::uint32_t nodes_up(ClusterId cluster) const { return up_in_[cluster.index]; }
  /// Takes a node down with its links, or undoes one such call. Returns whether its state changed. The caller handles
  /// its pods.
  bool fail(NodeId);
  bool repair(NodeId);
  void fail(LinkId);
  void repair(LinkId);
  /// The security class of a cluster; none while a fault breaches it.
  Security security(ClusterId cluster) const {
    return breached_[cluster.index] > 0 ? Security::none : federation.cluster_spec(cluster).security;
  }
  void breach(ClusterId cluster) {
    ++breached_[cluster.index];
    security_changes_.push_back(cluster);
  }
  void restore_security(ClusterId cluster) {
    --breached_[cluster.index];
    security_changes_.push_back(cluster);
  }
  /// The clusters whose class has changed, in the order of the changes.
  const std::vector<ClusterId>& security_changes() const { return security_changes_; }
  std::uint32_t nodes_up() const { return nodes_up_; }
  void reset() override;
  void restart() override;
  void figures(Figures&) override;

  /// Failures of a node, or of a link by itself, each halved every `failure_half_life`.
  double failures(NodeId node) const { return count(node_failures_, node.index); }
  double failures(LinkId link) const { return count(link_failures_, link.index); }

 private:
  using Failures = std::map<std::uint32_t, DecayingCount>;  // by index, of nodes or links that have failed
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
  std::vector<ClusterId> security_changes_;
  std::vector<std::uint32_t> up_in_;  // nodes, by cluster
  std::uint32_t nodes_up_;
  Failures node_failures_, link_failures_;
};

}  // namespace codecosim
