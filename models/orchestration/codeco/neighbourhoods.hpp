#pragma once
#include <map>
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
/// members, every ten seconds until the member knows. Members tell each other their state every `exchange`. A cluster
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
  /// Forms the neighbourhood of an application from these clusters, as its hub sees them, and tells its members.
  std::vector<ClusterId> form(ApplicationId, const HubView&, const std::vector<ClusterId>&, PartitionPolicy&, Rng&);
  /// Sends the list of members to the members of a neighbourhood.
  void introduce(ApplicationId, ClusterId hub, const std::vector<ClusterId>& members);
  /// Ends the neighbourhood of an application.
  void dissolve(ApplicationId id) { ++told_[id.index]; }
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
    ClusterState state;
    bool heard = false;
  };
  struct Member {
    std::vector<Neighbour> neighbours;                       // by rising id
    std::map<std::uint32_t, std::vector<ClusterId>> groups;  // by application
    std::set<std::uint32_t> offered;                         // services for whose pods a neighbour is sought
  };
  Process tell_members(ApplicationId, ClusterId hub, std::vector<ClusterId> members);
  /// Called when a member has received the list of members of a neighbourhood.
  void member_told(ClusterId, ApplicationId, const std::vector<ClusterId>& members);
  Process exchange(ClusterId);
  Process tell(ClusterId from, ClusterId to);
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
  std::vector<Member> members_;      // by cluster
  std::vector<std::uint32_t> told_;  // by application: number of times that its members have been told
  Histogram sizes_, formation_;
};

}  // namespace codecosim
