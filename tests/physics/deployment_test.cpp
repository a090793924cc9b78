// From submission to ready, by hand: pulls over the wide area and the LAN, caches, serial pulls, back-off, faults.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;
using nlohmann::ordered_json;

namespace {
/// A hub with the registry, and an edge cluster of two nodes. Wide area 10 MB/s, LAN 100 MB/s; latencies 10 ms and 0.
/// Images of 100 MB.
ordered_json deployment(int replicas) {
  auto scenario = station(4, 1, "1 ms", "1 /s", "200 s");
  scenario["warmup"] = "0 s";
  const ordered_json lan = {{"bandwidth", "800 Mbit/s"}, {"latency", "0 s"}};
  const ordered_json wan = {{"bandwidth", "80 Mbit/s"}, {"latency", "5 ms"}};
  scenario["clusters"] = {
      {{"name", "hub"},
       {"role", "hub"},
       {"provider", "p"},
       {"nodes", {{{"type", "n"}}}},
       {"lan", lan},
       {"uplink", wan}},
      {{"name", "c"}, {"provider", "p"}, {"nodes", {{{"type", "n"}, {"count", 2}}}}, {"lan", lan}, {"uplink", wan}}};
  auto& serve = component(scenario, "app", "serve");
  serve["image"] = {{"name", "serve"}, {"size", "100 MB"}};
  serve["cluster"] = "c";
  serve["start"] = "2 s";
  serve["replicas"] = replicas;
  serve["requests"]["cpu"] = 2;
  return scenario;
}
}  // namespace

TEST_CASE("A pull goes over the wide area into the cache, then over the LAN", "[physics]") {
  const auto run = simulation(deployment(1));
  run->run();
  // 100 MB at 10 MB/s and 10 ms; 100 MB at 100 MB/s; 2 s of start.
  CHECK(figure(*run, "deployment.time").distribution->max() == Approx(10.010 + 1 + 2).epsilon(1e-6));
  CHECK(value_of(*run, "images.pulled") == 1);
  CHECK(value_of(*run, "bytes.bulk") == 200e6);
}

TEST_CASE("The cache fetches once for all, and a node pulls once", "[physics]") {
  // Four replicas on two nodes: each node pulls once, over its own LAN link, from a cache that was filled once.
  const auto run = simulation(deployment(4));
  run->run();
  const Histogram time = *figure(*run, "deployment.time").distribution;
  CHECK(time.count() == 4);
  CHECK(time.max() == Approx(13.010).epsilon(1e-6));
  CHECK(value_of(*run, "bytes.bulk") == 300e6);
}

TEST_CASE("Without a cache the pulls of two nodes share the wide area", "[physics]") {
  auto scenario = deployment(2);
  cluster(scenario, "c")["image_cache"] = false;
  component(scenario, "app", "serve")["requests"]["cpu"] = 4;
  const auto run = simulation(scenario);
  run->run();
  CHECK(figure(*run, "deployment.time").distribution->max() == Approx(20.010 + 2).epsilon(1e-6));
}

TEST_CASE("A node pulls one image at a time", "[physics]") {
  auto scenario = deployment(1);
  cluster(scenario, "c")["image_cache"] = false;
  node_pool(scenario, "c", "n")["count"] = 1;
  const ordered_json other = copy_of(component(scenario, "app", "serve"), "other");
  application(scenario, "app")["components"].push_back(
      with(other, {{"image", {{"name", "other"}, {"size", "50 MB"}}}}));
  const auto run = simulation(scenario);
  run->run();
  // 10.01 s for the first; then 5.01 s for the second, which starts after it.
  CHECK(figure(*run, "deployment.time").distribution->max() == Approx(10.010 + 5.010 + 2).epsilon(1e-6));
  CHECK(figure(*run, "deployment.time").distribution->mean() == Approx((12.010 + 17.020) / 2).epsilon(1e-6));
}

TEST_CASE("A pull that is cut off is tried again after 10 s, then 20 s", "[physics]") {
  auto scenario = deployment(1);
  scenario["faults"] = {fault("link", "hub.up", "cuts.csv")};
  scenario["duration"] = "1000 s";
  // Down from 5 to 310 and from 316 to 620: attempts at 0 (lost after five minutes without progress, at 305), 315 (lost
  // at 616), 636.
  const auto run = simulation(scenario, 0, {{"cuts.csv", "start_s,duration_s\n5,305\n316,304\n"}});
  run->run();
  CHECK(figure(*run, "deployment.time").distribution->max() == Approx(636 + 10.010 + 1 + 2).epsilon(1e-6));
}

TEST_CASE("The pods of a lost node are placed again, what fits nowhere waits for the node", "[physics]") {
  auto scenario = deployment(4);  // fills both nodes
  component(scenario, "app", "serve")["image"] = {{"name", "serve"}, {"everywhere", true}};
  scenario["faults"] = {fault("node", "c/n-0", "outage.csv")};
  const auto run = simulation(scenario, 0, {{"outage.csv", "start_s,duration_s\n50,30\n"}});
  run->run();
  CHECK(value_of(*run, "placement.moves") == 2);
  CHECK(value_of(*run, "placement.infeasible") == 2);
  CHECK(value_of(*run, "placement.pending") == 0);
  // Lost at 50, placed again at 80, ready at 82.
  CHECK(figure(*run, "deployment.time").distribution->max() == Approx(32).epsilon(1e-6));
  // The service as a whole was there from 2 s on: the other node kept its two.
  CHECK(value_of(*run, "availability") == Approx(198.0 / 200).epsilon(1e-9));
  CHECK(value_of(*run, "requests.refused") < 6);
}

TEST_CASE("Cost and carbon follow the steps of prices and intensities", "[physics]") {
  auto scenario = station(4, 1, "1 ms", "1 /s", "48 h");
  scenario["warmup"] = "0 s";
  scenario["providers"]["p"] = {{"carbon", {{"daily", {"100 g/kWh", "300 g/kWh"}}}},
                                {"price", {{"cpu", "0.10 EUR/core/h"}, {"energy", "0.25 EUR/kWh"}}}};
  scenario["node_types"]["n"]["power"] = {{"idle", "1 kW"}, {"busy", "1 kW"}};
  component(scenario, "app", "serve")["requests"]["cpu"] = 2;
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "energy.nodes") == Approx(48 * 3.6e6).epsilon(1e-9));
  CHECK(value_of(*run, "carbon") == Approx(24 * 100 + 24 * 300).epsilon(1e-9));
  CHECK(value_of(*run, "cost") == Approx(48 * 2 * 0.10 + 48 * 0.25).epsilon(1e-9));
}
