#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/orchestration/kubernetes/kubernetes.hpp"
#include "models/orchestration/ocm/spec.hpp"
#include "models/orchestration/wire.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// One generation of a ManifestWork: the workloads of an application that a cluster shall run. A work without pods is
/// being deleted.
struct Manifest {
  ApplicationId application;
  ClusterId cluster;
  std::uint32_t generation = 0;
  Seconds issued;
  Workloads workloads;
  /// By component: the number of pods that the cluster has ever taken from neighbours, less those that it has handed
  /// over to them, as far as `workloads` counts them.
  std::vector<std::int32_t> absorbed;
  enum class Fate : std::uint8_t { open, applied, superseded };
  mutable Fate fate = Fate::open;
};
using Work = std::shared_ptr<const Manifest>;

/// The report of a cluster's agent.
struct StatusReport {
  struct OfWork {
    ApplicationId application;
    std::uint32_t generation;
  };
  /// A neighbour has taken a pod of a component.
  struct HandOver {
    ApplicationId application;
    std::uint32_t component;
    ClusterId to;
  };
  std::vector<WorkloadStatus> workloads;
  std::vector<OfWork> works;
  std::vector<HandOver> hand_overs;
};

/// The hub of Open Cluster Management: managed clusters with their leases, and ManifestWorks.
///
/// Claim: every request waits for one of the API server's workers and takes an exponential time; when too many wait it
/// is refused. A cluster that has joined is available while its lease is younger than `lease` x `lease_misses`; checked
/// exactly at expiry, it becomes Unknown, which taints it, until its lease is renewed. Works are pushed over the watch
/// that the cluster's agent holds open; a push that is lost ends the watch. While the hub's cluster has no node that is
/// up the hub does nothing; its state is kept. Checked by: tests/physics/control_plane_test.cpp.
class Hub {
 public:
  /// Receives the hub's events, and delivers works to their clusters.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void joined(ClusterId) = 0;
    virtual void became_unknown(ClusterId) = 0;
    virtual void became_available(ClusterId) = 0;
    virtual void status_reported(ClusterId, const StatusReport&) = 0;
    /// A work has arrived at the agent of its cluster.
    virtual void deliver(const Work&) = 0;
  };
  Hub(World&, Wire&, Kubernetes&, ClusterId at, const HubSpec&, const OcmSpec&, Listener&);

  ClusterId at() const { return at_; }
  bool alive() const { return world_.alive(at_); }
  /// Serves one request to the API server: `done`, `refused` when too many wait, `gone` when the hub is down.
  Task<Outcome> serve();

  void join(ClusterId);
  /// Renews the lease of a cluster.
  void renew(ClusterId);
  bool joined(ClusterId cluster) const { return managed_[cluster.index].joined; }
  /// Whether a cluster has joined and is not Unknown.
  bool available(ClusterId) const;
  /// The date since which a cluster is Unknown.
  Seconds unreachable_since(ClusterId cluster) const { return managed_[cluster.index].unreachable_since; }

  /// Issues a new generation of the work of an application in a cluster.
  void issue(ClusterId, ApplicationId, const Workloads&);
  /// Makes works that are issued from now on include that a neighbour took a pod of a component from the cluster
  /// `from`.
  void absorb(const StatusReport::HandOver&, ClusterId from);
  /// Opens the watch of a cluster's agent, and returns the present works of the cluster. `session` becomes the number
  /// of the watch.
  std::vector<Work> list(ClusterId, std::uint32_t& session);
  /// Whether that watch is still open.
  bool watching(ClusterId, std::uint32_t session) const;
  /// The number of works that a cluster has not applied.
  std::size_t open(ClusterId) const;
  /// The applications with works in a cluster, and whether an application has works anywhere.
  std::vector<ApplicationId> applications(ClusterId) const;
  bool applied_everywhere(ApplicationId) const;
  void status(ClusterId, const StatusReport&);

 private:
  struct Managed {
    bool joined = false;
    Seconds renewed;
    Seconds unreachable_since;
    bool unknown = false;
    bool watched = false;
    std::uint32_t session = 0;
    /// The work of an application; `gone` once its deletion has been applied. It is kept, since generations are counted
    /// on.
    struct Slot {
      Work work;
      bool gone = false;
      std::vector<std::int32_t> absorbed;
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
  Listener& listener_;
  Server api_;
  Rng service_;
  std::vector<Managed> managed_;  // by cluster
};

}  // namespace codecosim
