#pragma once
#include "models/data/datasets.hpp"
#include "models/orchestration/placement/cluster_state.hpp"
#include "models/policy.hpp"
#include "models/world.hpp"

namespace codecosim {

// The values that ACM, NetMA and MDM would measure at this moment. Power of nodes is the present one; the load of links
// is a mean since the run, or its measurement, began. Sources of the fields: CODECO's monitoring resources (acm-mons,
// netma-mons, mdm-mons); definitions that CODECO leaves open are ours, see docs/models.md. Checked by:
// tests/physics/decisions_test.cpp.

Monitored monitored(const World&, NodeId);
/// Adds a node to the sums of a cluster, except its busy cores.
void add_node(ClusterSums&, const World&, NodeId);
/// The values of a cluster: sums over its nodes, with the wide-area links of its gateway.
Monitored monitored(const World&, const Datasets&, ClusterId);

}  // namespace codecosim
