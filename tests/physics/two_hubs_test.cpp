// Two hubs: each knows what it has been told, and the loss of the other changes nothing.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Hubs h0 and h1, and clusters e0 to e3. Clusters go to the hubs in turn, h0 being the first: e0 and e2 to h0, e1 and
/// e3 to h1. An application of e1's user is h1's.
Json federation(const std::string& duration = "20 min") {
  Json scenario = station(8, 1, "1 ms", "1 /s", duration);
  scenario["warmup"] = "0 s";
  Json one = cluster(scenario, "c");
  one["lan"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "0.1 ms"}};
  one["uplink"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}};
  scenario["clusters"] = Json::array();
  for (const char* hub : {"h0", "h1"}) scenario["clusters"].push_back(with(copy_of(one, hub), {{"role", "hub"}}));
  for (const char* edge : {"e0", "e1", "e2", "e3"}) scenario["clusters"].push_back(copy_of(one, edge));
  Json& app = application(scenario, "app");
  app["submit"] = {{"at", "2 min"}, {"by", "e1"}};
  const Json serve = with(component(app, "serve"), {{"requests", {{"cpu", 1}}}});
  app["components"] = {with(copy_of(serve, "a"), {{"cluster", "e1"}}), with(copy_of(serve, "b"), {{"cluster", "e3"}})};
  app["channels"] = {{{"from", "a"},
                      {"to", "b"},
                      {"class", "ASSURED"},
                      {"bandwidth", "10 Mbit/s"},
                      {"max_delay", "100 ms"},
                      {"request", "1 kB"},
                      {"reply", "1 kB"}}};
  client(scenario, "user")["at"] = "e1";
  client(scenario, "user")["entry"] = "a";
  scenario["control_plane"] = {{"preset", "as-implemented"}, {"acm", {{"wait", "1 s"}}}};
  return scenario;
}
/// What becomes of the application, and when.
std::vector<std::string> story(const Json& scenario) {
  std::vector<std::string> lines;
  for (const auto& one : play(scenario).records)
    if (one["kind"] != "node" && one["kind"] != "cluster" && one["kind"] != "link") lines.push_back(one.dump());
  return lines;
}
}  // namespace

TEST_CASE("A channel runs through its own application's hub", "[physics]") {
  const std::string lost = GENERATE("none", "h0", "h1");
  CAPTURE(lost);
  Json scenario = federation();
  if (lost != "none") scenario["faults"] = {fault("cluster", lost, 60, 1260)};
  const Played run = play(scenario);
  CHECK(run.value("channels.running") == (lost == "h1" ? 0 : 1));
  CHECK(run.value("applications.running") == (lost == "h1" ? 0 : 1));
}

TEST_CASE("Losing the other hub changes nothing", "[physics]") {
  const std::string mechanism =
      GENERATE("placement", "telemetry", "catalogue", "neighbourhoods", "migration", "deletion");
  CAPTURE(mechanism);
  Json scenario = federation("40 min");
  Json& app = application(scenario, "app");
  if (mechanism != "placement") {
    for (Json& each : app["components"]) each.erase("cluster");
    component(app, "b")["replicas"] = 3;
  }
  if (mechanism == "telemetry") component(app, "b")["requests"] = {{"cpu", 7}};
  if (mechanism == "neighbourhoods") scenario["control_plane"]["preset"] = "as-designed";
  if (mechanism == "deletion") app["submit"]["delete_at"] = "20 min";
  if (mechanism == "catalogue") {
    app["security"] = "Good";
    scenario["faults"].push_back(fault("security", "e1", 600, 1500));
  }
  if (mechanism == "migration") {
    component(app, "a")["state"] = "1 MB";
    component(app, "a")["migration"] = {{"pre_copy", {{"dirty_rate", "1 Mbit/s"}}}};
    scenario["faults"].push_back(with(fault("node", "e1/n-0", 600, 1500), {{"notice", "200 s"}}));
    scenario["policy"] = {{"migration", "swm"}};
  }
  const std::vector<std::string> before = story(scenario);
  scenario["faults"].push_back(fault("cluster", "h0", 60, 1260));
  CHECK(before.size() > 10);
  CHECK(story(scenario) == before);
}

TEST_CASE("What one hub is told another does not know", "[physics]") {
  // Every export of topologies, each remote write and each fact goes to the hub that the cluster belongs to: with h1
  // gone from the start nothing of e1 and e3 is known anywhere, and what belongs to h0 goes on.
  Json scenario = federation();
  scenario["applications"].push_back(copy_of(application(scenario, "app"), "other"));
  application(scenario, "other")["submit"]["by"] = "e0";
  component(scenario, "other", "a")["cluster"] = "e0";
  component(scenario, "other", "b")["cluster"] = "e2";
  scenario["faults"] = {fault("cluster", "h1", 0, 3000)};
  const Played run = play(scenario);
  CHECK(run.value("channels.running") == 1);
  CHECK(run.value("applications.running") == 1);
  CHECK(run.value("applications.pending") == 1);
  CHECK(run.value("clusters.joined") == 2);
}

TEST_CASE("An agent that goes over to another hub tells it what it knows", "[physics]") {
  Json scenario = federation("1 h");
  scenario["control_plane"]["ocm"] = {{"hub_switch", "300 s"}};
  // e1 loses its class before it goes over; what asks for one must not be placed there by h0, which nobody else has
  // told.
  scenario["faults"] = {fault("cluster", "h1", 200, 3500), fault("security", "e1", 100, 3500)};
  Json& app = application(scenario, "app");
  app["submit"] = {{"at", "1500 s"}, {"by", "e0"}};
  app["security"] = "Good";
  component(app, "a")["replicas"] = 20;  // more than e0 and e2 have room for
  for (Json& each : app["components"]) each.erase("cluster");
  client(scenario, "user")["at"] = "e0";
  const Played run = play(scenario);
  const auto& all = run.records;
  CHECK(run.value("clusters.switched") >= 1);
  CHECK(times(all, "ready", "", "e1/n-0").empty());
  CHECK(!times(all, "ready", "", "e3/n-0").empty());
  CHECK(run.value("violations.compliance") == 0);
}
