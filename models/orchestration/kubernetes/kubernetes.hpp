#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/kubernetes/kubelet.hpp"
#include "models/orchestration/placement/decisions.hpp"
#include "models/policy.hpp"

namespace codecosim {

/// A cluster in sums, as its API server has it: what it tells others.
struct ClusterState {
  Seconds taken;
  std::uint32_t nodes = 0, pods = 0, max_pods = 0;
  Cores cpu, cpu_free, largest_cpu_free, cpu_busy;
  Bytes memory, memory_free, largest_memory_free;
  Security security = Security::high;
  Monitored monitored;
};

/// What was measured of a node, and when.
struct NodeReading {
  Cores busy;
  Monitored monitored;
  Seconds taken;
};

/// The control planes inside the clusters: API server, scheduler, node life cycle.
///
/// Claim: a pod that shall exist is scheduled when the scheduler gets to it, one application's pods at a time, then brought up by
/// its node's kubelet. What fits nowhere is unschedulable, and tried again when a node comes back or a pod goes. A node that is
/// silent for `grace` is not ready; its pods are replaced in the cluster when they have not tolerated that any longer. A node that
/// comes back earlier starts the pods that are bound to it. A cluster without a node that is up has no control plane, and goes on
/// when one is back. A node out of reach is silent too: once it is not ready, requests are no longer sent to its pods; those that
/// are replaced are taken to end then, the others serve again when it is heard. Nothing here needs the hub. Checked by:
/// tests/physics/kubernetes_test.cpp.
class Kubernetes {
 public:
  /// A pod in the API server's books.
  enum class Stage : std::uint8_t { absent, pending, unschedulable, bound, ready, stopping };

  Kubernetes(World&, Applications&, Kubelet&, const Datasets&, Decisions&, const KubernetesSpec&,
             std::unique_ptr<PlacementPolicy> scheduler);

  /// Pods of one application shall exist here; wanted since then.
  void create(ClusterId, ApplicationId, const std::vector<PodId>&, Seconds since);
  /// A pod shall exist no more.
  void remove(PodId);
  void node_down(NodeId);
  void node_up(NodeId);
  /// Its pods are evicted and replaced at once.
  void drain(NodeId);
  /// Nothing comes from it, and nothing reaches it, but its pods run on; or it is heard again.
  void node_silent(NodeId);
  void node_heard(NodeId);

  /// Schedulers decide by this policy from now on.
  void use(std::unique_ptr<PlacementPolicy> scheduler) { scheduler_ = std::move(scheduler); }
  /// Suspends until the cluster has a control plane.
  Task<> wait_alive(ClusterId);
  Stage stage(PodId pod) const { return pod.index < pods_.size() ? pods_[pod.index].stage : Stage::absent; }
  /// Why a pod is unschedulable.
  const std::string& reason(PodId pod) const { return pods_[pod.index].reason; }
  Seconds wanted_since(PodId pod) const { return pods_[pod.index].since; }
  ClusterState state(ClusterId) const;
  /// What the cluster has last learnt of a node.
  void measured(NodeId node, const NodeReading& reading) { nodes_[node.index].reading = reading; }
  void measured(ClusterId cluster, Cores busy) { clusters_[cluster.index].busy = busy; }

  const NodeReading& reading(NodeId node) const { return nodes_[node.index].reading; }

  /// Told of every change of a pod's stage, and of the end of a pod that was removed (`absent`).
  std::function<void(ClusterId, PodId, Stage)> on_change;
  /// Told when a pod has become ready.
  std::function<void(PodId)> on_ready;

 private:
  struct Pod {
    ClusterId cluster;
    NodeId node;
    Stage stage = Stage::absent;
    bool replaced = false;  // it has run before
    Seconds since;
    Process life;
    std::string reason;
  };
  struct Node {
    std::uint32_t outages = 0;
    bool ready = true;  // as the API server knows
    bool away = false;  // out of reach
    NodeReading reading;
    std::vector<PodId> pods;  // bound to it
  };
  struct Cluster {
    std::unique_ptr<Server> scheduler = std::make_unique<Server>(1);
    std::unique_ptr<WaitQueue> dead = std::make_unique<WaitQueue>();
    std::vector<PodId> unschedulable;
    Cores busy;
    Cores pending_cpu;
    Bytes pending_memory;
    std::uint32_t pending = 0;
  };
  Pod& pod(PodId);
  void enter(PodId, Stage);
  Process schedule(ClusterId, ApplicationId, std::vector<PodId>);
  void bind(PodId, const PlacementProblem::Row*, std::string reason);
  Process live(PodId);
  Process stop(PodId);
  Process lose(NodeId);
  void back(NodeId);
  Process evict(PodId, NodeId, Seconds after);
  void replace(PodId);
  void retry(ClusterId);
  void release(PodId);
  Seconds toleration(PodId) const;

  World& world_;
  Applications& applications_;
  Kubelet& kubelet_;
  const Datasets& datasets_;
  Decisions& decisions_;
  const KubernetesSpec& spec_;
  std::shared_ptr<PlacementPolicy> scheduler_;
  Rng rng_;
  std::vector<Pod> pods_;
  std::vector<Node> nodes_;
  std::vector<Cluster> clusters_;
};

}  // namespace codecosim
