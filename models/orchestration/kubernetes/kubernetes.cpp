#include "models/orchestration/kubernetes/kubernetes.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "models/orchestration/placement/monitor.hpp"

namespace codecosim {

namespace {
constexpr double rounding = 1e-9;  // 0.55 x 20 is 11
}

Kubernetes::Kubernetes(World& world, Applications& applications, Kubelet& kubelet, const Truth& truth,
                       const Datasets& datasets, Decisions& decisions, const KubernetesSpec& spec, Readings readings,
                       const Registry<PlacementPolicy>::Make& scheduler, Listener& listener)
    : world_(world),
      applications_(applications),
      kubelet_(kubelet),
      truth_(truth),
      datasets_(datasets),
      decisions_(decisions),
      spec_(spec),
      readings_(readings),
      scheduler_(scheduler()),
      listener_(listener),
      nodes_(world.federation.node_count()),
      clusters_(world.federation.cluster_count()) {
  // A pod that is frozen while its state moves is not ready, but gets requests where no other pod serves.
  kubelet_.on_frozen([this](PodId id, bool frozen) {
    spawn(set_endpoint(id, frozen ? Endpoints::State::serving : Endpoints::State::ready));
  });
}

Kubernetes::Change::~Change() noexcept(false) {
  Cluster& cluster = kubernetes_.clusters_[where_.index];
  if (cluster.changing == 1)
    while (!cluster.changed.empty()) {
      const ServiceId service = cluster.changed.front();
      cluster.changed.erase(cluster.changed.begin());
      kubernetes_.listener_.workload_changed(where_, service);
    }
  if (--cluster.changing == 0 && std::exchange(cluster.room, false)) kubernetes_.make_room(where_);
}

Kubernetes::Pod& Kubernetes::pod(PodId id) {
  if (id.index >= pods_.size()) pods_.resize(id.index + 1);
  return pods_[id.index];
}

// The sums of pending pods follow the stages. Unschedulable pods do not count, as they hold no resources.
void Kubernetes::enter(PodId id, Stage stage) {
  Pod& one = pods_[id.index];
  const ComponentSpec& component = applications_.component(id);
  Cluster& cluster = clusters_[one.cluster.index];
  const bool waited = one.stage == Stage::pending, waits = stage == Stage::pending;
  if (waited && !waits) {
    --cluster.pending;
    cluster.pending_cpu -= component.cpu_request;
    cluster.pending_memory -= component.memory_request;
  }
  if (!waited && waits) {
    ++cluster.pending;
    cluster.pending_cpu += component.cpu_request;
    cluster.pending_memory += component.memory_request;
  }
  one.stage = stage;
  changed(one.cluster, applications_.service(id));
}

void Kubernetes::changed(ClusterId where, ServiceId service) {
  auto& rollouts = clusters_[where.index].rollouts;
  if (const auto found = rollouts.find(service.index); found != rollouts.end()) found->second.look_again();
  Cluster& cluster = clusters_[where.index];
  if (cluster.changing == 0) return listener_.workload_changed(where, service);
  if (std::ranges::find(cluster.changed, service) == cluster.changed.end()) cluster.changed.push_back(service);
}

// The Deployment controller.

void Kubernetes::apply(ClusterId where, ApplicationId app, const Workloads& wanted) {
  const Change change(*this, where);
  std::vector<PodId> fresh;
  for (std::uint32_t c = 0; c < wanted.replicas.size(); ++c) {
    const ServiceId service = applications_.service(app, c);
    auto& deployments = clusters_[where.index].deployments;
    if (wanted.replicas[c] == 0 && !deployments.contains(service.index)) continue;
    Deployment& deployment = deployments[service.index];
    deployment.wanted = wanted.replicas[c];
    deployment.revision = wanted.revisions[c];
    const bool rolls = outdated(deployment) > 0;
    std::vector<std::uint32_t> takeovers;
    std::vector<ClusterId> sources;
    for (const Workloads::Takeover& one : wanted.takeovers) {
      if (one.component != c) continue;
      const auto& begun = deployment.takeovers;
      if (std::find(begun.begin(), begun.end(), one.number) == begun.end()) sources.push_back(one.from);
      takeovers.push_back(one.number);
    }
    deployment.takeovers = std::move(takeovers);
    // A pod that takes over a state is a new one, even where an old one could stay.
    const auto all = static_cast<std::uint32_t>(deployment.pods.size() + sources.size());
    const std::uint32_t most = deployment.wanted + (rolls ? surge(deployment) : 0);
    if (all > most) {
      const std::uint32_t surplus = all - most, pods = static_cast<std::uint32_t>(deployment.pods.size());
      const std::uint32_t of_old = pods > 0 ? surplus * outdated(deployment) / pods : 0;
      scale_in(deployment, of_old, Which::outdated);
      scale_in(deployment, surplus - of_old, rolls ? Which::current : Which::all);
    }
    while (deployment.pods.size() < deployment.wanted || !sources.empty()) {
      fresh.push_back(make(where, service, deployment, wanted.since));
      if (sources.empty()) continue;
      kubelet_.take_over(fresh.back(), sources.front());
      sources.erase(sources.begin());
    }
    if (deployment.wanted == 0)
      deployments.erase(service.index);
    else if (rolls)
      spawn(roll_out(where, service));
  }
  if (!fresh.empty()) spawn(schedule(where, app, std::move(fresh)));
}

PodId Kubernetes::make(ClusterId where, ServiceId service, Deployment& deployment, Seconds since) {
  const PodId id = applications_.create(service);
  Pod& one = pod(id);
  one.cluster = where;
  one.since = since;
  one.revision = deployment.revision;
  deployment.pods.push_back(id);
  enter(id, Stage::pending);
  return id;
}

// Deletes in the order of ActivePodsWithRanks: pods that are not bound, are not ready, share their node with most
// others, have been ready for the shortest time. A pod whose state has moved, or whose node is to go, has the rank that
// Kubernetes' pod-deletion-cost would give it.
void Kubernetes::scale_in(Deployment& deployment, std::uint32_t surplus, Which which) {
  for (; surplus > 0 && !deployment.pods.empty(); --surplus) {
    const auto last_to_go = [&](PodId id) {
      const Pod& one = pods_[id.index];
      const auto together = std::count_if(deployment.pods.begin(), deployment.pods.end(),
                                          [&](PodId other) { return pods_[other.index].node == one.node; });
      const bool ready = one.stage == Stage::ready && !applications_.succeeded(id);
      return std::tuple(static_cast<bool>(one.node), one.node && nodes_[one.node.index].ready, ready,
                        one.node && !world_.cordoned(one.node), -together, -one.ready_since.value);
    };
    auto victim = deployment.pods.end();
    for (auto one = deployment.pods.begin(); one != deployment.pods.end(); ++one) {
      const bool current = pods_[one->index].revision == deployment.revision;
      if (which == (current ? Which::outdated : Which::current)) continue;
      if (which == Which::outdated && kubelet_.takes_over(*one)) continue;  // not before it has its state
      if (victim == deployment.pods.end() || last_to_go(*one) <= last_to_go(*victim)) victim = one;
    }
    if (victim == deployment.pods.end()) return;
    const PodId id = *victim;
    deployment.pods.erase(victim);
    remove(id, spec_.termination);
  }
}

std::uint32_t Kubernetes::image(PodId id) const {
  return applications_.component(id).image_of(pods_[id.index].revision);
}

std::uint32_t Kubernetes::revision(ClusterId where, ServiceId service) const {
  const auto& deployments = clusters_[where.index].deployments;
  const auto found = deployments.find(service.index);
  return found == deployments.end() ? 0 : found->second.revision;
}

std::uint32_t Kubernetes::surge(const Deployment& deployment) const {
  return static_cast<std::uint32_t>(std::ceil(spec_.max_surge * deployment.wanted - rounding));
}

std::uint32_t Kubernetes::unavailable(const Deployment& deployment) const {
  const auto some = static_cast<std::uint32_t>(std::floor(spec_.max_unavailable * deployment.wanted + rounding));
  return some == 0 && surge(deployment) == 0 ? 1 : some;
}

std::uint32_t Kubernetes::outdated(const Deployment& deployment) const {
  return static_cast<std::uint32_t>(std::count_if(deployment.pods.begin(), deployment.pods.end(), [&](PodId id) {
    return pods_[id.index].revision != deployment.revision;
  }));
}

// The number of pods that are being deleted and still hold resources.
std::uint32_t Kubernetes::stopping(ClusterId where, ServiceId service) const {
  std::uint32_t some = 0;
  for (const NodeId n : world_.federation.nodes(where)) {
    if (!ready(n) || world_.cordoned(n)) continue;
    for (const PodId id : nodes_[n.index].pods)
      some += applications_.service(id) == service && pods_[id.index].stage == Stage::stopping;
  }
  return some;
}

// A rollout goes on until no pod of an older revision is left, whatever revision is wanted by then.
Process Kubernetes::roll_out(ClusterId where, ServiceId service) {
  auto& rollouts = clusters_[where.index].rollouts;
  const auto [place, begins] = rollouts.try_emplace(service.index);
  Rollout& rollout = place->second;
  if (!begins) {
    rollout.look_again();
    co_return;
  }
  for (bool more = true; more;) {
    rollout.again = false;
    more = roll_on(where, service);
    if (more && !rollout.again) co_await rollout.progress.wait();
  }
  rollouts.erase(service.index);
}

// One step of a rollout: new pods are made within the surge. Old pods that are not ready are deleted first, then as
// many ready ones as exceed the required number. Pods that are being stopped do not count, so that the next new ones
// may be made. Returns whether the rollout is not complete.
bool Kubernetes::roll_on(ClusterId where, ServiceId service) {
  const Change change(*this, where);
  auto& deployments = clusters_[where.index].deployments;
  std::vector<PodId> fresh;
  bool rolls = true;
  for (std::uint32_t gone = 1; gone > 0;) {
    const auto found = deployments.find(service.index);
    if (found == deployments.end()) return false;
    Deployment& deployment = found->second;
    const auto total = [&] { return static_cast<std::uint32_t>(deployment.pods.size()); };
    const std::uint32_t old = outdated(deployment), most = deployment.wanted + (old > 0 ? surge(deployment) : 0);
    const std::uint32_t current = total() - old;
    if (current > deployment.wanted) scale_in(deployment, current - deployment.wanted, Which::current);
    while (total() < most && total() - old < deployment.wanted) {
      fresh.push_back(make(where, service, deployment, now()));
      pods_[fresh.back().index].planned = true;
    }
    std::uint32_t ready_old = 0, ready_new = 0;
    for (const PodId id : deployment.pods) {
      const Pod& one = pods_[id.index];
      if (one.stage == Stage::ready) ++(one.revision == deployment.revision ? ready_new : ready_old);
    }
    const std::uint32_t unready_new = total() - old - ready_new, ready = ready_old + ready_new;
    const std::uint32_t least = deployment.wanted - std::min(unavailable(deployment), deployment.wanted);
    const std::uint32_t may_go = total() - std::min(total(), least + unready_new);
    const std::uint32_t idle = std::min(old - ready_old, may_go);
    const std::uint32_t serving = std::min(ready_old, ready - std::min(ready, least));
    scale_in(deployment, std::min(may_go, idle + serving), Which::outdated);
    rolls = outdated(deployment) > 0;
    gone = old - outdated(deployment);
  }
  const bool stops = stopping(where, service) > 0;
  if (!fresh.empty()) spawn(schedule(where, applications_.application(service), std::move(fresh)));
  return rolls || stops;
}

const std::vector<PodId>& Kubernetes::pods(ClusterId where, ServiceId service) const {
  static const std::vector<PodId> nothing;
  const auto& deployments = clusters_[where.index].deployments;
  const auto found = deployments.find(service.index);
  return found == deployments.end() ? nothing : found->second.pods;
}

WorkloadStatus Kubernetes::status(ClusterId where, ServiceId service) const {
  WorkloadStatus status;
  status.application = applications_.application(service);
  status.component = applications_.component_number(service);
  for (const PodId id : pods(where, service)) {
    const Pod& one = pods_[id.index];
    ++status.pods;
    status.ready += one.stage == Stage::ready;
    if (one.stage != Stage::unschedulable) continue;
    if (status.unschedulable++ == 0) {
      status.since = one.since;
      status.reason = one.reason;
    }
  }
  const Cluster& cluster = clusters_[where.index];
  const auto found = cluster.deployments.find(service.index);
  if (found == cluster.deployments.end() || !cluster.rollouts.contains(service.index)) return status;
  // A ready pod does not count for one that is still getting its state. An unschedulable pod may be waiting for pods
  // that stop.
  const Deployment& deployment = found->second;
  const auto open =
      std::count_if(deployment.pods.begin(), deployment.pods.end(), [&](PodId id) { return kubelet_.takes_over(id); });
  const std::uint32_t most_ready = deployment.wanted - std::min(static_cast<std::uint32_t>(open), deployment.wanted);
  const std::uint32_t of_rollout = outdated(deployment) > 0 ? surge(deployment) + unavailable(deployment) : 0;
  status.ready = std::min(status.ready, most_ready);
  if (status.unschedulable > 0)
    status.unschedulable -= std::min(status.unschedulable, of_rollout + stopping(where, service) + cluster.freed);
  return status;
}

void Kubernetes::remove(PodId id, Seconds termination) {
  Pod& one = pods_[id.index];
  switch (one.stage) {
    case Stage::absent:
    case Stage::stopping:
      return;
    case Stage::pending:
    case Stage::unschedulable:
      std::erase(clusters_[one.cluster.index].unschedulable, id);
      finalize(id);
      return;
    case Stage::bound:
    case Stage::ready:
      one.termination = termination;
      if (one.telling) {
        one.deleted = true;  // its process ends itself
        return;
      }
      one.life.kill();
      enter(id, Stage::stopping);
      one.life = stop(id);
  }
}

// Proxies learn of the deletion while the pod finishes its requests or, where it is evicted, before. On a node out of
// reach it runs on until the node is in reach again.
Process Kubernetes::stop(PodId id) {
  const NodeId node = pods_[id.index].node;
  if (world_.compute.bound(id)) applications_.enter(id, PodPhase::stopping);
  spawn(set_endpoint(id, Endpoints::State::none));
  if (pods_[id.index].evicted || !world_.compute.bound(id)) co_await delay(spec_.endpoints);
  if (nodes_[node.index].away && world_.compute.bound(id)) co_return;
  if (world_.compute.bound(id)) {
    co_await within(pods_[id.index].termination, applications_.idle(id));
    co_await kubelet_.tear_down(id);
    applications_.unbind(id);
  }
  finalize(id);
}

// The end of a pod.
void Kubernetes::finalize(PodId id) {
  Pod& one = pods_[id.index];
  const ClusterId where = one.cluster;
  const bool held = static_cast<bool>(one.node);
  if (held) {
    const ComponentSpec& component = applications_.component(id);
    world_.release(one.node, component.cpu_request, component.memory_request);
    std::erase(nodes_[one.node.index].pods, id);
  }
  clusters_[where.index].freed += held;
  enter(id, Stage::absent);
  one.node = {};
  one.reason.clear();
  kubelet_.cancel_migration(id);
  applications_.retire(id);
  if (held) make_room(where);
}

// The scheduler.

// The pods of an application are placed together, like CODECO's application groups, then bound one after the other;
// those bound start meanwhile.
Process Kubernetes::schedule(ClusterId where, ApplicationId app, std::vector<PodId> pods) {
  const Server::Turn turn = co_await clusters_[where.index].scheduler->enter();
  co_await wait_alive(where);
  const auto wanted = [&](PodId id) { return pods_[id.index].stage == Stage::pending; };
  std::erase_if(pods, [&](PodId id) { return !wanted(id); });
  if (pods.empty()) co_return;
  std::vector<std::uint32_t> components;
  for (const PodId id : pods) components.push_back(applications_.component_number(id));
  Question question = decisions_.make_question(truth_, app, std::move(components), PlacementProblem::Level::cluster);
  PlacementProblem& problem = question.problem;
  for (std::size_t w = 0; w < pods.size(); ++w) {
    problem.workloads[w].image = image(pods[w]);
    problem.workloads[w].image_size = applications_.images()[image(pods[w])].size;
  }
  for (const NodeId n : world_.federation.nodes(where)) {
    if (!ready(n) || world_.cordoned(n)) continue;
    PlacementProblem::Row row = truth_.row(n, app, problem);
    if (readings_ == Readings::measured) {
      const NodeReading& reading = nodes_[n.index].reading;
      row.cpu_busy = reading.busy;
      row.monitored = reading.monitored;
      row.age = now() - reading.taken;
    }
    problem.rows.push_back(std::move(row));
  }
  Answer answer{std::vector(pods.size(), PlacementProblem::none),
                std::vector<std::string>(pods.size(), "0/0 nodes are available: no node is ready.")};
  if (!problem.rows.empty()) answer = decisions_.ask(scheduler_, question, where);
  for (std::size_t w = 0; w < pods.size(); ++w) {
    co_await delay(1.0 / spec_.scheduler);
    if (!wanted(pods[w])) continue;  // removed meanwhile
    bind(pods[w], answer.rows[w] == PlacementProblem::none ? nullptr : &problem.rows[answer.rows[w]],
         answer.reasons[w]);
  }
}

// Binds a pod to the node of a row of the problem. A null row: the pod fits nowhere, for this reason.
void Kubernetes::bind(PodId id, const PlacementProblem::Row* row, std::string reason) {
  Pod& one = pods_[id.index];
  const ComponentSpec& component = applications_.component(id);
  NodeId node;
  if (row) {
    node = {row->id};
    if (!world_.reserve(node, component.cpu_request, component.memory_request)) {
      reason = "the policy chose a node over its capacity";
      ++world_.metrics.refused;
      node = {};
    }
  }
  decisions_.record({id, applications_.application(id), applications_.component_number(id), one.cluster, node,
                     node ? Outcome::done : Outcome::refused},
                    row ? row->age : Seconds(0));
  if (!node) {
    one.reason = std::move(reason);
    clusters_[one.cluster.index].unschedulable.push_back(id);
    enter(id, Stage::unschedulable);
    return;
  }
  if (std::exchange(one.replacement, false)) decisions_.record_move();
  one.node = node;
  nodes_[node.index].pods.push_back(id);
  // A node that is down, or out of reach, learns of the binding when it is back.
  const bool starts = reachable(node);
  if (starts) applications_.bind(id, node);
  enter(id, Stage::bound);
  if (starts && one.stage == Stage::bound) one.life = live(id);  // unless a listener has deleted it
}

Process Kubernetes::live(PodId id) {
  const bool takes_over = kubelet_.takes_over(id);
  co_await kubelet_.bring_up(id, image(id));
  const Seconds wanted = pods_[id.index].since;
  const bool counts = !takes_over && !pods_[id.index].planned;
  if (counts) world_.metrics.deployment_time.add((now() - wanted).value);
  if (counts && wanted > applications_.spec(applications_.application(id)).submit_at)
    world_.metrics.recovery_time.add((now() - wanted).value);
  pods_[id.index].telling = true;
  become_ready(id);
  if (deleted_meanwhile(id)) co_return;
  std::optional<Kubelet::CrashLoop> loop = kubelet_.crash_loop(id);
  while (loop) {
    co_await kubelet_.run_until_exit(id, *loop);
    pods_[id.index].telling = true;
    spawn(set_endpoint(id, Endpoints::State::unhealthy));
    enter(id, Stage::bound);
    if (deleted_meanwhile(id)) co_return;
    co_await kubelet_.start_again(id, *loop);
    pods_[id.index].telling = true;
    become_ready(id);
    if (deleted_meanwhile(id)) co_return;
  }
}

// Whether a listener that the pod's process has notified has deleted the pod. It is stopped then, and its process must
// end.
bool Kubernetes::deleted_meanwhile(PodId id) {
  Pod& one = pods_[id.index];
  one.telling = false;
  if (!std::exchange(one.deleted, false)) return false;
  one.life = {};  // the process that calls this
  remove(id, one.termination);
  return true;
}

void Kubernetes::become_ready(PodId id) {
  pods_[id.index].ready_since = now();
  spawn(set_endpoint(id, Endpoints::State::ready));
  enter(id, Stage::ready);
  listener_.pod_ready(id);
}

// EndpointSlices and proxies follow after a delay.
Process Kubernetes::set_endpoint(PodId id, Endpoints::State endpoint) {
  co_await delay(spec_.endpoints);
  applications_.set_endpoint(id, endpoint);
}

// The life of nodes.

// The pods on the node are gone at once; the API server learns of it later.
void Kubernetes::node_down(NodeId node) {
  const Change change(*this, world_.federation.cluster_of(node));
  const std::vector<PodId> lost = applications_.pods_on(node);
  for (const PodId id : lost) {
    Pod& one = pods_[id.index];
    one.life.kill();
    applications_.enter(id, PodPhase::lost);
    applications_.unbind(id);
    one.since = now();
    if (one.stage == Stage::stopping) one.life = stop(id);
  }
  world_.compute.set_on(node, false);
  if (nodes_[node.index].away) return;  // the node has been silent before
  ++nodes_[node.index].outages;
  spawn(lose(node));
}

void Kubernetes::node_up(NodeId node) {
  const ClusterId where = world_.federation.cluster_of(node);
  if (!nodes_[node.index].away) node_reachable(node);
  if (world_.nodes_up(where) == 1) {
    clusters_[where.index].dead->wake_all();
    restart_grace_periods(where);  // as a control plane does when it starts again
  }
  make_room(where);
}

void Kubernetes::node_silent(NodeId node) {
  nodes_[node.index].away = true;
  if (!world_.up(node)) return;
  ++nodes_[node.index].outages;
  spawn(lose(node));
}

void Kubernetes::node_heard(NodeId node) {
  nodes_[node.index].away = false;
  if (!world_.up(node)) return;
  const bool was_ready = nodes_[node.index].ready;
  node_reachable(node);
  if (!was_ready) make_room(world_.federation.cluster_of(node));
}

void Kubernetes::uncordoned(NodeId node) { make_room(world_.federation.cluster_of(node)); }

// The pods of the node run on. It starts pods that it has lost, or that were bound to it while it was out of reach.
void Kubernetes::node_reachable(NodeId node) {
  const ClusterId where = world_.federation.cluster_of(node);
  const bool all_lost = clusters_[where.index].not_ready == world_.federation.cluster(where).nodes;
  ++nodes_[node.index].outages;
  set_ready(node, true);
  const std::vector<PodId> pods = nodes_[node.index].pods;
  for (const PodId id : pods) {
    Pod& one = pods_[id.index];
    if (one.stage == Stage::absent) continue;  // a listener has deleted it
    if (one.stage == Stage::stopping) {
      one.life.kill();
      one.life = stop(id);
    } else if (!world_.compute.bound(id)) {
      applications_.bind(id, node);
      if (one.stage == Stage::ready) enter(id, Stage::bound);
      if (one.stage == Stage::bound) one.life = live(id);
    } else if (applications_.phase(id) == PodPhase::lost) {
      applications_.enter(id, PodPhase::ready);
      become_ready(id);
    }
  }
  if (all_lost) restart_grace_periods(where);
}

void Kubernetes::restart_grace_periods(ClusterId where) {
  for (const NodeId n : world_.federation.nodes(where)) {
    if (reachable(n)) continue;
    ++nodes_[n.index].outages;
    spawn(lose(n));
  }
}

void Kubernetes::set_ready(NodeId node, bool ready) {
  if (std::exchange(nodes_[node.index].ready, ready) == ready) return;
  Cluster& cluster = clusters_[world_.federation.cluster_of(node).index];
  cluster.not_ready += ready ? -1 : 1;
  cluster.zone_changed->wake_all();
}

Process Kubernetes::lose(NodeId node) {
  const std::uint32_t outage = nodes_[node.index].outages;
  co_await delay(spec_.grace);
  const ClusterId where = world_.federation.cluster_of(node);
  const bool alive = world_.alive(where) || spec_.grace <= Seconds(0);  // with no grace, it is known at once
  if (nodes_[node.index].outages != outage || !alive) co_return;
  set_ready(node, false);
  const std::vector<PodId> pods = nodes_[node.index].pods;
  for (const PodId id : pods) {
    if (pods_[id.index].stage == Stage::stopping) continue;
    if (pods_[id.index].stage == Stage::ready) enter(id, Stage::bound);
    spawn(set_endpoint(id, Endpoints::State::unhealthy));
    if (applications_.phase(id) == PodPhase::ready) applications_.enter(id, PodPhase::lost);
  }
  Cluster& cluster = clusters_[where.index];
  cluster.untainted.emplace_back(node, outage);
  listener_.node_not_ready(node, pods);
  if (!cluster.tainting) spawn(taint(where));
  cluster.zone_changed->wake_all();
}

// A cluster is one zone of the node lifecycle controller.
Hertz Kubernetes::eviction_rate(ClusterId where) const {
  const std::uint32_t nodes = world_.federation.cluster(where).nodes, lost = clusters_[where.index].not_ready;
  if (lost == nodes) return Hertz(0);  // full disruption: a failure of the network is more likely
  if (lost <= 2 || lost < spec_.unhealthy_zone * nodes) return spec_.eviction_rate;
  return nodes > spec_.large_zone ? spec_.secondary_eviction_rate : Hertz(0);
}

// Nodes that are not ready get their NoExecute taint one after the other.
Process Kubernetes::taint(ClusterId where) {
  Cluster& cluster = clusters_[where.index];
  cluster.tainting = true;
  co_await cluster.zone_changed->wait();  // nodes that are lost at one date are seen together
  while (!cluster.untainted.empty()) {
    co_await wait_alive(where);
    const Hertz rate = eviction_rate(where);
    const auto [node, outage] = cluster.untainted.front();
    if (nodes_[node.index].outages != outage) {
      cluster.untainted.pop_front();
    } else if (rate <= Hertz(0)) {
      co_await cluster.zone_changed->wait();
    } else if (now() < cluster.next_taint) {
      co_await until(cluster.next_taint);
    } else {
      cluster.untainted.pop_front();
      cluster.next_taint = now() + 1.0 / rate;
      const std::vector<PodId> pods = nodes_[node.index].pods;
      for (const PodId id : pods) spawn(evict(id, node, toleration(id)));
    }
  }
  cluster.tainting = false;
}

Process Kubernetes::evict(PodId id, NodeId node, Seconds after) {
  const std::uint32_t outage = nodes_[node.index].outages;
  if (after >= forever) co_return;
  co_await delay(after);
  const Pod& one = pods_[id.index];
  const bool disrupted = clusters_[one.cluster.index].not_ready == world_.federation.cluster(one.cluster).nodes;
  if (nodes_[node.index].outages == outage && one.node == node && world_.alive(one.cluster) && !disrupted)
    replace(id, spec_.termination);
}

void Kubernetes::drain(NodeId node, Seconds notice) { spawn(drain_in_time(node, notice)); }

// Evicts so late that there is time for a migration before, half of the notice at least, and so early that the requests
// in service can be finished.
Process Kubernetes::drain_in_time(NodeId node, Seconds notice) {
  const Seconds termination = std::min(spec_.termination, notice / 2);
  co_await delay(notice - termination);
  if (!world_.cordoned(node) || !world_.up(node)) co_return;
  const std::vector<PodId> pods = nodes_[node.index].pods;
  for (const PodId id : pods) replace(id, termination);
}

// Deletes the pod, and makes and schedules another one.
void Kubernetes::replace(PodId id, Seconds termination) {
  Pod& old = pods_[id.index];
  if (old.stage == Stage::stopping || old.stage == Stage::absent) return;
  const ClusterId where = old.cluster;
  const Change change(*this, where);
  const ServiceId service = applications_.service(id);
  const Seconds since = world_.compute.bound(id) ? now() : old.since;
  Deployment& deployment = clusters_[where.index].deployments.at(service.index);
  std::erase(deployment.pods, id);
  old.evicted = true;
  remove(id, termination);
  if (deployment.pods.size() >= deployment.wanted) return;
  const PodId successor = make(where, service, deployment, since);
  pods_[successor.index].replacement = true;
  spawn(schedule(where, applications_.application(service), {successor}));
}

void Kubernetes::make_room(ClusterId where) {
  if (clusters_[where.index].changing > 0) {
    clusters_[where.index].room = true;
    return;
  }
  const Change change(*this, where);
  clusters_[where.index].freed = 0;
  std::vector<PodId> again = std::exchange(clusters_[where.index].unschedulable, {});
  while (!again.empty()) {
    const ApplicationId app = applications_.application(again.front());
    const auto others = std::stable_partition(again.begin(), again.end(),
                                              [&](PodId id) { return applications_.application(id) == app; });
    for (auto id = again.begin(); id != others; ++id) enter(*id, Stage::pending);
    spawn(schedule(where, app, {again.begin(), others}));
    again.erase(again.begin(), others);
  }
  listener_.room_made(where);
}

Task<> Kubernetes::wait_alive(ClusterId where) {
  while (!world_.alive(where)) co_await clusters_[where.index].dead->wait();
}

Seconds Kubernetes::toleration(PodId id) const {
  const Taint unreachable{"node.kubernetes.io/unreachable", "", Taint::Effect::no_execute};
  return tolerated(unreachable, applications_.component(id).tolerations, spec_.toleration);
}

// The state that a cluster reports.

ClusterState Kubernetes::state(ClusterId where) const {
  const Cluster& cluster = clusters_[where.index];
  ClusterState state;
  state.taken = now();
  state.cpu_busy = cluster.busy;
  state.security = world_.security(where);
  state.monitored = monitored(world_, datasets_, where);
  std::map<std::uint32_t, std::uint32_t> draining;  // by service
  for (const NodeId n : world_.federation.nodes(where)) {
    if (world_.cordoned(n))
      for (const ClusterState::Held& pods : pods_on(n)) draining[pods.service.index] += pods.pods;
    else if (ready(n))
      add_node(state, world_, n);
  }
  for (const auto& [service, pods] : draining) state.draining.push_back({{service}, pods});
  state.pods += cluster.pending;
  state.cpu_free -= cluster.pending_cpu;
  state.memory_free -= cluster.pending_memory;
  for (const auto& [service, deployment] : cluster.deployments)
    state.held.push_back({{service}, static_cast<std::uint32_t>(deployment.pods.size())});
  return state;
}

std::vector<ClusterState::Held> Kubernetes::pods_on(NodeId node) const {
  std::map<std::uint32_t, std::uint32_t> counts;
  for (const PodId id : nodes_[node.index].pods)
    counts[applications_.service(id).index] += stage(id) != Stage::stopping;
  std::vector<ClusterState::Held> all;
  for (const auto& [service, pods] : counts)
    if (pods > 0) all.push_back({{service}, pods});
  return all;
}

}  // namespace codecosim
