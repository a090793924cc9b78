#pragma once
#include <vector>

#include "models/faults/outages.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/learning/learning.hpp"
#include "models/world.hpp"

namespace codecosim {

/// What a scenario says that fails.
///
/// Claim: each thing that a fault matches is held down for each of its outages, one after the other, by a random stream
/// of its own; where outages touch, it stays down; what several faults hold down is up when the last of them gives it
/// back. A cluster goes down at once, all nodes and its way out; a node with notice is cordoned first. Whoever must
/// notice a failure without a message is told here: the cluster's own control plane of its nodes, learners of theirs.
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
  Process sever(const FaultSpec&, Rng);
  Process breach(ClusterId, const Outages&, Rng);
  /// It is down already: what runs there ends.
  void lose(NodeId);
  void give_back(NodeId);

  World& world_;
  ControlPlane& control_;
  Learning* learning_;
  const std::vector<FaultSpec>& specs_;
};

}  // namespace codecosim
