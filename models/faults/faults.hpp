#pragma once
#include <vector>

#include "models/faults/outages.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/learning/learning.hpp"
#include "models/world.hpp"

namespace codecosim {

/// Injects the faults of a scenario.
///
/// Claim: each entity that a fault matches is down for each of its outages, one after the other, by a random stream of
/// its own. Where outages touch, it stays down; an entity that several faults hold down is up when the last of these
/// has ended. A cluster goes down at once, with all nodes and its uplink; a node with notice is cordoned first.
/// Entities that must notice a failure without a message are told here: the cluster's own control plane of its nodes,
/// learners of theirs.
/// Checked by: tests/physics/deployment_test.cpp, tests/physics/drain_test.cpp.
class Faults {
 public:
  /// `learning` null: nothing learns.
  Faults(World&, ControlPlane&, Learning* learning, const std::vector<FaultSpec>&);
  void start();

 private:
  static Task<> end_of(Outage);
  Process fail_node(NodeId, const Outages&, Seconds notice, Rng);
  Process fail_link(LinkId, const Outages&, Rng);
  Process fail_cluster(ClusterId, const Outages&, Rng);
  Process cut(const FaultSpec&, Rng);
  Process breach(ClusterId, const Outages&, Rng);
  /// Ends what runs on a node that is down already.
  void lose(NodeId);
  void repair(NodeId);

  World& world_;
  ControlPlane& control_;
  Learning* learning_;
  const std::vector<FaultSpec>& specs_;
};

}  // namespace codecosim
