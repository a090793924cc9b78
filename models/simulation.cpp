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
  world_ = std::make_unique<World>(scenario_.federation, root, scenario_.flow_sharing,
                                   Requests::access_specs(scenario_.clients), Requests::accesses(scenario_.clients),
                                   scenario_.mobility);
  world_->network.patience = scenario_.tcp_timeout;
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
  // The bills come to a close with the energy that nodes have drawn, before the world measures it anew.
  measured_ = {requests_.get(), applications_.get(), decisions_.get(), control_.get(), bills_.get(), world_.get()};
  if (!scenario_.data.empty()) measured_.push_back(data_.get());
  if (migrator_) measured_.push_back(migrations_.get());
  measured_.push_back(&fleets_);
  if (learning_) measured_.push_back(learning_.get());
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
  if (scenario_.warmup > Seconds(0)) spawn(warm_up());
  series_->start(end_);
  requests_->start();
  try {
    calendar_.run(end_);
  } catch (...) {
    if (Copies::here()) Child::abandon();
    throw;
  }
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
  Child::answer(tell_());
}

double Simulation::judged_by() {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  const bool more_is_better = scenario_.futures.figure.starts_with('-');
  const std::string name = scenario_.futures.figure.substr(more_is_better ? 1 : 0);
  for (const Figure& figure : summary()) {
    if (figure.name != name || !figure.value) continue;
    return more_is_better || figure.better == Better::higher ? -*figure.value : *figure.value;
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
      fleets_.add(std::make_unique<Fleet>(*mobility.devices[k].fleet, mobility.devices[k].count, mobility.device(k, 0),
                                          world_->movers, world_->trace,
                                          world_->rng.stream("devices/" + mobility.devices[k].name)));
  loops_ = std::make_unique<ControlLoops>(*requests_);
  loops_->on_stop = [this](ClientId client) {
    if (Fleet* fleet = fleets_.of(requests_->device(client))) fleet->stop(requests_->device(client));
  };
  loops_->on_resume = [this](ClientId client) {
    if (Fleet* fleet = fleets_.of(requests_->device(client))) fleet->go_on(requests_->device(client));
  };
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
    const Fleet* fleet = fleets_.of(device);
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
  fleets_.start();
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
  for (Measured* one : measured_) one->restart();
}

void Simulation::reset() {
  for (Measured* one : measured_) one->reset();
}

std::vector<Figure> Simulation::summary() {
  Figures figures(now() - world_->network.measured_since());
  for (Measured* one : measured_) one->figures(figures);
  figures.count("events", Better::neither, calendar_.events(), "Events of the simulation.");
  return figures.take();
}

std::vector<std::pair<std::string, std::vector<Figure>>> Simulation::summary_by_client() {
  std::vector<std::pair<std::string, std::vector<Figure>>> all;
  for (std::uint32_t s = 0; s < requests_->specs().size(); ++s) {
    Figures figures(now() - world_->network.measured_since());
    requests_->figures_of(s, figures);
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
