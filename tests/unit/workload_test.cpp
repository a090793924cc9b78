// Arrival processes against what theory says of their rates, counts and gaps.
#include <cmath>
#include <vector>

#include "models/application/workload.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {
std::vector<double> arrivals(const Workload& workload, double from, double until, std::uint64_t seed = 1) {
  Workload::State state{Rng(seed, 0).stream("w"), Seconds(from)};
  std::vector<double> all;
  while (const auto when = workload.next(state, 0)) {
    if (*when >= Seconds(until)) break;
    all.push_back(when->value);
  }
  return all;
}

double count_between(const std::vector<double>& all, double from, double until) {
  double some = 0;
  for (const double one : all) some += one >= from && one < until;
  return some;
}
}  // namespace

TEST_CASE("a profile's requests follow the integral of its rate", "[workload]") {
  // 0 to 100 /s in 100 s, 100 s at 100 /s, down to 20 /s in 50 s, and so on at 20 /s.
  const auto profile = profile_workload(
      {{Seconds(0), Hertz(0)}, {Seconds(100), Hertz(100)}, {Seconds(200), Hertz(100)}, {Seconds(250), Hertz(20)}},
      std::nullopt);
  CHECK(profile->expected(0, Seconds(0), Seconds(100)) == Approx(5000));
  CHECK(profile->expected(0, Seconds(50), Seconds(100)) == Approx(3750));
  CHECK(profile->expected(0, Seconds(100), Seconds(250)) == Approx(13000));
  CHECK(profile->expected(0, Seconds(250), Seconds(350)) == Approx(2000));
  const auto all = arrivals(*profile, 0, 350);
  // Poisson counts: within four standard deviations.
  for (const auto& [from, until, mean] :
       {std::tuple(0.0, 50.0, 1250.0), std::tuple(50.0, 100.0, 3750.0), std::tuple(100.0, 200.0, 10000.0),
        std::tuple(200.0, 250.0, 3000.0), std::tuple(250.0, 350.0, 2000.0)}) {
    CAPTURE(from);
    CHECK(std::abs(count_between(all, from, until) - mean) < 4 * std::sqrt(mean));
  }
  CHECK(std::ranges::is_sorted(all));
}

TEST_CASE("a profile with a period begins anew, also for who comes late", "[workload]") {
  const auto profile = profile_workload({{Seconds(0), Hertz(10)}, {Seconds(30), Hertz(50)}}, Seconds(60));
  // 30 s of 30 /s in the mean, then 50 /s.
  CHECK(profile->expected(0, Seconds(0), Seconds(60)) == Approx(900 + 1500));
  CHECK(profile->expected(0, Seconds(30), Seconds(630)) == Approx(10 * 2400));
  const auto all = arrivals(*profile, 570, 600 + 60 * 100);
  CHECK(all.front() >= 570);
  CHECK(std::abs(count_between(all, 570, 600) - 1500) < 4 * std::sqrt(1500));
  CHECK(std::abs(count_between(all, 600, 6600) - 240000) < 4 * std::sqrt(240000));
}

TEST_CASE("a profile that ends at no requests sends no more", "[workload]") {
  const auto profile = profile_workload({{Seconds(0), Hertz(10)}, {Seconds(10), Hertz(0)}}, std::nullopt);
  Workload::State state{Rng(1, 0), Seconds(0)};
  int some = 0;
  while (profile->next(state, 0)) ++some;
  CHECK(std::abs(some - 50) < 4 * std::sqrt(50));
  CHECK(state.last < Seconds(10));
}

TEST_CASE("MMPP: rate, shares of the states, and index of dispersion", "[workload]") {
  // Two states of 100 /s and 10 /s, left at 1 /s and 0.5 /s: shares 1/3 and 2/3, mean 40 /s.
  const double l1 = 100, l2 = 10, a = 1, b = 0.5;
  const auto law = [](double rate) { return Distribution<Seconds>(Law::exponential(1 / rate)); };
  const auto mmpp = modulated_workload({{Hertz(l1), law(a)}, {Hertz(l2), law(b)}});
  const double mean = (l1 * b + l2 * a) / (a + b);
  CHECK(mmpp->expected(0, Seconds(10), Seconds(20)) == Approx(10 * mean));
  // Index of dispersion of counts in the limit: 1 + 2 a b (l1 - l2)^2 / ((a + b)^2 (l1 b + l2 a)) (Fischer,
  // Meier-Hellstern 1993); windows of 200 s are long against 1 / (a + b), which takes 0.3 % off.
  const double limit = 1 + 2 * a * b * (l1 - l2) * (l1 - l2) / ((a + b) * (a + b) * (l1 * b + l2 * a));
  const int windows = 4000;
  const auto all = arrivals(*mmpp, 0, 200.0 * windows);
  std::vector<double> counts(windows);
  for (const double one : all) ++counts[static_cast<std::size_t>(one / 200)];
  double sum = 0, squares = 0;
  for (const double one : counts) sum += one;
  for (const double one : counts) squares += (one - sum / windows) * (one - sum / windows);
  CHECK(sum / windows / 200 == Approx(mean).epsilon(0.01));
  // The variance of 4000 windows has a relative standard error of 2.2 %.
  CHECK(squares / (windows - 1) / (sum / windows) == Approx(limit).epsilon(0.08));
}

TEST_CASE("on and off: the share of the time, and nothing while it is off", "[workload]") {
  const auto on_off = modulated_workload(
      {{Hertz(50), Distribution<Seconds>(Law::constant(2))}, {Hertz(0), Distribution<Seconds>(Law::constant(6))}});
  CHECK(on_off->expected(0, Seconds(0), Seconds(8)) == Approx(100));
  const auto all = arrivals(*on_off, 0, 8000);
  CHECK(static_cast<double>(all.size()) == Approx(100000).epsilon(0.02));
  int pauses = 0;
  for (std::size_t i = 1; i < all.size(); ++i) pauses += all[i] - all[i - 1] > 5.5;
  CHECK(pauses == Approx(999).margin(2));
}

TEST_CASE("chains of states follow their probabilities", "[workload]") {
  // From the first to either of the others, and back: half of the visits are the first's.
  const Distribution<Seconds> second(Law::constant(1));
  const auto chain = modulated_workload(
      {{Hertz(100), second, {0, 0.75, 0.25}}, {Hertz(10), second, {1, 0, 0}}, {Hertz(0), second, {1, 0, 0}}});
  CHECK(chain->expected(0, Seconds(0), Seconds(1)) == Approx(0.5 * 100 + 0.375 * 10));
  CHECK(static_cast<double>(arrivals(*chain, 0, 20000).size()) == Approx(20000 * 53.75).epsilon(0.01));
}

TEST_CASE("a closed loop thinks after each request, and longer after a session", "[workload]") {
  const auto closed = closed_workload(Distribution<Seconds>(Law::constant(2)), Distribution<double>(Law::constant(3)),
                                      Distribution<Seconds>(Law::constant(10)));
  CHECK(closed->closed());
  Workload::State state{Rng(1, 0), Seconds(5)};
  std::vector<double> all;
  for (int i = 0; i < 7; ++i) {
    all.push_back(closed->next(state, 0)->value);
    state.last += Seconds(1);  // each takes a second
  }
  CHECK(all == std::vector<double>{7, 10, 13, 24, 27, 30, 41});
}

TEST_CASE("a replay begins with the first arrival after the client has come", "[workload]") {
  const auto replay = replay_workload({{Seconds(1), Seconds(2), Seconds(3)}});
  CHECK(arrivals(*replay, 1.5, 100) == std::vector<double>{2, 3});
  CHECK(replay->expected(0, Seconds(1.5), Seconds(2.5)) == 1);
}
