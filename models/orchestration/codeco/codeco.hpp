#pragma once
#include <memory>
#include <vector>

#include "models/orchestration/codeco/federation_hub.hpp"
#include "models/orchestration/codeco/telemetry.hpp"
#include "models/orchestration/control_planes.hpp"

namespace codecosim {

/// CODECO's control plane over Open Cluster Management: its hubs, and its components in the clusters.
///
/// Claim: an application belongs to the hub of the cluster by which it is submitted, or to the hubs in turn. Only that
/// hub hears of it, decides about it, and tells clusters what to run of it. Telemetry, catalogue and network
/// measurements of a cluster go to the hub to which it belongs. The cluster that reaches a client tells the client's
/// location to the hub of its application. Checked by: tests/physics/control_plane_test.cpp,
/// tests/physics/two_hubs_test.cpp, tests/property/control_plane_test.cpp.
class Codeco : public ControlPlane, private Kubernetes::Listener, private Telemetry::Listener, private Mdm::Listener {
 public:
  Codeco(const Parts&, const CodecoSpec&);

  void start() override;
  void submit(ApplicationId) override;
  void scale(ApplicationId, std::uint32_t component, std::uint32_t replicas) override;
  void roll_out(ApplicationId, std::uint32_t component) override;
  void node_down(NodeId node) override { kubernetes_.node_down(node); }
  void node_up(NodeId node) override { kubernetes_.node_up(node); }
  void cordoned(NodeId, Seconds notice) override;
  void uncordoned(NodeId) override;
  void node_silent(NodeId node) override { kubernetes_.node_silent(node); }
  void node_heard(NodeId node) override { kubernetes_.node_heard(node); }
  void security_changed(ClusterId) override;
  void client_moved(ClientId, ClusterId) override;
  ClusterId known_cluster(ClientId) const override;
  Seconds known_latency(ApplicationId app, ClusterId from, ClusterId to) const override {
    return hub(app).view().latency(from, to);
  }
  std::optional<MigrationProblem> migration(ApplicationId, std::optional<Seconds> least_gain) const override;
  void migrate(ApplicationId app, std::uint32_t replica, ClusterId to) override {
    hub(app).placer().migrate(app, replica, to);
  }
  bool managed(ClusterId cluster) const override { return spokes_->managed(cluster); }
  ClusterId hub_of(ClusterId cluster) const override { return hubs_[spokes_->hub_of(cluster)]->hub().at(); }
  /// The hub at which an application has been submitted, and the reason why that hub cannot give it to a cluster now.
  ClusterId application_hub(ApplicationId app) const { return hub(app).hub().at(); }
  std::optional<std::string> obstacle(ApplicationId app, ClusterId cluster) const {
    return hub(app).placer().obstacle(cluster);
  }
  std::optional<std::vector<ClusterId>> neighbours(ClusterId) const override;
  Cores known_busy(NodeId node) const override { return kubernetes_.reading(node).busy; }
  void use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) override;
  std::vector<Pending> pending() const override;
  void restart() override;
  void figures(Figures&) override;

 private:
  Process remove(ApplicationId);
  /// A user submits a change of an application. Once ACM has reconciled it, the hub's placer carries it out.
  Process change(ApplicationId, std::function<void(Placer&)>);
  Process locate(ClientId, ClusterId);
  /// Reports a cluster's state to its hub at once, before its next telemetry. Nodes of the applications in `leaving`
  /// are to go.
  Process report_state(ClusterId, std::vector<ApplicationId> leaving = {});
  void report_facts(ClusterId);
  bool serves(ApplicationId) const;

  void workload_changed(ClusterId, ServiceId) override;
  void pod_ready(PodId) override;
  void node_not_ready(NodeId, const std::vector<PodId>&) override {}
  void room_made(ClusterId) override {}
  void state_written(std::size_t hub, ClusterId cluster, const ClusterState& state) override {
    hubs_[hub]->observe_state(cluster, state);
  }
  void fact_learnt(std::size_t hub, const Mdm::Key& key, const Mdm::Fact& fact) override {
    hubs_[hub]->learn(key, fact);
  }

  FederationHub& hub(ApplicationId app) const { return *hubs_[hub_of_[app.index]]; }

  Parts parts_;
  CodecoSpec spec_;
  Wire wire_;
  Kubelet kubelet_;
  Kubernetes kubernetes_;
  std::unique_ptr<Spokes> spokes_;
  std::unique_ptr<Neighbourhoods> neighbourhoods_;
  std::vector<std::unique_ptr<FederationHub>> hubs_;
  std::unique_ptr<Telemetry> telemetry_;
  std::unique_ptr<Mdm> mdm_;
  std::unique_ptr<Netma> netma_;
  std::vector<std::uint32_t> hub_of_;   // by application: the hub at which it has been submitted
  std::vector<std::uint32_t> located_;  // by client: number of its moves
};

std::shared_ptr<ControlPlaneSettings> codeco_as_implemented(const Policies&);
/// The design in CODECO's papers: decisions within neighbourhoods, from local context, which go on without the hub.
std::shared_ptr<ControlPlaneSettings> codeco_as_designed(const Policies&);

}  // namespace codecosim
