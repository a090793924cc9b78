#include "models/orchestration/migration/migrator.hpp"

#include <algorithm>
#include <utility>

#include "models/call_plugin.hpp"

namespace codecosim {

Migrator::Migrator(World& world, Applications& applications, Requests& requests, ControlPlane& control,
                   std::unique_ptr<MigrationPolicy> policy, Forecast forecast)
    : world_(world),
      applications_(applications),
      requests_(requests),
      control_(control),
      policy_(std::move(policy)),
      forecast_(std::move(forecast)),
      rng_(world.rng.stream("policy/migration")),
      moving_(applications.count()),
      told_(applications.count()) {
  for (const ClientId c : requests.clients())
    if (requests.device(c)) moving_[requests.application(c).index].push_back(c);
  control_.on_located.add([this](ApplicationId app) { ask(app, MigrationProblem::Trigger::location); });
  control_.on_cordoned.add([this](ApplicationId app) { ask(app, MigrationProblem::Trigger::drain); });
  if (applications.count() > 0) (void)requests_.tally({0});
}

void Migrator::start() {
  if (policy_->period() < forever) spawn(ask_regularly());
}

Process Migrator::ask_regularly() {
  for (Ticks ticks(policy_->period());;) {
    co_await until(ticks.next());
    for (std::uint32_t a = 0; a < moving_.size(); ++a)
      if (policy_->looks_after_all() || !moving_[a].empty()) ask({a}, MigrationProblem::Trigger::period);
  }
}

void Migrator::ask(ApplicationId app, MigrationProblem::Trigger trigger) {
  std::optional<MigrationProblem> problem = control_.migration(app, policy_->least_gain());
  if (!problem) return;
  problem->trigger = trigger;
  problem->now = now();
  problem->application = applications_.name(app);
  problem->horizon = policy_->horizon();
  const Requests::Tally tally = requests_.tally(app), news = tally - std::exchange(told_[app.index], tally);
  problem->answers = static_cast<std::uint32_t>(news.known);
  problem->misses = static_cast<std::uint32_t>(news.missed);
  const std::vector<ClientId>& clients = moving_[app.index];
  for (MigrationProblem::Row& row : problem->rows) {
    row.expected_latency = row.client_latency;
    if (problem->horizon <= Seconds(0) || clients.empty()) continue;
    Seconds sum;
    for (const ClientId client : clients) {
      const ClusterId there = forecast_(client, problem->horizon);
      sum += control_.known_latency(app, there ? there : control_.known_cluster(client), {row.id});
    }
    row.expected_latency = sum / static_cast<double>(clients.size());
  }
  const auto moves = call_plugin(*policy_, [&] { return policy_->moves(*problem, rng_); });
  for (const MigrationMove& move : moves) {
    const bool sane = move.replica < problem->replicas.size() && move.row < problem->rows.size() &&
                      problem->replicas[move.replica].movable && problem->replicas[move.replica].row != move.row &&
                      problem->replicas[move.replica].allowed[move.row];
    if (!sane) {
      ++world_.metrics.refused;
      continue;
    }
    problem->replicas[move.replica].movable = false;
    control_.migrate(app, move.replica, {problem->rows[move.row].id});
  }
}

}  // namespace codecosim
