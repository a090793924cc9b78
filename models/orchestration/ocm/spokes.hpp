#pragma once
#include <map>
#include <memory>
#include <vector>

#include "models/orchestration/ocm/hub.hpp"
#include "sim/base/observers.hpp"

namespace codecosim {

/// The agents of Open Cluster Management in the managed clusters (klusterlets): registration, leases, works, status.
///
/// Claim: an agent asks to join, and once both sides agree it connects: it lists the works of its cluster and holds a
/// watch open, over which the hub pushes new ones. It renews its lease every `lease` (1 + U(0, lease_jitter)), from a
/// phase of its own on. It applies works, up to `workers` at once, and reports changes at its next status check, every
/// `status` (1 + U(0, status_jitter)), or at once with `watch`. When an exchange with the hub fails, or the hub says
/// that the watch is closed, it connects anew, with pauses from `back_off` doubling to `most_back_off`, each up to
/// twice as long, and lists everything: so all agents of a hub that comes back list at about the same time. The cluster
/// goes on with its works, whatever happens to the hub. Checked by: tests/physics/control_plane_test.cpp.
class Spokes {
 public:
  Spokes(World&, const Catalogue&, Wire&, Kubernetes&, const OcmSpec&, std::vector<Hub*> hubs,
         const std::vector<ClusterId>& managed);

  /// Starts every agent, which asks its hub to join.
  void start();
  /// The index of the hub to which an agent belongs, in the order of `hubs`.
  std::uint32_t hub_of(ClusterId cluster) const { return spokes_[cluster.index].hub; }
  bool managed(ClusterId cluster) const { return spokes_[cluster.index].managed; }
  /// Whether the agent believes that its hub can be reached.
  bool connected(ClusterId cluster) const { return spokes_[cluster.index].connected; }
  /// Called when an agent has switched to another hub.
  Observers<ClusterId> on_switch;
  /// Called when an exchange with the hub failed.
  void lost_contact(ClusterId);
  /// Called when a work has arrived at the agent.
  void receive(const Work&);
  /// Called when the status of the pods of a service in a cluster has changed, which the agent reports to the hub.
  void changed(ClusterId, ServiceId);

  /// Moves a pod of one cluster's work to another cluster, without the hub, which learns of it in the next report.
  void hand_over(ApplicationId, std::uint32_t component, ClusterId from, ClusterId to, Seconds since);

 private:
  struct Spoke {
    explicit Spoke(const Rng& stream) : rng(stream) {}
    std::uint32_t hub = 0;
    bool managed = false, connected = false, joined = false, reporting = false;
    std::uint32_t session = 0;
    Seconds renewed, next_look;
    std::unique_ptr<Server> workers;
    std::unique_ptr<WaitQueue> broken;
    struct Applied {
      std::uint32_t generation = 0;
      Workloads workloads;
      /// By component: the number of pods ever taken from neighbours, less those handed over to them, and the part of
      /// it that the work counts.
      std::vector<std::int32_t> taken, absorbed;
      bool orphan = false;
    };
    std::map<std::uint32_t, Applied> applied;  // by application
    // Changes since the last report; a report sends them in this order.
    std::vector<ServiceId> changed;
    std::vector<StatusReport::OfWork> done;
    std::vector<StatusReport::HandOver> hand_overs;
    bool silent() const { return changed.empty() && done.empty() && hand_overs.empty(); }
    Rng rng;
  };
  Hub& hub(ClusterId cluster) { return *hubs_[spokes_[cluster.index].hub]; }
  Process keep_connected(ClusterId);
  Process keep_lease(ClusterId);
  Process keep_synced(ClusterId);
  Task<Outcome> connect(ClusterId);
  Task<Outcome> renew(ClusterId);
  Process apply(Work);
  Process report(ClusterId);
  Process evict(ClusterId, ApplicationId);
  /// Makes the cluster run the workloads of its work, corrected by the pods that it has taken or handed over since.
  void run(ClusterId, ApplicationId, Seconds since);
  Spoke::Applied& applied(ClusterId, ApplicationId);
  Seconds next_look(Spoke&);

  World& world_;
  const Catalogue& catalogue_;
  Wire& wire_;
  Kubernetes& kubernetes_;
  const OcmSpec& spec_;
  std::vector<Hub*> hubs_;
  std::vector<Spoke> spokes_;  // by cluster
};

}  // namespace codecosim
