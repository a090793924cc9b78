#pragma once
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "models/application/catalogue.hpp"
#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/netma/netma.hpp"
#include "models/orchestration/ocm/spokes.hpp"
#include "models/orchestration/placement/decisions.hpp"
#include "models/orchestration/placement/hub_view.hpp"

namespace codecosim {

/// The application neighbourhoods: clusters that know each other's state, and take each other's pods while their hub is
/// unreachable.
///
/// Claim: a hub forms the neighbourhood of an application by a partition policy and tells each member the other
/// members, and each former member that it is none, every ten seconds until it knows. The hub forms it anew when it
/// learns that all clients are at a cluster outside it that may be offered. Members tell each other their state, and
/// probe the paths between them, every `exchange` and as NetMA does, as long as any neighbourhood has both. A cluster
/// that has lost its hub, and has no room for a pod, asks the neighbours of which it has heard, the nearest first. A
/// neighbour that has room, by its own state at that date, takes the pod. The hub hears of it in the next report.
/// Checked by: tests/physics/control_plane_test.cpp, tests/physics/two_hubs_test.cpp.
class Neighbourhoods {
 public:
  Neighbourhoods(World&, const Catalogue&, const std::vector<DatasetSpec>&, Wire&, Kubernetes&, Spokes&, Netma&,
                 Decisions&, const NetworkPlan&, const CodecoSpec&);

  bool any() const { return spec_.neighbourhood.partition.name != "none"; }
  /// A cluster sends its state to its neighbours from now on.
  void start(ClusterId);
  /// Forms the neighbourhood of an application from these clusters, as its hub sees them.
  std::vector<ClusterId> form(ApplicationId, const HubView&, const std::vector<ClusterId>&, PartitionPolicy&, Rng&);
  /// Sends the list of members to the members of a neighbourhood, and to those that were some before. No members: the
  /// neighbourhood ends.
  void introduce(ApplicationId, ClusterId hub, const std::vector<ClusterId>& members);
  /// A cluster has pods of a service for which it has no room.
  void unschedulable(ClusterId, ServiceId);
  /// The neighbours of which a cluster has been told.
  std::vector<ClusterId> neighbours(ClusterId) const;

  const Histogram& sizes() const { return sizes_; }
  const Histogram& formation() const { return formation_; }
  void restart() { sizes_ = formation_ = {}; }

 private:
  /// The knowledge of one cluster about a neighbour.
  struct Neighbour {
    ClusterId cluster;
    std::shared_ptr<const ClusterState> state;  // null: not heard of yet
  };
  struct Member {
    std::vector<Neighbour> neighbours;                       // by rising id
    std::map<std::uint32_t, std::vector<ClusterId>> groups;  // by application
    std::set<std::uint32_t> offered;                         // services for whose pods a neighbour is sought
  };
  /// The clusters on offer that a policy which takes the nearest looks at.
  std::vector<ClusterId> nearest(ApplicationId, const HubView&, const std::vector<ClusterId>& on_offer,
                                 const PartitionPolicy&) const;
  Process tell_members(ApplicationId, ClusterId hub, std::vector<ClusterId> members, std::vector<ClusterId> untold);
  /// Called when a cluster has received the list of members of a neighbourhood.
  void member_told(ClusterId, ApplicationId, const std::vector<ClusterId>& members);
  void meet(ClusterId, ClusterId other);
  void part(ClusterId, ClusterId other);
  Process exchange(ClusterId);
  Process tell(ClusterId from, ClusterId to, std::shared_ptr<const ClusterState>);
  Process hand_over(ClusterId, ServiceId);
  std::vector<Neighbour> candidate_neighbours(ClusterId from, ServiceId) const;
  Task<bool> ask(ClusterId from, ServiceId, ClusterId to);

  World& world_;
  const Catalogue& catalogue_;
  const std::vector<DatasetSpec>& datasets_;
  Wire& wire_;
  Kubernetes& kubernetes_;
  Spokes& spokes_;
  Netma& netma_;
  Decisions& decisions_;
  const NetworkPlan& plan_;
  const CodecoSpec& spec_;
  std::vector<Member> members_;               // by cluster
  std::vector<std::uint32_t> told_;           // by application: number of times that its members have been told
  std::vector<std::set<ClusterId>> told_of_;  // by application: those that may take themselves for members
  Histogram sizes_, formation_;
};

}  // namespace codecosim
