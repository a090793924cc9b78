// A node that is drained: cordoned at its notice, its pods evicted within it; and what a migration policy makes of it.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Two nodes of one cluster, an application on the first of them, and one that comes during the notice of 30 s from 100
/// s on.
Json two_nodes() {
  Json scenario = station(4, 1, "1 ms", "1 /s", "400 s");
  scenario["warmup"] = "0 s";
  node_pool(scenario, "c", "n")["count"] = 2;
  cluster(scenario, "c")["role"] = "hub";
  scenario["policy"] = {{"scheduler", "first-fit"}};
  scenario["applications"].push_back(copy_of(application(scenario, "app"), "later"));
  application(scenario, "later")["submit"] = {{"at", "110 s"}};
  scenario["faults"] = {with(fault("node", "c/n-0", 100, 150), {{"notice", "30 s"}})};
  return scenario;
}
}  // namespace

TEST_CASE("The oracle drains a node within its notice", "[physics]") {
  const auto run = simulation(two_nodes());
  const auto all = records(*run);
  CHECK(times(all, "ready", "app/serve-0", "c/n-0") == std::vector<double>{0});
  CHECK(times(all, "ready", "app/serve-1", "c/n-1") ==
        std::vector<double>{115});  // half of the notice is less than 30 s
  CHECK(times(all, "ready", "later/serve-0", "c/n-1") == std::vector<double>{110});
}

TEST_CASE("Kubernetes drains a node within its notice, without waiting for its silence", "[physics]") {
  Json scenario = two_nodes();
  scenario["control_plane"] = prompt_codeco(
      {{"local_cluster", true}, {"apply", "0 s"}},
      {{"relist", "0 s"}, {"set_up", "0.6 s"}, {"latency", "1 s"}, {"tear_down", "0.21 s"}, {"stop", "0.8 s"}});
  application(scenario, "app")["submit"] = {{"at", "50 s"}};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  const std::vector<double> again = times(all, "ready", "app/serve-1", "c/n-1");
  REQUIRE(again.size() == 1);
  CHECK(again[0] == Approx(115 + 1 / 50.0 + 0.6 + 1).epsilon(1e-9));
  CHECK(times(all, "ready", "later/serve-0", "c/n-0").empty());
}

TEST_CASE("CODECO's scheduler moves a replica off a node that is to go, in time and with its state", "[physics]") {
  Json scenario = two_nodes();
  remove(scenario, "applications", "later");
  node_pool(scenario, "c", "n")["count"] = 1;
  scenario["clusters"].push_back(copy_of(cluster(scenario, "c"), "d"));
  cluster(scenario, "d").erase("role");
  Json& serve = component(scenario, "app", "serve");
  serve["state"] = "10 MB";
  serve["migration"] = {{"pre_copy", {{"dirty_rate", "1 Mbit/s"}}}};
  scenario["policy"]["migration"] = "swm";
  scenario["policy"]["placement"] = "first-fit";
  const auto run = simulation(scenario);
  const auto all = records(*run);
  CHECK(value_of(*run, "migrations") == 1);
  const std::vector<double> there = times(all, "ready", "", "d/n-0");
  REQUIRE(there.size() == 1);
  CHECK(there[0] > 100);
  CHECK(there[0] < 130);  // 10 MB over 1 Gbit/s is 80 ms
  CHECK(value_of(*run, "requests.failed") == 0);
}
