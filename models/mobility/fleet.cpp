#include "models/mobility/fleet.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/base/shortest_paths.hpp"

namespace codecosim {

std::optional<std::vector<std::uint32_t>> StationGraph::route(std::uint32_t from, std::uint32_t to) const {
  const auto other_end = [this](std::uint32_t lane, std::uint32_t at) {
    return lanes[lane].from == at ? lanes[lane].to : lanes[lane].from;
  };
  const ShortestPaths found = shortest_paths(stations.size(), from, [&](std::uint32_t at, const auto& reach) {
    for (std::uint32_t l = 0; l < lanes.size(); ++l)
      if (lanes[l].from == at || lanes[l].to == at) reach(other_end(l, at), l, length(lanes[l]).value);
  });
  if (from != to && found.edge[to] == ShortestPaths::none) return std::nullopt;
  std::vector<std::uint32_t> way;
  for (std::uint32_t at = to; at != from; at = other_end(way.back(), at)) way.push_back(found.edge[at]);
  std::reverse(way.begin(), way.end());
  return way;
}

struct Fleet::Vehicle {
  /// Waits until a date, or a safety stop.
  class Ride : public Waiter {
   public:
    Ride(Vehicle& vehicle, Seconds when) : vehicle_(vehicle), when_(when) {}
    bool await_ready() const { return when_ <= now(); }
    void await_suspend(std::coroutine_handle<> caller) {
      caller_ = caller;
      vehicle_.ride = this;
      calendar().at(when_, *this);
    }
    Outcome await_resume() {
      vehicle_.ride = nullptr;
      return outcome;
    }
    void interrupt() {
      outcome = Outcome::refused;
      calendar().withdraw(*this);
      calendar().at(now(), *this);
    }

   private:
    Vehicle& vehicle_;
    Seconds when_;
  };

  DeviceId id;
  Rng rng{0, 0};
  std::uint32_t station = 0;
  Position at;
  std::vector<std::uint32_t> way;  // stations still to pass, the next one first, and those passed in the present run
  std::size_t run = 0;             // index of the end of the present run in `way`
  std::uint32_t held = 0;          // number of stops that hold it
  Seconds held_since;
  WaitQueue freed;
  Ride* ride = nullptr;
  Seconds waits_since = forever;
  Metres counted;  // of the present leg, driven before the totals were reset
  Joules left;
  Watts power;
  Seconds since;
};

Fleet::Fleet(const FleetSpec& spec, std::uint32_t count, DeviceId first, Movers& movers, Trace& trace, const Rng& rng)
    : spec_(spec),
      first_(first),
      movers_(movers),
      trace_(trace),
      lanes_(spec.graph.lanes.size()),
      chargers_(spec.graph.stations.size()) {
  for (std::size_t l = 0; l < lanes_.size(); ++l)
    if (spec.graph.lanes[l].single) lanes_[l] = std::make_unique<Server>(1);
  for (std::uint32_t s = 0; s < chargers_.size(); ++s) {
    if (spec.graph.stations[s].goal) goals_.push_back(s);
    if (spec.graph.stations[s].chargers > 0) chargers_[s] = std::make_unique<Server>(spec.graph.stations[s].chargers);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    auto& vehicle = vehicles_.emplace_back(std::make_unique<Vehicle>());
    vehicle->id = {first.index + i};
    vehicle->rng = rng.stream(i);
    vehicle->station = goals_[i % goals_.size()];
    vehicle->at = spec.graph.stations[vehicle->station].at;
    // Charge levels are random, so that not all go to charge at once.
    vehicle->left = spec.battery * vehicle->rng.uniform(spec.low, spec.full);
  }
}

Fleet::~Fleet() = default;

void Fleet::start() {
  for (const auto& vehicle : vehicles_) spawn(work(*vehicle));
}

void Fleet::draw(Vehicle& vehicle, Watts power) {
  vehicle.left = std::max(Joules(0), vehicle.left - vehicle.power * (now() - vehicle.since));
  vehicle.power = power;
  vehicle.since = now();
}

Process Fleet::work(Vehicle& vehicle) {
  movers_.travel(vehicle.id, Leg::rest(vehicle.at, now()));
  draw(vehicle, spec_.standing);
  for (;;) {
    draw(vehicle, spec_.standing);
    if (vehicle.left > Joules(0) && vehicle.left <= spec_.battery * spec_.low) co_await charge(vehicle);
    if (vehicle.left <= Joules(0)) break;
    std::uint32_t from = vehicle.station, to = vehicle.station;
    if (!spec_.missions.empty()) {
      std::tie(from, to) = spec_.missions[vehicle.rng.below(spec_.missions.size())];
    } else {
      while (from == to) {
        from = goals_[vehicle.rng.below(goals_.size())];
        to = goals_[vehicle.rng.below(goals_.size())];
      }
    }
    const Seconds begin = now();
    co_await go(vehicle, from);
    const Seconds load = spec_.handling.sample(vehicle.rng);
    co_await delay(load);
    co_await go(vehicle, to);
    const Seconds unload = spec_.handling.sample(vehicle.rng);
    co_await delay(unload);
    ++totals_.missions;
    totals_.mission_time.add((now() - begin).value);
    trace_.emit(now(), MissionDone{vehicle.id, begin});
  }
  ++totals_.flat;
}

// Consecutive collinear lanes that are not single are one run without a stop.
Task<> Fleet::go(Vehicle& vehicle, std::uint32_t goal) {
  const StationGraph& graph = spec_.graph;
  const std::vector<std::uint32_t> lanes = graph.route(vehicle.station, goal).value_or(std::vector<std::uint32_t>{});
  vehicle.way.clear();
  std::uint32_t at = vehicle.station;
  for (const std::uint32_t lane : lanes) {
    at = graph.lanes[lane].from == at ? graph.lanes[lane].to : graph.lanes[lane].from;
    vehicle.way.push_back(at);
  }
  const auto straight = [&](const Position& a, const Position& b, const Position& c) {
    const double cross = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
    const double dot = (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y);
    return dot > 0 && std::abs(cross) <= 1e-9 * dot;
  };
  for (std::size_t i = 0; i < lanes.size();) {
    std::optional<Server::Turn> turn;
    std::size_t passed = 1;
    if (lanes_[lanes[i]]) {
      vehicle.waits_since = now();
      turn.emplace(co_await lanes_[lanes[i]]->enter());
      totals_.waited += now() - std::exchange(vehicle.waits_since, forever);
    } else {
      while (i + passed < lanes.size() && !lanes_[lanes[i + passed]] &&
             straight(passed > 1 ? graph.stations[vehicle.way[passed - 2]].at : vehicle.at,
                      graph.stations[vehicle.way[passed - 1]].at, graph.stations[vehicle.way[passed]].at))
        ++passed;
    }
    const std::uint32_t next = vehicle.way[passed - 1];
    vehicle.run = passed;
    co_await drive(vehicle, graph.stations[next].at);
    vehicle.run = 0;
    vehicle.station = next;
    vehicle.way.erase(vehicle.way.begin(), vehicle.way.begin() + static_cast<std::ptrdiff_t>(passed));
    i += passed;
  }
}

// Drives from rest to rest, as fast as the rates allow: acceleration, constant speed, deceleration; anew after each
// safety stop.
Task<> Fleet::drive(Vehicle& vehicle, const Position& to) {
  for (;;) {
    while (vehicle.held > 0) co_await vehicle.freed.wait();
    draw(vehicle, spec_.driving);
    const Position from = vehicle.at;
    const Metres whole = distance(from, to, false);
    if (whole.value <= 1e-9) break;
    const double ux = (to.x - from.x) / whole.value, uy = (to.y - from.y) / whole.value;
    const double a = spec_.acceleration.value, d = spec_.deceleration.value;
    const MetresPerSecond top(std::min(spec_.speed.value, std::sqrt(2 * whole.value * a * d / (a + d))));
    const Metres rise(top.value * top.value / (2 * a)), fall(top.value * top.value / (2 * d));
    const Metres cruise = std::max(Metres(0), whole - rise - fall);
    const std::array<std::pair<Metres, std::pair<MetresPerSecond, MetresPerSecond>>, 3> parts{
        {{rise, {MetresPerSecond(0), top}}, {cruise, {top, top}}, {fall, {top, MetresPerSecond(0)}}}};
    bool stopped = false;
    for (const auto& [length, speeds] : parts) {
      if (length <= Metres(0)) continue;
      const Leg leg = Leg::ramp(vehicle.at, ux, uy, length, now(), speeds.first, speeds.second);
      movers_.travel(vehicle.id, leg);
      Vehicle::Ride ride(vehicle, leg.end);
      const Outcome outcome = co_await ride;
      vehicle.at = leg.at(leg.travelled(now()));
      totals_.driven += leg.travelled(now()) - std::exchange(vehicle.counted, Metres(0));
      if (outcome == Outcome::done) continue;
      stopped = true;
      const MetresPerSecond speed = leg.speed_at(now());
      if (speed.value <= 0) break;
      const Leg brake = Leg::ramp(vehicle.at, ux, uy, Metres(speed.value * speed.value / (2 * spec_.emergency.value)),
                                  now(), speed, MetresPerSecond(0));
      movers_.travel(vehicle.id, brake);
      co_await until(brake.end);
      vehicle.at = brake.at(brake.length);
      totals_.driven += brake.length - std::exchange(vehicle.counted, Metres(0));
      break;
    }
    if (!stopped) break;
    draw(vehicle, spec_.standing);
    movers_.travel(vehicle.id, Leg::rest(vehicle.at, now()));
  }
  vehicle.at = to;
  movers_.travel(vehicle.id, Leg::rest(to, now()));
  draw(vehicle, spec_.standing);
}

std::uint32_t Fleet::charger_near(const Vehicle& vehicle) const {
  std::uint32_t best = vehicle.station;
  double least = std::numeric_limits<double>::infinity();
  for (std::uint32_t s = 0; s < chargers_.size(); ++s) {
    const auto way = chargers_[s] ? spec_.graph.route(vehicle.station, s) : std::nullopt;
    if (!way) continue;
    double far = 0;
    for (const std::uint32_t lane : *way) far += spec_.graph.length(spec_.graph.lanes[lane]).value;
    if (far < least) {
      least = far;
      best = s;
    }
  }
  return best;
}

Task<> Fleet::charge(Vehicle& vehicle) {
  const std::uint32_t station = charger_near(vehicle);
  if (!chargers_[station]) co_return;
  co_await go(vehicle, station);
  if (vehicle.left <= Joules(0)) co_return;
  vehicle.waits_since = now();
  const Server::Turn turn = co_await chargers_[station]->enter();
  totals_.waited += now() - std::exchange(vehicle.waits_since, forever);
  draw(vehicle, Watts(0));
  ++totals_.charges;
  co_await delay(std::max(Joules(0), spec_.battery * spec_.full - vehicle.left) / spec_.charging);
  vehicle.left = spec_.battery * spec_.full;
  draw(vehicle, spec_.standing);
}

void Fleet::stop(DeviceId device) {
  Vehicle& vehicle = *vehicles_[device.index - first_.index];
  if (vehicle.held++ > 0) return;
  vehicle.held_since = now();
  ++totals_.stops;
  trace_.emit(now(), SafetyStop{device, true});
  if (vehicle.ride) vehicle.ride->interrupt();
}

void Fleet::go_on(DeviceId device) {
  Vehicle& vehicle = *vehicles_[device.index - first_.index];
  ensure(vehicle.held > 0, "a vehicle that was not stopped was to go on");
  if (--vehicle.held > 0) return;
  totals_.stopped += now() - vehicle.held_since;
  trace_.emit(now(), SafetyStop{device, false});
  vehicle.freed.wake();
}

Position Fleet::ahead(DeviceId device, Seconds span) const {
  const Vehicle& vehicle = *vehicles_[device.index - first_.index];
  const auto place = [&](std::size_t i) -> const Position& { return spec_.graph.stations[vehicle.way[i]].at; };
  Position at = movers_.position(device, now());
  std::size_t first = 0;
  while (first + 1 < vehicle.run &&
         distance(place(first), place(vehicle.run - 1), false) >= distance(at, place(vehicle.run - 1), false))
    ++first;
  double left = spec_.speed.value * span.value;
  for (std::size_t i = first; i < vehicle.way.size(); ++i) {
    const Position& next = place(i);
    const double far = distance(at, next, false).value;
    if (far >= left) return {at.x + (next.x - at.x) * left / far, at.y + (next.y - at.y) * left / far, 0};
    left -= far;
    at = next;
  }
  return at;
}

Fleet::Totals Fleet::totals() const {
  Totals totals = totals_;
  for (const auto& vehicle : vehicles_) {
    if (vehicle->held > 0) totals.stopped += now() - vehicle->held_since;
    if (vehicle->waits_since < forever) totals.waited += now() - vehicle->waits_since;
    totals.driven += movers_.leg(vehicle->id).travelled(now()) - vehicle->counted;
  }
  return totals;
}

Fleet::Totals& Fleet::Totals::operator+=(const Totals& other) {
  missions += other.missions;
  stops += other.stops;
  charges += other.charges;
  flat += other.flat;
  stopped += other.stopped;
  waited += other.waited;
  driven += other.driven;
  mission_time.merge(other.mission_time);
  return *this;
}

void Fleet::reset() {
  totals_ = {};
  for (const auto& vehicle : vehicles_) {
    if (vehicle->held > 0) vehicle->held_since = now();
    if (vehicle->waits_since < forever) vehicle->waits_since = now();
    vehicle->counted = movers_.leg(vehicle->id).travelled(now());
  }
}

void Fleets::start() {
  for (const auto& fleet : all_) fleet->start();
}

Fleet* Fleets::of(DeviceId device) const {
  for (const auto& fleet : all_)
    if (fleet->has(device)) return fleet.get();
  return nullptr;
}

void Fleets::reset() {
  for (const auto& fleet : all_) fleet->reset();
}

void Fleets::figures(Figures& figures) {
  if (all_.empty()) return;
  Fleet::Totals sum;
  for (const auto& fleet : all_) sum += fleet->totals();
  figures.count("agv.missions", Better::higher, sum.missions, "Missions that vehicles have ended.");
  figures.rate("agv.missions_per_hour", "1/h", Better::higher, static_cast<double>(sum.missions) * 3600,
               "The same per hour: the fleet's productivity.");
  figures.spread("agv.mission_time", "s", Better::lower, sum.mission_time,
                 "From taking up a mission to its end; charging is no part of it.");
  figures.count("agv.stops", Better::lower, sum.stops, "Safety stops, after control loops failed.");
  figures.add("agv.stopped", "s", Better::lower, sum.stopped.value, "Time in safety stops, over all vehicles.");
  figures.add("agv.waited", "s", Better::lower, sum.waited.value,
              "Waits for right of way and for chargers, over all vehicles.");
  figures.count("agv.charges", Better::neither, sum.charges, "Times that a vehicle charged.");
  figures.count("agv.flat", Better::lower, sum.flat, "Vehicles whose battery ran out.");
  figures.add("agv.driven", "m", Better::neither, sum.driven.value, "Way driven, over all vehicles.");
}

}  // namespace codecosim
