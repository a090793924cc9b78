#include "models/simulation.hpp"

#include <utility>

namespace codecosim {

namespace {
/// Makes the choices that a scenario leaves open.
void complete(Scenario& scenario, const Policies& policies) {
  if (!scenario.placement.make) scenario.placement = policies.placement.choose(scenario.placement.name);
  if (!scenario.scheduler.make) scenario.scheduler = policies.placement.choose(scenario.scheduler.name);
  if (!scenario.migration.make) scenario.migration = policies.migration.choose(scenario.migration.name);
  Scenario::Plane& plane = scenario.control_plane;
  if (!plane.settings) plane.settings = control_plane(plane.name).defaults(policies);
  if (scenario.series_interval <= Seconds(0)) scenario.series_interval = scenario.duration / 100;
}

/// Tells the data sets where the pods are that write them.
void report_writers(Applications& applications, Datasets& data, const Federation& federation) {
  applications.on_ready.add([&](PodId pod, bool ready) {
    for (const std::uint32_t written : applications.component(pod).writes)
      data.writer(written, federation.cluster_of(applications.node(pod)), ready);
  });
}
}  // namespace

Simulation::Simulation(Scenario scenario, std::uint64_t replication, const Policies& policies)
    : scenario_(std::move(scenario)) {
  complete(scenario_, policies);
  const Rng root(scenario_.seed, replication);
  world_ = std::make_unique<World>(scenario_.federation, root, scenario_.transports.sharing,
                                   Requests::access_specs(scenario_.clients), Requests::accesses(scenario_.clients),
                                   scenario_.mobility);
  world_->network.stall_timeout = scenario_.transports.tcp_timeout;
  applications_ = std::make_unique<Applications>(*world_, scenario_.images, scenario_.applications);
  requests_ = std::make_unique<Requests>(*world_, *applications_, scenario_.clients, scenario_.transports.messages,
                                         scenario_.warmup);
  names_ = std::make_unique<WorldNames>(*world_, *applications_, *requests_, scenario_.mobility);
  devices_ = std::make_unique<Devices>(*world_, *requests_, scenario_.mobility);
  data_ = std::make_unique<Datasets>(*world_, scenario_.data, scenario_.transports.bulk);
  if (!scenario_.data.empty()) report_writers(*applications_, *data_, world_->federation);
  migrations_ = std::make_unique<Migrations>(*world_, *applications_, scenario_.transports.bulk);
  images_ = std::make_unique<ImageStore>(applications_->images(), world_->federation.node_count());
  plan_ = std::make_unique<BuiltNetwork>(world_->network);
  truth_ = std::make_unique<Truth>(*world_, *applications_, *requests_, *data_, *images_);
  decisions_ = std::make_unique<Decisions>(*world_, *applications_, *requests_, *truth_, data_->specs(),
                                           scenario_.decisions, policies);
  decisions_->futures = &branches_;
  const Parts parts{*world_,
                    *applications_,
                    *requests_,
                    *data_,
                    *migrations_,
                    *images_,
                    *truth_,
                    *decisions_,
                    *plan_,
                    scenario_.registry,
                    scenario_.transports.bulk,
                    scenario_.placement,
                    scenario_.scheduler};
  control_ = scenario_.control_plane.settings->make(parts);
  if (scenario_.learning) {
    learning_ = std::make_unique<Learning>(*world_, *control_, *scenario_.learning, scenario_.transports.bulk);
    decisions_->advisor = learning_.get();
  }
  if (!scenario_.mobility.devices.empty()) devices_->report_to(*control_);
  if (scenario_.migration.name != "never")
    migrator_ =
        std::make_unique<Migrator>(*world_, *applications_, *requests_, *control_, scenario_.migration.make(),
                                   [this](ClientId client, Seconds span) { return devices_->forecast(client, span); });
  submissions_ = std::make_unique<Submissions>(*applications_, *control_);
  faults_ = std::make_unique<Faults>(*world_, *control_, learning_.get(), scenario_.faults);
  bills_ = std::make_unique<Bills>(*world_);
  series_ = std::make_unique<Series>(*world_, *applications_, scenario_.series_interval);
  // The bills need the energy that nodes have drawn, before the world measures it anew.
  measured_ = {requests_.get(), applications_.get(), decisions_.get(), control_.get(), bills_.get(), world_.get()};
  if (!scenario_.data.empty()) measured_.push_back(data_.get());
  if (migrator_) measured_.push_back(migrations_.get());
  measured_.push_back(devices_.get());
  if (learning_) measured_.push_back(learning_.get());
}

// Suspended processes are destroyed before the objects for which they wait.
Simulation::~Simulation() { frames::destroy_processes(); }

void Simulation::run(std::optional<Seconds> horizon) {
  end_ = horizon.value_or(scenario_.duration);
  // The order of events at one date: deployments, faults, measurements, requests.
  control_->start();
  if (learning_) learning_->start();
  data_->start();
  devices_->start();
  submissions_->start();
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
  if (Copies::here()) branches_.report();
}

Process Simulation::warm_up() {
  co_await until(scenario_.warmup);
  if (Copies::here()) co_return;
  for (Measured* one : measured_) one->reset();
}

void Simulation::restart() {
  decisions_->futures = nullptr;
  for (Measured* one : measured_) one->restart();
}

std::vector<Figure> Simulation::summary() {
  Figures figures(now() - world_->network.measured_since());
  for (Measured* one : measured_) one->figures(figures);
  figures.count("events", Better::neither, calendar_.events(), "Events of the simulation.");
  return figures.take();
}

std::vector<std::pair<std::string, std::vector<Figure>>> Simulation::summary_by_client() {
  std::vector<std::pair<std::string, std::vector<Figure>>> all;
  for (std::uint32_t g = 0; g < requests_->groups().size(); ++g) {
    Figures figures(now() - world_->network.measured_since());
    requests_->figures_of(g, figures);
    all.emplace_back(requests_->groups()[g], figures.take());
  }
  return all;
}

}  // namespace codecosim
