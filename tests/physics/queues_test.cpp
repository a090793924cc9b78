// Stations of queueing theory, simulated as scenarios through the whole product.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// The run's own 95 % interval is narrower than 1 %, and theory lies within 1.4 of it (a 99.4 % interval, since seeds
/// are fixed).
void agrees(Simulation& run, double theory) {
  run.run();
  const Interval found = latency_interval(run);
  const double overall = value_of(run, "request.latency");
  CAPTURE(theory, overall, found.mean, found.half_width);
  CHECK(found.half_width < 0.01 * theory);
  CHECK(std::abs(overall - theory) < 1.4 * found.half_width);
}
}  // namespace

TEST_CASE("M/M/1: the mean time in the system is S / (1 - rho)", "[physics]") {
  // S = 10 ms, lambda = 60/s: rho = 0.6, W = 25 ms.
  const auto run = simulation(station(1, 1, {{"exponential", "10 ms"}}, "60 /s", "40000 s"));
  agrees(*run, 0.025);
  // Utilisation law: rho = lambda S. The node has one core.
  CHECK(value_of(*run, "cpu.utilisation") == Approx(0.6).epsilon(0.01));
  // P(T > t) = exp(-t / W): the median is W ln 2, the 99th percentile W ln 100; buckets are 1.6 % wide.
  const Histogram latency = *figure(*run, "request.latency").distribution;
  CHECK(latency.quantile(0.5) == Approx(0.025 * std::log(2)).epsilon(0.025));
  CHECK(latency.quantile(0.99) == Approx(0.025 * std::log(100)).epsilon(0.025));
}

TEST_CASE("M/D/1: the mean wait is half that of M/M/1", "[physics]") {
  // Pollaczek-Khinchine: W = S + rho S / (2 (1 - rho)) = 10 ms + 0.7 * 10 ms / 0.6.
  agrees(*simulation(station(1, 1, "10 ms", "70 /s", "30000 s")), 0.010 + 0.7 * 0.010 / (2 * 0.3));
}

TEST_CASE("M/M/3: the mean wait follows Erlang's C formula", "[physics]") {
  // a = lambda S = 2.1 of c = 3 servers. C = (a^c / c!) (c / (c - a)) / (sum_k<c a^k / k! + that); W = S + C S / (c -
  // a).
  const double a = 2.1, top = a * a * a / 6 * (3 / (3 - a)), c = top / (1 + a + a * a / 2 + top);
  agrees(*simulation(station(3, 3, {{"exponential", "10 ms"}}, "210 /s", "20000 s")), 0.010 + c * 0.010 / (3 - a));
}

TEST_CASE("M/M/1 with processor sharing: the mean is that of first in first out", "[physics]") {
  // A core shared by all requests in service: W = S / (1 - rho), whatever the law of the work.
  agrees(*simulation(station(1, 1000000, {{"uniform", {{"low", "0 ms"}, {"high", "20 ms"}}}}, "60 /s", "40000 s")),
         0.025);
}

TEST_CASE("Tandem: the output of M/M/1 is Poisson, so the next station is M/M/1 too", "[physics]") {
  // Burke: W = S1 / (1 - rho1) + S2 / (1 - rho2). The two components stand on nodes of their own.
  auto scenario = station(1, 1, {{"exponential", "10 ms"}}, "50 /s", "40000 s");
  node_pool(scenario, "c", "n")["count"] = 2;
  auto& app = application(scenario, "app");
  component(app, "serve")["requests"]["cpu"] = 1;
  app["components"].push_back(copy_of(component(app, "serve"), "store"));
  component(app, "store")["work"]["exponential"] = "6 ms";
  app["channels"] = {{{"from", "serve"}, {"to", "store"}, {"request", "0 B"}, {"reply", "0 B"}}};
  agrees(*simulation(scenario), 0.010 / 0.5 + 0.006 / 0.7);
}

TEST_CASE("A link is a queue: messages of constant size are M/D/1", "[physics]") {
  // 125 kB at 100 Mbit/s takes 10 ms; at 70/s the access link is 70 % busy. The work takes no time.
  auto scenario = station(1, 1000, "0 s", "70 /s", "30000 s");
  client(scenario, "user")["request"] = "125 kB";
  client(scenario, "user")["access"] = {{"bandwidth", "100 Mbit/s"}, {"latency", "3 ms"}, {"buffer", "1 GB"}};
  // The next link, of 1 Gbit/s, takes 1 ms and never makes anybody wait: what leaves the first is 10 ms apart at least.
  // Back: 3 ms.
  agrees(*simulation(scenario), 0.010 + 0.7 * 0.010 / (2 * 0.3) + 0.003 + 0.001 + 0.003);
}

TEST_CASE("A closed network of one station and clients that think: mean-value analysis", "[physics]") {
  // Exact MVA for S = 10 ms and a mean time to think of 150 ms: W(n) = S (1 + Q(n - 1)), Q(n) = n W(n) / (W(n) + Z).
  constexpr int clients = 20;
  double queue = 0, mean = 0;
  for (int n = 1; n <= clients; ++n) {
    mean = 0.010 * (1 + queue);
    queue = n * mean / (mean + 0.150);
  }
  auto scenario = station(1, 1, {{"exponential", "10 ms"}}, "1 /s", "10000 s");
  client(scenario, "user")["count"] = clients;
  client(scenario, "user")["workload"] = {{"closed", {{"think", {{"exponential", "150 ms"}}}}}};
  const auto run = simulation(scenario);
  agrees(*run, mean);
  CHECK(value_of(*run, "requests.rate") == Approx(clients / (mean + 0.150)).epsilon(0.01));
}

namespace {
/// Matrices of two rows and columns, for a chain of two states.
struct Two {
  double a, b, c, d;
  Two operator*(const Two& o) const {
    return {a * o.a + b * o.c, a * o.b + b * o.d, c * o.a + d * o.c, c * o.b + d * o.d};
  }
  Two operator+(const Two& o) const { return {a + o.a, b + o.b, c + o.c, d + o.d}; }
  Two operator*(double x) const { return {a * x, b * x, c * x, d * x}; }
  Two inverse() const { return Two{d, -b, -c, a} * (1 / (a * d - b * c)); }
};
}  // namespace

TEST_CASE("MMPP/M/1: the mean time in the system by matrix geometry", "[physics]") {
  // Neuts, "Matrix-geometric solutions in stochastic models", 1981: R is the least solution of A0 + R A1 + R^2 A2 = 0.
  const double l1 = 90, l2 = 20, leave1 = 2, leave2 = 1, mu = 100;
  const Two one{1, 0, 0, 1}, q{-leave1, leave1, leave2, -leave2}, rates{l1, 0, 0, l2};
  const Two a0 = rates, a1 = q + rates * -1 + one * -mu, a2 = one * mu;
  Two r{0, 0, 0, 0};
  for (int i = 0; i < 100000; ++i) r = (a0 + r * r * a2) * (a1.inverse() * -1);
  // pi0 (Q - Lambda + R A2) = 0, and pi0 (1 - R)^-1 1 = 1.
  const Two boundary = q + rates * -1 + r * a2, sums = (one + r * -1).inverse();
  double first = boundary.c, second = -boundary.a;
  const double norm = first * (sums.a + sums.b) + second * (sums.c + sums.d);
  first /= norm;
  second /= norm;
  const Two weighted = r * sums * sums;
  const double number = first * (weighted.a + weighted.b) + second * (weighted.c + weighted.d);
  const double rate = (l1 * leave2 + l2 * leave1) / (leave1 + leave2);

  auto scenario = station(1, 1, {{"exponential", "10 ms"}}, "1 /s", "90000 s");
  client(scenario, "user")["workload"] = {
      {"mmpp", {{"states", {{{"rate", "90 /s"}, {"stay", "0.5 s"}}, {{"rate", "20 /s"}, {"stay", "1 s"}}}}}}};
  agrees(*simulation(scenario), number / rate);
}

TEST_CASE("Clients come and go one by one", "[physics]") {
  auto scenario = station(1, 1, "1 ms", "1 /s", "100 s");
  scenario["warmup"] = "0 s";
  Json& user = client(scenario, "user");
  user["count"] = 4;
  user["workload"] = {{"periodic", {{"period", "100 ms"}}}};
  user["active"] = {{"from", "10 s"}, {"until", "90 s"}, {"ramp_up", "40 s"}, {"ramp_down", "20 s"}};
  const auto run = simulation(scenario);
  run->run();
  // They come at 10, 20, 30, 40 s and go at 75, 80, 85, 90 s: 65 + 60 + 55 + 50 s at ten a second.
  CHECK(value_of(*run, "requests.submitted") == Approx(2300).margin(4));
}
