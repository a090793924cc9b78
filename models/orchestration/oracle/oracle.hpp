#pragma once
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "models/application/requests.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/placement/decisions.hpp"
#include "models/orchestration/placement/rules.hpp"
#include "models/policy.hpp"

namespace codecosim {

/// The control plane that knows everything at once and decides in no time: the bound against which real ones are held.
///
/// Claim: a submitted application is placed at once, first onto clusters by one policy, then onto nodes of each by another, both
/// from perfect and fresh knowledge; the pods of a node that goes down are placed again at once; what fits nowhere waits, and is
/// tried again whenever a node comes back, an application goes, or a cluster gets its security class back. The pods of a cluster
/// that loses it are placed again at once where a rule asks for it. An answer that makes no sense is refused and counted, and its
/// pods wait likewise. A replica that migrates is a new pod: the old one serves until the new one does, or for good when that is
/// lost first; what is still under way to it, or in service, has Kubernetes' 30 s of grace.
class Oracle : public ControlPlane {
 public:
  Oracle(World&, Applications&, Requests&, Kubelet&, const Datasets&, Migrations&, Decisions&,
         std::unique_ptr<PlacementPolicy> federation, std::unique_ptr<PlacementPolicy> cluster);

  void submit(ApplicationId) override;
  void node_down(NodeId) override;
  void node_up(NodeId) override;
  void security_changed(ClusterId) override;
  void cordoned(NodeId node) override {
    if (on_cordoned) on_cordoned(node);
  }
  void client_moved(ClientId, ClusterId) override;
  std::optional<MigrationProblem> migration(ApplicationId) const override;
  void migrate(ApplicationId, std::uint32_t replica, ClusterId) override;

  bool managed(ClusterId) const override { return true; }
  ClusterId hub_of(ClusterId) const override { return world_.federation.hub(); }
  Cores known_busy(NodeId node) const override { return world_.compute.busy_cores(node); }
  void use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) override;

  /// Pods that nothing would take, each with the reason last given to any.
  std::vector<Pending> pending() const override;

 private:
  void place(ApplicationId, const std::vector<PodId>&);
  void place_each(std::vector<PodId>);
  std::vector<ClusterId> candidates(ApplicationId, const std::vector<PodId>&) const;
  /// What the policy chose for each pod, as row numbers; none where it found nothing or made no sense.
  std::vector<std::uint32_t> ask(const std::shared_ptr<PlacementPolicy>&, Question&, Rng&, ClusterId at);
  bool allowed(const ApplicationSpec&, ClusterId) const;
  /// Whether these cores more would be more of the cluster than the application's energy limit allows.
  bool over_energy_limit(ApplicationId, ClusterId, Cores more) const;
  Process remove(ApplicationId);
  /// Ends a pod that is bound, and gives its room back.
  void end(PodId, PodPhase);
  bool place_in(ClusterId, ApplicationId, const std::vector<PodId>&);
  void settle(PodId, ClusterId, NodeId);
  void give_up(PodId, ClusterId);
  Process bring_up(PodId);
  /// It has a successor, to which requests that come go on.
  Process drain(PodId);
  /// Of pods that have been ended, those to be placed again.
  std::vector<PodId> bereft(const std::vector<PodId>& ended);
  bool has_successor(PodId) const;
  /// The pods that stand for an application, replica by replica: those that are to replace others do not, yet.
  std::vector<PodId> standing(ApplicationId) const;
  void know(PodId);

  World& world_;
  Applications& applications_;
  Requests& requests_;
  Kubelet& kubelet_;
  const Datasets& data_;
  Migrations& migrations_;
  Decisions& decisions_;
  std::shared_ptr<PlacementPolicy> federation_policy_, cluster_policy_;
  Rng federation_rng_, cluster_rng_;
  std::vector<Process> bringing_up_;        // by pod
  std::vector<Seconds> wanted_since_;       // by pod
  std::vector<NodeId> last_node_;           // by pod
  std::map<std::uint32_t, PodId> leaving_;  // by new pod: the one that it replaces
  std::set<std::uint32_t> draining_;        // pods that have been replaced
  std::vector<PodId> pending_;
  std::string last_reason_;
};

}  // namespace codecosim
