#pragma once
#include <vector>

#include "models/orchestration/control_planes.hpp"
#include "models/orchestration/kubernetes/kubernetes.hpp"
#include "models/orchestration/placement/placer.hpp"

namespace codecosim {

/// The control plane that knows everything at once and decides in no time: the bound with which real ones are compared.
///
/// Claim: a submitted application is placed at once, first onto clusters by one policy, then onto nodes of each by
/// another, both from perfect and fresh knowledge, and its endpoints are known everywhere at once. The pods of a node
/// that goes down are placed again at once, wherever they fit best; a replica that fits nowhere waits until there is
/// room for it. The replicas of a cluster that loses a security class are placed elsewhere at once where a rule
/// requires it, and run nowhere while no cluster meets the rule. Clusters run Kubernetes all the same, which takes no
/// time (KubernetesSpec::instantaneous); a pod that is deleted finishes its requests.
class Oracle : public ControlPlane, private Kubernetes::Listener, private Placer::Executor {
 public:
  explicit Oracle(const Parts&);

  void submit(ApplicationId) override;
  void scale(ApplicationId app, std::uint32_t component, std::uint32_t replicas) override {
    placer_.scale(app, component, replicas);
  }
  void roll_out(ApplicationId app, std::uint32_t component) override { placer_.roll_out(app, component); }
  void node_down(NodeId node) override { kubernetes_.node_down(node); }
  void node_up(NodeId node) override { kubernetes_.node_up(node); }
  void cordoned(NodeId, Seconds notice) override;
  void uncordoned(NodeId node) override { kubernetes_.uncordoned(node); }
  void security_changed(ClusterId) override;
  void client_moved(ClientId, ClusterId) override;
  ClusterId known_cluster(ClientId client) const override { return parts_.requests.cluster(client); }
  Seconds known_latency(ApplicationId, ClusterId from, ClusterId to) const override {
    return parts_.truth.latency(from, to);
  }
  std::optional<MigrationProblem> migration(ApplicationId app, std::optional<Seconds> least_gain) const override {
    return placer_.migration(app, least_gain);
  }
  void migrate(ApplicationId app, std::uint32_t replica, ClusterId to) override { placer_.migrate(app, replica, to); }

  bool prompt() const override { return true; }
  bool managed(ClusterId) const override { return true; }
  ClusterId hub_of(ClusterId) const override { return at(); }
  Cores known_busy(NodeId node) const override { return parts_.world.compute.busy_cores(node); }
  void use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) override;
  std::vector<Pending> pending() const override;

 private:
  Process remove(ApplicationId);

  void workload_changed(ClusterId, ServiceId) override;
  void pod_ready(PodId) override;
  void node_not_ready(NodeId, const std::vector<PodId>&) override;
  void room_made(ClusterId cluster) override { placer_.reconsider(cluster, true); }

  ClusterId at() const override { return parts_.world.federation.hub(); }
  Task<> available() override { co_return; }
  std::vector<ClusterId> scope(ApplicationId, const std::vector<ClusterId>&) override { return {}; }
  void scope_changed(ApplicationId) override {}
  void issue(ApplicationId, ClusterId, const Workloads&) override;
  void relocated(ApplicationId) override {}

  Parts parts_;
  KubernetesSpec spec_ = KubernetesSpec::instantaneous();
  Kubelet kubelet_;
  Kubernetes kubernetes_;
  Placer placer_;
};

std::shared_ptr<ControlPlaneSettings> oracle_settings(const Policies&);

}  // namespace codecosim
