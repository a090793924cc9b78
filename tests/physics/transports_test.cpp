// The two transports on the same traffic at 30, 60 and 80 % load: they differ, and by what theory says (docs/models.md,
// "queued and flow compared").
#include <fmt/format.h>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Messages of 100 kB over an access link and a LAN link of 1 Gbit/s each: S = 0.8 ms a hop, 1 ms of latency. No work,
/// no reply.
Simulation& transports(const std::string& transport, double load) {
  auto scenario = station(1, 1000000, "0 s", fmt::format("{} /s", load / 0.0008), "400 s");
  scenario["warmup"] = "10 s";
  scenario["network"]["messages"] = transport;
  client(scenario, "user")["request"] = "100 kB";
  client(scenario, "user")["access"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "1 ms"}, {"buffer", "1 GB"}};
  cluster(scenario, "c")["lan"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "1 ms"}, {"buffer", "1 GB"}};
  static std::unique_ptr<Simulation> run;
  run = simulation(scenario);
  run->run();
  return *run;
}
constexpr double hop = 0.0008, latencies = 0.004;
}  // namespace

// Queued: store and forward. The first link is M/D/1, S + rho S / (2 (1 - rho)); the second never makes anybody wait,
// S.
TEST_CASE("queued at 30 %", "[physics]") {
  CHECK(value_of(transports("queued", 0.3), "request.latency") ==
        Approx(2 * hop + 0.3 * hop / 1.4 + latencies).epsilon(0.01));
}
TEST_CASE("queued at 60 %", "[physics]") {
  CHECK(value_of(transports("queued", 0.6), "request.latency") ==
        Approx(2 * hop + 0.6 * hop / 0.8 + latencies).epsilon(0.01));
}
TEST_CASE("queued at 80 %", "[physics]") {
  CHECK(value_of(transports("queued", 0.8), "request.latency") ==
        Approx(2 * hop + 0.8 * hop / 0.4 + latencies).epsilon(0.02));
}
// Flow: both links at once, shared by all who are under way: processor sharing, S / (1 - rho), whatever the law of the
// sizes.
TEST_CASE("flow at 30 %", "[physics]") {
  CHECK(value_of(transports("flow", 0.3), "request.latency") == Approx(hop / 0.7 + latencies).epsilon(0.01));
}
TEST_CASE("flow at 60 %", "[physics]") {
  CHECK(value_of(transports("flow", 0.6), "request.latency") == Approx(hop / 0.4 + latencies).epsilon(0.01));
}
TEST_CASE("flow at 80 %", "[physics]") {
  CHECK(value_of(transports("flow", 0.8), "request.latency") == Approx(hop / 0.2 + latencies).epsilon(0.03));
}
