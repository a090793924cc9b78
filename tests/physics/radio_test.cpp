// What is heard where: propagation against TR 38.901, crossings against closed forms, rates against the standards'
// arithmetic.
#include <array>
#include <cmath>
#include <limits>

#include "models/network/radio/crossing.hpp"
#include "models/network/radio/technology.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
using Environment = Propagation::Environment;

/// A law of exponent n, heard at (x, y) metres from the way, and `gain` at a metre.
Level level(double along, double off, double gain, double exponent) {
  return {{-along, along * along + off * off}, gain, 5 * exponent / std::log(10.0)};
}
double loss(const Propagation& p, double ghz, double flat, double cell, double device, bool sight) {
  const auto law = p.law(Hertz(ghz * 1e9), Metres(flat), Metres(cell), Metres(device), sight);
  return law.at_1m + law.per_decade * std::log10(std::hypot(flat, cell - device));
}
/// Of random pairs of cells: whatever dense sampling sees change its sign must have been reported, and nothing else.
void compare(Rng& rng, bool same_slope) {
  const double na = rng.uniform(1.8, 4.5), nb = same_slope ? na : rng.uniform(1.8, 4.5);
  const Level a = level(rng.uniform(-100, 200), rng.uniform(0.5, 80), rng.uniform(-60, -20), na),
              b = level(rng.uniform(-100, 200), rng.uniform(0.5, 80), rng.uniform(-60, -20), nb);
  // As a rule a margin that is met somewhere near.
  const double near = rng.uniform(0, 100), margin = a.at(near) - b.at(near) + rng.uniform(-1, 1);
  const double from = 0, to = 100;
  const auto ahead = [&](double s) { return a.at(s) - b.at(s) - margin; };
  const SignChanges found = crossings(a, b, margin, from, to);
  const std::size_t count = found.count;
  REQUIRE(count <= 4);
  std::vector<SignChanges::Place> within;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [s, rises] = found.places[i];
    if (i > 0) REQUIRE(found.places[i - 1].s <= s);
    if (s < from || s > to) continue;
    within.push_back(found.places[i]);
    // Both sides have the signs that are reported; a nanometre away, unless it touches only.
    const double e = 1e-9 * std::max(1.0, std::abs(s));
    const double below = ahead(s - e), above = ahead(s + e);
    const double steepness = std::abs(ahead(s + 1e-4) - ahead(s - 1e-4)) / 2e-4;
    if (steepness < 1e-4) continue;
    CAPTURE(s, rises, below, above, steepness);
    REQUIRE((rises ? below < 0 && above > 0 : below > 0 && above < 0));
  }
  // 4 001 samples: each pair of neighbours with different signs has an odd number of places between them.
  constexpr int samples = 4000;
  double last = ahead(from);
  std::size_t next = 0;
  for (int k = 1; k <= samples; ++k) {
    const double s = from + (to - from) * k / samples, here = ahead(s);
    std::size_t between = 0;
    for (; next < within.size() && within[next].s <= s; ++next) ++between;
    CAPTURE(s, last, here);
    // A sample on a place itself may be rounded to either side.
    if (std::abs(here) > 1e-9 && std::abs(last) > 1e-9) REQUIRE(between % 2 == ((last < 0) != (here < 0)));
    last = here;
  }
}
}  // namespace

TEST_CASE("A level meets a threshold where a line meets a circle", "[physics]") {
  // -40 dBm at a metre, exponent 3: -100 dBm at 100 m. A way that passes at 60 m: from 80 m before to 80 m behind the
  // foot.
  const SignChanges found = crossings(level(500, 60, -40, 3), -100);
  REQUIRE(found.count == 2);
  CHECK(found.places[0].s == Approx(420).epsilon(1e-12));
  CHECK(found.places[0].rises);
  CHECK(found.places[1].s == Approx(580).epsilon(1e-12));
  CHECK_FALSE(found.places[1].rises);
  CHECK(found.next(0, true) == Approx(420));
  CHECK(found.next(421, true) == infinity);
  CHECK(found.next(421, false) == Approx(580));
  CHECK(crossings(level(500, 101, -40, 3), -100).count == 0);
  Rng rng(3, 0);
  for (int i = 0; i < 20000; ++i) {
    const double along = rng.uniform(-300, 300), off = rng.uniform(0, 100), exponent = rng.uniform(1.5, 5),
                 reach = rng.uniform(1, 300);
    const double threshold = -40 - 10 * exponent * std::log10(reach);
    const SignChanges places = crossings(level(along, off, -40, exponent), threshold);
    if (std::abs(reach - off) < 1e-6) continue;
    REQUIRE(places.count == (reach > off ? 2U : 0U));
    if (reach < off) continue;
    const double half = std::sqrt((reach - off) * (reach + off));
    // The threshold is known to 1e-14 of itself, so the squared distance to some 1e-13.
    const double margin = 1e-9 + 1e-11 * reach * reach / half;
    REQUIRE(places.places[0].s == Approx(along - half).margin(margin));
    REQUIRE(places.places[1].s == Approx(along + half).margin(margin));
  }
}

TEST_CASE("Two levels of one law differ by a margin on a circle of Apollonius", "[physics]") {
  // Along the line through both, 100 m apart, at exponent 2: 20 log10(d_a / d_b) = 20 log10(3) where d_a = 3 d_b: at 75
  // m and 150 m.
  const double margin = 20 * std::log10(3.0);
  const SignChanges found = crossings(level(100, 0, -40, 2), level(0, 0, -40, 2), margin, 0, 1000);
  REQUIRE(found.count == 2);
  CHECK(found.places[0].s == Approx(75).epsilon(1e-12));
  CHECK(found.places[0].rises);
  CHECK(found.places[1].s == Approx(150).epsilon(1e-12));
  CHECK_FALSE(found.places[1].rises);
  // Without a margin and with the same gain the circle is a line, the perpendicular in the middle.
  const SignChanges middle = crossings(level(100, 7, -40, 2), level(0, 7, -40, 2), 0, 0, 1000);
  REQUIRE(middle.count == 1);
  CHECK(middle.places[0].s == Approx(50).epsilon(1e-12));
  CHECK(middle.places[0].rises);
  CHECK(crossings(level(0, 7, -40, 2), level(0, 7, -40, 2), 0, 0, 1000).count == 0);
  CHECK(crossings(level(0, 7, -40, 2), level(0, -7, -41, 2), 0, 0, 1000).count == 0);
  // Center and radius for random cells: d_a^2 = k d_b^2 with k = 10^((gain_a - gain_b - margin) / (5 n)).
  Rng rng(4, 0);
  int met = 0;
  for (int i = 0; i < 20000; ++i) {
    const double xa = rng.uniform(-100, 100), ya = rng.uniform(-50, 50), xb = rng.uniform(-100, 100),
                 yb = rng.uniform(-50, 50), n = rng.uniform(1.5, 5), ahead = rng.uniform(-6, 6),
                 gain = rng.uniform(-5, 5);
    const double k = std::pow(10, (gain - ahead) / (5 * n));
    if (std::abs(1 - k) < 1e-3) continue;
    const double x = (xa - k * xb) / (1 - k), y = (ya - k * yb) / (1 - k),
                 radius2 = k / ((1 - k) * (1 - k)) * ((xa - xb) * (xa - xb) + (ya - yb) * (ya - yb)),
                 half2 = radius2 - y * y;
    if (std::abs(half2) < 1e-6 * radius2) continue;
    const SignChanges places = crossings(level(xa, ya, -40 + gain, n), level(xb, yb, -40, n), ahead, -1000, 1000);
    REQUIRE(places.count == (half2 > 0 ? 2U : 0U));
    if (half2 < 0) continue;
    ++met;
    const double half = std::sqrt(half2),
                 margin_of_it = 1e-9 + 1e-12 * (radius2 + x * x + y * y) / half / std::abs(1 - k);
    REQUIRE(places.places[0].s == Approx(x - half).margin(margin_of_it));
    REQUIRE(places.places[1].s == Approx(x + half).margin(margin_of_it));
    REQUIRE(places.places[0].rises == (k < 1));
    REQUIRE(places.places[1].rises == (k > 1));
  }
  CHECK(met > 5000);
}

TEST_CASE("Every place where two levels differ by a margin is found, and no other", "[property]") {
  Rng rng(5, 0);
  for (int i = 0; i < 1000; ++i) compare(rng, true);
  for (int i = 0; i < 4000; ++i) compare(rng, false);
}

TEST_CASE("Loss in a street canyon is that of TR 38.901", "[physics]") {
  // Worked out from table 7.4.1-1 by hand; cells at 10 m, devices at 1.5 m. With line of sight, without.
  Propagation p;
  p.environment = Environment::urban_micro;
  struct Row {
    double ghz, flat, sight, none;
  };
  for (const auto& [ghz, flat, sight, none] :
       {Row{1.8, 50, 73.31, 88.03}, Row{1.8, 100, 79.54, 98.49}, Row{1.8, 200, 90.90, 109.08},
        Row{2.6, 50, 76.51, 91.43}, Row{2.6, 100, 82.73, 101.89}, Row{2.6, 200, 91.07, 112.48}}) {
    CAPTURE(ghz, flat);
    // The table was rounded to 0.01 dB and took 3e8 m/s for light, which moves the break point by 0.07 %: 0.013 dB.
    CHECK(loss(p, ghz, flat, 10, 1.5, true) == Approx(sight).margin(0.02));
    CHECK(loss(p, ghz, flat, 10, 1.5, false) == Approx(none).margin(0.006));
  }
  CHECK(p.law(Hertz(1.8e9), Metres(50), Metres(10), Metres(1.5), true).deviation == 4);
  CHECK(p.law(Hertz(1.8e9), Metres(50), Metres(10), Metres(1.5), false).deviation == 7.82);
  p.shadowing = Decibels(2);
  CHECK(p.law(Hertz(1.8e9), Metres(50), Metres(10), Metres(1.5), false).deviation == 2);
  // At the break point both laws say the same: 80.2355 dB at 1.8 GHz with 3e8 m/s.
  for (const double ghz : {0.8, 1.8, 2.6, 3.7, 28.0}) {
    const double brink = 4 * 9 * 0.5 * ghz * 1e9 / 299792458.0;
    CHECK(loss(p, ghz, brink * (1 - 1e-9), 10, 1.5, true) ==
          Approx(loss(p, ghz, brink * (1 + 1e-9), 10, 1.5, true)).margin(1e-6));
    CHECK(loss(p, ghz, brink * (1 + 1e-9), 10, 1.5, true) < loss(p, ghz, brink * 1.01, 10, 1.5, true));
  }
  CHECK(loss(p, 1.8, 4 * 9 * 0.5 * 1.8e9 / 299792458.0, 10, 1.5, true) == Approx(80.2355).margin(0.01));
  // A device higher up hears better without line of sight, by 0.3 dB a metre; and never better than with it.
  CHECK(loss(p, 1.8, 300, 10, 1.5, false) - loss(p, 1.8, std::sqrt(300 * 300 + 8.5 * 8.5 - 49), 10, 3, false) ==
        Approx(0.45).margin(0.02));
  for (double d = 10; d < 5000; d *= 1.01) REQUIRE(loss(p, 2.6, d, 10, 1.5, false) >= loss(p, 2.6, d, 10, 1.5, true));
}

TEST_CASE("Loss in a hall is that of TR 38.901", "[physics]") {
  // By the distance in space: cell and device at one height, so that it is the horizontal one.
  struct Row {
    double ghz, d, sight, sparse_low, dense_low, sparse_high, dense_high;
  };
  for (const Row& row :
       {Row{3.75, 10, 64.25, 69.98, 69.98, 66.88, 67.01}, Row{3.75, 50, 79.27, 87.80, 90.73, 82.96, 82.32},
        Row{3.75, 100, 85.75, 95.48, 101.48, 89.88, 88.91}, Row{5.5, 10, 67.41, 73.31, 73.31, 70.21, 70.34},
        Row{5.5, 50, 82.43, 91.13, 94.06, 86.28, 85.64}, Row{5.5, 100, 88.91, 98.81, 104.81, 93.21, 92.24}}) {
    const std::array environments{Environment::factory_sparse_low, Environment::factory_dense_low,
                                  Environment::factory_sparse_high, Environment::factory_dense_high};
    const std::array hidden{row.sparse_low, row.dense_low, row.sparse_high, row.dense_high};
    const std::array deviations{5.7, 7.2, 5.9, 4.0};
    for (std::size_t k = 0; k < environments.size(); ++k) {
      Propagation p;
      p.environment = environments[k];
      CAPTURE(row.ghz, row.d, k);
      CHECK(loss(p, row.ghz, row.d, 1.5, 1.5, true) == Approx(row.sight).margin(0.0051));
      CHECK(loss(p, row.ghz, row.d, 1.5, 1.5, false) == Approx(hidden[k]).margin(0.0051));
      CHECK(p.law(Hertz(row.ghz * 1e9), Metres(row.d), Metres(8), Metres(1.5), true).deviation == 4.3);
      CHECK(p.law(Hertz(row.ghz * 1e9), Metres(row.d), Metres(8), Metres(1.5), false).deviation == deviations[k]);
    }
  }
}

TEST_CASE("A law of one's own, and free space", "[physics]") {
  Propagation p;
  p.exponent = 2;
  // Friis at 2.4 GHz and 100 m: 80.05 dB.
  CHECK(loss(p, 2.4, 100, 1, 1, true) == Approx(80.05).margin(0.005));
  p.exponent = 3.5;
  p.loss_at_1m = Decibels(40);
  CHECK(loss(p, 2.4, 100, 1, 1, true) == Approx(110).epsilon(1e-14));
  CHECK(p.law(Hertz(1e9), Metres(5), Metres(1), Metres(1), true).deviation == 0);
  CHECK(p.sight(Metres(1000), Metres(10), Metres(1)) == 1);
}

TEST_CASE("Line of sight is as probable as tables 7.4.2-1 have it", "[physics]") {
  Propagation p;
  p.environment = Environment::urban_micro;
  CHECK(p.sight(Metres(18), Metres(10), Metres(1.5)) == 1);
  CHECK(p.sight(Metres(36), Metres(10), Metres(1.5)) == Approx(0.5 + 0.5 * std::exp(-1.0)).epsilon(1e-13));
  CHECK(p.sight(Metres(180), Metres(10), Metres(1.5)) == Approx(0.1 + 0.9 * std::exp(-5.0)).epsilon(1e-13));
  CHECK(p.sight(Metres(18 + 1e-9), Metres(10), Metres(1.5)) == Approx(1).epsilon(1e-9));
  // The set that the report calibrates with (table 7.8-7): k = 44.814, 2.183, 582.585 and 3.153 m.
  struct Row {
    Environment environment;
    double cell, density, size, height, k;
  };
  for (const Row& row : {Row{Environment::factory_sparse_low, 1.5, 0.2, 10, 2, 44.814},
                         Row{Environment::factory_dense_low, 1.5, 0.6, 2, 6, 2.183},
                         Row{Environment::factory_sparse_high, 8, 0.2, 10, 2, 582.585},
                         Row{Environment::factory_dense_high, 8, 0.6, 2, 6, 3.153}}) {
    p.environment = row.environment;
    p.clutter_density = row.density;
    p.clutter_size = Metres(row.size);
    p.clutter_height = Metres(row.height);
    CAPTURE(row.k);
    for (const double d : {1.0, 10.0, 100.0})
      CHECK(-d / std::log(p.sight(Metres(d), Metres(row.cell), Metres(1.5))) == Approx(row.k).margin(0.0006));
  }
}

TEST_CASE("Presets: tiers rise, rates are those of the standards", "[physics]") {
  for (const std::string& name : technology_names()) {
    const Technology t = technology(name);
    CAPTURE(name);
    CHECK(t.name == name);
    REQUIRE(!t.tiers.empty());
    for (std::size_t k = 1; k < t.tiers.size(); ++k) {
      CHECK(t.tiers[k - 1].ratio < t.tiers[k].ratio);
      CHECK(t.tiers[k - 1].down < t.tiers[k].down);
      CHECK(t.tiers[k - 1].up <= t.tiers[k].up);
    }
    CHECK(t.link.bandwidth == t.tiers.back().down);
    CHECK(t.tiers.front().up.value > 0);
  }
  const auto mbps = [](BytesPerSecond rate) { return rate.value * 8e-6; };
  // 802.11ac, 40 MHz, one stream, guard interval 0.8 us: 108 subcarriers over 4 us. BPSK 1/2 13.5, 64QAM
  // 5/6 135, 256QAM 5/6 180 Mbit/s. Least ratios 4, 22 and 29 dB: sensitivity -79, -61, -54 dBm over -98 dBm and 15 dB.
  const Technology wifi = technology("wifi");
  REQUIRE(wifi.tiers.size() == 10);
  CHECK(mbps(wifi.tiers[0].down) == Approx(108.0 * 1 * 0.5 / 4).epsilon(1e-12));
  CHECK(mbps(wifi.tiers[7].down) == Approx(108.0 * 6 * 5 / 6.0 / 4).epsilon(1e-12));
  CHECK(mbps(wifi.tiers[9].up) == Approx(108.0 * 8 * 5 / 6.0 / 4).epsilon(1e-12));
  CHECK(wifi.shared_airtime);
  for (const auto& [k, sensitivity] : {std::pair{0, -79.0}, {1, -76.0}, {4, -67.0}, {7, -61.0}, {9, -54.0}})
    CHECK(wifi.tiers[static_cast<std::size_t>(k)].ratio.value == Approx(sensitivity + 98 - 15).margin(0.05));
  // LTE: 100 blocks of 12 carriers, 14 symbols a millisecond, three quarters for data: 12.6 M elements/s, times the
  // efficiency.
  const Technology lte = technology("lte");
  REQUIRE(lte.tiers.size() == 15);
  CHECK(mbps(lte.tiers[0].down) == Approx(12.6 * 0.1523).epsilon(1e-12));
  CHECK(mbps(lte.tiers[14].down) == Approx(70.0).margin(0.05));
  CHECK(mbps(lte.tiers[14].up) == Approx(12.6 * 2.4063).epsilon(1e-12));  // 16QAM at most
  CHECK_FALSE(lte.shared_airtime);
  // NR: 273 blocks of 12 carriers, 28 symbols a millisecond: 91.728 M elements/s; 0.86 and 74.3 % down, 0.92 and 22.9 %
  // up.
  const Technology nr = technology("private-5g");
  REQUIRE(nr.tiers.size() == 15);
  CHECK(mbps(nr.tiers[14].down) == Approx(584.3 * 0.743).epsilon(1e-4));
  CHECK(mbps(nr.tiers[5].down) == Approx(189.8 * 0.743).epsilon(3e-4));
  CHECK(mbps(nr.tiers[10].up) == Approx(431.7 * 0.229).epsilon(2e-4));
  CHECK(nr.tiers[14].up == nr.tiers[10].up);  // 64QAM at most
  CHECK_THROWS(technology("carrier-pigeon"));
}
