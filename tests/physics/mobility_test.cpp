// Where things are on a straight stretch, and when they get somewhere.
#include <cmath>

#include "models/mobility/motion.hpp"
#include "tests/catch.hpp"

using namespace codecosim;
using namespace codecosim::literals;

namespace {
constexpr MetresPerSecond walking{1.5};
}  // namespace

TEST_CASE("A leg at constant speed, by hand", "[physics]") {
  // From (1, 2) to (31, 42), 50 m in the direction (0.6, 0.8), at 2 m/s from 10 s on: there at 35 s.
  const Leg leg = Leg::between({1, 2, 0}, {31, 42, 0}, 10_s, MetresPerSecond(2));
  CHECK(leg.length.value == Approx(50).epsilon(1e-15));
  CHECK(leg.end.value == Approx(35).epsilon(1e-15));
  CHECK(leg.ux == Approx(0.6).epsilon(1e-15));
  CHECK(leg.uy == Approx(0.8).epsilon(1e-15));
  CHECK(leg.travelled(5_s).value == 0);
  CHECK(leg.travelled(20_s).value == Approx(20).epsilon(1e-15));
  CHECK(leg.travelled(40_s).value == leg.length.value);
  CHECK(leg.at(20_s).x == Approx(13).epsilon(1e-15));
  CHECK(leg.at(20_s).y == Approx(18).epsilon(1e-15));
  CHECK(leg.reaches(Metres(20)).value == Approx(20).epsilon(1e-15));
  CHECK(leg.reaches(Metres(0)) == leg.start);
  CHECK(leg.reaches(leg.length).value == Approx(35).epsilon(1e-15));
  CHECK(leg.speed_at(20_s).value == Approx(2).epsilon(1e-15));
  // The same by its end.
  const Leg same = Leg::between({1, 2, 0}, {31, 42, 0}, 10_s, 35_s);
  CHECK(same.speed.value == Approx(2).epsilon(1e-15));
  CHECK(same.end == 35_s);
}

TEST_CASE("Legs that speed up and slow down, by hand", "[physics]") {
  // From rest to 2 m/s over 4 m: the mean speed is 1 m/s, so 4 s at 0.5 m/s^2. s(2 s) = 0.5 * 0.5 * 4 = 1 m.
  const Leg starts = Leg::ramp({0, 0, 0}, 0, 1, Metres(4), 3_s, MetresPerSecond(0), MetresPerSecond(2));
  CHECK(starts.end.value == Approx(7).epsilon(1e-15));
  CHECK(starts.acceleration.value == Approx(0.5).epsilon(1e-15));
  CHECK(starts.travelled(5_s).value == Approx(1).epsilon(1e-15));
  CHECK(starts.at(5_s).y == Approx(1).epsilon(1e-15));
  CHECK(starts.reaches(Metres(1)).value == Approx(5).epsilon(1e-15));
  CHECK(starts.speed_at(5_s).value == Approx(1).epsilon(1e-15));
  // From 2 m/s to rest over 2.5 m at 0.8 m/s^2: 2.5 s. After 1 s: 2 - 0.4 = 1.6 m, 1.2 m/s.
  const Leg stops = Leg::ramp({0, 0, 0}, 1, 0, Metres(2.5), 0_s, MetresPerSecond(2), MetresPerSecond(0));
  CHECK(stops.end.value == Approx(2.5).epsilon(1e-15));
  CHECK(stops.acceleration.value == Approx(-0.8).epsilon(1e-15));
  CHECK(stops.travelled(1_s).value == Approx(1.6).epsilon(1e-15));
  CHECK(stops.reaches(Metres(1.6)).value == Approx(1).epsilon(1e-14));
  CHECK(stops.speed_at(1_s).value == Approx(1.2).epsilon(1e-15));
  CHECK(stops.reaches(Metres(2.5)) == stops.end);
}

TEST_CASE("A rest is a leg of no length", "[physics]") {
  const Leg rest = Leg::rest({3, 4, 0}, 1_s, 9_s);
  for (const Seconds when : {0_s, 1_s, 5_s, 9_s, 20_s}) {
    CHECK(rest.travelled(when).value == 0);
    CHECK(rest.at(when).x == 3);
    CHECK(rest.at(when).y == 4);
    CHECK(rest.speed_at(when).value == 0);
  }
  CHECK(rest.reaches(Metres(0)) == 1_s);
  CHECK(rest.reaches(Metres(1)) == 9_s);  // never: the end is what stands for it
  CHECK(Leg::rest({0, 0, 0}, 0_s).end == forever);
  const Leg nowhere = Leg::between({3, 4, 0}, {3, 4, 0}, 2_s, walking);
  CHECK(nowhere.end == 2_s);
  CHECK(nowhere.length.value == 0);
  CHECK(Leg::between({3, 4, 0}, {3, 4, 0}, 2_s, 7_s).end == 7_s);
}

TEST_CASE("Where it is and when it is there are inverse to each other", "[property]") {
  Rng rng(7, 0);
  for (int i = 0; i < 20000; ++i) {
    const Seconds start(rng.uniform(0, 1000));
    const Metres length(rng.uniform(0.1, 500));
    const double angle = rng.uniform(0, 6.28);
    double begin = rng.uniform(0, 20), end = rng.uniform(0, 20);
    if (i % 3 == 0) begin = 0;
    if (i % 3 == 1) end = 0;
    const Leg leg = i % 7 == 0 ? Leg::between({0, 0, 0}, {length.value, 0, 0}, start, MetresPerSecond(1 + begin))
                               : Leg::ramp({0, 0, 0}, std::cos(angle), std::sin(angle), length, start,
                                           MetresPerSecond(begin), MetresPerSecond(end));
    const double s = length.value * rng.uniform();
    // A date of 1000 s has a resolution of 1e-13 s; at most 20 m/s make 2e-12 m of it.
    REQUIRE(leg.travelled(leg.reaches(Metres(s))).value == Approx(s).margin(1e-11).epsilon(1e-12));
    REQUIRE(leg.reaches(length) == leg.end);
    const Seconds when = start + (leg.end - start) * rng.uniform();
    // Where it hardly moves, a date follows from a place less exactly: by the rounding of s, over the speed.
    const double slow = std::max(leg.speed_at(when).value, 1e-9);
    REQUIRE(leg.reaches(leg.travelled(when)).value ==
            Approx(when.value).epsilon(1e-12).margin(1e-12 * length.value / slow + 1e-7 * (slow < 1e-3)));
    REQUIRE(leg.travelled(when).value >= 0);
    REQUIRE(leg.travelled(when) <= length);
    REQUIRE(leg.speed_at(when).value >= -1e-12);
  }
}

TEST_CASE("Motions go on where and when they left off", "[property]") {
  const Area area{{-50, 20, 0}, Metres(300), Metres(100)};
  const std::vector<Track> tracks{{{{5_s, {0, 0, 0}}, {9_s, {8, 0, 0}}, {9_s, {8, 0, 0}}, {20_s, {8, 11, 0}}}},
                                  {{{0_s, {1, 1, 0}}, {2_s, {1, 1, 0}}, {4_s, {1, 5, 0}}}}};
  const std::vector<std::unique_ptr<Motion>> motions = [&] {
    std::vector<std::unique_ptr<Motion>> all;
    all.push_back(stationary({{1, 2, 0}, {3, 4, 0}}));
    all.push_back(random_waypoint(area, Distribution<MetresPerSecond>(Law::uniform(0.5, 2)),
                                  Distribution<Seconds>(Law::exponential(3))));
    all.push_back(random_waypoint(area, Distribution<MetresPerSecond>(Law::constant(1)), Distribution<Seconds>()));
    all.push_back(replay(tracks));
    return all;
  }();
  for (std::size_t m = 0; m < motions.size(); ++m)
    for (std::uint32_t mover = 0; mover < 5; ++mover) {
      Motion::State state{Rng(1, mover), {}, 0_s};
      Leg before;
      for (int n = 0; n < 200; ++n) {
        const auto leg = motions[m]->next(state, mover);
        if (!leg) break;
        CAPTURE(m, mover, n);
        if (n == 0) REQUIRE(leg->start == 0_s);
        if (n > 0) {
          REQUIRE(leg->start == before.end);
          REQUIRE(distance(leg->from, before.at(before.length), false).value < 1e-9);
        }
        REQUIRE(leg->end >= leg->start);
        REQUIRE(leg->ux * leg->ux + leg->uy * leg->uy == Approx(1).epsilon(1e-14));
        if (m == 1 || m == 2) {
          const Position at = leg->at(leg->length);
          REQUIRE((at.x >= -50 - 1e-9 && at.x <= 250 + 1e-9 && at.y >= 20 - 1e-9 && at.y <= 120 + 1e-9));
        }
        before = *leg;
      }
    }
  Motion::State state{Rng(1, 0), {}, 0_s};
  std::vector<Leg> legs;
  while (const auto leg = motions[3]->next(state, 2)) legs.push_back(*leg);
  REQUIRE(legs.size() == 4);
  CHECK(legs[0].end == 5_s);
  CHECK(legs[1].speed.value == Approx(2));
  CHECK(legs[3].speed.value == Approx(1));
}
