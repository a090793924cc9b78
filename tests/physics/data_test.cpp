// Data sets, by hand: copies before a start, versions on their way, stale ones, writers, cuts; and what the catalogue
// knows when.
//
// Clusters hub (the source) and c, d; wide area 10 MB/s and 5 ms on each uplink and downlink, so that X MB from one to
// another take X / 10 s + 10 ms when alone. Where nothing is said of a control plane it is the oracle, which sends
// nothing.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
constexpr double way = 0.010;

/// A component in c, ready 2 s after what it reads is there.
Json federation(const std::string& duration = "300 s") {
  Json scenario = station(4, 1, "1 ms", "0.01 /s", duration);
  scenario["warmup"] = "0 s";
  const Json lan = {{"bandwidth", "800 Mbit/s"}, {"latency", "0 s"}},
             wan = {{"bandwidth", "80 Mbit/s"}, {"latency", "5 ms"}};
  scenario["clusters"] = Json::array();
  for (const char* name : {"hub", "c", "d"})
    scenario["clusters"].push_back(
        {{"name", name}, {"provider", "p"}, {"nodes", {{{"type", "n"}}}}, {"lan", lan}, {"uplink", wan}});
  cluster(scenario, "hub")["role"] = "hub";
  scenario["data"] = {{{"name", "maps"}, {"size", "100 MB"}, {"source", "hub"}}};
  Json& serve = component(scenario, "app", "serve");
  serve["cluster"] = "c";
  serve["start"] = "2 s";
  return scenario;
}
Json updates(const char* period, const char* size) {
  Json scenario = federation();
  data_set(scenario, "maps")["copies"] = {"c"};
  data_set(scenario, "maps")["update"] = {{"period", period}, {"size", size}};
  return scenario;
}
std::map<std::string, std::string> at(const std::string& lines) {
  return {{"fault.csv", "start_s,duration_s\n" + lines}};
}
}  // namespace

TEST_CASE("A component starts once its cluster has a copy of what it reads, which comes once for all", "[physics]") {
  Json scenario = federation();
  Json& serve = component(scenario, "app", "serve");
  serve["reads"] = {"maps"};
  serve["replicas"] = 3;
  Json& apps = scenario["applications"];
  for (const char* submitted : {"5 s", "60 s"}) {  // while it is on its way, and when it is there
    const Json next = copy_of(application(scenario, "app"), "app-" + std::to_string(apps.size() + 1));
    apps.push_back(with(next, {{"submit", {{"at", submitted}}}}));
  }
  const auto run = simulation(scenario);
  const std::vector<double> ready = times(records(*run), "ready");
  REQUIRE(ready.size() == 9);
  for (std::size_t i = 0; i < 9; ++i) CHECK(ready[i] == Approx(i < 6 ? 10 + way + 2 : 60 + 2).epsilon(1e-6));
  CHECK(value_of(*run, "data.replications") == 1);
  CHECK(value_of(*run, "bytes.data") == 100e6);
  CHECK(value_of(*run, "bytes.bulk") == 100e6);
}

TEST_CASE("A copy comes from the holder with the least latency", "[physics]") {
  Json scenario = federation();
  cluster(scenario, "hub")["uplink"]["latency"] = "50 ms";  // hub to c: 55 ms, d to c: 10 ms
  data_set(scenario, "maps")["copies"] = {"d"};
  component(scenario, "app", "serve")["reads"] = {"maps"};
  const auto run = simulation(scenario);
  const std::vector<double> ready = times(records(*run), "ready");
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] == Approx(10 + way + 2).epsilon(1e-6));
}

TEST_CASE("A replication that is cut off is tried again after 10 s", "[physics]") {
  Json scenario = federation();
  component(scenario, "app", "serve")["reads"] = {"maps"};
  scenario["faults"] = {fault("link", "hub.up", "fault.csv")};
  // Down from 5 to 6 and from 16 to 17: attempts at 0 (lost a millisecond after 5), 15.001 (lost at 16.001), 26.001.
  scenario["network"]["tcp_timeout"] = "1 ms";
  const auto run = simulation(scenario, 0, at("5,1\n16,1\n"));
  const std::vector<double> ready = times(records(*run), "ready");
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] == Approx(26.001 + 10 + way + 2).epsilon(1e-6));
  CHECK(value_of(*run, "data.failed") == 2);
  CHECK(value_of(*run, "data.replications") == 1);
  CHECK(value_of(*run, "bytes.data") == Approx(10e6 * (5 - way + 0.999 - way + 10)).epsilon(1e-6));
}

TEST_CASE("Every version reaches the copy, a transfer later", "[physics]") {
  Json scenario = updates("20 s", "10 MB");
  data_set(scenario, "maps")["freshness"] = "1.02 s";
  const auto run = simulation(scenario);
  run->run(Seconds(199));
  // Versions at 20, 40, ..., 180 s.
  const Histogram lag = *figure(*run, "data.lag").distribution;
  CHECK(lag.count() == 9);
  CHECK(lag.max() == Approx(1 + way).epsilon(1e-6));
  CHECK(lag.mean() == Approx(1 + way).epsilon(1e-6));
  CHECK(value_of(*run, "data.updates") == 9);
  CHECK(value_of(*run, "data.stale") == 0);
  CHECK(value_of(*run, "bytes.data") == 9 * 10e6);
}

TEST_CASE("A version that is later than fresh is stale", "[physics]") {
  Json scenario = updates("20 s", "10 MB");
  data_set(scenario, "maps")["freshness"] = "1 s";
  const auto run = simulation(scenario);
  run->run(Seconds(199));
  CHECK(value_of(*run, "data.updates") == 9);
  CHECK(value_of(*run, "data.stale") == 9);
}

TEST_CASE("Two copies share the way out of the source", "[physics]") {
  Json scenario = updates("20 s", "10 MB");
  data_set(scenario, "maps")["copies"] = {"c", "d"};
  const auto run = simulation(scenario);
  run->run(Seconds(199));
  CHECK(value_of(*run, "data.updates") == 18);
  CHECK(figure(*run, "data.lag").distribution->max() == Approx(2 + way).epsilon(1e-6));
}

TEST_CASE("Versions that come faster than they can be sent are sent together", "[physics]") {
  // 250 MB take 25.01 s. Sent: v1 (20 s) at 20, v2 (40) at 45.01, v3 (60) at 70.02, v4 (80) at 95.03, then at 120.04
  // both v5 (100) and v6 (120), which arrive at 170.05.
  const auto run = simulation(updates("20 s", "250 MB"));
  run->run(Seconds(170.06));
  const Histogram lag = *figure(*run, "data.lag").distribution;
  CHECK(lag.count() == 6);
  CHECK(lag.sum() == Approx(25.01 + 30.02 + 35.03 + 40.04 + 70.05 + 50.05).epsilon(1e-6));
  CHECK(lag.max() == Approx(70.05).epsilon(1e-6));
}

TEST_CASE("A version that is cut off is tried again after 10 s, with those that came meanwhile", "[physics]") {
  Json scenario = updates("20 s", "10 MB");
  scenario["faults"] = {fault("link", "c.down", "fault.csv")};
  scenario["network"]["tcp_timeout"] = "1 ms";
  // v1 (20 s) is lost at 20.501, 30.502, 40.503; at 50.503 v1 and v2 (40) are sent as one, of 20 MB.
  const auto run = simulation(scenario, 0, at("20.5,25\n"));
  run->run(Seconds(59));
  const Histogram lag = *figure(*run, "data.lag").distribution;
  CHECK(value_of(*run, "data.failed") == 3);
  REQUIRE(lag.count() == 2);
  CHECK(lag.max() == Approx(50.503 + 2 + way - 20).epsilon(1e-6));
  CHECK(lag.sum() == Approx(2 * (50.503 + 2 + way) - 20 - 40).epsilon(1e-6));
}

TEST_CASE("What a component writes goes to the source first, and from there to the copies", "[physics]") {
  Json scenario = updates("20 s", "10 MB");
  data_set(scenario, "maps")["copies"] = {"d"};
  component(scenario, "app", "serve")["writes"] = {"maps"};  // in c
  const auto run = simulation(scenario);
  run->run(Seconds(199));
  // Made at 20 s, at the source at 21.01 s: the next is made 20 s after that. At 21.01 n s and 1.01 s later in d: nine
  // by 199 s.
  CHECK(value_of(*run, "data.updates") == 9);
  CHECK(figure(*run, "data.lag").distribution->max() == Approx(1 + way).epsilon(1e-6));
  CHECK(value_of(*run, "bytes.data") == 18 * 10e6);
}

TEST_CASE("Without a writer that is ready, versions appear at the source", "[physics]") {
  Json scenario = updates("20 s", "10 MB");
  data_set(scenario, "maps")["copies"] = {"d"};
  component(scenario, "app", "serve")["writes"] = {"maps"};
  scenario["faults"] = {fault("node", "c/*", "fault.csv")};
  const auto run = simulation(scenario, 0, at("30,1000\n"));
  run->run(Seconds(119));
  // 20 s by way of c; its node goes down at 30 s; then from 41.01 s on every 20 s at once: 41.01, ..., 101.01.
  CHECK(value_of(*run, "data.updates") == 5);
  CHECK(value_of(*run, "bytes.data") == 6 * 10e6);
}

TEST_CASE("A component is not placed where the data that it reads may not be", "[physics]") {
  Json scenario = federation();
  scenario["providers"] = {{"p", {{"domain", "eu"}}}, {"q", {{"domain", "us"}}}};
  cluster(scenario, "c")["provider"] = "q";
  data_set(scenario, "maps")["allowed_domains"] = {"eu"};
  Json& serve = component(scenario, "app", "serve");
  serve["reads"] = {"maps"};
  serve.erase("cluster");
  client(scenario, "user")["at"] = "c";  // the nearest cluster is forbidden
  const auto run = simulation(scenario);
  bool decided = false;
  for (const auto& one : records(*run)) {
    if (one["kind"] != "decision") continue;
    decided = true;
    CHECK(one["cluster"] != "c");
    CHECK(one["outcome"] == "done");
  }
  CHECK(decided);
  CHECK(value_of(*run, "violations.compliance") == 0);
}

namespace {
/// The same under CODECO, whose own times are none.
Json codeco(Json scenario) {
  scenario["control_plane"] = {{"preset", "as-implemented"},
                               {"probes", "none"},
                               {"hub", {{"service", "0 s"}}},
                               {"acm", {{"wait", "0 s"}, {"reconcile", "0 s"}, {"solve", "0 s"}, {"solve_row", "0 s"}}},
                               {"ocm", {{"apply", "0 s"}}}};
  application(scenario, "app")["submit"] = {{"at", "60 s"}};
  return scenario;
}
}  // namespace

TEST_CASE("CODECO says which rule keeps a component from where it is pinned", "[physics]") {
  Json scenario = codeco(federation());
  scenario["providers"] = {{"p", {{"domain", "eu"}}}, {"q", {{"domain", "us"}}}};
  cluster(scenario, "c")["provider"] = "q";
  data_set(scenario, "maps")["allowed_domains"] = {"eu"};
  component(scenario, "app", "serve")["reads"] = {"maps"};
  const auto run = simulation(scenario);
  run->run();
  CHECK(reason(*run, "app/serve") == "0/1 clusters are available: 1 cluster(s) broke the rule on data.");
  CHECK(value_of(*run, "applications.pending") == 1);
  CHECK(value_of(*run, "data.replications") == 0);
}

TEST_CASE("The hub's catalogue knows of a copy when its event has crossed the network", "[physics]") {
  Json scenario = codeco(federation());
  component(scenario, "app", "serve")["reads"] = {"maps"};
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "data.replications") == 1);
  CHECK(value_of(*run, "catalogue.events") == 1);
  const Histogram age = *figure(*run, "catalogue.age").distribution;
  REQUIRE(age.count() == 1);
  // 500 B over two links of 10 MB/s and 5 ms, then 5 ms in the catalogue.
  CHECK(age.max() == Approx(2 * (500 / 10e6 + 0.005) + 0.005).epsilon(1e-9));
  CHECK(value_of(*run, "bytes.catalogue") == 500);
}

TEST_CASE("While the hub cannot be reached a connector keeps the latest event of each key", "[physics]") {
  Json scenario = codeco(federation("600 s"));
  scenario["faults"] = {fault("security", "c", "fault.csv"),
                        with(fault("partition", "c", "cut.csv"), {{"from", "hub"}})};
  // The class of c falls and rises three times while it is cut off.
  auto files = at("210,8\n222,6\n236,8\n");
  files["cut.csv"] = "start_s,duration_s\n200,200\n";
  const auto run = simulation(scenario, 0, files);
  run->run();
  CHECK(value_of(*run, "catalogue.events") == 6);
  CHECK(value_of(*run, "catalogue.compacted") == 5);
  const Histogram age = *figure(*run, "catalogue.age").distribution;
  REQUIRE(age.count() == 1);
  // The last is of 244 s. Attempts begin at 210 s and, each given up after 1 + 2 + 4 + 8 s, 20 s after one another;
  // that of 390 s is sent again at 391, 393, 397 and 405 s, and this one arrives. What a partition keeps away has
  // crossed no link.
  CHECK(age.max() == Approx(405 + 2 * (500 / 10e6 + 0.005) + 0.005 - 244).epsilon(1e-9));
  CHECK(value_of(*run, "bytes.catalogue") == 500);
}
