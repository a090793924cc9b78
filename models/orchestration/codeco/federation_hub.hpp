#pragma once
#include <memory>
#include <vector>

#include "models/orchestration/codeco/acm.hpp"
#include "models/orchestration/codeco/mdm.hpp"
#include "models/orchestration/codeco/neighbourhoods.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/netma/channels.hpp"
#include "models/orchestration/ocm/spokes.hpp"
#include "models/orchestration/placement/hub_view.hpp"
#include "models/orchestration/placement/placer.hpp"

namespace codecosim {

/// CODECO at one hub: its knowledge (HubView), ACM, the Placer that decides by it, PDLC's scores and NetMA's channels
/// of the applications that were submitted here. Hubs exchange no messages, and none has a reference to another.
///
/// Claim: a replica is wanted elsewhere when its cluster is Unknown for longer than the application tolerates, when its
/// cluster breaks a rule according to the catalogue, or when a channel from there is out of QoS. Pods that a neighbour
/// has taken while the hub was away become part of the desired state, unless the hub has placed the replica elsewhere
/// meanwhile: then the hub's decision holds. Checked by: tests/physics/control_plane_test.cpp,
/// tests/physics/two_hubs_test.cpp.
class FederationHub : private Hub::Listener, private Acm::Listener, private Placer::Executor {
 public:
  /// The clusters' side, which all hubs of a federation share.
  struct Clusters {
    Wire& wire;
    Kubernetes& kubernetes;
    std::unique_ptr<Spokes>& spokes;
    std::unique_ptr<Neighbourhoods>& neighbourhoods;
    const CodecoSpec& spec;
  };
  FederationHub(const Parts&, const Clusters&, ClusterId at);

  Hub& hub() { return hub_; }
  const Hub& hub() const { return hub_; }
  HubView& view() { return view_; }
  const HubView& view() const { return view_; }
  Placer& placer() { return placer_; }
  const Placer& placer() const { return placer_; }
  Acm& acm() { return acm_; }
  const Acm& acm() const { return acm_; }
  Channels& channels() { return channels_; }

  /// Begins to publish PDLC's scores, where there are any.
  void start();
  void observe_state(ClusterId, const ClusterState&);
  void learn(const Mdm::Key&, const Mdm::Fact&);
  /// The applications of this hub of which a cluster has replicas.
  std::vector<ApplicationId> applications(ClusterId cluster) const { return placer_.applications(cluster); }

 private:
  Process publish_scores();
  Process evict(ApplicationId, std::uint32_t component, ClusterId, Seconds after);
  void move_callee(ApplicationId, std::uint32_t channel);

  void joined(ClusterId) override;
  void became_unknown(ClusterId) override;
  void became_available(ClusterId) override;
  void status_reported(ClusterId, const StatusReport&) override;
  void deliver(const Work& work) override { clusters_.spokes->receive(work); }

  void admitted(ApplicationId app, Seconds submitted) override { placer_.add(app, submitted); }
  void deleting(ApplicationId) override;

  ClusterId at() const override { return hub_.at(); }
  Task<> available() override { co_await clusters_.kubernetes.wait_alive(hub_.at()); }
  std::vector<ClusterId> scope(ApplicationId, const std::vector<ClusterId>&) override;
  void scope_changed(ApplicationId) override;
  void issue(ApplicationId app, ClusterId cluster, const Workloads& workloads) override {
    hub_.issue(cluster, app, workloads);
  }
  void relocated(ApplicationId) override;

  Parts parts_;
  Clusters clusters_;
  HubView view_;
  Hub hub_;
  Acm acm_;
  Placer placer_;
  Channels channels_;
  std::unique_ptr<PartitionPolicy> partition_;
  Rng partition_rng_;
};

}  // namespace codecosim
