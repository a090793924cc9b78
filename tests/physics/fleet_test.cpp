// Automated guided vehicles by hand: ways, dates along them, right of way, safety stops, batteries.
#include <cmath>

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "models/mobility/fleet.hpp"
#include "sim/kernel/frame_pool.hpp"
#include "tests/catch.hpp"

using namespace codecosim;
using namespace codecosim::literals;

namespace {
using Lanes = std::vector<std::uint32_t>;

struct Yard {
  explicit Yard(FleetSpec its, std::uint32_t count = 1)
      : spec(std::move(its)), movers(count), fleet(spec, count, DeviceId{0}, movers, trace, Rng(1, 0)) {
    movers.on_leg.add([this](DeviceId device) { legs.push_back({now().value, device.index, movers.leg(device)}); });
    fleet.start();
  }
  // Everything that is suspended goes before what it waits for.
  ~Yard() { frames::destroy_processes(); }

  Process then(double at, std::function<void()> what) {
    co_await until(Seconds(at));
    what();
  }
  void stop(double at, std::uint32_t device = 0) {
    spawn(then(at, [this, device] { fleet.stop({device}); }));
  }
  void go_on(double at, std::uint32_t device = 0) {
    spawn(then(at, [this, device] { fleet.go_on({device}); }));
  }
  /// When it first came to rest at a station after a date; -1: never.
  double arrival(std::uint32_t station, std::uint32_t device = 0, double after = 0) const {
    const Position& there = spec.graph.stations[station].at;
    for (const Begun& one : legs)
      if (one.device == device && one.at > after && one.leg.length <= Metres(0) && one.leg.from.x == there.x &&
          one.leg.from.y == there.y)
        return one.at;
    return -1;
  }
  /// When it last began to move.
  double moved(std::uint32_t device) const {
    double last = -1;
    for (const Begun& one : legs)
      if (one.device == device && one.leg.length > Metres(0)) last = one.at;
    return last;
  }

  struct Begun {
    double at;
    std::uint32_t device;
    Leg leg;
  };
  Calendar calendar;
  FleetSpec spec;
  Movers movers;
  Trace trace;
  Fleet fleet;
  std::vector<Begun> legs;
};

/// From standing to standing with the rates of the default: 1.5 m/s, 0.5 and 0.8 m/s^2. Up to the speed in 3 s and 2.25
/// m, down in 1.875 s and 1.40625 m; a way shorter than both together takes sqrt(2 s (1 / a + 1 / d)).
double ride(double metres) {
  constexpr double ramps = 2.25 + 1.40625;
  return metres >= ramps ? 4.875 + (metres - ramps) / 1.5 : std::sqrt(2 * metres * (1 / 0.5 + 1 / 0.8));
}

FleetSpec fleet(const std::vector<Position>& stations, const std::vector<StationGraph::Lane>& lanes,
                std::vector<std::pair<std::uint32_t, std::uint32_t>> missions, double handling = 0) {
  FleetSpec spec;
  for (const Position& at : stations) spec.graph.stations.push_back({"s", at});
  spec.graph.lanes = lanes;
  spec.missions = std::move(missions);
  spec.handling = Distribution<Seconds>(Law::constant(handling));
  return spec;
}
/// From a to b, so many metres.
FleetSpec line(double metres, double handling = 0, bool single = false) {
  return fleet({{0, 0, 0}, {metres, 0, 0}}, {{0, 1, single}}, {{0, 1}}, handling);
}
}  // namespace

TEST_CASE("The shortest way is taken, and of equals the one by the stations listed first", "[physics]") {
  StationGraph graph =
      fleet({{0, 0, 0}, {10, 0, 0}, {10, 10, 0}, {0, 10, 0}, {50, 50, 0}}, {{0, 3}, {3, 2}, {0, 1}, {1, 2}}, {}).graph;
  CHECK(*graph.route(0, 2) == Lanes{2, 3});
  CHECK(*graph.route(2, 0) == Lanes{3, 2});
  CHECK(*graph.route(1, 3) == Lanes{2, 0});
  CHECK(graph.route(3, 3)->empty());
  CHECK_FALSE(graph.route(0, 4));
  CHECK_FALSE(graph.route(4, 0));
  // Of two lanes between the same stations, the first.
  graph.lanes.push_back({1, 0});
  CHECK(*graph.route(0, 1) == Lanes{2});
  // Straight across: 14.1 m instead of 20 m.
  graph.lanes.push_back({2, 0});
  CHECK(*graph.route(0, 2) == Lanes{5});
  // More lanes, but shorter: by a station that lies on the straight line.
  graph.stations.push_back({"near", {2, 2, 0}});
  graph.lanes[5] = {2, 5};
  graph.lanes.push_back({5, 0});
  CHECK(*graph.route(0, 2) == Lanes{6, 5});
}

TEST_CASE("A mission takes the time of its stretches, by hand", "[physics]") {
  const auto first = [](const FleetSpec& spec, double by_hand) {
    const Yard yard(spec);
    calendar().run(Seconds(by_hand - 1e-6));
    CHECK(yard.fleet.totals().missions == 0);
    calendar().run(Seconds(by_hand + 1e-6));
    CHECK(yard.fleet.totals().missions == 1);
    CHECK(yard.fleet.totals().mission_time.sum() == Approx(by_hand).epsilon(1e-12));
  };
  CHECK(ride(30) == Approx(22.4375).epsilon(1e-15));
  // It stands at the first station: it loads, drives, unloads.
  first(line(30), 22.4375);
  first(line(30, 7), 22.4375 + 14);
  // Just as fast as it may be, and not so fast: 1 m in 2.5495 s, up to 0.784 m/s.
  first(line(2.25 + 1.40625), 4.875);
  first(line(1), std::sqrt(6.5));
  // To where it loads it drives empty.
  FleetSpec back = line(30, 7);
  back.missions = {{1, 0}};
  first(back, 2 * ride(30) + 14);
  // It stands where it turns, and nowhere else: two lanes in a line are one.
  first(fleet({{0, 0, 0}, {30, 0, 0}, {30, 10, 0}}, {{0, 1}, {1, 2}}, {{0, 2}}), ride(30) + ride(10));
  first(fleet({{0, 0, 0}, {10, 0, 0}, {30, 0, 0}}, {{0, 1}, {1, 2}}, {{0, 2}}), ride(30));
  first(fleet({{0, 0, 0}, {6, 8, 0}, {18, 24, 0}, {18, 34, 0}}, {{0, 1}, {1, 2}, {2, 3}}, {{0, 3}}),
        ride(30) + ride(10));
  // And before and after a lane that is for one alone.
  first(fleet({{0, 0, 0}, {10, 0, 0}, {20, 0, 0}, {30, 0, 0}}, {{0, 1}, {1, 2, true}, {2, 3}}, {{0, 3}}), 3 * ride(10));
}

TEST_CASE("Missions without a list lead between any two goals, and nowhere else", "[physics]") {
  // A zigzag: each station is a corner at which it stands, but handles only at goals.
  FleetSpec spec = fleet({{0, 0, 0}, {10, 0, 0}, {20, 5, 0}, {30, 0, 0}}, {{0, 1}, {1, 2}, {2, 3}}, {}, 3);
  spec.graph.stations[1].goal = false;
  spec.battery = Joules(1e12);
  Yard yard(spec);
  yard.calendar.run(20'000_s);
  CHECK(yard.fleet.totals().missions > 200);
  std::map<double, int> handled;
  for (std::size_t i = 0; i + 1 < yard.legs.size(); ++i)
    if (yard.legs[i + 1].at - yard.legs[i].at >= 3 && yard.legs[i].leg.length <= Metres(0))
      ++handled[yard.legs[i].leg.from.x];
  CHECK(handled.size() == 3);
  CHECK(handled.count(10) == 0);
  for (const auto& [x, times] : handled) CHECK(times > 60);
}

TEST_CASE("One vehicle at a time is on a single lane, and the other waits", "[physics]") {
  // The second comes from b at once, the first loads for 2 s and waits. The lane is never empty from then on.
  Yard yard(line(10, 2, true), 2);
  const double t = ride(10);
  yard.calendar.run(Seconds(3 * t + 2.5));
  CHECK(yard.arrival(0, 1) == Approx(t).epsilon(1e-12));
  CHECK(yard.arrival(1, 0) == Approx(2 * t).epsilon(1e-12));
  CHECK(yard.arrival(1, 1) == Approx(3 * t).epsilon(1e-12));
  const Fleet::Totals totals = yard.fleet.totals();
  CHECK(totals.missions == 2);
  CHECK(totals.mission_time.sum() == Approx((2 * t + 2) + (3 * t + 2)).epsilon(1e-12));
  // From 2 s to t, from t + 2 to 2 t, from 2 t + 2 to 3 t, and since 3 t + 2.
  CHECK(totals.waited.value == Approx(3 * (t - 2) + 0.5).epsilon(1e-12));
}

TEST_CASE("A single lane is passed in the order of arrival", "[physics]") {
  // To x by e: from 30, 20 and 10 m away; the last of the list is there first.
  FleetSpec spec = fleet({{0, 30, 0}, {-20, 0, 0}, {0, -10, 0}, {10, 0, 0}, {10, 5, 0}, {0, 0, 0}},
                         {{0, 5}, {1, 5}, {2, 5}, {5, 3, true}, {3, 4}}, {{3, 4}});
  spec.graph.stations[5].goal = false;
  Yard yard(spec, 3);
  yard.calendar.run(60_s);
  CHECK(yard.arrival(3, 2) == Approx(2 * ride(10)).epsilon(1e-12));
  CHECK(yard.arrival(3, 1) == Approx(3 * ride(10)).epsilon(1e-12));
  CHECK(yard.arrival(3, 0) == Approx(4 * ride(10)).epsilon(1e-12));
}

TEST_CASE("Thirty vehicles on a ring of six single lanes never block each other, and no lane has two", "[physics]") {
  std::vector<Position> corners;
  std::vector<StationGraph::Lane> lanes;
  for (std::uint32_t i = 0; i < 6; ++i) {
    corners.push_back({10 * std::cos(i * 1.0471975511965976), 10 * std::sin(i * 1.0471975511965976), 0});
    lanes.push_back({i, (i + 1) % 6, true});
  }
  FleetSpec spec = fleet(corners, lanes, {});
  spec.handling = Distribution<Seconds>(Law::uniform(0, 5));
  spec.low = 0;
  spec.battery = Joules(1e12);
  constexpr std::uint32_t count = 30;
  Yard yard(spec, count);
  // Some of them are held up for a while, wherever they are.
  for (std::uint32_t k = 0; k < 1500; ++k) {
    yard.stop(1 + k * 13.1, k % count);
    yard.go_on(1 + k * 13.1 + 3 + k % 17, k % count);
  }
  std::uint64_t crowded = 0, used = 0;
  for (double t = 0; t < 20'000; t += 0.37) {
    yard.calendar.run(Seconds(t));
    for (const StationGraph::Lane& lane : lanes) {
      const Position &a = corners[lane.from], &b = corners[lane.to];
      int on = 0;
      for (std::uint32_t v = 0; v < count; ++v) {
        const Position at = yard.movers.position({v}, now());
        const double from = distance(a, at, false).value, to = distance(at, b, false).value;
        on += from > 1e-6 && to > 1e-6 && std::abs(from + to - distance(a, b, false).value) < 1e-9;
      }
      crowded += on > 1;
      used += on == 1;
    }
  }
  CHECK(crowded == 0);
  CHECK(used > 100'000);
  CHECK(yard.fleet.totals().missions > 2000);
  for (std::uint32_t v = 0; v < count; ++v) CHECK(yard.moved(v) > 19'000);
}

TEST_CASE("A safety stop brakes at once and costs what braking and starting again cost, by hand", "[physics]") {
  // 30 m; up to 1.5 m/s by 3 s, from 20.5625 s on down. A stop at speed v takes v / 1.5 m/s^2 and v^2 / 3 m/s^2.
  const auto arrival = [](std::vector<double> stops, std::vector<double> ends, double stopped,
                          std::uint64_t count = 1) {
    Yard yard(line(30));
    for (const double at : stops) yard.stop(at);
    for (const double at : ends) yard.go_on(at);
    yard.calendar.run(100_s);
    CHECK(yard.fleet.totals().stops == count);
    CHECK(yard.fleet.totals().stopped.value == Approx(stopped).epsilon(1e-12));
    return yard.arrival(1);
  };
  // Speeding up: at 1 s 0.5 m/s and 0.25 m, 1 / 12 m further.
  CHECK(arrival({1}, {10}, 9) == Approx(10 + ride(30 - 1.0 / 3)).epsilon(1e-9));
  // At speed: at 8 s 9.75 m, 0.75 m further.
  CHECK(arrival({8}, {20}, 12) == Approx(20 + ride(19.5)).epsilon(1e-9));
  // Just as it is at speed.
  CHECK(arrival({3}, {10}, 7) == Approx(10 + ride(27)).epsilon(1e-9));
  // Slowing down: a second after it began, 0.7 m/s, 0.49 / 1.6 m before the end, of which 0.49 / 3 m are braked.
  CHECK(arrival({21.5625}, {30}, 8.4375) == Approx(30 + ride(0.49 / 1.6 - 0.49 / 3)).epsilon(1e-9));
  // Called off while it brakes: it stands for a moment at 9 s.
  CHECK(arrival({8}, {8.5}, 0.5) == Approx(9 + ride(19.5)).epsilon(1e-9));
  // Anew while it brakes.
  CHECK(arrival({8, 8.7}, {8.5, 20}, 0.5 + 11.3, 2) == Approx(20 + ride(19.5)).epsilon(1e-9));
  // Two that overlap are one.
  CHECK(arrival({8, 9.5}, {12, 20}, 12) == Approx(20 + ride(19.5)).epsilon(1e-9));
  // Two after each other: of the 19.5 m that are left at 20 s, 9.75 m by 28 s.
  CHECK(arrival({8, 28}, {20, 40}, 24, 2) == Approx(40 + ride(9)).epsilon(1e-9));
  // Before it sets out, and before it has handled.
  CHECK(arrival({0}, {4}, 4) == Approx(4 + ride(30)).epsilon(1e-9));
}

TEST_CASE("A stop while a vehicle stands delays it only if it would set out, and it keeps the lane that is its own",
          "[physics]") {
  for (const auto& [end, sets_out] : std::vector<std::pair<double, double>>{{5, 7}, {20, 20}}) {
    Yard yard(line(30, 7));
    yard.stop(3);
    yard.go_on(end);
    yard.calendar.run(60_s);
    CHECK(yard.arrival(1) == Approx(sets_out + ride(30)).epsilon(1e-12));
  }
  // The first of two is given the lane at t, but may not use it until t + 5.
  Yard yard(line(10, 2, true), 2);
  const double t = ride(10);
  yard.stop(3);
  yard.go_on(t + 5);
  yard.calendar.run(60_s);
  CHECK(yard.arrival(0, 1) == Approx(t).epsilon(1e-12));
  CHECK(yard.arrival(1, 0) == Approx(2 * t + 5).epsilon(1e-12));
  CHECK(yard.arrival(1, 1) == Approx(3 * t + 5).epsilon(1e-12));
}

namespace {
/// 30 m, and a charger 10 m beyond a corner, used after each mission: what is in the battery lies right above what
/// sends it there.
FleetSpec thirsty(double handling = 7) {
  FleetSpec spec = fleet({{0, 0, 0}, {30, 0, 0}, {30, 10, 0}}, {{0, 1}, {1, 2}}, {{0, 1}}, handling);
  spec.graph.stations[2].goal = false;
  spec.graph.stations[2].chargers = 1;
  spec.battery = Joules(1e6);
  spec.low = 0.5;
  spec.full = 0.5 + 1e-12;
  return spec;
}
void ends(Yard& yard, double at, std::uint64_t missions) {
  yard.calendar.run(Seconds(at - 1e-5));
  CHECK(yard.fleet.totals().missions == missions - 1);
  yard.calendar.run(Seconds(at + 1e-5));
  CHECK(yard.fleet.totals().missions == missions);
}
}  // namespace

TEST_CASE("What a vehicle has used it charges, by hand", "[physics]") {
  Yard yard(thirsty());
  ends(yard, 14 + ride(30), 1);
  // 60 W for 14 s of handling, 150 W while it drives, to the charger too; charged at 1500 W.
  const double used = 60 * 14 + 150 * (ride(30) + ride(10));
  const double second = 14 + ride(30) + ride(10) + used / 1500 + ride(10) + 2 * ride(30) + 14;
  ends(yard, second, 2);
  CHECK(yard.fleet.totals().charges == 1);
  CHECK(yard.fleet.totals().flat == 0);
  CHECK(yard.fleet.totals().mission_time.max() == Approx(ride(10) + 2 * ride(30) + 14).epsilon(1e-9));
}

TEST_CASE("A vehicle that stands in a safety stop draws what a standing one draws", "[physics]") {
  Yard yard(thirsty());
  // 8 s on its way, a second until it stands, 999 s on the spot.
  yard.stop(15);
  yard.go_on(1015);
  const double drives = 9 + ride(19.5) + ride(10), used = 60 * (14 + 999) + 150 * drives;
  ends(yard, 1015 + ride(19.5) + 7 + ride(10) + used / 1500 + ride(10) + 2 * ride(30) + 14, 2);
}

TEST_CASE("At a charger the second waits until the first has charged, and charges what it has used meanwhile too",
          "[physics]") {
  FleetSpec spec = fleet({{0, 0, 0}, {40, 0, 0}, {30, 0, 0}}, {{0, 2}, {2, 1}}, {{0, 1}});
  spec.graph.stations[2].goal = false;
  spec.graph.stations[2].chargers = 1;
  spec.low = spec.full = 0.5;  // they go there at once
  spec.charging = Watts(50);
  Yard yard(spec, 2);
  const double free = ride(10) + 150 * ride(10) / 50, waited = free - ride(30);
  yard.calendar.run(30_s);
  CHECK(yard.fleet.totals().charges == 1);
  CHECK(yard.fleet.totals().waited.value == Approx(30 - ride(30)).epsilon(1e-12));
  yard.calendar.run(Seconds(free + 1));
  CHECK(yard.fleet.totals().charges == 2);
  CHECK(yard.fleet.totals().waited.value == Approx(waited).epsilon(1e-12));
  yard.calendar.run(300_s);
  const double leaves = free + (150 * ride(30) + 60 * waited) / 50;
  CHECK(yard.arrival(0, 0, ride(30) + 1) == Approx(leaves + ride(30)).epsilon(1e-9));
}

TEST_CASE("Of several chargers the nearest is used", "[physics]") {
  FleetSpec spec = fleet({{0, 0, 0}, {30, 0, 0}, {30, 20, 0}, {-10, 0, 0}}, {{0, 1}, {1, 2}, {0, 3}}, {{0, 1}});
  for (const std::uint32_t s : {2U, 3U}) {
    spec.graph.stations[s].goal = false;
    spec.graph.stations[s].chargers = 1;
  }
  spec.low = spec.full = 0.5;
  Yard yard(spec, 2);
  yard.calendar.run(20_s);
  CHECK(yard.arrival(3, 0) == Approx(ride(10)).epsilon(1e-12));
  CHECK(yard.arrival(2, 1) == Approx(ride(20)).epsilon(1e-12));
}

TEST_CASE("A vehicle whose battery is empty stands for good, charger or not", "[physics]") {
  // Without a charger: at the end of the first mission.
  {
    FleetSpec spec = line(30);
    spec.battery = Joules(1);
    Yard yard(spec);
    yard.calendar.run(1000_s);
    CHECK(yard.fleet.totals().missions == 1);
    CHECK(yard.fleet.totals().flat == 1);
    CHECK(yard.moved(0) < ride(30));
  }
  // With one that is too far: where it lies. 10 J are left of what the mission needs.
  FleetSpec spec = thirsty();
  spec.battery = Joules((60 * 14 + 150 * ride(30) + 10) / 0.999);
  spec.low = 0.999;
  spec.full = 0.999 + 1e-12;
  Yard yard(spec);
  yard.calendar.run(1000_s);
  CHECK(yard.fleet.totals().missions == 1);
  CHECK(yard.fleet.totals().charges == 0);
  CHECK(yard.fleet.totals().flat == 1);
  CHECK(yard.arrival(2) == Approx(14 + ride(30) + ride(10)).epsilon(1e-12));
  CHECK(yard.moved(0) < yard.arrival(2));
}

TEST_CASE("Ahead of a vehicle is where its known way leads, at speed, and then its end", "[physics]") {
  Yard yard(fleet({{0, 0, 0}, {10, 0, 0}, {30, 0, 0}, {30, 20, 0}}, {{0, 1}, {1, 2}, {2, 3}}, {{0, 3}}));
  const auto ahead = [&](double span, double x, double y) {
    CAPTURE(now().value, span);
    const Position there = yard.fleet.ahead({0}, Seconds(span));
    CHECK(there.x == Approx(x).margin(1e-9));
    CHECK(there.y == Approx(y).margin(1e-9));
  };
  yard.calendar.run(8_s);  // 9.75 m, before the station at 10 m
  ahead(0, 9.75, 0);
  ahead(4, 15.75, 0);
  yard.calendar.run(10_s);  // 12.75 m, past it
  ahead(0, 12.75, 0);
  ahead(4, 18.75, 0);
  ahead(20, 30, 12.75);
  ahead(1000, 30, 20);
  yard.calendar.run(Seconds(ride(30) + 3));  // 2.25 m after the corner
  ahead(2, 30, 5.25);
  // A stop changes nothing: nothing shall hold it up. It brakes at once.
  yard.fleet.stop({0});
  yard.calendar.run(Seconds(ride(30) + 10));
  ahead(0, 30, 3);
  ahead(2, 30, 6);
}

TEST_CASE("Totals begin anew in the midst of driving, standing and waiting", "[physics]") {
  {
    Yard yard(line(30));
    yard.stop(12);
    yard.go_on(21);
    yard.calendar.run(8_s);
    CHECK(yard.fleet.totals().driven.value == Approx(9.75).epsilon(1e-12));
    yard.fleet.reset();
    CHECK(yard.fleet.totals().driven.value == Approx(0).margin(1e-12));
    yard.calendar.run(10_s);
    CHECK(yard.fleet.totals().driven.value == Approx(3).epsilon(1e-12));
    yard.calendar.run(15_s);
    // 15.75 m at 12 s, and 0.75 m of braking.
    CHECK(yard.fleet.totals().driven.value == Approx(16.5 - 9.75).epsilon(1e-12));
    CHECK(yard.fleet.totals().stopped.value == Approx(3).epsilon(1e-12));
    yard.fleet.reset();
    yard.calendar.run(30_s);
    CHECK(yard.fleet.totals().stops == 0);
    CHECK(yard.fleet.totals().stopped.value == Approx(6).epsilon(1e-12));
    yard.calendar.run(Seconds(21 + ride(13.5) + 1e-6));
    CHECK(yard.fleet.totals().missions == 1);
    CHECK(yard.fleet.totals().driven.value == Approx(13.5).epsilon(1e-9));
  }
  Yard yard(line(10, 2, true), 2);  // the first waits from 2 s until the other is through
  yard.calendar.run(4_s);
  CHECK(yard.fleet.totals().waited.value == Approx(2).epsilon(1e-12));
  yard.fleet.reset();
  yard.calendar.run(5_s);
  CHECK(yard.fleet.totals().waited.value == Approx(1).epsilon(1e-12));
  yard.calendar.run(Seconds(ride(10) + 1));
  CHECK(yard.fleet.totals().waited.value == Approx(ride(10) - 4).epsilon(1e-12));
}
