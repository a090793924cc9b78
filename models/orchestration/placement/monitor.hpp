#pragma once
#include "models/data/datasets.hpp"
#include "models/orchestration/placement/cluster_state.hpp"
#include "models/policy.hpp"
#include "models/world.hpp"

namespace codecosim {

// What ACM, NetMA and MDM would read off at this moment. Power of nodes is that of now; what links carry is a mean
// since the run, or its measurement, began. Sources of the fields: CODECO's monitoring resources (acm-mons, netma-mons,
// mdm-mons); definitions that CODECO leaves open are ours, see docs/models.md. Checked by:
// tests/physics/decisions_test.cpp.

Monitored monitored(const World&, NodeId);
/// Counts a node in what a cluster says of itself, but for how busy it is.
void add_node(ClusterSums&, const World&, NodeId);
/// Sums over its nodes, with the wide-area links of its gateway.
Monitored monitored(const World&, const Datasets&, ClusterId);

}  // namespace codecosim
