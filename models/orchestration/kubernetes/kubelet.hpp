#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "models/application/applications.hpp"
#include "models/data/datasets.hpp"
#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/migration/migrations.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// What a node's agent does with a pod: set it up, pull its image, start it, report it ready, start it again when it crashes, tear
/// it down.
///
/// Claim: a node sets up and tears down one pod after the other, which takes its container runtime a fixed time each; what else a
/// pod needs to start or stop goes on beside. So n nodes bring up N pods in about a + b N with a = latency and b = set_up / n. A
/// pod with a readiness probe is ready at the first look (initial delay, then every period) that finds it started. A container that
/// exits starts again when its kubelet notices: at once the first time, then after 10 s, doubling to 300 s; after 10 minutes of
/// running the count starts over (pkg/kubelet/kuberuntime, MaxContainerBackOff). Images come from the registry, a cluster's
/// gateway, as bulk transfers; a node pulls one at a time (kubelet's serializeImagePulls default); a cluster with a cache fetches
/// an image once over the wide area, for all who ask meanwhile, and hands it out over its LAN; a pull that fails is tried again
/// after 10 s, doubling to 300 s (kubelet's image back-off). Pulls of one node start at a limited rate (registryPullQPS and
/// registryBurst).
/// Data sets that a component reads are copied to the cluster before it starts; the state of a pod that it replaces after.
/// Checked by: tests/physics/deployment_test.cpp, tests/physics/kubernetes_test.cpp.
class Kubelet {
 public:
  /// `spec` null: everything but images takes no time.
  Kubelet(World&, Applications&, Datasets&, Migrations&, ClusterId registry, Transport images, const KubernetesSpec* spec);

  /// From bound to ready. Ends early only by being destroyed.
  Task<> bring_up(PodId);
  /// Crashes it as its component does and starts it again; ends at once where it never does.
  Task<> keep_up(PodId);
  /// From ready, or on its way, to gone, but still bound.
  Task<> tear_down(PodId);
  /// Whether it takes the place of a pod that still runs.
  bool replaces(PodId pod) const { return migrations_.planned(pod); }
  /// Whether an image needs no pull on this node.
  bool has(NodeId, std::uint32_t image) const;

 private:
  struct Cached {
    bool filling = false, filled = false;
    WaitQueue waiting;
  };
  /// What a node has of its own: one puller, one container runtime, and a bucket of tokens for pulls.
  struct Node {
    Server pulls{1}, runtime{1};
    double tokens = 0;
    Seconds since;
  };
  Task<Outcome> pull(NodeId, std::uint32_t image);
  Task<> start(PodId);
  Seconds time_to_ready(const ComponentSpec&) const;
  Seconds next_pull(Node&) const;
  Process fill(ClusterId, std::uint32_t image, Cached&);
  Node& node(NodeId);
  Cached& cached(ClusterId, std::uint32_t image);

  World& world_;
  Applications& applications_;
  Datasets& data_;
  Migrations& migrations_;
  ClusterId registry_;
  Transport transport_;
  const KubernetesSpec* spec_;
  std::vector<std::vector<std::uint32_t>> images_;  // by node, sorted
  // Looked up, never walked.
  std::unordered_map<std::uint32_t, std::unique_ptr<Node>> nodes_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Cached>> caches_;
};

}  // namespace codecosim
