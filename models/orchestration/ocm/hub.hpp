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

/// One generation of a ManifestWork: what a cluster shall run of an application. No pods at all: it is being deleted.
struct Manifest {
  ApplicationId application;
  ClusterId cluster;
  std::uint32_t generation = 0;
  Seconds issued;
  Workloads workloads;
  /// By component: pods that the cluster has ever taken from neighbours, less those that it has handed on to them, as
  /// far as `workloads` counts them.
  std::vector<std::int32_t> absorbed;
  enum class Fate : std::uint8_t { open, applied, superseded };
  mutable Fate fate = Fate::open;
};
using Work = std::shared_ptr<const Manifest>;

/// What a cluster's agent reports.
struct StatusReport {
  struct OfWork {
    ApplicationId application;
    std::uint32_t generation;
  };
  /// A pod of a component goes on in a neighbour, which took it.
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
/// up it does nothing, and what it knew it knows again after. Checked by: tests/physics/control_plane_test.cpp.
class Hub {
 public:
  /// Who has to know what the hub learns, and what carries works to their clusters.
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
  /// One request to the API server: `done`, `refused` when too many wait, `gone` when the hub is down.
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
  void issue(ClusterId, ApplicationId, const Workloads&);
  /// What is issued from now on counts that a neighbour took a pod of a component from one cluster to another.
  void absorb(const StatusReport::HandOver&, ClusterId from);
  /// Opens the watch of a cluster's agent: the works of the cluster as they are. `session` becomes the number of the
  /// watch.
  std::vector<Work> list(ClusterId, std::uint32_t& session);
  /// Whether that watch still stands.
  bool watching(ClusterId, std::uint32_t session) const;
  /// The works that a cluster has not applied.
  std::size_t open(ClusterId) const;
  /// The applications with works in a cluster, and whether an application has works anywhere.
  std::vector<ApplicationId> applications(ClusterId) const;
  bool applied_everywhere(ApplicationId) const;
  void status(ClusterId, const StatusReport&);

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
  std::map<std::uint32_t, Managed> managed_;  // by cluster
};

}  // namespace codecosim
