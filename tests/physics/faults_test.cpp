// Outages are a union, whatever lists and entries they come from; simultaneous events have an order.
#include <fmt/format.h>

#include <algorithm>

#include "findings/findings.hpp"
#include "models/faults/outages.hpp"
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;
using nlohmann::ordered_json;

namespace {
/// Outages as start, duration [s].
using Pairs = std::vector<std::pair<double, double>>;

ordered_json outages(const Pairs& all) {
  ordered_json list = ordered_json::array();
  for (const auto& [start, duration] : all)
    list.push_back({{"start", fmt::format("{} s", start)}, {"duration", fmt::format("{} s", duration)}});
  return list;
}

Pairs played(const Pairs& listed) {
  std::vector<Outage> all;
  for (const auto& [start, duration] : listed) all.push_back({Seconds(start), Seconds(duration)});
  const auto source = listed_outages(all);
  Pairs seen;
  Rng rng(1, 0);
  std::uint64_t position = 0;
  Seconds at;
  while (const auto outage = source->next(rng, at, position)) {
    seen.emplace_back(outage->start.value, outage->duration.value);
    at = outage->start + outage->duration;
  }
  return seen;
}

/// A world of clusters of one node and one pod each; the first is taken down by the first of these lists of entries,
/// and so on.
std::unique_ptr<Simulation> failing(const std::vector<std::vector<Pairs>>& clusters) {
  auto scenario = station(4, 1, "1 ms", "1 /s", "100 s");
  scenario["warmup"] = "0 s";
  scenario["control_plane"] = "oracle";
  scenario["policy"] = {{"placement", "round-robin"}};
  cluster(scenario, "c")["count"] = clusters.size();
  client(scenario, "user")["at"] = "c-0";
  auto& serve = component(scenario, "app", "serve");
  serve["replicas"] = clusters.size();
  serve["requests"] = {{"cpu", "3"}};
  for (std::size_t c = 0; c < clusters.size(); ++c)
    for (const Pairs& one : clusters[c])
      scenario["faults"].push_back({{"kind", "node"}, {"match", fmt::format("c-{}/*", c)}, {"outages", outages(one)}});
  auto run = simulation(scenario);
  run->run();
  return run;
}
}  // namespace

TEST_CASE("Outages of one list are a union", "[physics]") {
  CHECK(played({{10, 30}, {15, 5}}) == Pairs{{10, 30}});
  CHECK(played({{10, 30}, {40, 5}}) == Pairs{{10, 35}});
  CHECK(played({{10, 30}, {20, 30}, {45, 1}, {60, 0}}) == Pairs{{10, 40}, {60, 0}});
  CHECK(played({{0, 0}, {0, 5}, {5, 0}, {7, 1}}) == Pairs{{0, 5}, {7, 1}});
  CHECK(played({}).empty());
}

TEST_CASE("Outages that overlap or touch are one failure, in one entry or in several, in any order", "[physics]") {
  const auto run = failing({{{{10, 30}, {15, 5}}},
                            {{{10, 30}}, {{15, 5}}},
                            {{{15, 5}}, {{10, 30}}},
                            {{{10, 10}}, {{20, 20}}},
                            {{{20, 20}}, {{10, 10}}},
                            {{{10, 20}, {30, 10}}, {{12, 1}, {39, 1}}}});
  const Histogram recovery = *figure(*run, "recovery.time").distribution;
  CHECK(recovery.count() == 6);
  CHECK(recovery.mean() == Approx(30).epsilon(1e-6));
  CHECK(recovery.max() == Approx(30).epsilon(1e-6));
}

TEST_CASE("An outage at the start, of no length, or at the end does no harm", "[physics]") {
  const auto run = failing({{{{0, 0}, {50, 0}, {100, 10}}}});
  CHECK(value_of(*run, "requests.ended") > 90);
}

namespace {
/// How long a request of 500 MB takes that a client of one cluster sends as a flow to another, over links of 100
/// Mbit/s, when the client's cluster fails for 20 s on the way.
double through_a_failing_gateway(bool explicitly) {
  const ordered_json fast = {{"bandwidth", "100 Gbit/s"}, {"latency", "0 s"}};
  const ordered_json slow = {{"bandwidth", "100 Mbit/s"}, {"latency", "1 ms"}};
  auto scenario = station(4, 1, "0 s", "1 /s", "400 s");
  scenario["warmup"] = "0 s";
  cluster(scenario, "c")["lan"] = fast;
  cluster(scenario, "c")["uplink"] = explicitly ? fast : slow;
  scenario["clusters"].push_back(copy_of(cluster(scenario, "c"), "x"));
  component(scenario, "app", "serve")["cluster"] = "c";
  auto& user = client(scenario, "user");
  user["at"] = "x";
  user["access"] = fast;
  user["request"] = "500 MB";
  user["workload"] = {{"csv", "one.csv"}};
  scenario["network"] = {{"messages", "flow"}};
  if (explicitly) {
    scenario["network"]["topology"] = "explicit";
    scenario["wan_links"] = {{{"from", "x"}, {"to", "c"}, {"link", slow}},
                             {{"from", "c"}, {"to", "x"}, {"link", slow}}};
  }
  scenario["faults"] = {fault("cluster", "x", 20, 40)};
  const auto run = simulation(scenario, 0, {{"one.csv", "time_s\n10\n"}});
  run->run();
  CHECK(value_of(*run, "requests.completed") == 1);
  return value_of(*run, "request.latency");
}
}  // namespace

TEST_CASE("What only passes the gateway of a cluster that fails stalls until it is back", "[physics]") {
  CHECK(through_a_failing_gateway(false) == Approx(60).margin(0.5));
}
TEST_CASE("In an explicit topology it goes on", "[physics]") {
  CHECK(through_a_failing_gateway(true) == Approx(40).margin(0.5));
}

TEST_CASE("A fault without outages breaks nothing, and is told", "[physics]") {
  const auto run = failing({{Pairs{}}});
  CHECK(value_of(*run, "requests.failed") == 0);
  const std::vector<Finding> found = findings_before(run->scenario());
  CHECK(std::any_of(found.begin(), found.end(), [](const Finding& one) { return one.kind == "outage-outside"; }));
}
