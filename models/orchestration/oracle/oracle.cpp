#include "models/orchestration/oracle/oracle.hpp"

#include <algorithm>
#include <utility>

namespace codecosim {

namespace {
constexpr std::uint32_t none = PlacementProblem::none;
constexpr Seconds grace{30};  // Kubernetes: terminationGracePeriodSeconds
}  // namespace

Oracle::Oracle(World& world, Applications& applications, Requests& requests, Kubelet& kubelet, const Datasets& data,
               Migrations& migrations, Decisions& decisions, std::unique_ptr<PlacementPolicy> federation,
               std::unique_ptr<PlacementPolicy> cluster)
    : world_(world),
      applications_(applications),
      requests_(requests),
      kubelet_(kubelet),
      data_(data),
      migrations_(migrations),
      decisions_(decisions),
      federation_policy_(std::move(federation)),
      cluster_policy_(std::move(cluster)),
      federation_rng_(world.rng.stream("policy/placement")),
      cluster_rng_(world.rng.stream("policy/scheduler")),
      bringing_up_(applications.pod_count()),
      wanted_since_(applications.pod_count()),
      last_node_(applications.pod_count()) {}

bool Oracle::allowed(const ApplicationSpec& app, ClusterId cluster) const {
  return !broken_rule(app, data_, world_.federation, cluster, world_.security(cluster));
}

bool Oracle::over_energy_limit(ApplicationId app, ClusterId cluster, Cores more) const {
  const double limit = applications_.spec(app).energy_limit;
  if (limit >= 1) return false;
  return energy_share(world_.federation, cluster, more + cores_in(world_, applications_, app, cluster)) > limit;
}

std::vector<Pending> Oracle::pending() const {
  std::vector<Pending> all;
  for (const PodId pod : pending_) all.push_back({pod, last_reason_});
  return all;
}

void Oracle::use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) {
  federation_policy_ = placement(), cluster_policy_ = scheduler();
}

void Oracle::submit(ApplicationId app) {
  applications_.submitted(app);
  const std::vector<PodId> pods = applications_.pods_of(app);
  for (const PodId pod : pods) wanted_since_[pod.index] = now();
  place(app, pods);
  if (applications_.spec(app).delete_at < forever) remove(app);
}

Process Oracle::remove(ApplicationId app) {
  co_await until(applications_.spec(app).delete_at);
  applications_.deleted(app);
  for (std::uint32_t c = 0; c < applications_.spec(app).components.size(); ++c)
    for (const PodId pod : applications_.replicas_of(applications_.service(app, c))) {
      std::erase(pending_, pod);
      leaving_.erase(pod.index);
      draining_.erase(pod.index);
      migrations_.cancel(pod);
      if (world_.compute.bound(pod)) end(pod, PodPhase::gone);
    }
  place_each(std::exchange(pending_, {}));
}

void Oracle::end(PodId pod, PodPhase phase) {
  const NodeId node = applications_.node(pod);
  const ComponentSpec& component = applications_.component(pod);
  bringing_up_[pod.index].kill();
  applications_.enter(pod, phase);
  applications_.unbind(pod);
  world_.release(node, component.cpu_request, component.memory_request);
  wanted_since_[pod.index] = now();
}

void Oracle::security_changed(ClusterId cluster) {
  std::vector<PodId> moved;
  const Federation::Cluster& one = world_.federation.cluster(cluster);
  for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n)
    for (const PodId pod : applications_.pods_on({n}))
      if (!allowed(applications_.spec(applications_.application(pod)), cluster)) moved.push_back(pod);
  for (const PodId pod : moved) end(pod, PodPhase::gone);
  place_each(moved.empty() ? std::exchange(pending_, {}) : bereft(moved));
}

void Oracle::node_down(NodeId node) {
  const std::vector<PodId> lost = applications_.pods_on(node);
  for (const PodId pod : lost) end(pod, PodPhase::lost);
  world_.compute.set_on(node, false);
  place_each(bereft(lost));
}

std::vector<PodId> Oracle::bereft(const std::vector<PodId>& ended) {
  std::vector<PodId> all;
  for (const PodId pod : ended) {
    const auto replaces = leaving_.find(pod.index);
    if (draining_.erase(pod.index) > 0) {
      applications_.retire(pod);
    } else if (replaces != leaving_.end() && world_.compute.bound(replaces->second)) {
      leaving_.erase(replaces);
      migrations_.cancel(pod);
      applications_.retire(pod);
    } else if (!has_successor(pod)) {
      all.push_back(pod);
    }
  }
  return all;
}

bool Oracle::has_successor(PodId pod) const {
  return std::any_of(leaving_.begin(), leaving_.end(), [&](const auto& one) { return one.second == pod; });
}

void Oracle::node_up(NodeId) { place_each(std::exchange(pending_, {})); }

// Application by application, in the order in which their pods stand in the list.
void Oracle::place_each(std::vector<PodId> pods) {
  while (!pods.empty()) {
    const ApplicationId app = applications_.application(pods.front());
    const auto others =
        std::stable_partition(pods.begin(), pods.end(), [&](PodId pod) { return applications_.application(pod) == app; });
    place(app, {pods.begin(), others});
    pods.erase(pods.begin(), others);
  }
}

std::vector<ClusterId> Oracle::candidates(ApplicationId app, const std::vector<PodId>& pods) const {
  const ApplicationSpec& spec = applications_.spec(app);
  std::vector<ClusterId> all;
  const bool pinned =
      std::all_of(pods.begin(), pods.end(), [&](PodId pod) { return !applications_.component(pod).cluster.empty(); });
  if (pinned) {
    for (const PodId pod : pods) {
      const auto cluster =
          world_.federation.find_cluster(numbered(applications_.component(pod).cluster, applications_.number(app)));
      if (cluster && std::find(all.begin(), all.end(), *cluster) == all.end()) all.push_back(*cluster);
    }
    std::sort(all.begin(), all.end());
  } else {
    for (std::uint32_t c = 0; c < world_.federation.cluster_count(); ++c) all.push_back({c});
  }
  std::erase_if(all, [&](ClusterId c) { return !allowed(spec, c); });
  return all;
}

void Oracle::place(ApplicationId app, const std::vector<PodId>& pods) {
  std::vector<PodId> left = pods;
  std::vector<ClusterId> clusters = candidates(app, pods);
  // A cluster whose nodes turn out not to take what it seemed to have room for is not asked again.
  while (!left.empty()) {
    Question question = decisions_.pose(app, left, PlacementProblem::Level::federation);
    PlacementProblem& problem = question.problem;
    for (const ClusterId cluster : clusters) problem.rows.push_back(decisions_.row_of(cluster, app));
    const std::vector<AddOnScore> scores = decisions_.scores(problem);
    for (std::size_t row = 0; row < scores.size(); ++row) problem.rows[row].scores = {scores[row]};
    for (std::size_t w = 0; w < left.size(); ++w) {
      const std::string& pin = applications_.component(left[w]).cluster;
      if (pin.empty()) continue;
      const auto only = world_.federation.find_cluster(numbered(pin, applications_.number(app)));
      for (const ClusterId cluster : clusters) problem.workloads[w].allowed.push_back(only == cluster);
    }
    const std::vector<std::uint32_t> chosen = ask(federation_policy_, question, federation_rng_, world_.federation.hub());
    std::vector<PodId> again;
    std::vector<ClusterId> full;
    for (std::uint32_t row = 0; row < clusters.size(); ++row) {
      std::vector<PodId> here;
      Cores more;
      bool limited = false;
      for (std::size_t w = 0; w < left.size(); ++w) {
        if (chosen[w] != row) continue;
        const Cores request = applications_.component(left[w]).cpu_request;
        if (over_energy_limit(app, clusters[row], more + request)) {
          limited = true;
          last_reason_ = "the energy limit is reached";
          again.push_back(left[w]);
        } else {
          more += request;
          here.push_back(left[w]);
        }
      }
      if (limited) full.push_back(clusters[row]);
      if (here.empty()) continue;
      if (!place_in(clusters[row], app, here) && !limited) full.push_back(clusters[row]);
      for (const PodId pod : here)
        if (!world_.compute.bound(pod)) again.push_back(pod);
    }
    for (std::size_t w = 0; w < left.size(); ++w)
      if (chosen[w] == none) give_up(left[w], {});
    std::erase_if(clusters, [&](ClusterId c) { return std::find(full.begin(), full.end(), c) != full.end(); });
    if (full.empty() || clusters.empty()) {
      for (const PodId pod : again) give_up(pod, {});
      break;
    }
    left = std::move(again);
  }
}

bool Oracle::place_in(ClusterId cluster, ApplicationId app, const std::vector<PodId>& pods) {
  Question question = decisions_.pose(app, pods, PlacementProblem::Level::cluster);
  PlacementProblem& problem = question.problem;
  const Federation::Cluster& one = world_.federation.cluster(cluster);
  for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n)
    if (world_.up({n}) && !world_.cordoned({n})) problem.rows.push_back(decisions_.row_of(NodeId{n}, app, problem));
  const std::vector<std::uint32_t> chosen = ask(cluster_policy_, question, cluster_rng_, cluster);
  bool all = true;
  for (std::size_t w = 0; w < pods.size(); ++w) {
    if (chosen[w] == none)
      all = false;
    else
      settle(pods[w], cluster, NodeId{problem.rows[chosen[w]].id});
    all = all && world_.compute.bound(pods[w]);
  }
  return all;
}

std::vector<std::uint32_t> Oracle::ask(const std::shared_ptr<PlacementPolicy>& policy, Question& question, Rng& rng, ClusterId at) {
  const PlacementProblem& problem = question.problem;
  if (problem.rows.empty()) {
    last_reason_ = problem.level == PlacementProblem::Level::federation ? "no cluster is allowed" : "no node is up";
    return std::vector<std::uint32_t>(problem.workloads.size(), none);
  }
  Answer answer = decisions_.ask(policy, question, rng, at);
  for (const std::string& reason : answer.reasons)
    if (!reason.empty()) last_reason_ = reason;
  return std::move(answer.rows);
}

void Oracle::settle(PodId pod, ClusterId cluster, NodeId node) {
  const ComponentSpec& component = applications_.component(pod);
  if (!world_.reserve(node, component.cpu_request, component.memory_request)) {
    ++world_.metrics.refused;
    last_reason_ = "the policy chose a node over its capacity";
    return;
  }
  ++world_.metrics.decisions;
  world_.metrics.decision_age.add(0);
  world_.trace.emit(now(), Decided{pod, applications_.application(pod), cluster, node, Outcome::done});
  if (const auto found = leaving_.find(pod.index); found != leaving_.end() && !migrations_.planned(pod)) {
    const PodId old = found->second;
    leaving_.erase(found);
    end(old, PodPhase::gone);
    applications_.retire(old);
  }
  if (last_node_[pod.index]) ++world_.metrics.moves;
  last_node_[pod.index] = node;
  applications_.bind(pod, node);
  bringing_up_[pod.index] = bring_up(pod);
}

void Oracle::give_up(PodId pod, ClusterId cluster) {
  ++world_.metrics.decisions;
  ++world_.metrics.infeasible;
  world_.trace.emit(now(), Decided{pod, applications_.application(pod), cluster, {}, Outcome::refused});
  pending_.push_back(pod);
}

void Oracle::client_moved(ClientId client, ClusterId cluster) {
  requests_.located(client, cluster);
  if (on_located) on_located(requests_.application(client));
}

std::vector<PodId> Oracle::standing(ApplicationId app) const {
  std::vector<PodId> all;
  for (std::uint32_t c = 0; c < applications_.spec(app).components.size(); ++c)
    for (const PodId pod : applications_.replicas_of(applications_.service(app, c)))
      if (world_.compute.bound(pod) && !leaving_.contains(pod.index) && !draining_.contains(pod.index)) all.push_back(pod);
  return all;
}

std::optional<MigrationProblem> Oracle::migration(ApplicationId app) const {
  MigrationProblem problem;
  const std::vector<PodId> pods = standing(app);
  problem.placement = decisions_.pose(app, pods, PlacementProblem::Level::federation).problem;
  for (std::uint32_t c = 0; c < world_.federation.cluster_count(); ++c) {
    const PlacementProblem::Row row = decisions_.row_of(ClusterId{c}, app);
    problem.rows.push_back({c, row.client_latency, row.client_latency});
    problem.placement.rows.push_back(row);
    for (std::uint32_t i = 0; i < pods.size(); ++i) {
      const ComponentSpec& component = applications_.component(pods[i]);
      if (c == 0) {
        const bool ready = applications_.phase(pods[i]) == PodPhase::ready;
        problem.replicas.push_back({applications_.component_number(pods[i]),
                                    world_.federation.cluster_of(applications_.node(pods[i])).index,
                                    component.state,
                                    ready && !has_successor(pods[i]) && component.cluster.empty(),
                                    world_.cordoned(applications_.node(pods[i])),
                                    {}});
      }
      problem.replicas[i].allowed.push_back(allowed(applications_.spec(app), {c}) &&
                                            component.cpu_request <= row.largest_cpu_free &&
                                            component.memory_request <= row.largest_memory_free && row.pods < row.max_pods &&
                                            !over_energy_limit(app, {c}, component.cpu_request));
    }
  }
  decisions_.complete(problem);
  return problem;
}

// A new pod in the other cluster takes over when it is ready; where no state moves, the old one goes first.
void Oracle::migrate(ApplicationId app, std::uint32_t replica, ClusterId cluster) {
  const PodId old = standing(app)[replica];
  const PodId pod = applications_.spare(applications_.service(old));
  know(pod);
  wanted_since_[pod.index] = now();
  last_node_[pod.index] = {};
  leaving_[pod.index] = old;
  if (applications_.component(old).migration.mode != MigrationSpec::Mode::restart) migrations_.plan(old, pod);
  place_in(cluster, app, {pod});
  if (world_.compute.bound(pod)) {
    ++world_.metrics.moves;
    return;
  }
  // No node takes what the cluster seemed to have room for: the old one stays.
  leaving_.erase(pod.index);
  migrations_.cancel(pod);
  applications_.retire(pod);
}

Process Oracle::drain(PodId pod) {
  co_await delay(grace);
  bringing_up_[pod.index] = {};  // this, which ends by itself
  draining_.erase(pod.index);
  end(pod, PodPhase::gone);
  applications_.retire(pod);
}

void Oracle::know(PodId pod) {
  if (pod.index < wanted_since_.size()) return;
  bringing_up_.resize(pod.index + 1), wanted_since_.resize(pod.index + 1), last_node_.resize(pod.index + 1);
}

Process Oracle::bring_up(PodId pod) {
  co_await kubelet_.bring_up(pod);
  if (const auto found = leaving_.find(pod.index); found != leaving_.end()) {
    const PodId old = found->second;
    leaving_.erase(found);
    audit(world_, applications_, data_, pod);
    if (world_.compute.bound(old)) {
      draining_.insert(old.index);
      bringing_up_[old.index] = drain(old);
    } else {
      applications_.retire(old);
    }
    co_return;
  }
  const Seconds wanted = wanted_since_[pod.index];
  world_.metrics.deployment_time.add((now() - wanted).value);
  if (wanted > applications_.spec(applications_.application(pod)).submit_at)
    world_.metrics.recovery_time.add((now() - wanted).value);
  audit(world_, applications_, data_, pod);
}

}  // namespace codecosim
