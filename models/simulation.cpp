#include "models/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <utility>

namespace codecosim {

Simulation::Simulation(Scenario scenario, std::uint64_t replication, const Policies& policies)
    : scenario_(std::move(scenario)) {
  const Rng root(scenario_.seed, replication);
  world_ = std::make_unique<World>(scenario_.federation, root, scenario_.tcp_window,
                                   Requests::access_specs(scenario_.clients), Requests::accesses(scenario_.clients),
                                   scenario_.mobility);
  applications_ = std::make_unique<Applications>(*world_, scenario_.images, scenario_.applications);
  requests_ =
      std::make_unique<Requests>(*world_, *applications_, scenario_.clients, scenario_.messages, scenario_.warmup);
  put_on_the_air();
  close_the_loops();
  data_ = std::make_unique<Datasets>(*world_, scenario_.data, scenario_.bulk);
  if (!scenario_.data.empty())
    applications_->on_ready = [this](PodId pod, bool ready) {
      for (const std::uint32_t data : applications_->component(pod).writes)
        data_->writer(data, world_->federation.cluster_of(applications_->node(pod)), ready);
    };
  migrations_ = std::make_unique<Migrations>(*world_, *applications_, scenario_.bulk);
  images_ = std::make_unique<ImageStore>(applications_->images(), world_->federation.node_count());
  plan_ = std::make_unique<BuiltNetwork>(world_->network);
  truth_ = std::make_unique<Truth>(*world_, *applications_, *requests_, *data_, *images_);
  if (!scenario_.placement.make) scenario_.placement = policies.placement.choose(scenario_.placement.name);
  if (!scenario_.scheduler.make) scenario_.scheduler = policies.placement.choose(scenario_.scheduler.name);
  decisions_ = std::make_unique<Decisions>(*world_, *applications_, *requests_, *truth_, data_->specs(),
                                           scenario_.decisions, policies);
  decisions_->futures = this;
  const Parts parts{
      *world_,     *applications_, *requests_,         *data_,         *migrations_,        *images_,           *truth_,
      *decisions_, *plan_,         scenario_.registry, scenario_.bulk, scenario_.placement, scenario_.scheduler};
  Scenario::Plane& plane = scenario_.control_plane;
  if (!plane.settings) plane.settings = codecosim::control_plane(plane.name).defaults(policies);
  control_ = plane.settings->make(parts);
  if (scenario_.learning) {
    learning_ = std::make_unique<Learning>(*world_, *control_, *scenario_.learning, scenario_.bulk);
    decisions_->advisor = learning_.get();
  }
  if (!scenario_.migration.make) scenario_.migration = policies.migration.choose(scenario_.migration.name);
  if (!scenario_.mobility.devices.empty()) follow_clients();
  if (scenario_.migration.name != "never") look_after_replicas();
  if (scenario_.series_interval <= Seconds(0)) scenario_.series_interval = scenario_.duration / 100;
  faults_ = std::make_unique<Faults>(*world_, *control_, learning_.get(), scenario_.faults);
  bills_ = std::make_unique<Bills>(*world_);
  series_ = std::make_unique<Series>(*world_, *applications_, scenario_.series_interval);
}

// Everything that is suspended goes before what it waits for.
Simulation::~Simulation() { frames::destroy_processes(); }

void Simulation::run(std::optional<Seconds> horizon) {
  end_ = horizon.value_or(scenario_.duration);
  // In this order at one date: what is deployed, what breaks, what is counted, who comes.
  control_->start();
  if (learning_) learning_->start();
  data_->start();
  set_in_motion();
  plan_submissions();
  faults_->start();
  if (migrator_) migrator_->start();
  bills_->start();
  spawn(warm_up());
  series_->start();
  requests_->start();
  try {
    calendar_.run(end_);
  } catch (...) {
    if (Copies::here()) Child::abandon();
    throw;
  }
  bills_->settle();
  if (Copies::here()) Child::answer(tell_());
}

Futures::Answer Simulation::play(std::uint32_t alternatives, Seconds horizon) {
  const Copies::Split split = Copies::split(alternatives, scenario_.futures.limits);
  if (split.number) {
    go_its_own_way();
    tell_ = [this] { return fmt::format("{:a}", judged_by()); };
    spawn(speak(std::min(now() + horizon, end_)));
  }
  Answer answer{split.number, {}};
  for (const auto& text : split.answers) {
    const double value = text ? std::strtod(text->c_str(), nullptr) : 0;
    answer.values.push_back(text && !std::isnan(value) ? std::optional(value) : std::nullopt);
  }
  return answer;
}

Process Simulation::speak(Seconds when) {
  co_await until(when);
  bills_->settle();
  Child::answer(tell_());
}

double Simulation::judged_by() {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  const bool more_is_better = scenario_.futures.figure.starts_with('-');
  const std::string name = scenario_.futures.figure.substr(more_is_better ? 1 : 0);
  for (const Figure& figure : summary()) {
    if (figure.name != name) continue;
    if (figure.distribution && figure.distribution->count() == 0) return nothing;
    return more_is_better || figure.better == Better::higher ? -figure.value : figure.value;
  }
  return nothing;
}

Process Simulation::part(Seconds at, std::vector<std::function<void()>> changes) {
  co_await until(at);
  const Copies::Split split = Copies::split(static_cast<std::uint32_t>(changes.size()), scenario_.futures.limits);
  if (split.number) {
    go_its_own_way();
    changes[*split.number]();
  } else {
    told_ = split.answers;
    calendar_.stop();
  }
}

void Simulation::each_carried(const std::function<void(DeviceId, NodeId)>& node,
                              const std::function<void(DeviceId, ClusterId)>& cluster) const {
  const Federation& federation = world_->federation;
  const MobilitySpec& mobility = scenario_.mobility;
  for (std::uint32_t c = 0; c < federation.cluster_count() && mobility.count() > 0; ++c) {
    const Federation::Cluster& one = federation.cluster({c});
    const ClusterSpec& spec = federation.cluster_spec({c});
    if (const auto kind = mobility.find(spec.on)) cluster(mobility.device(*kind, one.index), {c});
    std::uint32_t n = one.first_node;
    for (const ClusterSpec::Pool& pool : spec.pools)
      for (std::uint32_t i = 0; i < pool.count; ++i, ++n)
        if (const auto kind = mobility.find(pool.on)) node(mobility.device(*kind, one.index * pool.count + i), {n});
  }
}

void Simulation::put_on_the_air() {
  Network& network = world_->network;
  std::vector<EndpointId> machines(scenario_.mobility.count());
  each_carried(
      [&](DeviceId device, NodeId node) {
        world_->radio.carry(device, network.add_bearer(Network::endpoint(node)));
        machines[device.index] = Network::endpoint(node);
      },
      [&](DeviceId device, ClusterId cluster) { world_->radio.carry(device, network.add_bearer(cluster)); });
  std::uint32_t client = 0;
  for (const ClientSpec& spec : scenario_.clients)
    for (std::uint32_t i = 0; i < spec.count; ++i, ++client) {
      if (spec.on.empty()) continue;
      const EndpointId endpoint = network.endpoint(ClientId{client});
      world_->radio.carry(spec.on[i], network.add_bearer(endpoint));
      // A client and a node on one device are one machine.
      if (const EndpointId node = machines[spec.on[i].index]) network.join(node, endpoint);
    }
}

// A vehicle without timely answers stands.
void Simulation::close_the_loops() {
  const MobilitySpec& mobility = scenario_.mobility;
  for (std::uint32_t k = 0; k < mobility.devices.size(); ++k)
    if (mobility.devices[k].fleet)
      fleets_.push_back(std::make_unique<Fleet>(*mobility.devices[k].fleet, mobility.devices[k].count,
                                                mobility.device(k, 0), world_->movers, world_->trace,
                                                world_->rng.stream("devices/" + mobility.devices[k].name)));
  loops_ = std::make_unique<ControlLoops>(*requests_);
  loops_->on_stop = [this](ClientId client) {
    if (Fleet* fleet = fleet_of(requests_->device(client))) fleet->stop(requests_->device(client));
  };
  loops_->on_resume = [this](ClientId client) {
    if (Fleet* fleet = fleet_of(requests_->device(client))) fleet->go_on(requests_->device(client));
  };
}

Fleet* Simulation::fleet_of(DeviceId device) {
  for (const auto& fleet : fleets_)
    if (fleet->has(device)) return fleet.get();
  return nullptr;
}

void Simulation::follow_clients() {
  std::vector<std::vector<ClientId>> carried(scenario_.mobility.count());
  for (std::uint32_t c = 0; c < requests_->client_count(); ++c)
    if (const DeviceId device = requests_->device({c})) carried[device.index].push_back({c});
  std::vector<NodeId> nodes(scenario_.mobility.count());
  each_carried([&](DeviceId device, NodeId node) { nodes[device.index] = node; }, [](DeviceId, ClusterId) {});
  // What was told of a client last, which need not have arrived yet.
  std::vector<ClusterId> told;
  for (std::uint32_t c = 0; c < requests_->client_count(); ++c) told.push_back(requests_->cluster({c}));
  world_->radio.on_change = [this, carried = std::move(carried), nodes = std::move(nodes), told = std::move(told)](
                                DeviceId device, CellId before, CellId cell) mutable {
    if (const NodeId node = nodes[device.index]) {
      if (!cell) control_->node_silent(node);
      if (!before) control_->node_heard(node);
    }
    if (!cell) return;
    const ClusterId gateway = world_->radio.gateway(cell);
    for (const ClientId client : carried[device.index]) {
      if (std::exchange(told[client.index], gateway) == gateway) continue;
      requests_->reached_by(client, gateway);
      control_->client_moved(client, gateway);
    }
  };
}

void Simulation::look_after_replicas() {
  const auto forecast = [this](ClientId client, Seconds span) {
    const DeviceId device = requests_->device(client);
    const Fleet* fleet = fleet_of(device);
    const Position there = fleet ? fleet->ahead(device, span) : world_->movers.position(device, now() + span);
    const CellId cell = world_->radio.best(device, there);
    return cell ? world_->radio.gateway(cell) : ClusterId{};
  };
  migrator_ =
      std::make_unique<Migrator>(*world_, *applications_, *requests_, *control_, scenario_.migration.make(), forecast);
}

void Simulation::set_in_motion() {
  for (std::uint32_t k = 0; k < scenario_.mobility.devices.size(); ++k) {
    const DeviceSpec& kind = scenario_.mobility.devices[k];
    const Rng family = world_->rng.stream("devices/" + kind.name);
    for (std::uint32_t i = 0; kind.motion && i < kind.count; ++i)
      spawn(move(scenario_.mobility.device(k, i), *kind.motion, i, family.stream(i)));
  }
  for (const auto& fleet : fleets_) fleet->start();
  // Who begins where nothing reaches it is silent from the start.
  each_carried(
      [this](DeviceId device, NodeId node) {
        if (!world_->radio.serving(device)) control_->node_silent(node);
      },
      [](DeviceId, ClusterId) {});
}

Process Simulation::move(DeviceId device, const Motion& motion, std::uint32_t number, Rng rng) {
  Motion::State state{rng, {}, Seconds(0)};
  while (const auto leg = motion.next(state, number)) {
    world_->movers.travel(device, *leg);
    co_await until(leg->end);
  }
}

void Simulation::plan_submissions() {
  for (std::uint32_t a = 0; a < applications_->count(); ++a) spawn(submit({a}, applications_->spec({a}).submit_at));
}

Process Simulation::submit(ApplicationId app, Seconds at) {
  co_await until(at);
  control_->submit(app);
  const std::vector<ComponentSpec>& components = applications_->spec(app).components;
  for (std::uint32_t c = 0; c < components.size(); ++c) {
    for (const Scaling& one : components[c].scaling) spawn(scale(app, c, one));
    for (const Rollout& one : components[c].rollouts) spawn(roll_out(app, c, one));
  }
}

Process Simulation::scale(ApplicationId app, std::uint32_t component, Scaling scaling) {
  co_await until(std::max(now(), scaling.at));
  applications_->want(applications_->service(app, component), scaling.replicas);
  control_->scale(app, component, scaling.replicas);
}

Process Simulation::roll_out(ApplicationId app, std::uint32_t component, Rollout rollout) {
  co_await until(std::max(now(), rollout.at));
  control_->roll_out(app, component);
}

Process Simulation::warm_up() {
  co_await until(scenario_.warmup);
  if (!Copies::here()) reset();
}

void Simulation::go_its_own_way() {
  decisions_->futures = nullptr;
  requests_->measure_from_now();
  reset();
  Metrics& metrics = world_->metrics;
  metrics.deployment_time = metrics.regret = {};
  metrics.best_possible = 0;
  metrics.placement = metrics.scheduling = {};
  metrics.refused = metrics.moves = 0;
}

void Simulation::reset() {
  bills_->settle();
  const std::size_t kinds = world_->metrics.clients.size();
  // Deployment is part of the story from the start; what flows is measured from here.
  Metrics& metrics = world_->metrics;
  metrics.clients.assign(kinds, {});
  metrics.channel_delay = {};
  metrics.channel_late = 0;
  metrics.placement.age = metrics.scheduling.age = metrics.recovery_time = {};
  metrics.control_bytes = {};
  metrics.across_domains = {};
  metrics.in_flight_since = now().value;
  metrics.in_flight_seconds = 0;
  world_->network.reset_totals();
  world_->radio.reset_totals();
  migrations_->reset();
  for (const auto& fleet : fleets_) fleet->reset_totals();
  world_->compute.reset_totals();
  applications_->reset_availability();
  bills_->reset();
  measured_since_ = now();
}

namespace {
/// What became of requests, all of them or those of one kind of client.
void tell(const Metrics::Requests& requests, Figures& figures) {
  figures.count("requests.completed", Better::higher, requests.completed, "Requests answered, late or not.");
  figures.count("requests.failed", Better::lower, requests.lost + requests.refused, "Requests lost or refused.");
  figures.count("requests.lost", Better::lower, requests.lost,
                "Requests that a failure or a full buffer swallowed on the way.");
  figures.count("requests.refused", Better::lower, requests.refused, "Requests that found no ready replica.");
  figures.count("requests.deadline_misses", Better::lower, requests.deadline_misses,
                "Requests answered after their deadline.");
  figures.spread("request.latency", "s", Better::lower, requests.latency,
                 "From sending a request to its answer (Little's W).");
}
}  // namespace

std::vector<Figure> Simulation::summary() {
  const Metrics& m = world_->metrics;
  Metrics::Requests all;
  for (const Metrics::Requests& one : m.clients) {
    all.submitted += one.submitted;
    all.completed += one.completed;
    all.lost += one.lost;
    all.refused += one.refused;
    all.deadline_misses += one.deadline_misses;
    all.latency.merge(one.latency);
  }
  const double span = (now() - measured_since_).value;
  Joules energy;
  CoreSeconds busy;
  Cores cores;
  for (std::uint32_t n = 0; n < world_->federation.node_count(); ++n) {
    energy += world_->compute.energy({n});
    busy += world_->compute.busy({n});
    cores += world_->federation.type({n}).cores;
  }
  Bytes egress;
  for (std::uint32_t c = 0; c < world_->federation.cluster_count(); ++c) egress += world_->network.egress({c});
  const Network::Totals& net = world_->network.totals();
  const double ended = static_cast<double>(all.completed + all.lost + all.refused);
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  const double in_flight = m.in_flight_seconds + m.in_flight * (now().value - m.in_flight_since);

  Figures figures;
  figures.add("requests.submitted", "1", Better::neither, count(all.submitted) + m.in_flight,
              "Requests that clients sent.");
  tell(all, figures);
  figures.add("requests.in_flight", "1", Better::neither, m.in_flight, "Requests under way at the end.");
  figures.add("requests.in_flight.mean", "1", Better::neither, span > 0 ? in_flight / span : 0,
              "Requests under way, averaged over time (Little's L).");
  figures.add("requests.rate", "1/s", Better::higher, span > 0 ? count(all.completed) / span : 0,
              "Requests answered per second (Little's lambda).");
  figures.spread("channel.delay", "s", Better::lower, m.channel_delay, "One way, of calls between components.");
  figures.count("channel.late", Better::lower, m.channel_late,
                "Calls between components that took longer than the channel's max_delay.");
  figures.spread("deployment.time", "s", Better::lower, m.deployment_time,
                 "From submission, or from the loss of its node, to a pod being ready, since the start.");
  figures.spread("recovery.time", "s", Better::lower, m.recovery_time,
                 "From the loss of a replica, or the hub's taking it for lost, to a ready one in its place.");
  figures.count("images.pulled", Better::lower, m.image_pulls, "Image pulls of nodes, since the start.");
  figures.count("images.cached", Better::higher, m.image_hits,
                "Pods that found their image on the node, since the start.");
  figures.count("placement.decisions", Better::neither, m.placement.decisions,
                "Replicas that a policy was asked to give a cluster.");
  figures.count("placement.infeasible", Better::lower, m.placement.infeasible, "Of those, with no feasible cluster.");
  figures.count("placement.refused", Better::lower, m.refused,
                "Answers of a policy, of either level, that made no sense.");
  figures.count("placement.moves", Better::lower, m.moves,
                "Replicas that got another cluster or node: lost, or better off elsewhere.");
  figures.count("placement.pending", Better::lower, control_->pending().size(),
                "Replicas that at the end are not ready, or of an older revision than is wanted.");
  if (scenario_.decisions.judged > 0) {
    figures.spread("decision.regret", "1", Better::lower, m.regret,
                   "Of the decisions that are judged: objective beyond that of the best, as things are.");
    const double judged = static_cast<double>(m.regret.count());
    figures.add("decision.best", "1", Better::neither, judged > 0 ? m.best_possible / judged : 0,
                "Mean objective of the best answers to these.");
  }
  figures.spread("decision.age", "s", Better::lower, m.placement.age,
                 "Age of what the policy saw of the cluster that it chose.");
  figures.count("scheduling.decisions", Better::neither, m.scheduling.decisions,
                "Pods that the scheduler of a cluster was asked to give a node.");
  figures.count("scheduling.infeasible", Better::lower, m.scheduling.infeasible, "Of those, with no feasible node.");
  figures.spread("scheduling.age", "s", Better::lower, m.scheduling.age,
                 "Age of what the scheduler saw of the node that it chose.");
  figures.add("cpu.utilisation", "1", Better::neither,
              span > 0 && cores.value > 0 ? busy.value / (cores.value * span) : 0, "Share of all cores that was busy.");
  figures.add("energy.nodes", "J", Better::lower, energy.value, "Energy of all nodes.");
  figures.add("energy.network", "J", Better::lower, world_->network.energy().value,
              "Energy of all links, by the bytes they carried.");
  bills_->figures(figures);
  figures.add("bytes.messages", "B", Better::lower, net.message_bytes.value,
              "Bytes sent over the queued transport, once a message, not once a hop.");
  figures.add("bytes.bulk", "B", Better::lower, net.flow_bytes.value,
              "Bytes sent as flows, once each: images, and messages where the scenario says so.");
  Bytes control;
  for (const Bytes plane : m.control_bytes) control += plane;
  figures.add("bytes.control", "B", Better::lower, control.value,
              "Bytes of the control plane and of what learns; the oracle needs none.");
  figures.add("bytes.telemetry.across_domains", "B", Better::lower, m.across_domains.value,
              "Of telemetry and catalogue, what went between clusters of providers of different domains.");
  figures.add("bytes.egress", "B", Better::lower, egress.value,
              "Bytes that left a cluster over the wide area; in an explicit topology with those it passed on.");
  figures.count("messages.sent", Better::neither, net.messages, "Requests, calls and replies sent.");
  figures.count("messages.lost", Better::lower, net.lost, "Messages and transfers lost.");
  figures.count("messages.dropped", Better::lower, net.dropped, "Messages lost to a full buffer.");
  figures.add("availability", "1", Better::higher, applications_->availability(),
              "Share of time during which submitted services had a ready replica, mean over services.");
  figures.add("requests.success", "1", Better::higher, ended > 0 ? count(all.completed) / ended : 1,
              "Share of ended requests that were answered.");
  figures.add("requests.in_time", "1", Better::higher,
              ended > 0 ? count(all.completed - all.deadline_misses) / ended : 1,
              "Share of ended requests that were answered before their deadline, or had none.");
  figures.count("violations.compliance", Better::lower, m.violations,
                "Replicas that became ready where their application's rules forbid it.");
  figures.count("violations.unexplained", Better::lower, m.violations_unexplained, "Of those, not caused by a fault.");
  if (!scenario_.data.empty()) data_->figures(figures);
  if (!scenario_.mobility.cells.empty()) {
    const Radio::Totals& radio = world_->radio.totals();
    Seconds up, down;
    for (std::uint32_t c = 0; c < world_->radio.cell_count(); ++c) {
      up = std::max(up, world_->network.airtime({c}, true));
      down = std::max(down, world_->network.airtime({c}, false));
    }
    figures.count("radio.handovers", Better::lower, radio.handovers, "Changes of a device from one cell to another.");
    figures.count("radio.ping_pongs", Better::lower, radio.ping_pongs,
                  "Of those, back to a cell left less than a second before.");
    figures.count("radio.losses", Better::lower, radio.losses, "Times that a device's cell no longer reached it.");
    figures.add("radio.interrupted", "s", Better::lower, radio.interrupted.value,
                "Time between two cells, over all radios.");
    figures.add("radio.uncovered", "s", Better::lower, radio.uncovered.value,
                "Time without coverage, over all radios.");
    figures.spread("radio.stay", "s", Better::higher, radio.stay, "Time with one cell, when it is left.");
    figures.add("radio.airtime.up", "1", Better::neither, span > 0 ? up.value / span : 0,
                "Share of the airtime used in the cell where it is highest, up.");
    figures.add("radio.airtime.down", "1", Better::neither, span > 0 ? down.value / span : 0,
                "Likewise down; the same where both directions share it.");
  }
  if (migrator_) migrations_->figures(figures);
  if (!fleets_.empty()) {
    Fleet::Totals fleet;
    for (const auto& each : fleets_) fleet += each->totals();
    figures.count("agv.missions", Better::higher, fleet.missions, "Missions that vehicles have ended.");
    figures.add("agv.missions_per_hour", "1/h", Better::higher,
                span > 0 ? static_cast<double>(fleet.missions) * 3600 / span : 0,
                "The same per hour: the fleet's productivity.");
    figures.spread("agv.mission_time", "s", Better::lower, fleet.mission_time,
                   "From taking up a mission to its end; charging is no part of it.");
    figures.count("agv.stops", Better::lower, fleet.stops, "Safety stops, after control loops failed.");
    figures.add("agv.stopped", "s", Better::lower, fleet.stopped.value, "Time in safety stops, over all vehicles.");
    figures.add("agv.waited", "s", Better::lower, fleet.waited.value,
                "Waits for right of way and for chargers, over all vehicles.");
    figures.count("agv.charges", Better::neither, fleet.charges, "Times that a vehicle charged.");
    figures.count("agv.flat", Better::lower, fleet.flat, "Vehicles whose battery ran out.");
    figures.add("agv.driven", "m", Better::neither, fleet.driven.value, "Way driven, over all vehicles.");
  }
  if (learning_) figures.append(learning_->figures());
  figures.append(control_->figures());
  figures.count("events", Better::neither, calendar_.events(), "Events of the simulation.");
  return figures.take();
}

std::vector<std::pair<std::string, std::vector<Figure>>> Simulation::summary_by_client() const {
  std::vector<std::pair<std::string, std::vector<Figure>>> all;
  for (std::size_t s = 0; s < world_->metrics.clients.size(); ++s) {
    const Metrics::Requests& one = world_->metrics.clients[s];
    Figures figures;
    tell(one, figures);
    all.emplace_back(requests_->specs()[s].name, figures.take());
  }
  return all;
}

std::string Simulation::name(ClusterId id) const { return world_->federation.name(id); }
std::string Simulation::name(NodeId id) const { return world_->federation.name(id); }
std::string Simulation::name(LinkId id) const { return world_->network.name(id); }
std::string Simulation::name(PodId id) const { return applications_->name(id); }
std::string Simulation::name(ApplicationId id) const { return applications_->name(id); }
std::string Simulation::name(ClientId id) const { return requests_->name(id); }
std::string Simulation::name(DeviceId id) const { return scenario_.mobility.name(id); }
std::string Simulation::name(CellId id) const { return world_->radio.name(id); }
ApplicationId Simulation::application_of(PodId id) const { return applications_->application(id); }
ClusterId Simulation::cluster_of(NodeId id) const { return world_->federation.cluster_of(id); }

}  // namespace codecosim
