// Handovers solved on the way against handovers found by looking every millisecond.
#include <algorithm>
#include <cmath>
#include <functional>

#include "models/mobility/motion.hpp"
#include "tests/catch.hpp"
#include "tests/radio.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

namespace {
struct Handover {
  double at;
  std::uint32_t to;
};

/// What a device that looks at all cells every `step` would do. Knows nothing of legs but where one is at a date, of
/// radio nothing but the level of a cell at a place, and of handover only event A3: better by offset + hysteresis to
/// begin, not worse than offset - hysteresis to go on, and after the time to trigger the change. It does not look at a
/// cell for as long as none could have changed so much meanwhile, within one place.
struct Sampled {
  const Radio& radio;
  const Technology& technology;
  const std::vector<Leg>& legs;
  double step;
  std::vector<Handover> found;

  void run(double end) {
    const std::uint32_t cells = radio.cell_count();
    const double enter = technology.offset.value + technology.hysteresis.value,
                 leave = technology.offset.value - technology.hysteresis.value, wait = technology.time_to_trigger.value;
    const double side = technology.propagation.place.value,
                 rise = (technology.cell_height - technology.device_height).value;
    // The most that a level can change in a metre: 10 n / ln 10 * d / (d^2 + h^2) <= 10 n / ln 10 / 2 h.
    double exponent = 0;
    for (const double far : {50, 5000})
      for (const bool sight : {true, false})
        exponent = std::max(
            exponent, technology.propagation
                          .law(technology.carrier, Metres(far), technology.cell_height, technology.device_height, sight)
                          .per_decade);
    const double steepest = exponent / std::log(10.0) / (2 * rise);
    std::vector<double> since(cells, -1), look(cells, 0);
    std::uint32_t own = 0;
    std::size_t on = 0;
    double x = 0, y = 0;
    for (double n = 0; n * step <= end; ++n) {
      const double now = n * step;
      while (on + 1 < legs.size() && legs[on + 1].start.value <= now) ++on;
      const Position at = legs[on].at(Seconds(now));
      if (n == 0)
        for (std::uint32_t c = 1; c < cells; ++c)
          if (radio.level({c}, at) > radio.level({own}, at)) own = c;
      const double px = std::floor(at.x / side), py = std::floor(at.y / side);
      if (px != x || py != y) std::fill(look.begin(), look.end(), 0);
      x = px;
      y = py;
      double level = 1e300;  // of its own, when it is needed
      std::uint32_t best = own;
      double best_level = -1e300;
      for (std::uint32_t c = 0; c < cells; ++c) {
        if (c == own || (n < look[c] && !(since[c] >= 0 && now >= since[c] + wait - 1e-12))) continue;
        if (level > 1e299) level = radio.level({own}, at);
        const double its = radio.level({c}, at), ahead = its - level;
        if (since[c] < 0 && ahead > enter) since[c] = now;
        if (since[c] >= 0 && ahead < leave) since[c] = -1;
        if (since[c] >= 0 && now >= since[c] + wait - 1e-12 && its > best_level) {
          best = c;
          best_level = its;
        }
        const double to_go = since[c] < 0 ? enter - ahead : ahead - leave, speed = fastest * 2 * steepest * step;
        look[c] = n + std::max(1.0, std::floor(to_go / speed));
      }
      if (best == own) continue;
      own = best;
      found.push_back({now, own});
      std::fill(since.begin(), since.end(), -1);
      std::fill(look.begin(), look.end(), 0);
      --n;  // it looks again at once, with its new cell
    }
  }
  double fastest;
};

/// The largest difference in time; infinity where the sequences differ.
double difference(const std::vector<Handover>& a, const std::vector<Handover>& b) {
  if (a.size() != b.size()) return 1e300;
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].to != b[i].to) return 1e300;
    most = std::max(most, std::abs(a[i].at - b[i].at));
  }
  return most;
}

/// Cells at random in 1 km^2, every one of which is heard everywhere and serves, so that nothing but event A3 happens.
void check_walkers(Technology radio, double duration) {
  radio.tiers = {{Decibels(-250), BytesPerSecond(1e6), BytesPerSecond(1e6)}};
  radio.activity = 0;
  radio.offset = Decibels(2);
  radio.hysteresis = Decibels(1);
  radio.time_to_trigger = Seconds(0.16);
  radio.interruption = Distribution<Seconds>();
  Rng rng(2026, 0);
  std::vector<Position> at(100);
  for (Position& one : at) one = {rng.uniform(0, 1000), rng.uniform(0, 1000), 0};
  CellSpec cells = cells_at(at);
  for (ClusterId& gateway : cells.gateways) gateway = {0};
  constexpr std::uint32_t walkers = 1000;
  constexpr double fastest = 15;
  Field field({radio}, {cells}, walkers);
  std::vector<std::vector<Leg>> legs(walkers);
  const auto motion =
      random_waypoint({{0, 0, 0}, Metres(1000), Metres(1000)}, Distribution<MetresPerSecond>(Law::uniform(1, fastest)),
                      Distribution<Seconds>(Law::uniform(0, 1)));
  const auto nearby =
      random_waypoint({{300, 300, 0}, Metres(40), Metres(40)}, Distribution<MetresPerSecond>(Law::uniform(1, fastest)),
                      Distribution<Seconds>(Law::uniform(0, 1)));
  for (std::uint32_t d = 0; d < walkers; ++d) {
    Motion::State state{rng.stream(d), {}, 0_s};
    // One in four turns often.
    while (state.when.value <= duration) legs[d].push_back(*(d % 4 == 0 ? nearby : motion)->next(state, d));
    spawn(field.walk({d}, legs[d]));
  }
  field.calendar.run(Seconds(duration));
  std::vector<std::vector<Handover>> solved(walkers);
  for (const Field::Change& one : field.changes)
    if (one.before) solved[one.device.index].push_back({one.at, one.after.index});
  std::size_t handovers = 0, again = 0;
  double most = 0, most_again = 0;
  for (std::uint32_t d = 0; d < walkers; ++d) {
    handovers += solved[d].size();
    Sampled looks{field.world.radio, field.world.radio.technology({0}), legs[d], 1e-3, {}, fastest};
    looks.run(duration);
    // A sample sees the entry up to a millisecond late; the time to trigger is a whole number of them.
    double apart = difference(solved[d], looks.found);
    if (apart > 0.001 + 1e-9) {
      // A condition that held, or paused, for less than a millisecond, or two that were met within one: look more
      // closely.
      ++again;
      Sampled closely{field.world.radio, field.world.radio.technology({0}), legs[d], 1e-5, {}, fastest};
      closely.run(duration);
      apart = difference(solved[d], closely.found);
      CAPTURE(d, apart, solved[d].size(), looks.found.size(), closely.found.size());
      CHECK(apart <= 1e-5 + 1e-9);
      most_again = std::max(most_again, apart);
    } else {
      most = std::max(most, apart);
    }
  }
  INFO(handovers << " handovers; apart by at most " << most << " s, the " << again << " looked at closely by "
                 << most_again << " s");
  CHECK(handovers > 3000);
  CHECK(again <= walkers / 20);
}
}  // namespace

TEST_CASE("A thousand walkers among a hundred cells hand over as one does who looks every millisecond", "[property]") {
  // Levels of one slope, with shadowing of 6 dB in places of 10 m.
  Technology radio = technology("lte");
  radio.propagation = {};
  radio.propagation.exponent = 3.5;
  radio.propagation.shadowing = Decibels(6);
  check_walkers(radio, 25);
}

TEST_CASE("A thousand walkers in streets, where slopes differ, hand over as one does who looks every millisecond",
          "[property]") {
  check_walkers(technology("lte"), 15);
}
