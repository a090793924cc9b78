#include "models/orchestration/migration/migrations.hpp"

#include <algorithm>

namespace codecosim {

namespace {
constexpr Seconds between_tries{10};
}

Migrations::Migrations(World& world, Applications& applications, Transport transport)
    : world_(world), applications_(applications), transport_(transport) {}

void Migrations::plan(ClusterId from, PodId to) { origins_[to.index] = from; }

PodId Migrations::select_source(ClusterId from, PodId to) const {
  PodId best;
  for (const PodId pod : applications_.pods_of(applications_.service(to))) {
    const NodeId node = applications_.node(pod);
    if (!node || world_.federation.cluster_of(node) != from || pod == to) continue;
    if (applications_.phase(pod) != PodPhase::ready || moving_.contains(pod.index)) continue;
    if (!best || (world_.cordoned(node) && !world_.cordoned(applications_.node(best)))) best = pod;
  }
  return best;
}

Migrations::Move::Move(Migrations& owner, PodId source, PodId target)
    : migrations(owner), from(source), to(target), binding(owner.world_.compute.bindings(source)), start(now()) {
  migrations.moving_.insert(from.index);
}

bool Migrations::Move::intact() const {
  const PodPhase expected = frozen_since < forever ? PodPhase::frozen : PodPhase::ready;
  return migrations.applications_.phase(from) == expected && migrations.world_.compute.bindings(from) == binding;
}

Migrations::Move::~Move() {
  migrations.moving_.erase(from.index);
  cut();
}

// The old pod serves on.
void Migrations::Move::thaw() {
  if (frozen_since >= forever) return;
  frozen_since = forever;
  migrations.applications_.thaw(from, from);
  migrations.on_frozen(from, false);
}

void Migrations::Move::cut() {
  if (!std::exchange(over, true)) ++migrations.totals_.failed;
  thaw();
}

void Migrations::Move::freeze() {
  migrations.applications_.freeze(from);
  frozen_since = now();
  migrations.on_frozen(from, true);
}

Task<> Migrations::receive(PodId to) {
  const ClusterId origin = origins_.at(to.index);
  for (;;) {
    const PodId from = select_source(origin, to);
    if (!from) {
      ++totals_.fresh;
      break;
    }
    Move move(*this, from, to);
    const Outcome outcome = co_await carry_out(move);
    if (outcome == Outcome::done) {
      ++totals_.moved;
      move.over = true;
      const Seconds downtime = move.frozen_since < forever ? now() - move.frozen_since : Seconds(0);
      totals_.downtime.add(downtime.value);
      totals_.duration.add((now() - move.start).value);
      world_.trace.emit(
          now(), Migrated{from, to, applications_.node(from), applications_.node(to), move.size, move.start, downtime});
      applications_.enter(to, PodPhase::ready);
      applications_.thaw(from, to);
      move.frozen_since = forever;
      origins_.erase(to.index);
      co_return;
    }
    move.cut();
    if (applications_.phase(from) == PodPhase::ready) co_await delay(between_tries);
  }
  origins_.erase(to.index);
  applications_.enter(to, PodPhase::ready);
}

Task<Outcome> Migrations::carry_out(Move& move) {
  switch (applications_.component(move.to).migration.mode) {
    case MigrationSpec::Mode::pre_copy:
      return pre_copy(move);
    case MigrationSpec::Mode::replay:
      return replay(move);
    default:
      return stop_and_copy(move);
  }
}

Task<Outcome> Migrations::copy(Move& move, Bytes size) {
  if (!move.intact()) co_return Outcome::gone;
  const auto address = [this](PodId pod) { return world_.network.address(Network::endpoint(applications_.node(pod))); };
  Message transfer(world_.network, ServiceClass::best_effort, transport_);
  const MovedBytes::Counting counting(sent_, transfer);
  move.size += size;
  const Outcome outcome = co_await transfer.carry(address(move.from), address(move.to), size);
  if (outcome == Outcome::done) totals_.received += size;
  co_return move.intact() ? outcome : Outcome::gone;
}

Task<Outcome> Migrations::stop_and_copy(Move& move) {
  const ComponentSpec& component = applications_.component(move.to);
  move.freeze();
  co_await delay(component.migration.checkpoint);
  const Outcome outcome = co_await copy(move, component.state);
  if (outcome == Outcome::done) co_await delay(component.migration.restore);
  co_return outcome;
}

Task<Outcome> Migrations::pre_copy(Move& move) {
  const ComponentSpec& component = applications_.component(move.to);
  const MigrationSpec& spec = component.migration;
  Bytes left = component.state;
  for (std::uint32_t round = 0; round < spec.rounds && (round == 0 || left > spec.threshold); ++round) {
    const Seconds begin = now();
    const Outcome outcome = co_await copy(move, left);
    if (outcome != Outcome::done) co_return outcome;
    const Bytes changed = std::min(component.state, spec.dirty_rate * (now() - begin));
    const bool converges = changed < left;
    left = changed;
    if (!converges) break;
  }
  move.freeze();
  co_await delay(spec.checkpoint);
  const Outcome outcome = co_await copy(move, left);
  if (outcome == Outcome::done) co_await delay(spec.restore);
  co_return outcome;
}

Task<Outcome> Migrations::replay(Move& move) {
  const ComponentSpec& component = applications_.component(move.to);
  const MigrationSpec& spec = component.migration;
  const std::uint32_t before = world_.compute.started(move.from);
  co_await delay(spec.checkpoint);
  Outcome outcome = co_await copy(move, component.state);
  if (outcome != Outcome::done) co_return outcome;
  co_await delay(spec.restore);
  if (!move.intact()) co_return Outcome::gone;
  std::uint32_t done = 0;
  const auto behind = [&] {
    return component.work.mean() * static_cast<double>(world_.compute.started(move.from) - before - done);
  };
  const double speed = world_.federation.type(applications_.node(move.to)).speed;
  for (CoreSeconds last(forever.value); behind() < last && behind() > Cores(speed) * spec.catch_up;) {
    last = behind();
    done = world_.compute.started(move.from) - before;
    outcome = co_await world_.compute.run(move.to, last);
    if (outcome != Outcome::done || !move.intact()) co_return Outcome::gone;
  }
  move.freeze();
  if (behind() > CoreSeconds(0)) outcome = co_await world_.compute.run(move.to, behind());
  co_return move.intact() ? outcome : Outcome::gone;
}

void Migrations::reset() {
  totals_ = {};
  sent_.reset();
}

void Migrations::figures(Figures& figures) {
  figures.count("migrations", Better::neither, totals_.moved, "Pods whose state has moved into another one.");
  figures.count("migrations.fresh", Better::lower, totals_.fresh,
                "Pods that started without the state, their old one being lost.");
  figures.count("migrations.failed", Better::lower, totals_.failed,
                "Copies of state cut short by the loss of either pod or of the way.");
  figures.add("bytes.state", "B", Better::lower, totals_.received.value, "State that arrived, all rounds together.");
  figures.add("bytes.state.sent", "B", Better::lower, sent_.total().value,
              "State that has left its node, whether it arrived or not.");
  figures.spread("migration.downtime", "s", Better::lower, totals_.downtime,
                 "From the old pod's stopping to the new one's serving.");
  figures.spread("migration.time", "s", Better::lower, totals_.duration,
                 "From the first copy to the new pod's serving.");
}

}  // namespace codecosim
