// What the hub keeps in its books of replicas and clusters: room that it promised, and why it would rather have a
// replica elsewhere.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// A hub and managed clusters of nodes of 4 cores.
Json federation(const std::vector<std::pair<std::string, int>>& clusters) {
  Json scenario = station(4, 1, "1 ms", "0.01 /s", "3000 s");
  const Json link = {{"bandwidth", "1 Gbit/s"}, {"latency", "1 ms"}};
  const auto a_cluster = [&](const std::string& name, int nodes) {
    return Json{{"name", name},
                {"provider", "p"},
                {"nodes", {{{"type", "n"}, {"count", nodes}}}},
                {"lan", link},
                {"uplink", link}};
  };
  scenario["warmup"] = "0 s";
  scenario["clusters"] = {with(a_cluster("hub", 1), {{"role", "hub"}})};
  for (const auto& [name, nodes] : clusters) scenario["clusters"].push_back(a_cluster(name, nodes));
  client(scenario, "user")["at"] = "hub";
  scenario["control_plane"] = {{"preset", "as-implemented"}, {"probes", "none"}, {"acm", {{"wait", "0 s"}}}};
  scenario["policy"] = {{"placement", "first-fit"}};
  return scenario;
}
Json an_application(const std::string& name, double cpu, int replicas, const Json& submit) {
  Json app = with(server(name, 1, "1 ms"), {{"submit", submit}});
  component(app, "serve")["requests"] = {{"cpu", cpu}};
  component(app, "serve")["replicas"] = replicas;
  return app;
}
}  // namespace

TEST_CASE("Room that was promised to what is deleted before it runs is given back", "[physics]") {
  Json scenario = federation({{"c", 1}});
  // Decided for c at 100 s, which hears of it only when it has been deleted.
  scenario["applications"] = {an_application("first", 4, 1, {{"at", "100 s"}, {"delete_at", "150 s"}}),
                              an_application("second", 4, 1, {{"at", "400 s"}})};
  client(scenario, "user")["application"] = "second";
  scenario["faults"] = {with(fault("partition", "c", "cut.csv"), {{"from", "hub"}})};
  const auto run = simulation(scenario, 0, {{"cut.csv", "start_s,duration_s\n90,110\n"}});
  const auto all = records(*run);
  CHECK(times(all, "ready", "first/serve-0").empty());
  CHECK(times(all, "ready", "second/serve-0").size() == 1);
  CHECK(value_of(*run, "applications.deleted") == 1);
  CHECK(value_of(*run, "applications.running") == 1);
}

TEST_CASE("A replica that has found room where it is wants to go nowhere any more", "[physics]") {
  Json scenario = federation({{"b", 1}, {"a", 2}});
  // `filler` has all of b; `app` both nodes of a, of which one fails: its replica fits nowhere until the node is back.
  scenario["applications"] = {an_application("filler", 4, 1, {{"at", "60 s"}, {"delete_at", "1500 s"}}),
                              an_application("app", 3, 2, {{"at", "100 s"}})};
  client(scenario, "user")["application"] = "app";
  scenario["faults"] = {fault("node", "a/n-1", "outage.csv")};
  const auto run = simulation(scenario, 0, {{"outage.csv", "start_s,duration_s\n200,1000\n"}});
  const auto all = records(*run);
  CHECK(times(all, "ready", "", "a/n-0").size() == 1);
  CHECK(times(all, "ready", "", "a/n-1").size() == 2);
  // b is empty from 1501 s on, and first in line for whatever has to be placed.
  CHECK(times(all, "gone", "filler/serve-0").size() == 1);
  CHECK(times(all, "ready", "", "b/n-0").size() == 1);
  CHECK(value_of(*run, "placement.moves") == 1);
}

TEST_CASE("A replica whose cluster keeps a rule again wants to go nowhere any more", "[physics]") {
  Json scenario = federation({{"b", 1}, {"a", 1}});
  scenario["applications"] = {an_application("filler", 4, 1, {{"at", "60 s"}, {"delete_at", "1500 s"}}),
                              an_application("app", 3, 1, {{"at", "100 s"}})};
  application(scenario, "app")["security"] = "Good";
  client(scenario, "user")["application"] = "app";
  // While a breaks the rule there is no room in b; when there is, a keeps it again.
  scenario["faults"] = {fault("security", "a", "breach.csv")};
  const auto run = simulation(scenario, 0, {{"breach.csv", "start_s,duration_s\n200,1000\n"}});
  const auto all = records(*run);
  CHECK(value_of(*run, "violations.compliance") == 1);
  CHECK(times(all, "gone", "filler/serve-0").size() == 1);
  CHECK(times(all, "ready", "", "a/n-0").size() == 1);
  CHECK(times(all, "ready", "", "b/n-0").size() == 1);
  CHECK(value_of(*run, "placement.moves") == 0);
}

TEST_CASE("A broken rule is not forgotten while the cluster is Unknown", "[physics]") {
  Json scenario = federation({{"b", 1}, {"a", 1}});
  scenario["control_plane"]["ocm"] = {{"toleration", "1 h"}};
  scenario["applications"] = {an_application("filler", 4, 1, {{"at", "60 s"}, {"delete_at", "2000 s"}}),
                              an_application("app", 3, 1, {{"at", "100 s"}})};
  application(scenario, "app")["security"] = "Good";
  client(scenario, "user")["application"] = "app";
  // a is Unknown from about 600 s, available again soon after 1000 s, and breaks the rule all the time; b has room from
  // 2000 s on.
  scenario["faults"] = {fault("security", "a", "breach.csv"),
                        with(fault("partition", "a", "cut.csv"), {{"from", "hub"}})};
  const auto run = simulation(
      scenario, 0, {{"breach.csv", "start_s,duration_s\n200,9000\n"}, {"cut.csv", "start_s,duration_s\n300,700\n"}});
  const auto all = records(*run);
  CHECK(value_of(*run, "clusters.unknown") == 1);
  CHECK(times(all, "gone", "app/serve-0").size() == 1);
  CHECK(times(all, "ready", "", "b/n-0").size() == 2);
}

TEST_CASE("An application may come back to a cluster that it has left", "[physics]") {
  Json scenario = federation({{"a", 1}, {"b", 1}});
  scenario["applications"] = {an_application("app", 3, 1, {{"at", "100 s"}, {"delete_at", "1500 s"}})};
  application(scenario, "app")["security"] = "Good";
  scenario["faults"] = {fault("security", "a", "a.csv"), fault("security", "b", "b.csv")};
  const auto run = simulation(
      scenario, 0, {{"a.csv", "start_s,duration_s\n200,200\n"}, {"b.csv", "start_s,duration_s\n600,9000\n"}});
  const auto all = records(*run);
  CHECK(times(all, "ready", "", "a/n-0").size() == 2);
  CHECK(times(all, "ready", "", "b/n-0").size() == 1);
  CHECK(times(all, "ready").back() < 610);
  CHECK(value_of(*run, "works.open") == 0);
  CHECK(value_of(*run, "applications.deleted") == 1);
}

TEST_CASE("An application that is handed in at a hub without clusters is told so", "[physics]") {
  Json scenario = federation({{"c", 1}});
  // Clusters and applications go to the hubs in turn: c, the second, to hub-2, and the first application to hub.
  scenario["clusters"].push_back(copy_of(cluster(scenario, "hub"), "hub-2"));
  scenario["applications"] = {an_application("first", 1, 1, {{"at", "100 s"}}),
                              an_application("second", 1, 1, {{"at", "100 s"}})};
  client(scenario, "user")["application"] = "second";
  const auto run = simulation(scenario);
  run->run();
  CHECK(reason(*run, "first/serve") == "0/0 clusters are available: none has joined hub.");
  CHECK(reason(*run, "second/serve").empty());
}
