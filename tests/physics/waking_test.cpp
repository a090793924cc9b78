// What a hub does with what nothing would take: whatever makes it feasible again wakes it; what is promised and what is
// reported is counted once; sums that people write as decimals are exact.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// A hub, and a cluster d of `nodes` nodes of `cores` cores and 8 GiB.
Json federation(int nodes, double cores, const std::string& plane, const std::string& duration = "1 h") {
  Json scenario = station(cores, 1, "10 ms", "0.1 /s", duration);
  scenario["warmup"] = "0 s";
  const Json link = {{"bandwidth", "1 Gbit/s"}, {"latency", "1 ms"}};
  const Json one = with(cluster(scenario, "c"), {{"lan", link}, {"uplink", link}});
  scenario["clusters"] = {with(copy_of(one, "hub"), {{"role", "hub"}}), copy_of(one, "d")};
  node_pool(scenario, "d", "n")["count"] = nodes;
  client(scenario, "user")["at"] = "d";
  client(scenario, "user")["application"] = "a";
  scenario["control_plane"] = plane;
  scenario["applications"] = Json::array();
  return scenario;
}
Json an_application(const std::string& name, const Json& requests, const Json& submit, int replicas = 1) {
  Json app = with(server(name, 1, "10 ms"), {{"submit", submit}});
  Json& serve = component(app, "serve");
  serve["start"] = "1 s";
  serve["requests"] = requests;
  serve["replicas"] = replicas;
  return app;
}
}  // namespace

TEST_CASE("A promise and the report of its pod are not added up", "[physics]") {
  const int seed = GENERATE(1, 4, 7);
  const std::string plane = GENERATE("oracle", "as-implemented", "as-designed");
  CAPTURE(seed, plane);
  // Each has room for one of the two, which are handed in at once.
  Json scenario = federation(2, 4, plane);
  scenario["seed"] = seed;
  scenario["policy"] = {{"placement", "nearest"}};
  scenario["applications"] = {an_application("a", {{"cpu", 4}}, {{"at", "100 s"}}),
                              an_application("b", {{"cpu", 4}}, {{"at", "100 s"}})};
  if (plane == "oracle") node_pool(scenario, "hub", "n")["type"] = "tiny";
  scenario["node_types"]["tiny"] = {{"cores", 0.5}, {"memory", "8 GiB"}};
  const Played run = play(scenario);
  CHECK(run.value("placement.pending") == 0);
}

TEST_CASE("What waits is placed soon after there is room again, whatever kind of room it wants", "[physics]") {
  const std::string kind = GENERATE("cpu", "memory", "slots");
  const std::string plane = GENERATE("oracle", "as-implemented", "as-designed");
  CAPTURE(kind, plane);
  Json scenario = federation(1, 4, plane);
  node_pool(scenario, "hub", "n")["type"] = "tiny";
  scenario["node_types"]["tiny"] = {{"cores", 0.5}, {"memory", "1 MiB"}, {"max_pods", 1}};
  if (kind == "slots") scenario["node_types"]["n"]["max_pods"] = 1;
  const Json all =
      kind == "cpu" ? Json{{"cpu", 4}, {"memory", "2 MiB"}} : Json{{"memory", kind == "memory" ? "8 GiB" : "2 MiB"}};
  scenario["applications"] = {an_application("a", all, {{"at", "100 s"}, {"delete_at", "600 s"}}),
                              an_application("b", all, {{"at", "200 s"}})};
  const Played run = play(scenario);
  const auto ready = times(run.records, "ready", "b/serve-0");
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] > 600);
  CHECK(ready[0] < 660);
}

TEST_CASE("Room that is freed and promised between two reports is news all the same", "[physics]") {
  Json scenario = federation(2, 1, "as-implemented", "30 min");
  scenario["policy"] = {{"placement", "nearest"}};
  const Json one = {{"cpu", 1}, {"memory", "1 GiB"}};
  scenario["applications"] = {an_application("a", one, {{"at", "100 s"}, {"delete_at", "150 s"}}),
                              an_application("b", one, {{"at", "154 s"}}, 2)};
  const Played run = play(scenario);
  CHECK(times(run.records, "ready").size() == 3);
  CHECK(run.value("placement.pending") == 0);
}

TEST_CASE("Fifteen times 0.2 of 10 cores is 0.3 of them", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented");
  const double limit = GENERATE(0.3, 0.299999);
  CAPTURE(plane, limit);
  Json scenario = federation(1, 10, plane, "300 s");
  scenario["applications"] = {an_application("a", {{"cpu", "200m"}, {"memory", "1 MiB"}}, {{"at", "60 s"}}, 15)};
  application(scenario, "a")["energy_limit"] = limit;
  component(scenario, "a", "serve")["cluster"] = "d";
  const Played run = play(scenario);
  const auto ready = times(run.records, "ready");
  CHECK(ready.size() == (limit == 0.3 ? 15 : 14));
  CHECK(run.value("violations.compliance") == 0);
}

TEST_CASE("Ten times 0.1 fills a core", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented");
  CAPTURE(plane);
  Json scenario = federation(1, 1, plane, "300 s");
  scenario["applications"] = {an_application("a", {{"cpu", 0.1}}, {{"at", "60 s"}}, 10)};
  component(scenario, "a", "serve")["cluster"] = "d";
  const Played run = play(scenario);
  CHECK(times(run.records, "ready").size() == 10);
}

TEST_CASE("A node that is uncordoned takes what waited for it", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented");
  CAPTURE(plane);
  Json scenario = federation(1, 4, plane, "30 min");
  node_pool(scenario, "hub", "n")["type"] = "tiny";
  scenario["node_types"]["tiny"] = {{"cores", 0.5}, {"memory", "8 GiB"}};
  scenario["applications"] = {an_application("a", {{"cpu", 4}}, {{"at", "200 s"}})};
  scenario["faults"] = {with(fault("node", "d/n-0", 150, 450), {{"notice", "60 s"}})};
  const Played run = play(scenario);
  const auto ready = times(run.records, "ready");
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] >= 510);
  CHECK(ready[0] < 560);
}
