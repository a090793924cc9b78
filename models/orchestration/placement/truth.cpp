#include "models/orchestration/placement/truth.hpp"

#include <algorithm>

#include "models/orchestration/placement/monitor.hpp"
#include "sim/base/distinct.hpp"

namespace codecosim {

Truth::Truth(const World& world, const Applications& applications, const Requests& requests, const Datasets& datasets,
             const ImageStore& images)
    : world_(world),
      applications_(applications),
      requests_(requests),
      datasets_(datasets),
      images_(images),
      plan_(world.network),
      nearby_(plan_, world.federation) {}

std::vector<ClusterId> Truth::clusters() const {
  std::vector<ClusterId> all;
  for (const ClusterId c : world_.federation.clusters()) all.push_back(c);
  return all;
}

ClusterSums Truth::sums(ClusterId cluster, const std::vector<Assigned>&) const {
  ClusterSums state;
  state.taken = now();
  state.security = world_.security(cluster);
  for (const NodeId node : world_.federation.nodes(cluster)) {
    if (!world_.up(node) || world_.cordoned(node)) continue;
    add_node(state, world_, node);
    state.cpu_busy += world_.compute.busy_cores(node);
  }
  state.monitored = monitored(world_, datasets_, cluster);
  return state;
}

// Checks each single node, like the cluster's scheduler.
bool Truth::fits(ClusterId cluster, const std::vector<Assigned>&, const ComponentSpec& component) const {
  for (const NodeId node : world_.federation.nodes(cluster)) {
    if (!world_.up(node) || world_.cordoned(node)) continue;
    const bool named = component.node_name.empty() || component.node_name == world_.federation.name(node);
    const bool room = ExactSum<Cores>(component.cpu_request) <= world_.exact_free_cpu(node) &&
                      component.memory_request <= world_.free_memory(node) &&
                      world_.reserved(node).pods < world_.federation.type(node).max_pods;
    const ClusterSpec::Pool& pool = world_.federation.pool(node);
    const bool tainted =
        std::ranges::any_of(pool.taints, [&](const Taint& taint) { return repels(taint, component.tolerations); });
    if (named && room && !tainted && selects(component.node_selector, pool.labels)) return true;
  }
  return false;
}

void Truth::describe(PlacementProblem::Row& row, ClusterId cluster) const {
  row.name = world_.federation.name(cluster);
  row.labels = &world_.federation.cluster_spec(cluster).labels;
  for (std::uint32_t d = 0; d < datasets_.specs().size(); ++d)
    if (datasets_.has(d, cluster)) row.data.push_back(d);
}

Security Truth::security(ClusterId cluster) const { return world_.security(cluster); }

Seconds Truth::latency(ClusterId from, ClusterId to) const { return world_.network.latency(from, to); }

// Distances of moving clusters change.
Nearest Truth::nearest(ClusterId from) const {
  if (world_.network.clusters_move()) return {};
  return nearby_.from(from);
}

const std::vector<ClusterId>& Truth::clients(ApplicationId app) const { return requests_.clients_of(app); }

std::uint32_t Truth::draining(ServiceId service, ClusterId cluster) const {
  std::uint32_t pods = 0;
  for (const PodId pod : applications_.pods_of(service)) {
    const NodeId node = applications_.node(pod);
    pods += node && world_.cordoned(node) && world_.federation.cluster_of(node) == cluster;
  }
  return pods;
}

PlacementProblem::Row Truth::row(ClusterId cluster, ApplicationId app) const {
  PlacementProblem::Row row = sums(cluster, {}).row(cluster, now());
  describe(row, cluster);
  std::vector<ApplicationId> others;
  for (const NodeId n : world_.federation.nodes(cluster))
    for (const PodId pod : applications_.pods_on(n)) {
      const ApplicationId its = applications_.application(pod);
      if (its == app)
        row.components.push_back(applications_.component_number(pod));
      else
        others.push_back(its);
    }
  make_distinct(others);
  row.decisions = static_cast<std::uint32_t>(others.size());
  row.client_latency = client_latency(app, cluster);
  return row;
}

PlacementProblem::Row Truth::row(NodeId node, ApplicationId app, const PlacementProblem& problem) const {
  const NodeType& type = world_.federation.type(node);
  const ClusterSpec::Pool& pool = world_.federation.pool(node);
  PlacementProblem::Row row;
  row.id = node.index;
  row.name = world_.federation.name(node);
  row.cpu = type.cores;
  row.cpu_free = row.largest_cpu_free = world_.free_cpu(node);
  row.memory = type.memory;
  row.memory_free = row.largest_memory_free = world_.free_memory(node);
  row.pods = world_.reserved(node).pods;
  row.max_pods = type.max_pods;
  row.labels = &pool.labels;
  row.taints = &pool.taints;
  for (const PlacementProblem::Workload& workload : problem.workloads)
    if (images_.has(node, workload.image)) row.images.push_back(workload.image);
  make_distinct(row.images);
  for (const PodId pod : applications_.pods_on(node))
    if (applications_.application(pod) == app) row.components.push_back(applications_.component_number(pod));
  row.cpu_busy = world_.compute.busy_cores(node);
  row.monitored = monitored(world_, node);
  return row;
}

}  // namespace codecosim
