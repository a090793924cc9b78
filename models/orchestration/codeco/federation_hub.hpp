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

/// CODECO at one hub: what it has been told (HubView), ACM, the Placer that decides by it, PDLC's scores and NetMA's
/// channels of the applications that were handed in here. Hubs do not talk to each other, and none holds another.
///
/// Claim: replicas of a cluster that is Unknown for longer than its application tolerates, that breaks a rule by what
/// the catalogue says, or from which a channel is out of its quality, are wanted elsewhere. What a neighbour has taken
/// while the hub was away is taken into what is wanted, unless the replica has been placed elsewhere meanwhile: then
/// the hub's will is done. Checked by: tests/physics/control_plane_test.cpp, tests/physics/two_hubs_test.cpp.
class FederationHub : private Hub::Listener, private Acm::Listener, private Placer::Site {
 public:
  /// What all hubs of a federation share: the clusters' side.
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
  void hear(ClusterId, const ClusterState&);
  void learn(const Mdm::Key&, const Mdm::Fact&);
  /// It has been told that a node is to go and which pods it runs, or that the node takes pods again.
  /// The applications of this hub of which a cluster has replicas.
  std::vector<ApplicationId> applications(ClusterId cluster) const { return placer_.applications(cluster); }

 private:
  Process publish_scores();
  Process expel(ApplicationId, std::uint32_t component, ClusterId, Seconds after);
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
  void widen(ApplicationId, ClusterId) override;
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
