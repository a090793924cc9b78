// Two hubs: each knows what it has been told, and the loss of the other changes nothing.
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;
using Json = nlohmann::ordered_json;

namespace {
/// Hubs h0 and h1, and clusters e0 to e3. Clusters go to the hubs in turn, h0 being the first: e0 and e2 to h0, e1 and
/// e3 to h1. An application of e1's user is h1's.
Json federation(const std::string& duration = "20 min") {
  Json scenario = station(8, 1, "1 ms", "1 /s", duration);
  scenario["warmup"] = "0 s";
  Json one = scenario["clusters"][0];
  one["lan"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "0.1 ms"}};
  one["uplink"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}};
  scenario["clusters"] = Json::array();
  for (const char* name : {"h0", "h1", "e0", "e1", "e2", "e3"}) {
    one["name"] = name;
    scenario["clusters"].push_back(one);
    if (name[0] == 'h') scenario["clusters"].back()["role"] = "hub";
  }
  Json& app = scenario["applications"][0];
  app["submit"] = {{"at", "2 min"}, {"by", "e1"}};
  Json& components = app["components"];
  components[0]["requests"] = {{"cpu", 1}};
  components.push_back(components[0]);
  components[0]["name"] = "a";
  components[0]["cluster"] = "e1";
  components[1]["name"] = "b";
  components[1]["cluster"] = "e3";
  app["channels"] = {{{"from", "a"},
                      {"to", "b"},
                      {"class", "ASSURED"},
                      {"bandwidth", "10 Mbit/s"},
                      {"max_delay", "100 ms"},
                      {"request", "1 kB"},
                      {"reply", "1 kB"}}};
  scenario["clients"][0]["at"] = "e1";
  scenario["clients"][0]["entry"] = "a";
  scenario["control_plane"] = {{"preset", "as-implemented"}, {"acm", {{"wait", "1 s"}}}};
  return scenario;
}
Json outage(const std::string& cluster, double start, double duration) {
  return {{"kind", "cluster"},
          {"match", cluster},
          {"outages", {{{"start", std::to_string(start) + " s"}, {"duration", std::to_string(duration) + " s"}}}}};
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
  if (lost != "none") scenario["faults"] = {outage(lost, 60, 1200)};
  const Played run = play(scenario);
  CHECK(run.value("channels.running") == (lost == "h1" ? 0 : 1));
  CHECK(run.value("applications.running") == (lost == "h1" ? 0 : 1));
}

TEST_CASE("Losing the other hub changes nothing", "[physics]") {
  const std::string mechanism =
      GENERATE("placement", "telemetry", "catalogue", "neighbourhoods", "migration", "deletion");
  CAPTURE(mechanism);
  Json scenario = federation("40 min");
  Json& app = scenario["applications"][0];
  if (mechanism != "placement") {
    for (Json& component : app["components"]) component.erase("cluster");
    app["components"][1]["replicas"] = 3;
  }
  if (mechanism == "telemetry") app["components"][1]["requests"] = {{"cpu", 7}};
  if (mechanism == "neighbourhoods") scenario["control_plane"]["preset"] = "as-designed";
  if (mechanism == "deletion") app["submit"]["delete_at"] = "20 min";
  if (mechanism == "catalogue") {
    app["security"] = "Good";
    scenario["faults"].push_back(
        {{"kind", "security"}, {"match", "e1"}, {"outages", {{{"start", "600 s"}, {"duration", "900 s"}}}}});
  }
  if (mechanism == "migration") {
    scenario["faults"].push_back({{"kind", "node"},
                                  {"match", "e1/n-0"},
                                  {"notice", "200 s"},
                                  {"outages", {{{"start", "600 s"}, {"duration", "900 s"}}}}});
    scenario["policy"] = {{"migration", "swm"}};
    app["components"][0]["state"] = "1 MB";
    app["components"][0]["migration"] = {{"pre_copy", {{"dirty_rate", "1 Mbit/s"}}}};
  }
  const std::vector<std::string> before = story(scenario);
  scenario["faults"].push_back(outage("h0", 60, 1200));
  CHECK(before.size() > 10);
  CHECK(story(scenario) == before);
}

TEST_CASE("What one hub is told another does not know", "[physics]") {
  // Every export of topologies, each remote write and each fact goes to the hub that the cluster belongs to: with h1
  // gone from the start nothing of e1 and e3 is known anywhere, and what belongs to h0 goes on.
  Json scenario = federation();
  scenario["applications"].push_back(scenario["applications"][0]);
  Json& other = scenario["applications"][1];
  other["name"] = "other";
  other["submit"]["by"] = "e0";
  other["components"][0]["cluster"] = "e0";
  other["components"][1]["cluster"] = "e2";
  scenario["faults"] = {outage("h1", 0, 3000)};
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
  scenario["faults"] = {
      outage("h1", 200, 3300),
      {{"kind", "security"}, {"match", "e1"}, {"outages", {{{"start", "100 s"}, {"duration", "3400 s"}}}}}};
  Json& app = scenario["applications"][0];
  app["submit"] = {{"at", "1500 s"}, {"by", "e0"}};
  app["security"] = "Good";
  app["components"][0]["replicas"] = 20;  // more than e0 and e2 have room for
  for (Json& component : app["components"]) component.erase("cluster");
  scenario["clients"][0]["at"] = "e0";
  const Played run = play(scenario);
  const auto& all = run.records;
  CHECK(run.value("clusters.switched") >= 1);
  CHECK(times(all, "ready", "", "e1/n-0").empty());
  CHECK(!times(all, "ready", "", "e3/n-0").empty());
  CHECK(run.value("violations.compliance") == 0);
}
