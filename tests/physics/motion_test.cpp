// Where things go: along streets, to work and back, along a path, after a track.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "models/mobility/motion.hpp"
#include "tests/catch.hpp"

using namespace codecosim;
using namespace codecosim::literals;

namespace {
constexpr MetresPerSecond ten{10};
template <class Q>
Distribution<Q> always(Q value) {
  return Distribution<Q>(Law::constant(value.value));
}
Motion::State fresh(std::uint64_t who) { return {Rng(7, 0).stream("devices/thing").stream(who), {}, Seconds(0)}; }

std::vector<Leg> legs(const Motion& motion, std::size_t count, std::uint32_t mover = 0) {
  Motion::State state = fresh(mover);
  std::vector<Leg> all;
  while (all.size() < count)
    if (const auto leg = motion.next(state, mover))
      all.push_back(*leg);
    else
      break;
  return all;
}
Position where(const Motion& motion, Seconds when, std::uint32_t mover = 0) {
  Motion::State state = fresh(mover);
  auto leg = motion.next(state, mover);
  while (leg->end < when) {
    const auto next = motion.next(state, mover);
    if (!next) break;
    leg = next;
  }
  return leg->at(when);
}
bool same(const Position& a, const Position& b) { return std::abs(a.x - b.x) < 1e-9 && std::abs(a.y - b.y) < 1e-9; }

/// Pearson's statistic of counts against their probabilities.
double chi_square(const std::vector<double>& counts, const std::vector<double>& probabilities) {
  double all = 0, sum = 0;
  for (const double count : counts) all += count;
  for (std::size_t i = 0; i < counts.size(); ++i)
    sum += (counts[i] - all * probabilities[i]) * (counts[i] - all * probabilities[i]) / (all * probabilities[i]);
  return sum;
}
// Of Pearson's statistic at 0.1 %, by degrees of freedom: Abramowitz, Stegun, table 26.8.
constexpr double one_freedom = 10.83, two_freedoms = 13.82, five_freedoms = 20.52;

Streets blocks(std::uint32_t columns, std::uint32_t rows) {
  return {{1000, -500, 0}, Metres(80), Metres(200), columns, rows};
}
}  // namespace

TEST_CASE("Motion on streets turns as often as the model says, and at the border as what is left of it says",
          "[physics]") {
  // By how a crossing is met: the degrees to the left that the next block leads. Within: 0, 90, -90. Along the border
  // only straight on or inwards, 2 : 1. Towards it only along, 1 : 1. In a corner only the one way that does not lead
  // back.
  const auto motion = manhattan(blocks(5, 3), always(ten), {});
  const std::vector<Leg> way = legs(*motion, 200'000);
  std::map<std::vector<bool>, std::vector<double>> met;  // by which of straight on, left, right exist
  for (std::size_t i = 1; i < way.size(); ++i) {
    const Leg &before = way[i - 1], &after = way[i];
    const auto exists = [&](double ux, double uy) {
      const double x = after.from.x + 80 * ux, y = after.from.y + 200 * uy;
      return x > 999 && x < 1401 && y > -501 && y < 101;
    };
    const std::vector<bool> open{exists(before.ux, before.uy), exists(-before.uy, before.ux),
                                 exists(before.uy, -before.ux)};
    const double on = before.ux * after.ux + before.uy * after.uy, left = before.ux * after.uy - before.uy * after.ux;
    std::vector<double>& counts = met.try_emplace(open, 3, 0.0).first->second;
    ++counts[on > 0.5 ? 0 : left > 0.5 ? 1 : 2];
    REQUIRE((on > 0.5 || std::abs(left) > 0.5));  // nobody turns round
  }
  REQUIRE(met.size() == 6);
  CHECK(chi_square(met[{true, true, true}], {0.5, 0.25, 0.25}) < two_freedoms);
  const auto two = [&](const std::vector<bool>& open, std::size_t first, std::size_t second, double share) {
    const std::vector<double>& counts = met[open];
    CHECK(counts[3 - first - second] == 0);
    CHECK(chi_square({counts[first], counts[second]}, {share, 1 - share}) < one_freedom);
  };
  two({true, true, false}, 0, 1, 2.0 / 3);
  two({true, false, true}, 0, 2, 2.0 / 3);
  two({false, true, true}, 1, 2, 0.5);
  CHECK(met[{false, true, false}][1] > 0);
  CHECK(met[{false, false, true}][2] > 0);
}

TEST_CASE("Motion on streets is one leg a block, from crossing to crossing", "[physics]") {
  const auto speed = Distribution<MetresPerSecond>(Law::uniform(5, 15));
  const auto motion = manhattan(blocks(5, 3), speed, {});
  Seconds now;
  Position at;
  double sum = 0;
  for (const Leg& leg : legs(*motion, 50'000)) {
    const double column = (leg.from.x - 1000) / 80, row = (leg.from.y + 500) / 200;
    REQUIRE(column == std::round(column));
    REQUIRE(row == std::round(row));
    REQUIRE((column >= 0 && column <= 5 && row >= 0 && row <= 3));
    REQUIRE(leg.length.value == (leg.ux != 0 ? 80 : 200));
    REQUIRE(std::abs(leg.ux) + std::abs(leg.uy) == 1);
    REQUIRE(leg.start == now);
    if (now > Seconds(0)) REQUIRE(same(leg.from, at));
    now = leg.end;
    at = leg.at(leg.length);
    sum += leg.speed.value;
  }
  CHECK(sum / 50'000 == Approx(10).margin(4 * 10 / std::sqrt(12 * 50'000.0)));  // four standard errors
}

TEST_CASE("Motion on streets begins at any crossing, and pauses at each", "[physics]") {
  const auto motion = manhattan(blocks(2, 1), always(ten), always(Seconds(30)));
  std::vector<double> begun(6);
  for (std::uint32_t who = 0; who < 6000; ++who) {
    const Position at = legs(*motion, 1, who)[0].from;
    ++begun[static_cast<std::size_t>((at.x - 1000) / 80 + 3 * (at.y + 500) / 200)];
  }
  CHECK(chi_square(begun, std::vector<double>(6, 1.0 / 6)) < five_freedoms);
  const std::vector<Leg> way = legs(*motion, 100);
  for (std::size_t i = 0; i < way.size(); ++i) {
    CHECK((way[i].length > Metres(0)) == (i % 2 == 0));
    if (i % 2 == 1) CHECK((way[i].end - way[i].start).value == Approx(30));
  }
}

TEST_CASE("Motion to work and back keeps the hours", "[physics]") {
  // 5 km at 10 m/s: 500 s. Leaves at 7 h = 25 200 s, stays 8 h = 28 800 s.
  Commute plan;
  plan.sites = {{0, 0, 0}, {3000, 4000, 0}};
  plan.leaves = always(Seconds(25'200));
  plan.stays = always(Seconds(28'800));
  plan.speed = always(ten);
  const std::vector<Leg> days = legs(*commute(plan), 12);
  const Position home = days[0].from, work = days[1].at(days[1].length);
  CHECK(distance(home, work, false).value == Approx(5000));
  for (std::size_t day = 0; day < 3; ++day) {
    const double begins = 86'400 * static_cast<double>(day);
    const std::array ends{25'200.0, 25'700.0, 54'500.0, 55'000.0};
    for (std::size_t i = 0; i < 4; ++i) CHECK(days[4 * day + i].end.value == Approx(begins + ends[i]).epsilon(1e-12));
    CHECK(same(days[4 * day].from, home));
    CHECK(same(days[4 * day + 2].from, work));
  }
}

TEST_CASE("Motion to work that ends after the next day has begun goes on at once", "[physics]") {
  // Days of 10 000 s; leaves 1000 s into each, 500 s on the way, 10 000 s at work: home at 12 000 s, due at 11 000 s.
  Commute plan;
  plan.sites = {{0, 0, 0}, {5000, 0, 0}};
  plan.leaves = always(Seconds(1000));
  plan.stays = always(Seconds(10'000));
  plan.speed = always(ten);
  plan.day = Seconds(10'000);
  std::vector<double> ends;
  for (const Leg& leg : legs(*commute(plan), 9)) ends.push_back(leg.end.value);
  CHECK(ends == std::vector<double>{1000, 1500, 11'500, 12'000, 12'000, 12'500, 22'500, 23'000, 23'000});
}

TEST_CASE("Motion to work draws two different sites for each, and keeps them", "[physics]") {
  Commute plan;
  plan.sites = {{0, 0, 0}, {100, 0, 0}, {200, 0, 0}};
  plan.leaves = Distribution<Seconds>(Law::uniform(0, 3600));
  plan.stays = always(Seconds(1));
  plan.speed = always(ten);
  const auto motion = commute(plan);
  std::vector<double> pairs(6);
  for (std::uint32_t who = 0; who < 6000; ++who) {
    const std::vector<Leg> way = legs(*motion, 7, who);
    const auto home = static_cast<std::size_t>(way[0].from.x / 100),
               work = static_cast<std::size_t>(way[2].from.x / 100);
    REQUIRE(home != work);
    REQUIRE((same(way[4].from, way[0].from) && same(way[6].from, way[2].from)));
    ++pairs[2 * home + (work > home ? work - 1 : work)];
  }
  CHECK(chi_square(pairs, std::vector<double>(6, 1.0 / 6)) < five_freedoms);
}

TEST_CASE("Motion round a loop keeps its distances", "[physics]") {
  // A square of 400 m at 10 m/s: 40 s a round. So far along as d = 10 t + 50 i, by hand.
  const Route square{{{0, 0, 0}, {100, 0, 0}, {100, 100, 0}, {0, 100, 0}}, true};
  CHECK(square.length() == Metres(400));
  const auto motion = follow(square, always(ten), Metres(50));
  const auto along = [](double d) {
    d = std::fmod(d, 400);
    return d < 100   ? Position{d, 0, 0}
           : d < 200 ? Position{100, d - 100, 0}
           : d < 300 ? Position{300 - d, 100, 0}
                     : Position{0, 400 - d, 0};
  };
  for (std::uint32_t i = 0; i < 20; ++i)
    for (const double when : {0.0, 3.0, 5.0, 17.0, 39.0, 40.0, 1234.5}) {
      INFO(i << " at " << when);
      CHECK(same(where(*motion, Seconds(when), i), along(10 * when + 50 * i)));
    }
}

TEST_CASE("Motion along a path ends with it", "[physics]") {
  const Route way{{{0, 0, 0}, {30, 40, 0}, {30, 100, 0}}, false};
  CHECK(way.length() == Metres(110));
  const auto motion = follow(way, always(ten), Metres(40));
  CHECK(same(where(*motion, 0_s, 1), {24, 32, 0}));
  CHECK(same(where(*motion, 2_s, 1), {30, 50, 0}));
  CHECK(same(where(*motion, 3_s, 2), {30, 100, 0}));
  CHECK(same(where(*motion, 100_s, 0), {30, 100, 0}));
  CHECK(legs(*motion, 9, 0).size() == 2);
  CHECK(legs(*motion, 9, 1).size() == 2);
  CHECK(legs(*motion, 9, 2).size() == 1);
  CHECK(same(where(*motion, 50_s, 3), {30, 100, 0}));  // would begin beyond the end
}

TEST_CASE("Motion after a track is straight and even between its points", "[physics]") {
  std::vector<Track> tracks(2);
  tracks[0].points = {{10_s, {0, 0, 0}}, {20_s, {100, 0, 0}}, {40_s, {100, 0, 0}}, {50_s, {100, 20, 0}}};
  tracks[1].points = {{0_s, {7, 7, 0}}};
  const auto resting = replay(tracks), going = replay(tracks, Beyond::away);
  CHECK(resting->known() == 2);
  for (const Motion* motion : {resting.get(), going.get()}) {
    CHECK(same(where(*motion, 5_s), {0, 0, 0}));
    CHECK(same(where(*motion, 12_s), {20, 0, 0}));
    CHECK(same(where(*motion, 30_s), {100, 0, 0}));
    CHECK(same(where(*motion, 45_s), {100, 10, 0}));
    CHECK(same(where(*motion, 99_s), {100, 20, 0}));
    CHECK(same(where(*motion, 99_s, 2), {100, 20, 0}));  // the third has the first one's track
    CHECK(same(where(*motion, 99_s, 3), {7, 7, 0}));
  }
  std::vector<bool> away;
  for (const Leg& leg : legs(*going, 9)) away.push_back(leg.away);
  CHECK(away == std::vector<bool>{true, false, false, false, true});
  for (const Leg& leg : legs(*resting, 9)) CHECK_FALSE(leg.away);
}
