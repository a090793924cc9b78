#include "models/orchestration/placement/cluster_state.hpp"

#include <algorithm>

namespace codecosim {

std::uint32_t ClusterState::pods_of(ServiceId service, const std::vector<Held>& all) {
  const auto found = std::lower_bound(all.begin(), all.end(), service,
                                      [](const Held& one, ServiceId wanted) { return one.service < wanted; });
  return found != all.end() && found->service == service ? found->pods : 0;
}

bool ClusterSums::fits(Cores cpu_request, Bytes memory_request) const {
  const bool cpu_fits = ExactSum<Cores>(cpu_request) <= std::min(cpu_free, ExactSum<Cores>(largest_cpu_free));
  return cpu_fits && memory_request <= std::min(memory_free, largest_memory_free) && pods < max_pods;
}

PlacementProblem::Row ClusterSums::row(ClusterId cluster, Seconds now) const {
  static const std::vector<Taint> untainted;
  PlacementProblem::Row row;
  row.id = cluster.index;
  row.taints = &untainted;
  row.nodes = nodes;
  row.pods = pods;
  row.max_pods = max_pods;
  row.cpu = cpu;
  row.cpu_free = cpu_free.value();
  row.largest_cpu_free = largest_cpu_free;
  row.memory = memory;
  row.memory_free = memory_free;
  row.largest_memory_free = largest_memory_free;
  row.cpu_busy = cpu_busy;
  row.monitored = monitored;
  row.age = now - taken;
  return row;
}

bool ClusterSums::has_more_than(const ClusterSums& other) const {
  const bool more_slots =
      static_cast<std::int64_t>(max_pods) - pods > static_cast<std::int64_t>(other.max_pods) - other.pods;
  return nodes > other.nodes || cpu_free > other.cpu_free || largest_cpu_free > other.largest_cpu_free ||
         memory_free > other.memory_free || largest_memory_free > other.largest_memory_free || more_slots;
}

}  // namespace codecosim
