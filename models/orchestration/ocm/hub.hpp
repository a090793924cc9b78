#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/kubernetes/kubernetes.hpp"
#include "models/orchestration/wire.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// One generation of a ManifestWork: which pods of an application a cluster shall run. None: it is being deleted.
struct Manifest {
  ApplicationId application;
  ClusterId cluster;
  std::uint32_t generation = 0;
  Seconds issued;
  std::vector<PodId> pods;
  std::vector<Seconds> since;  ///< By pod: when it was wanted first.
  enum class Fate : std::uint8_t { open, applied, superseded };
  mutable Fate fate = Fate::open;
};
using Work = std::shared_ptr<const Manifest>;

/// What a cluster's agent reports.
struct StatusReport {
  struct OfPod {
    PodId pod;
    Kubernetes::Stage stage;
    ClusterId at;   ///< Where it is: the cluster itself, or the neighbour that took it.
    Seconds since;  ///< When it was wanted, or lost.
    std::string reason;
  };
  struct OfWork {
    ApplicationId application;
    std::uint32_t generation;
  };
  std::vector<OfPod> pods;
  std::vector<OfWork> works;
};

/// The hub of Open Cluster Management: managed clusters with their leases, and ManifestWorks.
///
/// Claim: every request waits for one of the API server's workers and takes an exponential time; when too many wait it is refused.
/// A cluster that has joined is available while its lease is younger than `lease` x `lease_misses`; checked exactly at expiry, it
/// becomes Unknown, which taints it, until its lease is renewed. Works are pushed over the watch that the cluster's agent holds
/// open; a push that is lost ends the watch. While the hub's cluster has no node that is up it does nothing, and what it knew it
/// knows again after. Checked by: tests/physics/control_plane_test.cpp.
class Hub {
 public:
  Hub(World&, Wire&, Kubernetes&, ClusterId at, const HubSpec&, const OcmSpec&);

  ClusterId at() const { return at_; }
  bool alive() const { return world_.alive(at_); }
  /// One request to the API server: `done`, `refused` when too many wait, `lost` when the hub is down.
  Task<Outcome> serve();

  void join(ClusterId);
  /// A renewed lease.
  void renew(ClusterId);
  bool joined(ClusterId cluster) const { return managed_.contains(cluster.index); }
  /// Joined, and not Unknown.
  bool available(ClusterId) const;
  /// Since when it is Unknown.
  Seconds unreachable_since(ClusterId cluster) const { return managed_.at(cluster.index).unreachable_since; }
  /// The managed clusters, by rising id.
  std::vector<ClusterId> clusters() const;

  /// A new generation of the work of an application in a cluster.
  void issue(ClusterId, ApplicationId, std::vector<PodId> pods, std::vector<Seconds> since);
  /// Opens the watch of a cluster's agent: the works of the cluster as they are. `session` becomes the number of the watch.
  std::vector<Work> list(ClusterId, std::uint32_t& session);
  /// Whether that watch still stands.
  bool watching(ClusterId, std::uint32_t session) const;
  /// The works that a cluster has not applied.
  std::size_t open(ClusterId) const;
  /// The applications with works in a cluster, and whether an application has works anywhere.
  std::vector<ApplicationId> applications(ClusterId) const;
  bool applied_everywhere(ApplicationId) const;
  void status(ClusterId, const StatusReport&);

  std::function<void(ClusterId)> on_unknown, on_available;
  std::function<void(ClusterId, const StatusReport&)> on_status;
  /// Brings a work to the agent of its cluster, once it has arrived there.
  std::function<void(Work)> deliver;

 private:
  struct Managed {
    Seconds renewed;
    Seconds unreachable_since;
    bool unknown = false;
    bool watched = false;
    std::uint32_t session = 0;
    /// By application; gone once its deletion has been applied. Kept, since generations go on.
    struct Slot {
      Work work;
      bool gone = false;
    };
    std::map<std::uint32_t, Slot> works;
  };
  Process push(Work);
  Process monitor(ClusterId);

  World& world_;
  Wire& wire_;
  Kubernetes& kubernetes_;
  ClusterId at_;
  const HubSpec& spec_;
  const OcmSpec& ocm_;
  Server api_;
  Rng service_;
  std::map<std::uint32_t, Managed> managed_;  // by cluster
};

}  // namespace codecosim
