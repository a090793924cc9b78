#pragma once
#include <vector>

#include "models/world.hpp"

namespace codecosim {

/// The device that carries each node and each cluster; none where it does not move.
struct Carried {
  Carried(const Federation& federation, const MobilitySpec& mobility)
      : clusters(federation.cluster_count()), nodes(federation.node_count()) {
    if (mobility.count() == 0) return;
    for (const ClusterId c : federation.clusters()) {
      const Federation::Cluster& cluster = federation.cluster(c);
      const ClusterSpec& spec = federation.cluster_spec(c);
      if (const auto kind = mobility.find(spec.on)) clusters[c.index] = mobility.device(*kind, cluster.index);
      std::uint32_t n = cluster.first_node;
      for (const ClusterSpec::Pool& pool : spec.pools)
        for (std::uint32_t i = 0; i < pool.count; ++i, ++n)
          if (const auto kind = mobility.find(pool.on))
            nodes[n] = mobility.device(*kind, cluster.index * pool.count + i);
    }
  }
  std::vector<DeviceId> clusters, nodes;
};

}  // namespace codecosim
