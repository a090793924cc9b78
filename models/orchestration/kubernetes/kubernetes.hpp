#pragma once
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/kubernetes/kubelet.hpp"
#include "models/orchestration/kubernetes/spec.hpp"
#include "models/orchestration/placement/cluster_state.hpp"
#include "models/orchestration/placement/decisions.hpp"
#include "models/policy.hpp"

namespace codecosim {

/// The control planes inside the clusters: API server, Deployment controller, scheduler, node life cycle, endpoints.
///
/// Claim: a cluster runs as many pods of a service as it has been told to: missing pods are made, and surplus pods are
/// deleted in the order of Kubernetes' ReplicaSet controller. Pods of an older revision are replaced as the Deployment
/// controller's rolling update does it, within `max_surge` and `max_unavailable`; pods that are unschedulable, perhaps
/// because of the update, are not reported meanwhile. A pod is scheduled when the scheduler gets to it, one
/// application's pods at a time, then brought up by its node's kubelet. A pod that fits nowhere is unschedulable, and
/// is tried again when room or a node comes back. A node that is silent for `grace` is not ready, whether it has
/// crashed or is out of reach: until then requests are sent to its pods all the same, and `endpoints` longer. Nodes
/// that are not ready are tainted at the rate of kube-controller-manager; their pods are replaced when their
/// tolerations of the taint have run out. A node that comes back earlier starts the pods that are bound to it. A pod
/// that is deleted is no endpoint any more, finishes the requests that it has, for at most `termination`, and stops; a
/// pod on a node out of reach does so when the node is in reach again. A cluster without a node that is up has no
/// control plane, and goes on when one is back. Nothing here needs the hub.
/// Sources: pkg/controller/controller_utils.go (ActivePodsWithRanks), pkg/controller/nodelifecycle (zone states,
/// rates), pkg/controller/deployment/rolling.go (without a progress deadline, and in proportion only when fewer pods
/// are wanted). Checked by: tests/physics/kubernetes_test.cpp, tests/physics/deployment_controller_test.cpp.
class Kubernetes {
 public:
  /// The state of a pod in the API server.
  enum class Stage : std::uint8_t { absent, pending, unschedulable, bound, ready, stopping };
  /// The source of the node utilisation that schedulers use.
  enum class Readings : std::uint8_t { measured, as_they_are };
  /// Receives the events in the clusters.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// The status of the pods of a service in a cluster has changed.
    virtual void workload_changed(ClusterId, ServiceId) = 0;
    virtual void pod_ready(PodId) = 0;
    /// A node is not ready any more, with these pods on it.
    virtual void node_not_ready(NodeId, const std::vector<PodId>&) = 0;
    /// A node of a cluster may now fit pods that it could not fit before.
    virtual void room_made(ClusterId) = 0;
  };

  Kubernetes(World&, Applications&, Kubelet&, const Truth&, const Datasets&, Decisions&, const KubernetesSpec&,
             Readings, const Registry<PlacementPolicy>::Make& scheduler, Listener&);

  /// Sets the workloads of an application that a cluster shall run from now on.
  void apply(ClusterId, ApplicationId, const Workloads&);
  /// The pods of a service in a cluster that are not being deleted, and their status.
  const std::vector<PodId>& pods(ClusterId, ServiceId) const;
  WorkloadStatus status(ClusterId, ServiceId) const;
  /// The revision of a pod, and that of the pods that a cluster makes now.
  std::uint32_t revision(PodId pod) const { return pods_[pod.index].revision; }
  std::uint32_t revision(ClusterId, ServiceId) const;

  void node_down(NodeId);
  void node_up(NodeId);
  /// Drains a node that is to go after this notice: its pods are evicted in time to finish their requests, and
  /// replaced.
  void drain(NodeId, Seconds notice);
  /// The node takes pods again.
  void uncordoned(NodeId);
  /// The node is out of reach, while its pods run on; or is in reach again.
  void node_silent(NodeId);
  void node_heard(NodeId);

  /// Schedulers decide by this policy from now on.
  void use(const Registry<PlacementPolicy>::Make& scheduler) { scheduler_ = scheduler(); }
  /// Suspends until the cluster has a control plane.
  Task<> wait_alive(ClusterId);
  Stage stage(PodId pod) const { return pod.index < pods_.size() ? pods_[pod.index].stage : Stage::absent; }
  /// Why a pod is unschedulable.
  const std::string& reason(PodId pod) const { return pods_[pod.index].reason; }
  Seconds wanted_since(PodId pod) const { return pods_[pod.index].since; }
  ClusterState state(ClusterId) const;
  /// The pods of a node, by service.
  std::vector<ClusterState::Held> pods_on(NodeId) const;
  /// Sets and gets the last reading of a node, or the busy cores of a cluster, that the cluster has.
  void measured(NodeId node, const NodeReading& reading) { nodes_[node.index].reading = reading; }
  void measured(ClusterId cluster, Cores busy) { clusters_[cluster.index].busy = busy; }
  const NodeReading& reading(NodeId node) const { return nodes_[node.index].reading; }

 private:
  struct Pod {
    ClusterId cluster;
    NodeId node;
    Stage stage = Stage::absent;
    std::uint32_t revision = 0;
    bool planned = false;      // it replaces a pod that was not lost
    bool replacement = false;  // whether it replaces an evicted pod, until it is bound
    bool telling = false;      // its process is notifying listeners, which may delete it
    bool deleted = false;      // deleted by one of these
    bool evicted = false;      // it stops once proxies know that it is no endpoint
    Seconds since, ready_since;
    Seconds termination;
    Process life;
    std::string reason;
  };
  struct Node {
    std::uint32_t outages = 0;
    bool ready = true;  // in the API server's view
    bool away = false;  // out of reach
    NodeReading reading;
    std::vector<PodId> pods;  // bound to it
  };
  struct Deployment {
    std::uint32_t wanted = 0, revision = 0;
    std::vector<PodId> pods;               // those not being deleted, in the order in which they were made
    std::vector<std::uint32_t> takeovers;  // take-overs for which pods have been made
  };
  struct Rollout {
    WaitQueue progress;
    bool again = false;  // a change has occurred since the last step
    void look_again() {
      again = true;
      progress.wake();
    }
  };
  struct Cluster {
    std::unique_ptr<Server> scheduler = std::make_unique<Server>(1);
    std::unique_ptr<WaitQueue> dead = std::make_unique<WaitQueue>();
    std::unique_ptr<WaitQueue> zone_changed = std::make_unique<WaitQueue>();
    std::map<std::uint32_t, Deployment> deployments;  // by service
    std::map<std::uint32_t, Rollout> rollouts;        // rollouts under way, by service
    std::vector<ServiceId> changed;                   // services whose change the listener has not been told yet
    std::vector<PodId> unschedulable;
    std::list<std::pair<NodeId, std::uint32_t>>
        untainted;  // nodes that are not ready and not yet tainted, with the number of their outage; mostly none
    bool tainting = false;
    std::uint32_t changing = 0;  // number of controllers that are in the middle of a change
    bool room = false;           // whether room was made meanwhile
    std::uint32_t freed = 0;     // pods that have gone and whose room has not been offered yet
    Seconds next_taint;
    std::uint32_t not_ready = 0;  // nodes
    Cores busy;
    ExactSum<Cores> pending_cpu;
    Bytes pending_memory;
    std::uint32_t pending = 0;
  };
  /// While such an object exists, room that is made in a cluster is not offered, and the listener is not told the
  /// status of its workloads: the listener might change them.
  class Change {
   public:
    Change(Kubernetes& kubernetes, ClusterId where) : kubernetes_(kubernetes), where_(where) {
      ++kubernetes_.clusters_[where.index].changing;
    }
    Change(const Change&) = delete;
    ~Change() noexcept(false);

   private:
    Kubernetes& kubernetes_;
    ClusterId where_;
  };
  Pod& pod(PodId);
  /// Whether a node is ready in the API server's view. With no grace period, a node that has just gone is known at
  /// once.
  bool ready(NodeId node) const { return nodes_[node.index].ready && (spec_.grace > Seconds(0) || reachable(node)); }
  bool reachable(NodeId node) const { return world_.up(node) && !nodes_[node.index].away; }
  void enter(PodId, Stage);
  /// The pods of a service are not as they were.
  void changed(ClusterId, ServiceId);
  PodId make(ClusterId, ServiceId, Deployment&, Seconds since);
  enum class Which : std::uint8_t { all, current, outdated };  // which revisions
  void scale_in(Deployment&, std::uint32_t surplus, Which = Which::all);
  std::uint32_t image(PodId) const;
  Process roll_out(ClusterId, ServiceId);
  bool roll_on(ClusterId, ServiceId);
  std::uint32_t stopping(ClusterId, ServiceId) const;
  std::uint32_t surge(const Deployment&) const;
  std::uint32_t unavailable(const Deployment&) const;
  std::uint32_t outdated(const Deployment&) const;
  void remove(PodId, Seconds termination);
  Process schedule(ClusterId, ApplicationId, std::vector<PodId>);
  void bind(PodId, const PlacementProblem::Row*, std::string reason);
  Process live(PodId);
  bool deleted_meanwhile(PodId);
  void become_ready(PodId);
  Process set_endpoint(PodId, Endpoints::State);
  Process stop(PodId);
  void finalize(PodId);
  void set_ready(NodeId, bool);
  Process lose(NodeId);
  void node_reachable(NodeId);
  void restart_grace_periods(ClusterId);
  Hertz eviction_rate(ClusterId) const;
  Process taint(ClusterId);
  Process evict(PodId, NodeId, Seconds after);
  void replace(PodId, Seconds termination);
  Process drain_in_time(NodeId, Seconds notice);
  void make_room(ClusterId);
  Seconds toleration(PodId) const;

  World& world_;
  Applications& applications_;
  Kubelet& kubelet_;
  const Truth& truth_;
  const Datasets& datasets_;
  Decisions& decisions_;
  const KubernetesSpec& spec_;
  Readings readings_;
  std::shared_ptr<PlacementPolicy> scheduler_;
  Listener& listener_;
  std::deque<Pod> pods_;  // a deque, since references to its pods are held while others are made
  std::vector<Node> nodes_;
  std::vector<Cluster> clusters_;
};

}  // namespace codecosim
