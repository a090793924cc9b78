#include "models/orchestration/question.hpp"

#include <algorithm>

namespace codecosim {

PlacementProblem pose(const Applications& applications, ApplicationId app, const std::vector<PodId>& pods) {
  const ApplicationSpec& spec = applications.spec(app);
  PlacementProblem problem;
  problem.now = now();
  problem.application = applications.name(app);
  for (const PodId pod : pods) {
    const ComponentSpec& component = applications.component(pod);
    PlacementProblem::Workload workload;
    workload.component = applications.component_number(pod);
    workload.cpu = component.cpu_request;
    workload.memory = component.memory_request;
    workload.image = component.image;
    workload.image_size = applications.images()[component.image].size;
    workload.node_selector = &component.node_selector;
    workload.tolerations = &component.tolerations;
    workload.node_name = component.node_name;
    problem.workloads.push_back(std::move(workload));
  }
  for (const ChannelSpec& channel : spec.channels)
    problem.channels.push_back(
        {channel.from, channel.to, channel.service_class == ServiceClass::assured, channel.bandwidth, channel.max_delay});
  return problem;
}

PlacementProblem::Row row_of(const World& world, const Applications& applications, const Kubelet& kubelet, NodeId node,
                             ApplicationId app, const PlacementProblem& problem) {
  const NodeType& type = world.federation.type(node);
  const ClusterSpec::Pool& pool = world.federation.pool(node);
  PlacementProblem::Row row;
  row.id = node.index;
  row.name = world.federation.name(node);
  row.cpu = type.cores, row.cpu_free = row.largest_cpu_free = world.free_cpu(node);
  row.memory = type.memory, row.memory_free = row.largest_memory_free = world.free_memory(node);
  row.pods = world.reserved(node).pods, row.max_pods = type.max_pods;
  row.labels = &pool.labels, row.taints = &pool.taints;
  for (const PlacementProblem::Workload& workload : problem.workloads)
    if (kubelet.has(node, workload.image)) row.images.push_back(workload.image);
  std::sort(row.images.begin(), row.images.end());
  row.images.erase(std::unique(row.images.begin(), row.images.end()), row.images.end());
  for (const PodId pod : applications.pods_on(node))
    if (applications.application(pod) == app) row.components.push_back(applications.component_number(pod));
  return row;
}

Answer ask(PlacementPolicy& policy, const PlacementProblem& problem, Rng& rng, Metrics& metrics) {
  constexpr std::uint32_t none = PlacementProblem::none;
  Answer answer{std::vector<std::uint32_t>(problem.workloads.size(), none), std::vector<std::string>(problem.workloads.size())};
  const Placement placement = policy.place(problem, rng);
  bool nonsense = false;
  for (const Placement::Assignment& one : placement.assignments) {
    if (one.target == none && one.workload < answer.rows.size()) continue;
    const bool sane = one.workload < answer.rows.size() && one.target < problem.rows.size() && answer.rows[one.workload] == none &&
                      (problem.workloads[one.workload].allowed.empty() || problem.workloads[one.workload].allowed[one.target]);
    if (sane)
      answer.rows[one.workload] = one.target;
    else
      ++metrics.refused, nonsense = true;
  }
  // Reasons come in the order of what was not placed.
  std::size_t next = 0;
  for (std::size_t w = 0; w < answer.rows.size(); ++w) {
    if (answer.rows[w] != none) continue;
    if (nonsense)
      answer.reasons[w] = "the policy named a workload or target that was not on offer";
    else if (!placement.reasons.empty())
      answer.reasons[w] = placement.reasons[std::min(next++, placement.reasons.size() - 1)];
    else
      answer.reasons[w] = "the policy gave no reason";
  }
  return answer;
}

}  // namespace codecosim
