#pragma once
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "models/orchestration/ocm/hub.hpp"

namespace codecosim {

/// The agents of Open Cluster Management in the managed clusters (klusterlets): registration, leases, works, status.
///
/// Claim: an agent asks to join, and once both sides agree it connects: it lists the works of its cluster and holds a watch open,
/// over which the hub pushes new ones. It renews its lease every `lease` (1 + U(0, lease_jitter)). It applies works, up to
/// `workers` at once, and reports what changed at its next look, every `status` (1 + U(0, status_jitter)), or at once with `watch`.
/// When an exchange with the hub fails, or the hub says that the watch no longer stands, it connects anew, with pauses from
/// `back_off` doubling to `most_back_off`, each up to twice as long, and lists everything: so all agents of a hub that comes back
/// list at about the same time. Whatever happens to the hub, the cluster goes on with the works it has. Checked by:
/// tests/physics/control_plane_test.cpp.
class Spokes {
 public:
  Spokes(World&, Wire&, Kubernetes&, const OcmSpec&, std::vector<Hub*> hubs, std::vector<ClusterId> managed);

  /// Every agent asks its hub to join.
  void start();
  /// The hub that an agent belongs to, in the order given.
  std::uint32_t hub_of(ClusterId cluster) const { return spokes_[cluster.index].hub; }
  bool managed(ClusterId cluster) const { return spokes_[cluster.index].managed; }
  /// Whether the agent believes that its hub can be reached.
  bool connected(ClusterId cluster) const { return spokes_[cluster.index].connected; }
  /// An exchange with the hub failed.
  void lost_contact(ClusterId);
  /// A work has arrived at the agent.
  void receive(const Work&);
  /// Something changed that the hub should know.
  void changed(ClusterId, PodId);

  /// A pod of one cluster's work goes on in another, without the hub, which hears of it in the next report.
  void hand_over(ApplicationId, PodId, ClusterId from, ClusterId to);

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
      std::vector<PodId> pods;
      bool orphan = false;
    };
    std::map<std::uint32_t, Applied> applied;        // by application
    std::map<std::uint32_t, ClusterId> handed_over;  // by pod
    std::vector<PodId> changed;                      // since the last report, in that order
    std::vector<StatusReport::OfWork> done;
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
  Seconds next_look(Spoke&);

  World& world_;
  Wire& wire_;
  Kubernetes& kubernetes_;
  const OcmSpec& spec_;
  std::vector<Hub*> hubs_;
  std::vector<Spoke> spokes_;  // by cluster
};

}  // namespace codecosim
