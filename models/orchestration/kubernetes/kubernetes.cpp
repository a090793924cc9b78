#include "models/orchestration/kubernetes/kubernetes.hpp"

#include <algorithm>
#include <utility>

#include "models/orchestration/placement/monitor.hpp"

namespace codecosim {

Kubernetes::Kubernetes(World& world, Applications& applications, Kubelet& kubelet, const Datasets& datasets, Decisions& decisions,
                       const KubernetesSpec& spec, std::unique_ptr<PlacementPolicy> scheduler)
    : world_(world),
      applications_(applications),
      kubelet_(kubelet),
      datasets_(datasets),
      decisions_(decisions),
      spec_(spec),
      scheduler_(std::move(scheduler)),
      rng_(world.rng.stream("policy/scheduler")),
      pods_(applications.pod_count()),
      nodes_(world.federation.node_count()),
      clusters_(world.federation.cluster_count()) {}

Kubernetes::Pod& Kubernetes::pod(PodId id) {
  if (id.index >= pods_.size()) pods_.resize(id.index + 1);
  return pods_[id.index];
}

// The books of what is pending follow the stages.
void Kubernetes::enter(PodId id, Stage stage) {
  Pod& one = pods_[id.index];
  const ComponentSpec& component = applications_.component(id);
  Cluster& cluster = clusters_[one.cluster.index];
  const auto waits = [](Stage s) { return s == Stage::pending || s == Stage::unschedulable; };
  if (waits(one.stage) && !waits(stage))
    --cluster.pending, cluster.pending_cpu -= component.cpu_request, cluster.pending_memory -= component.memory_request;
  if (!waits(one.stage) && waits(stage))
    ++cluster.pending, cluster.pending_cpu += component.cpu_request, cluster.pending_memory += component.memory_request;
  if (cluster.pending == 0) cluster.pending_cpu = Cores(0), cluster.pending_memory = Bytes(0);
  one.stage = stage;
  if (on_change) on_change(one.cluster, id, stage);
}

void Kubernetes::create(ClusterId cluster, ApplicationId app, const std::vector<PodId>& pods, Seconds since) {
  for (const PodId id : pods) {
    Pod& one = pod(id);
    ensure(one.stage == Stage::absent, "a pod was created twice");
    one.cluster = cluster, one.since = since, one.replaced = false;
    enter(id, Stage::pending);
  }
  schedule(cluster, app, pods);
}

void Kubernetes::remove(PodId id) {
  Pod& one = pods_[id.index];
  switch (one.stage) {
    case Stage::absent:
    case Stage::stopping:
      return;
    case Stage::pending:
    case Stage::unschedulable:
      std::erase(clusters_[one.cluster.index].unschedulable, id);
      enter(id, Stage::absent);
      return;
    case Stage::bound:
    case Stage::ready:
      one.life.kill();
      enter(id, Stage::stopping);
      if (world_.compute.bound(id))
        one.life = stop(id);
      else
        release(id), enter(id, Stage::absent);
  }
}

Process Kubernetes::stop(PodId id) {
  co_await kubelet_.tear_down(id);
  applications_.unbind(id);
  release(id);
  const ClusterId cluster = pods_[id.index].cluster;
  enter(id, Stage::absent);
  retry(cluster);
}

// An application's pods are placed together, as CODECO's application groups are, then bound one after the other; those bound start
// meanwhile.
Process Kubernetes::schedule(ClusterId where, ApplicationId app, std::vector<PodId> pods) {
  const Server::Turn turn = co_await clusters_[where.index].scheduler->enter();
  co_await wait_alive(where);
  const auto wanted = [&](PodId id) { return pods_[id.index].stage == Stage::pending && pods_[id.index].cluster == where; };
  std::erase_if(pods, [&](PodId id) { return !wanted(id); });
  if (pods.empty()) co_return;
  Question question = decisions_.pose(app, pods, PlacementProblem::Level::cluster);
  PlacementProblem& problem = question.problem;
  const Federation::Cluster& cluster = world_.federation.cluster(where);
  for (std::uint32_t n = cluster.first_node; n < cluster.first_node + cluster.nodes; ++n) {
    if (!nodes_[n].ready || world_.cordoned({n})) continue;
    PlacementProblem::Row row = decisions_.row_of(NodeId{n}, app, problem);
    const NodeReading& reading = nodes_[n].reading;
    row.cpu_busy = reading.busy, row.monitored = reading.monitored, row.age = now() - reading.taken;
    problem.rows.push_back(std::move(row));
  }
  const Answer answer = problem.rows.empty()
                            ? Answer{std::vector(pods.size(), PlacementProblem::none),
                                     std::vector<std::string>(pods.size(), "0/0 nodes are available: no node is ready.")}
                            : decisions_.ask(scheduler_, question, rng_, where);
  for (std::size_t w = 0; w < pods.size(); ++w) {
    co_await delay(1.0 / spec_.scheduler);
    if (!wanted(pods[w])) continue;  // removed meanwhile
    bind(pods[w], answer.rows[w] == PlacementProblem::none ? nullptr : &problem.rows[answer.rows[w]], answer.reasons[w]);
  }
}

// To the node of a row of the problem; none: it fits nowhere, for this reason.
void Kubernetes::bind(PodId id, const PlacementProblem::Row* row, std::string reason) {
  Pod& one = pods_[id.index];
  const ComponentSpec& component = applications_.component(id);
  NodeId node;
  if (row) {
    node = {row->id};
    world_.metrics.decision_age.add(row->age.value);
    // A node that has gone down unnoticed takes no pod: its kubelet does not answer.
    if (!world_.reserve(node, component.cpu_request, component.memory_request)) {
      reason = world_.up(node) ? "the policy chose a node over its capacity" : "the node does not answer";
      ++world_.metrics.refused;
      node = {};
    }
  }
  ++world_.metrics.decisions;
  world_.trace.emit(now(), Decided{id, applications_.application(id), one.cluster, node, node ? Outcome::done : Outcome::refused});
  if (!node) {
    ++world_.metrics.infeasible;
    one.reason = std::move(reason);
    clusters_[one.cluster.index].unschedulable.push_back(id);
    enter(id, Stage::unschedulable);
    return;
  }
  if (std::exchange(one.replaced, true)) ++world_.metrics.moves;
  one.node = node;
  nodes_[node.index].pods.push_back(id);
  if (!nodes_[node.index].away) applications_.bind(id, node);
  enter(id, Stage::bound);
  // A node out of reach hears of it when it is back.
  if (!nodes_[node.index].away) one.life = live(id);
}

Process Kubernetes::live(PodId id) {
  const bool replaces = kubelet_.replaces(id);
  co_await kubelet_.bring_up(id);
  const Seconds wanted = pods_[id.index].since;
  if (!replaces) world_.metrics.deployment_time.add((now() - wanted).value);
  if (!replaces && wanted > applications_.spec(applications_.application(id)).submit_at)
    world_.metrics.recovery_time.add((now() - wanted).value);
  enter(id, Stage::ready);
  if (on_ready) on_ready(id);
  co_await kubelet_.keep_up(id);
}

// What runs on the node is gone at once; the API server learns of it later.
void Kubernetes::node_down(NodeId node) {
  const std::vector<PodId> lost = applications_.pods_on(node);
  for (const PodId id : lost) {
    Pod& one = pods_[id.index];
    one.life.kill();
    applications_.enter(id, PodPhase::lost);
    applications_.unbind(id);
    one.since = now();
    if (one.stage == Stage::stopping) release(id), enter(id, Stage::absent);
  }
  world_.compute.set_on(node, false);
  if (nodes_[node.index].away) return;  // it has been silent before
  ++nodes_[node.index].outages;
  lose(node);
}

void Kubernetes::node_up(NodeId node) {
  const ClusterId where = world_.federation.cluster_of(node);
  if (!nodes_[node.index].away) back(node);
  if (world_.nodes_up(where) == 1) {
    clusters_[where.index].dead->wake_all();
    // A control plane that starts again gives silent nodes their grace anew.
    const Federation::Cluster& one = world_.federation.cluster(where);
    for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n)
      if (!world_.up({n}) || nodes_[n].away) ++nodes_[n].outages, lose({n});
  }
  retry(where);
}

void Kubernetes::node_silent(NodeId node) {
  nodes_[node.index].away = true;
  if (!world_.up(node)) return;
  ++nodes_[node.index].outages;
  lose(node);
}

void Kubernetes::node_heard(NodeId node) {
  nodes_[node.index].away = false;
  if (!world_.up(node)) return;
  const bool was_ready = nodes_[node.index].ready;
  back(node);
  if (!was_ready) retry(world_.federation.cluster_of(node));
}

// Its pods run on; what it has lost, or was bound to it while it was out of reach, it starts.
void Kubernetes::back(NodeId node) {
  ++nodes_[node.index].outages;
  nodes_[node.index].ready = true;
  const std::vector<PodId> pods = nodes_[node.index].pods;
  for (const PodId id : pods) {
    if (!world_.compute.bound(id)) {
      applications_.bind(id, node);
      if (pods_[id.index].stage == Stage::ready) enter(id, Stage::bound);
      pods_[id.index].life = live(id);
    } else if (applications_.phase(id) == PodPhase::lost) {
      applications_.enter(id, PodPhase::ready);
      enter(id, Stage::ready);
    }
  }
}

Process Kubernetes::lose(NodeId node) {
  const std::uint32_t outage = nodes_[node.index].outages;
  co_await delay(spec_.grace);
  const ClusterId where = world_.federation.cluster_of(node);
  if (nodes_[node.index].outages != outage || !world_.alive(where)) co_return;
  nodes_[node.index].ready = false;
  for (const PodId id : nodes_[node.index].pods) {
    if (pods_[id.index].stage == Stage::ready) enter(id, Stage::bound);
    if (applications_.phase(id) == PodPhase::ready) applications_.enter(id, PodPhase::lost);
    evict(id, node, toleration(id));
  }
}

Process Kubernetes::evict(PodId id, NodeId node, Seconds after) {
  const std::uint32_t outage = nodes_[node.index].outages;
  if (after >= forever) co_return;
  co_await delay(after);
  Pod& one = pods_[id.index];
  if (nodes_[node.index].outages == outage && one.node == node && world_.alive(one.cluster)) replace(id);
}

void Kubernetes::drain(NodeId node) {
  const std::vector<PodId> pods = nodes_[node.index].pods;
  for (const PodId id : pods)
    if (pods_[id.index].stage != Stage::stopping) replace(id);
}

// It ends where it is, and is scheduled anew.
void Kubernetes::replace(PodId id) {
  Pod& one = pods_[id.index];
  if (world_.compute.bound(id)) {
    one.life.kill();
    if (applications_.phase(id) != PodPhase::lost) applications_.enter(id, PodPhase::lost);
    applications_.unbind(id);
    one.since = now();
  }
  release(id);
  enter(id, Stage::pending);
  schedule(one.cluster, applications_.application(id), {id});
}

void Kubernetes::retry(ClusterId where) {
  std::vector<PodId> again = std::exchange(clusters_[where.index].unschedulable, {});
  while (!again.empty()) {
    const ApplicationId app = applications_.application(again.front());
    const auto others =
        std::stable_partition(again.begin(), again.end(), [&](PodId id) { return applications_.application(id) == app; });
    for (auto id = again.begin(); id != others; ++id) enter(*id, Stage::pending);
    schedule(where, app, {again.begin(), others});
    again.erase(again.begin(), others);
  }
}

void Kubernetes::release(PodId id) {
  Pod& one = pods_[id.index];
  const ComponentSpec& component = applications_.component(id);
  world_.release(one.node, component.cpu_request, component.memory_request);
  std::erase(nodes_[one.node.index].pods, id);
  one.node = {};
}

Task<> Kubernetes::wait_alive(ClusterId where) {
  while (!world_.alive(where)) co_await clusters_[where.index].dead->wait();
}

Seconds Kubernetes::toleration(PodId id) const {
  const Taint unreachable{"node.kubernetes.io/unreachable", "", Taint::Effect::no_execute};
  for (const Toleration& one : applications_.component(id).tolerations)
    if (one.tolerates(unreachable)) return one.duration;
  return spec_.toleration;
}

ClusterState Kubernetes::state(ClusterId where) const {
  const Federation::Cluster& one = world_.federation.cluster(where);
  const Cluster& cluster = clusters_[where.index];
  ClusterState state;
  state.taken = now();
  state.cpu_busy = cluster.busy;
  state.security = world_.security(where);
  state.monitored = monitored(world_, datasets_, where);
  for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n) {
    if (!nodes_[n].ready || world_.cordoned({n})) continue;
    const NodeType& type = world_.federation.type({n});
    const Cores cpu = world_.free_cpu({n});
    const Bytes memory = world_.free_memory({n});
    ++state.nodes;
    state.cpu += type.cores, state.memory += type.memory, state.cpu_free += cpu, state.memory_free += memory;
    state.pods += world_.reserved({n}).pods, state.max_pods += type.max_pods;
    state.largest_cpu_free = std::max(state.largest_cpu_free, cpu);
    state.largest_memory_free = std::max(state.largest_memory_free, memory);
  }
  state.pods += cluster.pending;
  state.cpu_free -= cluster.pending_cpu, state.memory_free -= cluster.pending_memory;
  return state;
}

}  // namespace codecosim
