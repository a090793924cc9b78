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
