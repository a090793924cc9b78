#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "models/application/requests.hpp"
#include "models/data/datasets.hpp"
#include "models/orchestration/codeco/mdm.hpp"
#include "models/orchestration/codeco/telemetry.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/netma/channels.hpp"
#include "models/orchestration/netma/netma.hpp"
#include "models/orchestration/ocm/hub.hpp"
#include "models/orchestration/ocm/spokes.hpp"
#include "models/orchestration/placement/rules.hpp"

namespace codecosim {

/// CODECO's control plane over Open Cluster Management: who submits, decides, tells and hears.
///
/// Claim: a user's CodecoApp reaches the hub, waits for ACM's one worker, and is placed by a policy that sees the clusters as the
/// hub's telemetry, catalogue and network view have them, less what the hub has decided since. Its pods go to their clusters as
/// ManifestWorks. When a cluster is Unknown for longer than an application tolerates, reports a pod as unschedulable, no longer
/// meets a rule, or a channel is out of its quality, the replicas concerned are placed again; an answer that is infeasible changes
/// nothing, and is asked again when the hub hears of something better. A replica that is placed again is a new pod: the old one
/// runs until its cluster hears of it, so there may be two. Within a neighbourhood, clusters tell each other their state, and one
/// that has lost its hub may hand a pod for which it has no room to a neighbour; when the hub is back it takes this into what it
/// wants, unless it has placed the replica elsewhere: then its will is done. Where a client is, the cluster that reaches it tells
/// the hub. A replica that migrates is a new pod likewise, and the old one stays until the new one is reported ready; where it fits
/// nowhere, the old one stays. Checked by: tests/physics/control_plane_test.cpp,
/// tests/physics/replicas_test.cpp, tests/property/governance_test.cpp,
/// tests/property/control_plane_test.cpp.
class Codeco : public ControlPlane {
 public:
  Codeco(World&, Applications&, Requests&, Kubelet&, Datasets&, Migrations&, Decisions&, const ControlPlaneSpec&,
         const Registry<PlacementPolicy>::Choice& placement, const Registry<PlacementPolicy>::Choice& scheduler);

  void start() override;
  void submit(ApplicationId) override;
  void node_down(NodeId) override;
  void node_up(NodeId) override;
  void cordoned(NodeId) override;
  void uncordoned(NodeId node) override { cordoned_.erase(node.index); }
  void drain(NodeId node) override { kubernetes_.drain(node); }
  void node_silent(NodeId node) override { kubernetes_.node_silent(node); }
  void node_heard(NodeId node) override { kubernetes_.node_heard(node); }
  void security_changed(ClusterId) override;
  void client_moved(ClientId, ClusterId) override;
  std::optional<MigrationProblem> migration(ApplicationId) const override;
  void migrate(ApplicationId, std::uint32_t replica, ClusterId) override;
  bool managed(ClusterId cluster) const override { return spokes_->managed(cluster); }
  ClusterId hub_of(ClusterId cluster) const override { return desks_[spokes_->hub_of(cluster)]->hub->at(); }
  std::optional<std::vector<ClusterId>> neighbours(ClusterId) const override;
  Cores known_busy(NodeId node) const override { return kubernetes_.reading(node).busy; }
  void use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) override;
  std::vector<Pending> pending() const override;
  std::vector<Figure> figures() const override;

 private:
  struct Replica {
    Replica(PodId first, Seconds wanted) : pod(first), since(wanted) {}
    PodId pod;
    ClusterId cluster;  // none: not placed yet
    Kubernetes::Stage known = Kubernetes::Stage::absent;
    enum class Move : std::uint8_t { none, unreachable, unschedulable, rule, quality };
    Move move = Move::none;  // why it is wanted elsewhere
    // A broken rule outlasts whatever else there is to complain of.
    void leave(Move why, std::string text, Seconds when) {
      if (move != Move::rule) move = why, reason = std::move(text), since = when;
    }
    void stay(Move why) {
      if (move == why) move = Move::none, reason.clear();
    }
    Seconds since;  // when it was wanted
    std::vector<ClusterId> turned_away;
    std::string reason;
    PodId leaving;  // serves until `pod`, to which its state moves, does
    ClusterId leaving_from;
    Kubernetes::Stage left = Kubernetes::Stage::ready;  // of `leaving`, as reported
  };
  enum class Life : std::uint8_t { unknown, submitted, admitted, deleting, deleted };
  struct App {
    Life life = Life::unknown;
    std::uint32_t hub = 0;
    bool deciding = false, again = false;
    std::vector<Replica> replicas;
    std::vector<ClusterId> neighbours;  // empty: not formed
  };
  /// What a hub knows of a cluster.
  struct View {
    ClusterState state;
    bool heard = false;
    struct Promise {
      PodId pod;
      Cores cpu;
      Bytes memory;
      Seconds confirmed = forever;
    };
    std::vector<Promise> promised;   // decided, and not yet in what the cluster says of itself
    std::uint32_t decisions = 0;     // applications that have chosen it
    std::vector<AddOnScore> scores;  // that PDLC has published of it
  };
  struct Desk {
    std::unique_ptr<Hub> hub;
    Server acm{1}, solver{1};
    std::shared_ptr<PlacementPolicy> policy;
    std::unique_ptr<PartitionPolicy> partition;
    Rng rng, partition_rng;
    std::vector<ApplicationId> waiting;  // with replicas that nothing would take
    Seconds retried;
    bool retrying = false;
    Desk(const Rng& placement, const Rng& forming) : rng(placement), partition_rng(forming) {}
  };
  /// What one cluster knows of another of its neighbourhoods.
  struct Neighbour {
    ClusterId cluster;
    ClusterState state;
    bool heard = false;
  };

  Process admit(ApplicationId);
  Process remove(ApplicationId);
  Task<> until_sent(ClusterId from, Hub&, Bytes);
  Process decide(ApplicationId);
  Task<> place(ApplicationId);
  void form(ApplicationId, const std::vector<ClusterId>& clusters);
  Process introduce(ApplicationId);
  std::vector<ClusterId> candidates(ApplicationId, std::string& reason) const;
  PlacementProblem::Row row_of(ClusterId) const;
  PlacementProblem::Row row_of(ClusterId, ApplicationId) const;
  Process publish_scores(Desk&);
  Seconds known_latency(ClusterId from, ClusterId to) const;
  Seconds client_latency(ApplicationId, ClusterId) const;
  bool over_energy_limit(ApplicationId, const Replica&, ClusterId) const;
  std::vector<bool> allowed(ApplicationId, const Replica&, const std::vector<ClusterId>&) const;
  void relocate(ApplicationId, Replica&, ClusterId);
  void forget(ClusterId);
  void settled(ApplicationId, Replica&);
  void return_home(ApplicationId, Replica&);
  bool serves(const Replica&) const;
  Process locate(ClientId, ClusterId);
  Process tell_cordoned(NodeId);
  void assign(ApplicationId, Replica&, ClusterId, std::vector<ClusterId>& touched);
  void issue(ApplicationId, ClusterId);
  void connect_channels(ApplicationId);
  Security security_known(ClusterId) const;

  void heard(ClusterId, const ClusterState&);
  void reported(ClusterId, const StatusReport&);
  /// A cluster has said something of a pod: what it says of itself counts it from now on.
  void confirm(PodId, ClusterId);
  void learnt(const Mdm::Key&);
  void move_callee(ApplicationId, std::uint32_t channel);
  void became_unknown(Desk&, ClusterId);
  void became_available(Desk&, ClusterId);
  Process expel(ApplicationId, std::size_t replica, ClusterId, Seconds after);
  /// Until the hub hears of something better.
  void wait(ApplicationId);
  Process retry(Desk&);
  void wake(Desk&);

  void pod_changed(ClusterId, PodId, Kubernetes::Stage);
  Process hand_over(ClusterId, PodId);
  Process exchange(ClusterId);
  Process tell(ClusterId from, ClusterId to);
  static bool fits(const ClusterState&, const ComponentSpec&);

  App& app(ApplicationId id) { return apps_[id.index]; }
  Desk& desk(ApplicationId id) { return *desks_[apps_[id.index].hub]; }
  Replica* replica(PodId);

  World& world_;
  Applications& applications_;
  Requests& requests_;
  Datasets& datasets_;
  Migrations& migrations_;
  Decisions& decisions_;
  ControlPlaneSpec spec_;
  Wire wire_;
  Kubernetes kubernetes_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::unique_ptr<Spokes> spokes_;
  std::unique_ptr<Telemetry> telemetry_;
  std::unique_ptr<Mdm> mdm_;
  std::unique_ptr<Netma> netma_;
  std::unique_ptr<Channels> channels_;
  std::vector<std::uint32_t> located_;  // by client: how often it has moved
  std::vector<App> apps_;
  std::vector<View> views_;                         // by cluster
  std::vector<std::vector<Neighbour>> neighbours_;  // by cluster, by rising id
  std::set<std::uint32_t> cordoned_;                // nodes that are to go, as their hub has heard
  std::set<std::uint32_t> offered_;                 // pods for which a neighbour is sought
  Histogram neighbourhood_size_, formation_time_;
};

}  // namespace codecosim
