#include "models/orchestration/codeco/codeco.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace codecosim {

namespace {
constexpr std::uint32_t none = PlacementProblem::none;
constexpr Seconds resubmit{10};         // a user, or what submits for one, tries again
constexpr Bytes location_update{200};   // which device is at which cell
constexpr Seconds between_retries{10};  // of what no cluster would take
const std::vector<Taint> untainted;
const Labels any;

bool contains(const std::vector<ClusterId>& all, ClusterId one) { return std::find(all.begin(), all.end(), one) != all.end(); }
}  // namespace

Codeco::Codeco(World& world, Applications& applications, Requests& requests, Kubelet& kubelet, Datasets& datasets,
               Migrations& migrations, Decisions& decisions, const ControlPlaneSpec& spec,
               const Registry<PlacementPolicy>::Choice& placement, const Registry<PlacementPolicy>::Choice& scheduler)
    : world_(world),
      applications_(applications),
      requests_(requests),
      datasets_(datasets),
      migrations_(migrations),
      decisions_(decisions),
      spec_(spec),
      wire_(world),
      kubernetes_(world, applications, kubelet, datasets, decisions, spec_.kubernetes, scheduler.make()),
      located_(requests.client_count()),
      apps_(applications.count()),
      views_(world.federation.cluster_count()),
      neighbours_(world.federation.cluster_count()) {
  const std::vector<ClusterId> at = world.federation.hubs();
  std::vector<Hub*> hubs;
  for (const ClusterId cluster : at) {
    auto& desk = desks_.emplace_back(std::make_unique<Desk>(world.rng.stream("policy/placement").stream(cluster.index),
                                                            world.rng.stream("policy/partition").stream(cluster.index)));
    desk->hub = std::make_unique<Hub>(world, wire_, kubernetes_, cluster, spec_.hub, spec_.ocm);
    desk->policy = placement.make();
    if (spec_.neighbourhood.partition.make) desk->partition = spec_.neighbourhood.partition.make();
    hubs.push_back(desk->hub.get());
  }
  std::vector<ClusterId> managed;
  for (std::uint32_t c = 0; c < world.federation.cluster_count(); ++c)
    if (!world.federation.cluster_spec({c}).hub || spec_.ocm.local_cluster) managed.push_back({c});
  spokes_ = std::make_unique<Spokes>(world, wire_, kubernetes_, spec_.ocm, hubs, managed);
  telemetry_ = std::make_unique<Telemetry>(world, wire_, kubernetes_, *spokes_, spec_.telemetry, spec_.context, hubs);
  mdm_ = std::make_unique<Mdm>(world, wire_, kubernetes_, *spokes_, spec_.mdm, hubs);
  netma_ = std::make_unique<Netma>(world, wire_, spec_.netma, at.front());
  channels_ = std::make_unique<Channels>(world, applications, wire_, *netma_, spec_.channels, at.front());

  decisions_.known_latency = [this](ClusterId from, ClusterId to) { return known_latency(from, to); };
  decisions_.reserved = [this](LinkId link) { return channels_->reserved(link); };
  kubernetes_.on_change = [this](ClusterId c, PodId pod, Kubernetes::Stage stage) { pod_changed(c, pod, stage); };
  kubernetes_.on_ready = [this](PodId pod) { audit(world_, applications_, datasets_, pod); };
  telemetry_->on_written = [this](ClusterId c, const ClusterState& state) { heard(c, state); };
  mdm_->on_fact = [this](const Mdm::Key& key, const Mdm::Fact&) { learnt(key); };
  datasets_.on_copy = [this](std::uint32_t data, ClusterId c) { mdm_->tell(c, {Mdm::Key::Kind::copy, c.index, data}, 1); };
  channels_->out_of_qos = [this](ApplicationId app, std::uint32_t channel) { move_callee(app, channel); };
  for (const auto& desk : desks_) {
    desk->hub->on_unknown = [this, &desk = *desk](ClusterId c) { became_unknown(desk, c); };
    desk->hub->on_available = [this, &desk = *desk](ClusterId c) { became_available(desk, c); };
    desk->hub->on_status = [this](ClusterId c, const StatusReport& report) { reported(c, report); };
    desk->hub->deliver = [this](const Work& work) { spokes_->receive(work); };
  }
  for (std::uint32_t c = 0; c < world.federation.cluster_count(); ++c) {
    mdm_->know({Mdm::Key::Kind::security, c, 0}, static_cast<std::uint32_t>(world.security({c})));
    for (std::uint32_t d = 0; d < datasets.specs().size(); ++d)
      if (datasets.has(d, {c})) mdm_->know({Mdm::Key::Kind::copy, c, d}, 1);
  }
}

void Codeco::start() {
  spokes_->start();
  telemetry_->start();
  if (decisions_.costs())
    for (const auto& desk : desks_) publish_scores(*desk);
  for (std::uint32_t c = 0; c < world_.federation.cluster_count(); ++c) {
    if (!spokes_->managed({c})) continue;
    const ClusterId hub = desks_[spokes_->hub_of({c})]->hub->at();
    if (spec_.probes != ControlPlaneSpec::Probes::none && hub.index != c) netma_->watch({c}, hub), netma_->watch(hub, {c});
    if (spec_.neighbourhood.partition.name != "none") exchange({c});
  }
}

void Codeco::use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) {
  for (const auto& desk : desks_) desk->policy = placement();
  kubernetes_.use(scheduler());
}

// From the user's CodecoApp to a decision.

void Codeco::submit(ApplicationId id) {
  applications_.submitted(id);
  admit(id);
  if (applications_.spec(id).delete_at < forever) remove(id);
}

Task<> Codeco::until_sent(ClusterId from, Hub& hub, Bytes size) {
  for (;;) {
    Outcome outcome = co_await wire_.send(Plane::desired_state, from, hub.at(), size);
    if (outcome == Outcome::done) outcome = co_await hub.serve();
    if (outcome == Outcome::done) co_return;
    co_await delay(resubmit);
  }
}

Process Codeco::admit(ApplicationId id) {
  App& app = this->app(id);
  const ApplicationSpec& spec = applications_.spec(id);
  const std::vector<PodId> pods = applications_.pods_of(id);
  const auto home = world_.federation.find_cluster(numbered(spec.by, applications_.number(id)));
  app.life = Life::submitted;
  app.hub = home ? spokes_->hub_of(*home) : id.index % static_cast<std::uint32_t>(desks_.size());
  for (const PodId pod : pods) app.replicas.emplace_back(pod, now());
  Desk& desk = *desks_[app.hub];
  co_await until_sent(home.value_or(desk.hub->at()), *desk.hub, spec_.ocm.manifest * static_cast<double>(1 + pods.size()));
  {
    const Server::Turn turn = co_await desk.acm.enter();
    co_await delay(spec_.acm.wait + spec_.acm.reconcile);
  }
  co_await kubernetes_.wait_alive(desk.hub->at());
  if (app.life != Life::submitted) co_return;  // deleted meanwhile
  app.life = Life::admitted;
  decide(id);
}

Process Codeco::remove(ApplicationId id) {
  App& app = this->app(id);
  co_await until(applications_.spec(id).delete_at);
  applications_.deleted(id);
  Desk& desk = this->desk(id);
  co_await until_sent(desk.hub->at(), *desk.hub, spec_.ocm.request);
  app.life = Life::deleting;
  {
    const Server::Turn turn = co_await desk.acm.enter();
    co_await delay(spec_.acm.wait + spec_.acm.reconcile);
  }
  channels_->remove(id);
  std::vector<ClusterId> at;
  for (Replica& one : app.replicas)
    if (one.cluster && !contains(at, one.cluster)) at.push_back(one.cluster);
  for (const ClusterId cluster : at) forget(cluster);
  for (Replica& one : app.replicas)
    if (one.leaving && !contains(at, one.leaving_from)) at.push_back(one.leaving_from);
  for (const ClusterId cluster : at) {
    desk.hub->issue(cluster, id, {}, {});
  }
  if (at.empty()) app.life = Life::deleted;
}

Process Codeco::decide(ApplicationId id) {
  App& app = this->app(id);
  app.again = true;
  if (std::exchange(app.deciding, true)) co_return;
  while (std::exchange(app.again, false)) {
    co_await kubernetes_.wait_alive(desk(id).hub->at());
    co_await place(id);
  }
  app.deciding = false;
}

Task<> Codeco::place(ApplicationId id) {
  App& app = this->app(id);
  Desk& desk = this->desk(id);
  const Server::Turn turn = co_await desk.solver.enter();
  if (app.life != Life::admitted) co_return;
  const auto wanting = [&] {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < app.replicas.size(); ++i)
      if (!app.replicas[i].cluster || app.replicas[i].move != Replica::Move::none) all.push_back(i);
    return all;
  };
  if (wanting().empty()) co_return;
  std::string excluded;
  if (spec_.neighbourhood.partition.name != "none" && app.neighbours.empty()) form(id, candidates(id, excluded));
  const std::vector<ClusterId> clusters = candidates(id, excluded);
  co_await delay(spec_.acm.solve + spec_.acm.solve_row * static_cast<double>(wanting().size() * clusters.size()));
  const std::vector<std::size_t> which = wanting();
  if (which.empty() || app.life != Life::admitted) co_return;

  std::vector<PodId> pods;
  for (const std::size_t i : which) pods.push_back(app.replicas[i].pod);
  Question question = decisions_.pose(id, pods, PlacementProblem::Level::federation);
  PlacementProblem& problem = question.problem;
  for (const ClusterId cluster : clusters) problem.rows.push_back(row_of(cluster, id));
  for (std::size_t w = 0; w < which.size(); ++w) {
    PlacementProblem::Workload& workload = problem.workloads[w];
    const Replica& replica = app.replicas[which[w]];
    workload.allowed = allowed(id, replica, clusters);
    // Where it is unschedulable it holds nothing.
    const auto current = std::find(clusters.begin(), clusters.end(), replica.cluster);
    if (current != clusters.end() && replica.known != Kubernetes::Stage::unschedulable)
      workload.current = static_cast<std::uint32_t>(current - clusters.begin());
  }
  Answer answer = problem.rows.empty() ? Answer{std::vector(which.size(), none), std::vector(which.size(), excluded)}
                                       : decisions_.ask(desk.policy, question, desk.rng, desk.hub->at());
  std::vector<ClusterId> touched;
  bool waits = false;
  for (std::size_t w = 0; w < which.size(); ++w) {
    Replica& replica = app.replicas[which[w]];
    std::uint32_t row = answer.rows[w];
    if (row != none && over_energy_limit(id, replica, clusters[row]))
      row = none, answer.reasons[w] = "the energy limit is reached.";
    ++world_.metrics.decisions;
    if (row == none) {
      world_.trace.emit(now(), Decided{replica.pod, id, {}, {}, Outcome::refused});
      ++world_.metrics.infeasible;
      const auto over =
          std::count_if(clusters.begin(), clusters.end(), [&](ClusterId c) { return over_energy_limit(id, replica, c); });
      replica.reason = answer.reasons[w];
      if (over > 0) replica.reason += fmt::format(" Of these {} cluster(s) broke the rule on {}.", over, name(Rule::energy));
      if (!problem.rows.empty() && !excluded.empty()) replica.reason += " Not offered: " + excluded + ".";
      waits = true;
      continue;
    }
    world_.metrics.decision_age.add(problem.rows[row].age.value);
    if (clusters[row] == replica.cluster)
      replica.move = Replica::Move::none;
    else
      assign(id, replica, clusters[row], touched);
    world_.trace.emit(now(), Decided{replica.pod, id, clusters[row], {}, Outcome::done});
  }
  for (const ClusterId cluster : touched) issue(id, cluster);
  if (!touched.empty()) connect_channels(id);
  if (waits) wait(id);
}

void Codeco::wait(ApplicationId id) {
  auto& waiting = desk(id).waiting;
  if (std::find(waiting.begin(), waiting.end(), id) == waiting.end()) waiting.push_back(id);
}

// The clusters on offer, and how many were left out for which reason.
std::vector<ClusterId> Codeco::candidates(ApplicationId id, std::string& excluded) const {
  const App& app = apps_[id.index];
  const Hub& hub = *desks_[app.hub]->hub;
  const ApplicationSpec& spec = applications_.spec(id);
  std::vector<ClusterId> scope = app.neighbours;
  std::vector<ClusterId> pins;
  for (const Replica& replica : app.replicas) {
    const auto pin =
        world_.federation.find_cluster(numbered(applications_.component(replica.pod).cluster, applications_.number(id)));
    if (pin && !contains(pins, *pin)) pins.push_back(*pin);
    if (!pin) {
      pins.clear();
      break;
    }
  }
  std::sort(pins.begin(), pins.end());
  if (!pins.empty()) scope = pins;
  if (scope.empty()) scope = hub.clusters();
  std::map<std::string, int> counts;
  std::vector<ClusterId> all;
  for (const ClusterId cluster : scope) {
    const auto broken = broken_rule(spec, datasets_, world_.federation, cluster, security_known(cluster));
    if (!hub.joined(cluster))
      ++counts["cluster(s) had not joined"];
    else if (broken)
      ++counts[fmt::format("cluster(s) broke the rule on {}", name(*broken))];
    else if (!hub.available(cluster))
      ++counts["cluster(s) were unreachable"];
    else if (!views_[cluster.index].heard)
      ++counts["cluster(s) had not told their state yet"];
    else
      all.push_back(cluster);
  }
  std::string texts;
  for (const auto& [text, count] : counts) texts += fmt::format("{}{} {}", texts.empty() ? "" : ", ", count, text);
  excluded = texts;
  if (all.empty())
    excluded = fmt::format("0/{} clusters are available: {}.", scope.size(),
                           texts.empty() ? "none has joined " + world_.federation.name(hub.at()) : texts);
  return all;
}

// As the hub has it, less what it has decided since.
PlacementProblem::Row Codeco::row_of(ClusterId cluster) const {
  const View& view = views_[cluster.index];
  const ClusterState& state = view.state;
  PlacementProblem::Row row;
  row.id = cluster.index;
  row.name = world_.federation.name(cluster);
  row.nodes = state.nodes, row.pods = state.pods, row.max_pods = state.max_pods;
  row.cpu = state.cpu, row.cpu_free = state.cpu_free, row.largest_cpu_free = state.largest_cpu_free;
  row.memory = state.memory, row.memory_free = state.memory_free, row.largest_memory_free = state.largest_memory_free;
  for (const View::Promise& one : view.promised) row.cpu_free -= one.cpu, row.memory_free -= one.memory, ++row.pods;
  row.labels = &world_.federation.cluster_spec(cluster).labels, row.taints = &untainted;
  row.cpu_busy = state.cpu_busy, row.monitored = state.monitored;
  row.decisions = view.decisions, row.scores = view.scores;
  for (std::uint32_t d = 0; d < datasets_.specs().size(); ++d)
    if (const Mdm::Fact* fact = mdm_->at_hub({Mdm::Key::Kind::copy, cluster.index, d}); fact && fact->value) row.data.push_back(d);
  row.age = now() - state.taken;
  return row;
}

PlacementProblem::Row Codeco::row_of(ClusterId cluster, ApplicationId id) const {
  PlacementProblem::Row row = row_of(cluster);
  const App& app = apps_[id.index];
  for (const Replica& one : app.replicas)
    if (one.cluster == cluster) row.components.push_back(applications_.component_number(one.pod));
  if (!row.components.empty()) --row.decisions;
  row.client_latency = client_latency(id, cluster);
  return row;
}

// PDLC scores the clusters as the hub knows them, against each other.
Process Codeco::publish_scores(Desk& desk) {
  for (;;) {
    co_await delay(spec_.pdlc.refresh);
    if (!world_.alive(desk.hub->at())) continue;
    PlacementProblem problem;
    problem.level = PlacementProblem::Level::federation, problem.now = now();
    for (const ClusterId cluster : desk.hub->clusters())
      if (views_[cluster.index].heard) problem.rows.push_back(row_of(cluster));
    const std::vector<AddOnScore> scores = decisions_.scores(problem);
    for (std::size_t row = 0; row < scores.size(); ++row) {
      views_[problem.rows[row].id].scores = {scores[row]};
      views_[problem.rows[row].id].scores.front().valid_until = now() + spec_.pdlc.valid;
    }
  }
}

// What NetMA has measured of the way itself; where it has not, what the links are built for. Put together from the ways to the hub
// it would make all clusters look near to those that are near the hub.
Seconds Codeco::known_latency(ClusterId from, ClusterId to) const {
  const auto seen = from == to ? std::nullopt : netma_->probed(from, to);
  return seen && seen->latency < forever ? seen->latency : world_.network.latency(from, to);
}

Seconds Codeco::client_latency(ApplicationId id, ClusterId cluster) const {
  const std::vector<ClusterId>& clients = requests_.clients_of(id);
  Seconds sum;
  for (const ClusterId client : clients) sum += known_latency(client, cluster);
  return clients.empty() ? Seconds(0) : sum / static_cast<double>(clients.size());
}

std::vector<bool> Codeco::allowed(ApplicationId id, const Replica& replica, const std::vector<ClusterId>& clusters) const {
  const ComponentSpec& component = applications_.component(replica.pod);
  const auto pin = world_.federation.find_cluster(numbered(component.cluster, applications_.number(id)));
  std::vector<bool> mask;
  // A cluster that cannot place it goes on trying by itself: the question is where else.
  const ClusterId stuck = replica.known == Kubernetes::Stage::unschedulable ? replica.cluster : ClusterId{};
  for (const ClusterId cluster : clusters)
    mask.push_back((!pin || *pin == cluster) && cluster != stuck && !contains(replica.turned_away, cluster) &&
                   !over_energy_limit(id, replica, cluster));
  return mask;
}

bool Codeco::over_energy_limit(ApplicationId id, const Replica& replica, ClusterId cluster) const {
  const ApplicationSpec& spec = applications_.spec(id);
  if (spec.energy_limit >= 1) return false;
  Cores cores = applications_.component(replica.pod).cpu_request;
  for (const Replica& one : apps_[id.index].replicas)
    if (&one != &replica && one.cluster == cluster) cores += applications_.component(one.pod).cpu_request;
  return energy_share(world_.federation, cluster, cores) > spec.energy_limit;
}

Security Codeco::security_known(ClusterId cluster) const {
  return static_cast<Security>(mdm_->at_hub({Mdm::Key::Kind::security, cluster.index, 0})->value);
}

// An application has no replica in a cluster any more.
void Codeco::forget(ClusterId cluster) {
  ensure(views_[cluster.index].decisions > 0, "a cluster was left that had not been chosen");
  --views_[cluster.index].decisions;
}

// A replica is in another cluster now, by decision or because a neighbour took it.
void Codeco::relocate(ApplicationId id, Replica& replica, ClusterId cluster) {
  const App& app = this->app(id);
  const auto at = [&](ClusterId c) {
    return std::any_of(app.replicas.begin(), app.replicas.end(), [&](const Replica& one) { return one.cluster == c; });
  };
  const ClusterId old = replica.cluster;
  if (!at(cluster)) ++views_[cluster.index].decisions;
  replica.cluster = cluster;
  if (old && !at(old)) forget(old);
  replica.known = Kubernetes::Stage::absent;
}

void Codeco::assign(ApplicationId id, Replica& replica, ClusterId cluster, std::vector<ClusterId>& touched) {
  const ClusterId old = replica.cluster;
  if (old) {
    // The old pod may run until its cluster hears of this, so this one needs another name.
    std::erase_if(views_[old.index].promised, [&](const View::Promise& one) { return one.pod == replica.pod; });
    replica.pod = applications_.spare(applications_.service(replica.pod));
    ++world_.metrics.moves;
    if (!contains(touched, old)) touched.push_back(old);
    if (replica.leaving) migrations_.plan(replica.leaving, replica.pod);
  }
  relocate(id, replica, cluster);
  replica.move = Replica::Move::none;
  replica.reason.clear();
  const ComponentSpec& component = applications_.component(replica.pod);
  views_[cluster.index].promised.push_back({replica.pod, component.cpu_request, component.memory_request});
  if (!contains(touched, cluster)) touched.push_back(cluster);
}

void Codeco::issue(ApplicationId id, ClusterId cluster) {
  std::vector<PodId> pods;
  std::vector<Seconds> since;
  for (const Replica& one : app(id).replicas) {
    if (one.cluster == cluster) pods.push_back(one.pod), since.push_back(one.since);
    if (one.leaving && one.leaving_from == cluster) pods.push_back(one.leaving), since.push_back(one.since);
  }
  // What is deleted is wanted nowhere, whatever else is heard of it.
  if (app(id).life >= Life::deleting) pods.clear(), since.clear();
  desk(id).hub->issue(cluster, id, std::move(pods), std::move(since));
}

void Codeco::connect_channels(ApplicationId id) {
  std::vector<std::pair<std::uint32_t, ClusterId>> placement;
  for (const Replica& one : app(id).replicas)
    if (one.cluster) placement.emplace_back(applications_.component_number(one.pod), one.cluster);
  channels_->require(id, placement);
}

Codeco::Replica* Codeco::replica(PodId pod) {
  for (Replica& one : app(applications_.application(pod)).replicas)
    if (one.pod == pod) return &one;
  return nullptr;
}

// Migration.

void Codeco::client_moved(ClientId client, ClusterId cluster) { locate(client, cluster); }

Process Codeco::locate(ClientId client, ClusterId cluster) {
  const std::uint32_t move = ++located_[client.index];
  const ApplicationId id = requests_.application(client);
  for (;;) {
    const Hub& hub = *desk(id).hub;
    const Outcome outcome = co_await wire_.send(Plane::topology, cluster, hub.at(), location_update);
    if (located_[client.index] != move) co_return;  // it has moved on
    if (outcome == Outcome::done && world_.alive(hub.at())) break;
    co_await delay(resubmit);
  }
  requests_.located(client, cluster);
  if (on_located) on_located(id);
}

void Codeco::cordoned(NodeId node) { tell_cordoned(node); }

Process Codeco::tell_cordoned(NodeId node) {
  const ClusterId cluster = world_.federation.cluster_of(node);
  Hub& hub = *desks_[spokes_->hub_of(cluster)]->hub;
  co_await until_sent(cluster, hub, spec_.ocm.request);
  if (!world_.cordoned(node) || !world_.up(node)) co_return;  // too late
  cordoned_.insert(node.index);
  if (on_cordoned) on_cordoned(node);
}

std::optional<MigrationProblem> Codeco::migration(ApplicationId id) const {
  const App& app = apps_[id.index];
  if (app.life != Life::admitted || app.deciding || !world_.alive(desks_[app.hub]->hub->at())) return std::nullopt;
  std::string excluded;
  std::vector<ClusterId> clusters = candidates(id, excluded);
  for (const Replica& one : app.replicas)
    if (one.cluster && !contains(clusters, one.cluster)) clusters.push_back(one.cluster);
  if (clusters.empty()) return std::nullopt;
  std::sort(clusters.begin(), clusters.end());
  MigrationProblem problem;
  std::vector<PodId> pods;
  for (const Replica& one : app.replicas) pods.push_back(one.pod);
  problem.placement = decisions_.pose(id, pods, PlacementProblem::Level::federation).problem;
  std::vector<ClusterState> states;
  for (const ClusterId cluster : clusters) {
    const PlacementProblem::Row row = row_of(cluster, id);
    problem.rows.push_back({cluster.index, row.client_latency, row.client_latency});
    problem.placement.rows.push_back(row);
    ClusterState state = views_[cluster.index].state;
    state.cpu_free = row.cpu_free, state.memory_free = row.memory_free, state.pods = row.pods;
    states.push_back(state);
  }
  for (const Replica& one : app.replicas) {
    const ComponentSpec& component = applications_.component(one.pod);
    const auto at = std::find(clusters.begin(), clusters.end(), one.cluster);
    MigrationProblem::Replica replica;
    replica.component = applications_.component_number(one.pod), replica.state = component.state;
    replica.row = at == clusters.end() ? 0 : static_cast<std::uint32_t>(at - clusters.begin());
    replica.movable = one.known == Kubernetes::Stage::ready && one.move == Replica::Move::none && !one.leaving && one.cluster;
    replica.draining = world_.compute.bound(one.pod) && cordoned_.contains(applications_.node(one.pod).index);
    replica.allowed = allowed(id, one, clusters);
    for (std::size_t c = 0; c < clusters.size(); ++c) replica.allowed[c] = replica.allowed[c] && fits(states[c], component);
    problem.replicas.push_back(std::move(replica));
  }
  decisions_.complete(problem);
  return problem;
}

void Codeco::migrate(ApplicationId id, std::uint32_t number, ClusterId cluster) {
  Replica& replica = app(id).replicas[number];
  const PodId old = replica.pod;
  const ClusterId from = replica.cluster;
  std::vector<ClusterId> touched;
  replica.since = now();
  assign(id, replica, cluster, touched);
  world_.trace.emit(now(), Decided{replica.pod, id, cluster, {}, Outcome::done});
  if (applications_.component(old).migration.mode != MigrationSpec::Mode::restart) {
    replica.leaving = old, replica.leaving_from = from, replica.left = Kubernetes::Stage::ready;
    migrations_.plan(old, replica.pod);
  }
  for (const ClusterId one : touched) issue(id, one);
  connect_channels(id);
}

// The new pod serves: the old one goes.
void Codeco::settled(ApplicationId id, Replica& replica) {
  if (!replica.leaving) return;
  replica.leaving = {};
  issue(id, std::exchange(replica.leaving_from, {}));
}

// No room for the new pod: the old one serves on.
void Codeco::return_home(ApplicationId id, Replica& replica) {
  const ClusterId there = replica.cluster;
  migrations_.cancel(replica.pod);
  std::erase_if(views_[there.index].promised, [&](const View::Promise& one) { return one.pod == replica.pod; });
  replica.pod = std::exchange(replica.leaving, {});
  relocate(id, replica, std::exchange(replica.leaving_from, {}));
  replica.known = replica.left;
  issue(id, there);
  issue(id, replica.cluster);
  connect_channels(id);
  // It may have been lost meanwhile.
  if (replica.known != Kubernetes::Stage::unschedulable) return;
  replica.leave(Replica::Move::unschedulable, "no node of its cluster takes it.", now());
  decide(id);
}

bool Codeco::serves(const Replica& replica) const {
  return kubernetes_.stage(replica.pod) == Kubernetes::Stage::ready ||
         (replica.leaving && kubernetes_.stage(replica.leaving) == Kubernetes::Stage::ready);
}

// What a hub hears.

void Codeco::heard(ClusterId cluster, const ClusterState& state) {
  View& view = views_[cluster.index];
  const bool better = !view.heard || state.nodes > view.state.nodes || state.cpu_free > view.state.cpu_free;
  view.state = state;
  view.heard = true;
  std::erase_if(view.promised, [&](const View::Promise& one) { return one.confirmed <= state.taken; });
  if (better) wake(*desks_[spokes_->hub_of(cluster)]);
}

void Codeco::confirm(PodId pod, ClusterId cluster) {
  for (View::Promise& promise : views_[cluster.index].promised)
    if (promise.pod == pod) promise.confirmed = std::min(promise.confirmed, now());
}

void Codeco::reported(ClusterId cluster, const StatusReport& report) {
  for (const StatusReport::OfPod& one : report.pods) {
    const ApplicationId id = applications_.application(one.pod);
    Replica* replica = this->replica(one.pod);
    if (!replica || replica->cluster != cluster) {
      // A neighbour took it, and the hub has placed the replica elsewhere meanwhile: the hub's will is done.
      if (!replica && one.at != cluster && app(id).life != Life::unknown) ++world_.metrics.reconciled, issue(id, one.at);
      for (Replica& other : app(id).replicas)
        if (other.leaving == one.pod) other.left = one.stage;
      continue;
    }
    if (app(id).life >= Life::deleting) {
      if (one.at != cluster) issue(id, one.at);
      confirm(one.pod, cluster);
      continue;
    }
    if (one.at != cluster) {
      relocate(id, *replica, one.at);
      issue(id, cluster);
      issue(id, one.at);
      connect_channels(id);
      continue;
    }
    replica->known = one.stage;
    confirm(one.pod, cluster);
    if (one.stage == Kubernetes::Stage::ready) {
      replica->turned_away.clear();
      replica->stay(Replica::Move::unschedulable);
      settled(id, *replica);
    }
    if (one.stage == Kubernetes::Stage::unschedulable && replica->leaving) {
      return_home(id, *replica);
      continue;
    }
    if (one.stage != Kubernetes::Stage::unschedulable || app(id).life != Life::admitted) continue;
    replica->leave(Replica::Move::unschedulable, one.reason, one.since);
    if (!contains(replica->turned_away, cluster)) replica->turned_away.push_back(cluster);
    if (replica->turned_away.size() <= spec_.acm.attempts)
      decide(id);
    else
      wait(id);
  }
  for (const StatusReport::OfWork& one : report.works) {
    App& app = this->app(one.application);
    if (app.life != Life::deleting) continue;
    // What was decided and never came to run has no report of its own.
    for (View::Promise& promise : views_[cluster.index].promised)
      if (applications_.application(promise.pod) == one.application) promise.confirmed = std::min(promise.confirmed, now());
    if (desk(one.application).hub->applied_everywhere(one.application)) app.life = Life::deleted;
  }
}

void Codeco::became_unknown(Desk& desk, ClusterId cluster) {
  const Taint unreachable{"cluster.open-cluster-management.io/unreachable", "", Taint::Effect::no_select};
  for (const ApplicationId id : desk.hub->applications(cluster)) {
    const App& app = this->app(id);
    for (std::size_t i = 0; i < app.replicas.size(); ++i) {
      if (app.replicas[i].cluster != cluster) continue;
      Seconds patience = spec_.ocm.toleration;
      for (const Toleration& one : applications_.component(app.replicas[i].pod).tolerations)
        if (one.tolerates(unreachable)) patience = one.duration;
      expel(id, i, cluster, patience);
    }
  }
}

Process Codeco::expel(ApplicationId id, std::size_t i, ClusterId cluster, Seconds after) {
  const Hub& hub = *desk(id).hub;
  const Seconds since = hub.unreachable_since(cluster);
  if (after >= forever) co_return;
  co_await delay(after);
  co_await kubernetes_.wait_alive(hub.at());
  Replica& replica = app(id).replicas[i];
  if (hub.available(cluster) || hub.unreachable_since(cluster) != since || replica.cluster != cluster) co_return;
  replica.leave(Replica::Move::unreachable, "its cluster is unreachable.", since);
  decide(id);
}

void Codeco::became_available(Desk& desk, ClusterId cluster) {
  for (const ApplicationId id : desk.hub->applications(cluster))
    for (Replica& replica : app(id).replicas)
      if (replica.cluster == cluster) replica.stay(Replica::Move::unreachable);
  wake(desk);
}

void Codeco::learnt(const Mdm::Key& key) {
  const ClusterId cluster{key.cluster};
  Desk& desk = *desks_[spokes_->hub_of(cluster)];
  if (key.kind == Mdm::Key::Kind::security)
    for (const ApplicationId id : desk.hub->applications(cluster)) {
      const auto broken = broken_rule(applications_.spec(id), datasets_, world_.federation, cluster, security_known(cluster));
      for (Replica& replica : app(id).replicas) {
        if (replica.cluster != cluster) continue;
        if (broken)
          replica.leave(Replica::Move::rule, "its cluster breaks a rule.", now());
        else
          replica.stay(Replica::Move::rule);
      }
      if (broken) decide(id);
    }
  wake(desk);
}

// A channel that its path no longer serves is worth another place of the component that it leads to.
void Codeco::move_callee(ApplicationId id, std::uint32_t channel) {
  if (app(id).life != Life::admitted) return;
  const std::uint32_t callee = applications_.spec(id).channels[channel].to;
  for (Replica& replica : app(id).replicas)
    if (replica.cluster && applications_.component_number(replica.pod) == callee)
      replica.leave(Replica::Move::quality, "a channel to it is out of its quality.", now());
  decide(id);
}

// What nothing would take is asked for again when something has become better, but not at every word.
void Codeco::wake(Desk& desk) {
  if (!desk.waiting.empty() && !std::exchange(desk.retrying, true)) retry(desk);
}

Process Codeco::retry(Desk& desk) {
  const Seconds earliest = std::max(now(), desk.retried + between_retries);
  co_await until(earliest);
  desk.retried = now();
  desk.retrying = false;
  const std::vector<ApplicationId> again = std::exchange(desk.waiting, {});
  for (const ApplicationId id : again) {
    for (Replica& replica : app(id).replicas) replica.turned_away.clear();
    decide(id);
  }
}

// Inside the clusters.

void Codeco::node_down(NodeId node) { kubernetes_.node_down(node); }
void Codeco::node_up(NodeId node) { kubernetes_.node_up(node); }

void Codeco::pod_changed(ClusterId cluster, PodId pod, Kubernetes::Stage stage) {
  spokes_->changed(cluster, pod);
  if (stage == Kubernetes::Stage::absent && !replica(pod)) migrations_.cancel(pod), applications_.retire(pod);
  const bool neighbours = spec_.autonomy == ControlPlaneSpec::Autonomy::neighbourhood;
  if (stage == Kubernetes::Stage::unschedulable && neighbours && offered_.insert(pod.index).second) hand_over(cluster, pod);
}

void Codeco::security_changed(ClusterId cluster) {
  mdm_->tell(cluster, {Mdm::Key::Kind::security, cluster.index, 0}, static_cast<std::uint32_t>(world_.security(cluster)));
  const Federation::Cluster& one = world_.federation.cluster(cluster);
  for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n)
    for (const PodId pod : applications_.pods_on({n}))
      if (applications_.phase(pod) == PodPhase::ready) audit(world_, applications_, datasets_, pod);
}

// Neighbourhoods.

void Codeco::form(ApplicationId id, const std::vector<ClusterId>& clusters) {
  if (clusters.empty()) return;
  App& app = this->app(id);
  Desk& desk = this->desk(id);
  PartitionProblem problem;
  problem.application = applications_.name(id);
  for (const ClusterId cluster : clusters) {
    const ClusterState& state = views_[cluster.index].state;
    const Position& at = world_.federation.position(cluster);
    problem.rows.push_back({cluster.index, world_.federation.cluster_spec(cluster).provider, at.x, at.y, at.z, state.cpu,
                            state.cpu_free, state.memory, state.memory_free, client_latency(id, cluster), now() - state.taken});
  }
  const Neighbourhood formed = desk.partition->form(problem, desk.partition_rng);
  for (const std::uint32_t row : formed.members)
    if (row < clusters.size()) app.neighbours.push_back(clusters[row]);
  neighbourhood_size_.add(static_cast<double>(app.neighbours.size()));
  introduce(id);
}

// Every member is told who the others are, and says that it knows.
Process Codeco::introduce(ApplicationId id) {
  const std::vector<ClusterId> members = app(id).neighbours;
  const Hub& hub = *desk(id).hub;
  const Seconds begin = now();
  for (const ClusterId one : members) {
    const Outcome outcome = co_await wire_.send(Plane::desired_state, hub.at(), one,
                                                spec_.ocm.request + Bytes(100) * static_cast<double>(members.size()));
    if (outcome != Outcome::done) continue;
    auto& known = neighbours_[one.index];
    for (const ClusterId other : members) {
      const auto place =
          std::lower_bound(known.begin(), known.end(), other, [](const Neighbour& a, ClusterId b) { return a.cluster < b; });
      if (other == one || (place != known.end() && place->cluster == other)) continue;
      known.insert(place, {other, {}, false});
      if (spec_.probes == ControlPlaneSpec::Probes::neighbourhood) netma_->watch(one, other);
    }
  }
  formation_time_.add((now() - begin).value);
}

Process Codeco::exchange(ClusterId cluster) {
  Rng rng = world_.rng.stream("neighbourhood/exchange").stream(cluster.index);
  co_await delay(spec_.neighbourhood.exchange * rng.uniform());
  for (;;) {
    if (world_.alive(cluster))
      for (const Neighbour& one : neighbours_[cluster.index]) tell(cluster, one.cluster);
    co_await delay(spec_.neighbourhood.exchange);
  }
}

Process Codeco::tell(ClusterId from, ClusterId to) {
  const ClusterState state = kubernetes_.state(from);
  const Outcome outcome = co_await wire_.send(Plane::telemetry, from, to, spec_.neighbourhood.state);
  if (outcome != Outcome::done) co_return;
  for (Neighbour& one : neighbours_[to.index])
    if (one.cluster == from) one.state = state, one.heard = true;
}

bool Codeco::fits(const ClusterState& state, const ComponentSpec& component) {
  return component.cpu_request <= std::min(state.cpu_free, state.largest_cpu_free) &&
         component.memory_request <= std::min(state.memory_free, state.largest_memory_free) && state.pods < state.max_pods;
}

// While the hub can be reached, it is the hub's to find another place.
Process Codeco::hand_over(ClusterId from, PodId pod) {
  const ApplicationId id = applications_.application(pod);
  const ComponentSpec& component = applications_.component(pod);
  const auto waits = [&] { return kubernetes_.stage(pod) == Kubernetes::Stage::unschedulable; };
  while (waits()) {
    co_await delay(between_retries);
    if (!waits() || spokes_->connected(from) || !world_.alive(from)) continue;
    // By latency from here; who has not been heard of is not asked.
    std::vector<Neighbour> asked;
    for (const Neighbour& one : neighbours_[from.index])
      if (one.heard && contains(app(id).neighbours, one.cluster) && fits(one.state, component)) asked.push_back(one);
    std::stable_sort(asked.begin(), asked.end(), [&](const Neighbour& a, const Neighbour& b) {
      return world_.network.latency(from, a.cluster) < world_.network.latency(from, b.cluster);
    });
    for (const Neighbour& one : asked) {
      const ClusterId to = one.cluster;
      const bool pinned = !component.cluster.empty();
      const auto broken = broken_rule(applications_.spec(id), datasets_, world_.federation, to, one.state.security);
      if (pinned || broken) continue;
      const Outcome outcome = co_await wire_.send(Plane::desired_state, from, to, spec_.ocm.request + spec_.ocm.manifest);
      if (outcome != Outcome::done || !waits() || !world_.alive(to)) continue;
      // The neighbour judges by what it is now, not by what it said.
      const ClusterState there = kubernetes_.state(to);
      const auto breaks = broken_rule(applications_.spec(id), datasets_, world_.federation, to, there.security);
      if (breaks || !fits(there, component)) continue;
      const Seconds since = kubernetes_.wanted_since(pod);
      kubernetes_.remove(pod);
      kubernetes_.create(to, id, {pod}, since);
      spokes_->hand_over(id, pod, from, to);
      ++world_.metrics.handed_over;
      world_.metrics.decision_age.add((now() - one.state.taken).value);
      world_.trace.emit(now(), Decided{pod, id, to, {}, Outcome::done});
      co_await wire_.send(Plane::desired_state, to, from, spec_.ocm.request);
      break;
    }
  }
  offered_.erase(pod.index);
}

// What a run tells of it.

std::vector<Pending> Codeco::pending() const {
  std::vector<Pending> all;
  for (std::uint32_t a = 0; a < apps_.size(); ++a) {
    const App& app = apps_[a];
    if (app.life == Life::unknown || app.life == Life::deleted) continue;
    for (const Replica& one : app.replicas) {
      const Kubernetes::Stage stage = kubernetes_.stage(one.pod);
      std::string reason;
      if (app.life == Life::deleting)
        reason = "being deleted";
      else if (app.life == Life::submitted)
        reason = "waits for ACM";
      else if (!one.cluster)
        reason = one.reason.empty() ? "being placed" : one.reason;
      else if (serves(one))
        continue;
      else if (stage == Kubernetes::Stage::unschedulable)
        reason = kubernetes_.reason(one.pod) +
                 (one.reason.empty() || one.reason == kubernetes_.reason(one.pod) ? "" : " Elsewhere: " + one.reason);
      else if (stage == Kubernetes::Stage::absent)
        reason = desks_[app.hub]->hub->available(one.cluster) ? "its work is on its way"
                                                              : "its cluster is unreachable and has not heard of it";
      else
        reason = stage == Kubernetes::Stage::pending ? "waits for the scheduler" : "starting";
      all.push_back({one.pod, std::move(reason)});
    }
  }
  return all;
}

std::optional<std::vector<ClusterId>> Codeco::neighbours(ClusterId cluster) const {
  if (spec_.neighbourhood.partition.name == "none") return std::nullopt;
  std::vector<ClusterId> all;
  for (const Neighbour& one : neighbours_[cluster.index]) all.push_back(one.cluster);
  return all;
}

std::vector<Figure> Codeco::figures() const {
  const Metrics& m = world_.metrics;
  Figures figures;
  const auto count = [](auto n) { return static_cast<double>(n); };
  std::size_t running = 0, waiting = 0, deleted = 0, open = 0;
  for (const App& app : apps_) {
    const bool ready = std::all_of(app.replicas.begin(), app.replicas.end(), [&](const Replica& one) { return serves(one); });
    if (app.life == Life::deleted)
      ++deleted;
    else if (app.life == Life::admitted && ready)
      ++running;
    else if (app.life != Life::unknown)
      ++waiting;
  }
  for (const auto& desk : desks_)
    for (const ClusterId cluster : desk->hub->clusters()) open += desk->hub->open(cluster);
  const double span = now().value, workers = count(spec_.hub.workers * desks_.size());
  figures.count("applications.running", running, "Applications all of whose replicas are ready, at the end.");
  figures.count("applications.pending", waiting, "Applications submitted that are not, each with its reason in pending.json.");
  figures.count("applications.deleted", deleted, "Applications deleted, and gone from all clusters.");
  figures.add("replicas.duplicate", "s", applications_.duplicate_time().value,
              "Ready replicas beyond those asked for, times their time.");
  figures.count("replicas.reconciled", m.reconciled, "Pods that a neighbour had taken and the hub no longer wanted.");
  figures.count("replicas.handed_over", m.handed_over, "Pods that a neighbour took while the hub could not be reached.");
  figures.count("containers.crashed", m.crashes, "Containers that exited by themselves.");
  figures.count("works.issued", m.works.issued, "Generations of ManifestWorks, since the start.");
  figures.count("works.applied", m.works.applied, "Of those, applied by their cluster.");
  figures.count("works.superseded", m.works.superseded, "Of those, replaced by a newer one before they were.");
  figures.count("works.open", open, "Of those, neither at the end: under way, or their cluster cannot be reached.");
  figures.spread("works.delay", "s", m.works.delay, "From a work being issued to being applied.");
  figures.count("works.evicted", m.evicted, "Works that an agent removed because its hub no longer knew them.");
  figures.count("clusters.joined", m.joined, "Clusters that joined a hub.");
  figures.count("clusters.unknown", m.unknown, "Times that a hub took a cluster for Unknown.");
  figures.count("clusters.reconnected", m.reconnected, "Connections lost by agents to their hub.");
  figures.count("clusters.switched", m.hub_switches, "Times that an agent went over to another hub.");
  figures.add("hub.requests", "1/s", span > 0 ? count(m.hubs.requests) / span : 0, "Requests to the hubs' API servers per second.");
  figures.count("hub.refused", m.hubs.refused, "Requests refused because too many waited.");
  figures.add("hub.utilisation", "1", span > 0 ? m.hubs.busy.value / (workers * span) : 0,
              "Share of time that their workers were busy.");
  figures.add("hub.queue", "1", span > 0 ? m.hubs.wait.sum() / span : 0,
              "Requests that waited for a worker, averaged over time, all hubs.");
  figures.count("hub.queue.max", m.hubs.longest_queue, "Most that a request found waiting at its hub.");
  figures.spread("hub.wait", "s", m.hubs.wait, "Wait of a request for a worker.");
  figures.spread("catalogue.age", "s", mdm_->totals().age, "From a fact to its being in the hub's catalogue.");
  figures.count("catalogue.events", mdm_->totals().events, "Events of the catalogue's connectors.");
  figures.count("catalogue.compacted", mdm_->totals().compacted, "Of those, replaced by a later one before they were sent.");
  figures.spread("neighbourhood.size", "1", neighbourhood_size_, "Clusters in an application's neighbourhood.");
  figures.spread("neighbourhood.formation", "s", formation_time_,
                 "From a neighbourhood's being decided to all its members knowing.");
  const Channels::Totals channels = channels_->totals();
  const auto in = [&](ChannelState state) { return channels.channels[static_cast<std::size_t>(state)]; };
  figures.count("channels.requested", channels.requested, "Channels asked for.");
  figures.count("channels.running", in(ChannelState::running), "Of those, running at the end.");
  figures.count("channels.rejected", in(ChannelState::rejected), "Of those, rejected at the end.");
  figures.add("channels.out_of_qos", "s", channels.out_of_qos_time.value, "Channels out of their quality, times their time.");
  figures.count("channels.repathed", channels.repathed, "Times that a channel got another path.");
  figures.spread("channels.setup", "s", channels.setup_time, "From a channel's being asked for to running.");
  const char* planes[] = {"bytes.desired_state", "bytes.telemetry", "bytes.catalogue", "bytes.topology"};
  const char* prose[] = {"Control bytes about what shall run, and whether it does.", "Control bytes about how busy things are.",
                         "Control bytes of the catalogue.", "Control bytes of probes, topologies and channels."};
  for (std::size_t p = 0; p < 4; ++p) figures.add(planes[p], "B", m.control_bytes[p].value, prose[p]);
  return figures.take();
}

}  // namespace codecosim
