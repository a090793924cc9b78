// Figures of samples: against scipy and R, against exact probabilities, and by how often intervals hold what they
// should.
#include "analysis/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "sim/base/rng.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using Json = nlohmann::ordered_json;

namespace {
Json data(const std::string& name) {
  return Json::parse(test::contents(std::string(CODECOSIM_SOURCE) + "/tests/data/statistics/" + name + ".json"));
}

using Values = std::vector<double>;

Values minus(const Values& a, const Values& b) {
  Values d(a.size());
  std::transform(a.begin(), a.end(), b.begin(), d.begin(), std::minus<>());
  return d;
}

double normal(Rng& rng) { return rng.normal(0, 1); }
/// Lognormal without its mean: of skewness 6.2.
double skewed(Rng& rng) { return std::exp(rng.normal(0, 1)) - std::exp(0.5); }

/// An autoregression x_i+1 = r x_i + normal(0, 1), mean 0, from its stationary law unless it starts elsewhere.
Values autoregression(Rng& rng, std::size_t length, double r, std::optional<double> start = {}) {
  Values all;
  double x = start ? *start : rng.normal(0, 1 / std::sqrt(1 - r * r));
  for (std::size_t i = 0; i < length; ++i) {
    all.push_back(x);
    x = r * x + rng.normal(0, 1);
  }
  return all;
}

/// How many intervals hold the truth.
template <class Make>
int held(double truth, Make interval, std::uint64_t trials = 1000) {
  int count = 0;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    Rng rng = Rng(1, trial).stream("coverage");
    count += interval(rng).value().contains(truth);
  }
  return count;
}

/// An experiment of n pairs: both runs of a pair face the same draws of the world, and one is better by 0.7
/// but for noise.
Values paired_experiment(Rng& rng, int n, double (*noise)(Rng&)) {
  Values a, b;
  for (int i = 0; i < n; ++i) {
    const double world = rng.normal(30, 5);
    a.push_back(world - 0.7 + noise(rng));
    b.push_back(world);
  }
  return minus(a, b);
}
}  // namespace

TEST_CASE("Student's and Welch's figures are those of scipy and R on 20 data sets", "[unit]") {
  for (int number = 1; number <= 20; ++number) {
    const Json one = data(fmt::format("{:02}", number));
    INFO(number << ": " << one["name"]);
    const double confidence = one["confidence"];
    const Values a = one["a"], b = one["b"], d = minus(a, b);
    const Json &scipy = one["student"], &r = one["r"], &w = one["welch"];
    const double error = deviation_of(d) / std::sqrt(d.size());
    const auto agrees = [&](double ours, const Json& theirs, double tolerance = 1e-9) {
      const double value = theirs;
      return std::abs(ours - value) <= tolerance * std::max(std::abs(value), error);
    };
    // Of Student's law scipy 1.10 has quantiles that are wrong by 1e-9 of themselves: those of R and of Boost are the
    // same to 1e-15.
    constexpr double quantile_of_scipy = 1e-8;
    CHECK(agrees(mean_of(d), scipy["mean"]));
    CHECK(agrees(deviation_of(d), scipy["sd"]));
    const Interval t = student_interval(d, confidence).value();
    for (const auto& [theirs, tolerance] : {std::pair(r, 1e-9), std::pair(scipy, quantile_of_scipy)}) {
      CHECK(agrees(t.low, theirs["low"], tolerance));
      CHECK(agrees(t.high, theirs["high"], tolerance));
      CHECK(student_p(d).value() == Approx(theirs["p"].get<double>()).epsilon(1e-9).margin(0));
    }
    const Welch unpaired = welch(a, b, confidence).value();
    CHECK(agrees(unpaired.interval.low, w["low"]));
    CHECK(agrees(unpaired.interval.high, w["high"]));
    for (const char* p : {"p", "p_scipy"}) CHECK(unpaired.p == Approx(w[p].get<double>()).epsilon(1e-9).margin(0));
  }
}

// An end of the interval is a quantile of resampled means. Of B resamples, its Monte-Carlo error in standard errors of
// the mean is about sqrt(q (1 - q) / B) / phi(z_q), 2.7 % for q = 2.5 % and B = 9 999, and that of z0, sqrt(1 / 4 B) /
// phi(0), counts twice, 2.5 %: 3.7 % together, and 20 times the resamples have 4.5 times less. Four times that is
// allowed, half as much again for samples that are skewed, where quantiles lie where there are fewer means.
TEST_CASE("The bootstrap's intervals are those of scipy on 20 data sets", "[unit]") {
  const auto [resamples, tolerance] = GENERATE(table<std::size_t, double>({{9999, 0.22}, {199'999, 0.05}}));
  for (int number = 1; number <= 20; ++number) {
    const Json one = data(fmt::format("{:02}", number));
    INFO(number << ": " << one["name"]);
    const Values d = minus(one["a"], one["b"]);
    const double error = deviation_of(d) / std::sqrt(d.size());
    const Interval bca = bca_interval(d, one["confidence"], resamples).value();
    CHECK(std::abs(bca.low - one["bca"]["low"].get<double>()) < tolerance * error);
    CHECK(std::abs(bca.high - one["bca"]["high"].get<double>()) < tolerance * error);
  }
}

TEST_CASE("Holm's adjusted p values are those of R", "[unit]") {
  for (const Json& family : data("holm")) {
    const Values p = family["p"], expected = family["adjusted"], ours = holm(p);
    REQUIRE(ours.size() == expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i) CHECK(ours[i] == Approx(expected[i]).epsilon(1e-12));
  }
  CHECK(holm({}).empty());
}

TEST_CASE("Of 1 000 paired experiments, 93 to 97 % of Student's intervals hold the known difference", "[unit]") {
  const int n = GENERATE(5, 10, 30);
  const int normal_ones =
      held(-0.7, [&](Rng& rng) { return student_interval(paired_experiment(rng, n, normal), 0.95); });
  INFO("n = " << n);
  CHECK(normal_ones >= 930);
  CHECK(normal_ones <= 970);
}

// Bootstrap intervals are too short in small samples (Hesterberg, The American Statistician 69, 2015):
// docs/statistics.md says by how much, as the test [.measure] measures it.
TEST_CASE("Of 1 000 paired experiments of 100, 93 to 97 % of the bootstrap's intervals hold the known difference",
          "[unit]") {
  const auto hold = [](int n) {
    return held(-0.7, [&](Rng& rng) { return bca_interval(paired_experiment(rng, n, normal), 0.95, 1999); });
  };
  const int at_100 = hold(100);
  CHECK(at_100 >= 930);
  CHECK(at_100 <= 970);
  CHECK(hold(5) < 900);
}

TEST_CASE("Coverage as docs/statistics.md has it", "[.measure]") {
  for (const int n : {5, 10, 30, 50})
    for (const auto noise : {normal, skewed}) {
      const auto t = [&](Rng& rng) { return student_interval(paired_experiment(rng, n, noise), 0.95); };
      const auto bca = [&](Rng& rng) { return bca_interval(paired_experiment(rng, n, noise), 0.95); };
      WARN(fmt::format("n = {}, {}: t {:.1f} %, BCa {:.1f} %", n, noise == normal ? "normal" : "skewed",
                       held(-0.7, t, 10'000) / 100.0, held(-0.7, bca, 10'000) / 100.0));
    }
}

TEST_CASE("The same values give the same bootstrap interval, and moving or scaling them moves and scales it",
          "[unit]") {
  const Values values{3, 1, 4, 1, 5, 9, 2, 6};
  const Interval one = bca_interval(values, 0.9).value(), again = bca_interval(values, 0.9).value();
  CHECK(one.low == again.low);
  CHECK(one.high == again.high);
  Values changed;
  for (const double value : values) changed.push_back(16 * value + 1024);
  const Interval other = bca_interval(changed, 0.9).value();
  CHECK(other.low == Approx(16 * one.low + 1024).epsilon(1e-12));
  CHECK(other.high == Approx(16 * one.high + 1024).epsilon(1e-12));
}

TEST_CASE("Mean and deviation keep their digits where naive sums lose them", "[unit]") {
  CHECK(mean_of(Values{1, 1e100, 1, -1e100}) == 0.5);
  CHECK(deviation_of(Values{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) == std::sqrt(30.0));
  CHECK(deviation_of(Values(1000, 0.1)) == 0);
  CHECK(deviation_of(Values{3}) == 0);
}

TEST_CASE("Where values do not vary nothing is claimed", "[unit]") {
  const Values sample =
      GENERATE(values<Values>({{}, {1}, {2, 2, 2, 2}, {1e-320, -1e-320, 1e-320}, {1e300, -1e300, 2e300}}));
  CHECK_FALSE(student_interval(sample, 0.95));
  CHECK_FALSE(student_p(sample));
  CHECK_FALSE(bca_interval(sample, 0.95));
  CHECK_FALSE(hedges_gz(sample));
  CHECK_FALSE(serial_correlation(sample));
  CHECK_FALSE(welch(sample, sample, 0.95));
}

TEST_CASE("The sign test's p values are those of tossing coins", "[unit]") {
  CHECK(sign_p({}) == 1);
  CHECK(sign_p(Values{0, 0}) == 1);
  CHECK(sign_p(Values{1}) == Approx(1));
  CHECK(sign_p(Values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) == Approx(2.0 / 1024));
  CHECK(sign_p(Values{-1, -2, 0, 3, -4, -5}) == Approx(2.0 * (1 + 5) / 32));
  CHECK(sign_p(Values{-1, 1}) == 1);
}

TEST_CASE("The effect size is without bias", "[unit]") {
  // J(9) = 0.9139 to four digits (Hedges 1981, table 1 has 0.914).
  const Values values{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK(hedges_gz(values).value() ==
        Approx(std::tgamma(4.5) / (std::sqrt(4.5) * std::tgamma(4)) * 5.5 / deviation_of(values)));
  CHECK(hedges_gz(values).value() / (5.5 / deviation_of(values)) == Approx(0.914).margin(5e-4));
  double sum = 0;
  constexpr int experiments = 20'000;
  for (int i = 0; i < experiments; ++i) {
    Rng rng = Rng(3, static_cast<std::uint64_t>(i)).stream("effect");
    Values some;
    for (int k = 0; k < 6; ++k) some.push_back(rng.normal(0.8, 1));
    sum += hedges_gz(some).value();
  }
  // The deviation of one is below 0.75; uncorrected, the mean would be 0.8 / J(5) = 0.95.
  CHECK(sum / experiments == Approx(0.8).margin(4 * 0.75 / std::sqrt(experiments)));
}

TEST_CASE("MSER-5 finds the minimum that its definition says", "[unit]") {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    Rng rng = Rng(5, trial).stream("series");
    const Values series = autoregression(rng, 123 + 7 * trial, 0.5, 8);
    const std::size_t k = series.size() / 5;
    Values z;
    for (std::size_t j = 0; j < k; ++j) z.push_back(std::accumulate(&series[5 * j], &series[5 * j] + 5, 0.0) / 5);
    std::size_t best = 0;
    double least = INFINITY;
    for (std::size_t d = 0; d <= k / 2; ++d) {
      const double n = static_cast<double>(k - d), mean = std::accumulate(&z[d], z.data() + k, 0.0) / n;
      double squares = 0;
      for (std::size_t j = d; j < k; ++j) squares += (z[j] - mean) * (z[j] - mean);
      if (squares / (n * n) < least) {
        least = squares / (n * n);
        best = d;
      }
    }
    CHECK(mser5(series).length == 5 * best);
    CHECK(mser5(series).ended == (best < k / 2));
  }
}

TEST_CASE("MSER-5 cuts a transient and little else", "[unit]") {
  // The mean 20 * 0.98^i of the transient is below a fifth of the deviation, 5.03, after 148 values.
  double cut = 0, kept = 0, bias = 0, whole = 0;
  constexpr int runs = 200;
  for (int run = 0; run < runs; ++run) {
    Rng rng = Rng(7, static_cast<std::uint64_t>(run)).stream("series");
    const Values away = autoregression(rng, 2000, 0.98, 60), steady = autoregression(rng, 2000, 0.5);
    const Transient transient = mser5(away);
    cut += static_cast<double>(transient.length) / runs;
    bias += mean_of(std::span(away).subspan(transient.length)) / runs;
    whole += mean_of(away) / runs;
    kept += static_cast<double>(mser5(steady).length) / runs;
  }
  CHECK(cut > 100);
  CHECK(cut < 400);
  CHECK(std::abs(bias) < 0.25 * whole);
  CHECK(kept < 100);
  Values rising(200);
  std::iota(rising.begin(), rising.end(), 0.0);
  CHECK_FALSE(mser5(rising).ended);
  CHECK(mser5(Values(200, 3.5)).length == 0);
  CHECK_FALSE(mser5(Values(9, 1.0)).ended);
}

TEST_CASE("Batch means are of the last values, and all of the same number", "[unit]") {
  CHECK(batch_means(Values{9, 1, 2, 3, 4, 5, 6}, 3) == Values{1.5, 3.5, 5.5});
  CHECK(batch_means(Values{1, 2}, 3).empty());
  CHECK(batch_means(Values{1, 2}, 0).empty());
}

TEST_CASE("Batch means of a correlated series hold its mean, where the values taken as independent do not", "[unit]") {
  const int batched =
      held(0, [](Rng& rng) { return student_interval(batch_means(autoregression(rng, 4000, 0.9), 20), 0.95); });
  const int naive = held(0, [](Rng& rng) { return student_interval(autoregression(rng, 4000, 0.9), 0.95); });
  CHECK(batched >= 930);
  CHECK(batched <= 970);
  CHECK(naive < 500);
}

TEST_CASE("Von Neumann's test finds correlation, and seldom where there is none", "[unit]") {
  int alarms = 0, found = 0;
  double lag1 = 0;
  for (std::uint64_t trial = 0; trial < 1000; ++trial) {
    Rng rng = Rng(9, trial).stream("series");
    alarms += serial_correlation(autoregression(rng, 20, 0))->p < 0.05;
    found += serial_correlation(autoregression(rng, 50, 0.6))->p < 0.05;
    lag1 += serial_correlation(autoregression(rng, 500, 0.6))->lag1 / 1000;
  }
  CHECK(alarms >= 30);
  CHECK(alarms <= 70);
  CHECK(found > 950);
  CHECK(lag1 == Approx(0.6).margin(0.02));
  const Correlation one =
      serial_correlation(Values{1, 2, 4, 3}).value();  // by hand: squares 5, products -0.25 - 0.75 + 0.75
  CHECK(one.lag1 == Approx((1.5 * 0.5 - 0.5 * 1.5 + 1.5 * 0.5) / 5));
}

// J(7) = Gamma(3.5) / (sqrt(3.5) Gamma(3)) = 0.88820, s^2 = (3 * 5/3 + 4 * 5.7) / 7 = 3.97143, g = J * -3.7 / s.
TEST_CASE("The standardised difference of independent samples is Hedges', and separate samples have the exact p",
          "[unit]") {
  const std::vector<double> a{1, 2, 3, 4}, b{3, 5, 6, 8, 9}, same{2, 2};
  CHECK(*hedges_g(a, b) == Approx(-1.64908).epsilon(1e-5));
  CHECK(*hedges_g(b, a) == Approx(1.64908).epsilon(1e-5));
  CHECK_FALSE(hedges_g(same, same));
  CHECK(separation_p(5, 5) == Approx(2.0 / 252));
  CHECK(separation_p(2, 3) == Approx(2.0 / 10));
  CHECK(separation_p(1, 1) == 1);
}
