// Streams and laws: independent by name, right in mean and shape, the same everywhere.
#include <cmath>
#include <limits>
#include <set>

#include "models/application/workload.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/histogram.hpp"
#include "sim/base/portable_math.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

TEST_CASE("Streams depend on seed, replication and name, and on nothing else", "[unit]") {
  const Rng root(1, 0);
  Rng a = root.stream("a"), again = Rng(1, 0).stream("a");
  CHECK(a.bits() == again.bits());
  std::set<std::uint64_t> first;
  for (const char* name : {"a", "b", "ab", "clients/camera", "clients/camera2"}) first.insert(root.stream(name).bits());
  for (std::uint64_t i = 0; i < 1000; ++i) first.insert(root.stream("a").stream(i).bits());
  first.insert(Rng(2, 0).stream("a").bits());
  first.insert(Rng(1, 1).stream("a").bits());
  CHECK(first.size() == 1007);
  STATIC_REQUIRE(sizeof(Rng) <= 64);
}

TEST_CASE("Draws are known numbers: the same on every machine", "[unit]") {
  Rng rng = Rng(1, 0).stream("golden");
  CHECK(rng.bits() == 2188100276937924437ULL);
  CHECK(rng.exponential(1) == 0x1.13b06e246bcbdp-2);
  CHECK(rng.normal(0, 1) == -0x1.b6c2f233c46fbp+0);
  CHECK(Law::weibull(2, 1.5).mean() == Approx(2 * std::tgamma(1 + 1 / 1.5)));
}

TEST_CASE("Neighbouring streams are not correlated", "[unit]") {
  const Rng family = Rng(7, 0).stream("clients");
  double sum = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    Rng a = family.stream(static_cast<std::uint64_t>(i)), b = family.stream(static_cast<std::uint64_t>(i) + 1);
    sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
  }
  CHECK(std::abs(sum / n) < 4 * (1.0 / 12) / std::sqrt(n));
}

TEST_CASE("Laws have the mean they state and the variance of the textbook", "[unit]") {
  struct Case {
    const char* name;
    Law law;
    double mean, deviation;
  };
  const Case one = GENERATE(values<Case>(
      {{"uniform", Law::uniform(2, 6), 4, 4 / std::sqrt(12)},
       {"exponential", Law::exponential(3), 3, 3},
       {"normal", Law::normal(10, 2, 0), 10, 2},
       {"lognormal", Law::lognormal(5, 2), 5, 2},
       {"weibull", Law::weibull(2, 2), 2 * std::tgamma(1.5), 2 * std::sqrt(1 - std::pow(std::tgamma(1.5), 2))},
       {"pareto", Law::pareto(1, 5), 1.25, std::sqrt(5.0 / (16 * 3))},
       {"zipf", Law::zipf(1, 2, 1), 4.0 / 3, std::sqrt(2.0 / 9)},
       {"empirical", Law::empirical({1, 2, 6}), 3, std::sqrt(14.0 / 3)}}));
  CAPTURE(one.name);
  Rng rng = Rng(3, 0).stream(one.name);
  constexpr int n = 400000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = one.law.sample(rng);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / n, deviation = std::sqrt(squares / n - mean * mean);
  CHECK(one.law.mean() == Approx(one.mean).epsilon(1e-9));
  CHECK(mean == Approx(one.mean).margin(4 * one.deviation / std::sqrt(n)));
  CHECK(deviation == Approx(one.deviation).epsilon(0.02));
}

TEST_CASE("Elementary functions agree with the C library's to the last bits", "[unit]") {
  Rng rng(5, 0);
  for (int i = 0; i < 200000; ++i) {
    const double x = std::ldexp(1 + rng.uniform(), static_cast<int>(rng.below(600)) - 300);
    REQUIRE(std::abs(portable::log(x) - std::log(x)) <= 4e-16 * std::max(1.0, std::abs(std::log(x))));
    const double y = rng.uniform(-600, 600);
    REQUIRE(std::abs(portable::exp(y) - std::exp(y)) <= 4e-16 * std::exp(y) * std::max(1.0, std::abs(y) / 100));
    const double angle = rng.uniform(-10, 10);
    REQUIRE(std::abs(portable::sin(angle) - std::sin(angle)) <= 1e-15);
    REQUIRE(std::abs(portable::cos(angle) - std::cos(angle)) <= 1e-15);
    const double ratio = rng.uniform(-1, 1);
    REQUIRE(std::abs(portable::asin(ratio) - std::asin(ratio)) <= 8e-16);
  }
  // Where the result is no normal number, or nearly none.
  for (double y = -760; y <= 720; y += 0.37) {
    const double least = std::numeric_limits<double>::denorm_min();
    if (std::isinf(std::exp(y)))
      CHECK(std::isinf(portable::exp(y)));
    else
      CHECK(std::abs(portable::exp(y) - std::exp(y)) <= 4e-15 * std::exp(y) + least);
  }
}

TEST_CASE("Workloads have the rates they state", "[unit]") {
  const auto count = [](const Workload& workload, double horizon, std::uint32_t client = 0) {
    Workload::State state{Rng(11, 0).stream("w"), Seconds(0), 0, Seconds(0)};
    double n = 0;
    for (Seconds before(0);;) {
      const auto when = workload.next(state, client);
      if (!when || *when > Seconds(horizon)) return n;
      REQUIRE(*when >= before);
      before = *when;
      ++n;
    }
  };
  CHECK(count(*poisson_workload(Hertz(20)), 10000) == Approx(200000).margin(4 * std::sqrt(200000)));
  CHECK(count(*periodic_workload(Seconds(0.05), Distribution<Seconds>(Law::uniform(0, 0.002))), 1000) ==
        Approx(20000).margin(1));
  const auto diurnal = diurnal_workload(Hertz(2), {1, 3}, Seconds(1000));
  CHECK(count(*diurnal, 100000) == Approx(200000).margin(4 * std::sqrt(200000)));
  CHECK(count(*diurnal, 500) == Approx(500).margin(4 * std::sqrt(500)));  // the slow half of a day
  const auto replay = replay_workload({{Seconds(1), Seconds(2)}, {Seconds(5)}});
  CHECK(count(*replay, 100, 0) == 2);
  CHECK(count(*replay, 100, 1) == 1);
  CHECK(count(*replay, 100, 2) == 2);
}

TEST_CASE("Histogram: exact mean and maximum, quantiles to 0.8 %", "[unit]") {
  Histogram histogram;
  for (int i = 1; i <= 100000; ++i) histogram.add(i * 1e-5);
  CHECK(histogram.mean() == Approx(0.500005));
  CHECK(histogram.max() == 1.0);
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) CHECK(histogram.quantile(q) == Approx(q).epsilon(0.008));
  Histogram other;
  other.merge(histogram);
  CHECK(other.quantile(0.9) == histogram.quantile(0.9));
  CHECK(Histogram().quantile(0.5) == 0);
}
