// Sites: modules that stand at many places, their names, places, parameters, and what is wrong with them.
#include <set>

#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;
using nlohmann::ordered_json;

namespace {
const ordered_json quick = {{"bandwidth", "1 Gbit/s"}, {"latency", "1 ms"}};

/// A hall with a loop: a cluster, a cell, a walking device, an application, its client on the device.
ordered_json factory() {
  return {{"parameters", {{"nodes", 1}, {"rate", 2}, {"start", nullptr}}},
          {"clusters",
           {{{"name", "hall"},
             {"count", 2},
             {"provider", "p"},
             {"position", {{"grid", {{"spacing", "40 m"}, {"columns", 2}}}}},
             {"nodes", {{{"type", "n"}, {"count", "${nodes}"}}}},
             {"lan", quick}}}},
          {"cells", {{{"name", "ap"}, {"technology", "wifi"}, {"position", {"10 m", "0 m"}}, {"gateway", "hall-1"}}}},
          {"devices",
           {{{"name", "cart"},
             {"technology", "wifi"},
             {"motion", {{"stationary", ordered_json::array({ordered_json::array({"12 m", "1 m"})})}}}}}},
          {"applications",
           {{{"name", "control"},
             {"components",
              {{{"name", "loop"},
                {"cluster", "hall-0"},
                {"image", {{"name", "loop"}, {"everywhere", true}}},
                {"work", "1 ms"},
                {"start", "${start}"}}}}}}},
          {"clients",
           {{{"name", "user"},
             {"application", "control"},
             {"at", {{"device", "cart"}}},
             {"entry", "loop"},
             {"workload", {{"poisson", "${rate} /s"}}},
             {"request", "1 kB"},
             {"reply", "1 kB"}}}},
          {"faults",
           {{{"kind", "cluster"}, {"match", "hall-*"}, {"outages", {{{"start", "50 s"}, {"duration", "10 s"}}}}}}}};
}

ordered_json plant(int sites) {
  return {{"name", "plant"},
          {"duration", "60 s"},
          {"providers", {{"p", ordered_json::object()}}},
          {"node_types", {{"n", {{"cores", 4}, {"memory", "8 GiB"}}}}},
          {"clusters",
           {{{"name", "cloud"},
             {"role", "hub"},
             {"provider", "p"},
             {"position", {"0 m", "-1 km"}},
             {"nodes", {{{"type", "n"}}}},
             {"lan", quick}}}},
          {"modules", {{"factory", factory()}}},
          {"sites",
           {{{"name", "factory"},
             {"module", "factory"},
             {"count", sites},
             {"position", {{"grid", {{"spacing", "1 km"}, {"columns", 2}}}}},
             {"parameters", {{"start", "0 s"}}}}}}};
}

ordered_json& parameters(ordered_json& scenario) { return scenario["sites"][0]["parameters"]; }

std::string problems(const ordered_json& scenario, const std::map<std::string, std::string>& files = {}) {
  const Scratch scratch;
  for (const auto& [name, text] : files) scratch.write(name, text);
  const Ran ran = test::codecosim("check " + scratch.write("plant.json", scenario.dump()));
  std::string text = ran.err;
  for (std::size_t at; (at = text.find(scratch.path() + "/")) != std::string::npos;)
    text.erase(at, scratch.path().size() + 1);
  return text;
}
}  // namespace

TEST_CASE("What is at a site has the site's name before its own, and the site's place", "[sites]") {
  const auto run = simulation(plant(3));
  const Federation& federation = run->world().federation;
  REQUIRE(federation.cluster_count() == 7);
  const auto hall = federation.find_cluster("factory-2/hall-1");
  REQUIRE(hall);
  CHECK(federation.position(*hall).x == 40);
  CHECK(federation.position(*hall).y == 1000);
  CHECK(run->name(*federation.nodes(*hall).begin()) == "factory-2/hall-1/n-0");
  CHECK(federation.match_nodes("factory-*/hall-0/n-*").size() == 3);
  CHECK(federation.match_clusters("factory-1/*").size() == 2);
  CHECK(run->name(ApplicationId{1}) == "factory-1/control");
  CHECK(run->name(DeviceId{1}) == "factory-1/cart");
  const Position cart = run->world().movers.position(DeviceId{1}, Seconds(0));
  run->run();
  CHECK(run->name(CellId{1}) == "factory-1/ap");
  CHECK(run->world().radio.serving(DeviceId{1}) == CellId{1});
  CHECK(run->world().radio.gateway(CellId{2}) == *hall);
  CHECK(run->world().movers.position(DeviceId{1}, Seconds(1)).x == 1012);
  (void)cart;
  // Its application runs in its own hall, which breaks with it.
  CHECK(value_of(*run, "requests.completed") > 200);
  CHECK(value_of(*run, "requests.failed") > 20);
}

TEST_CASE("Clients of one name at all sites of an entry are told together", "[sites]") {
  const auto run = simulation(plant(3));
  run->run();
  const auto told = run->summary_by_client();
  REQUIRE(told.size() == 1);
  CHECK(told[0].first == "factory-*/user");
  CHECK(told[0].second[0].value == figure(*run, "requests.submitted").value);
}

TEST_CASE("Parameters have their defaults, or the site's values", "[sites]") {
  ordered_json scenario = plant(4);
  const auto nodes = [&] {
    const Scratch scratch;
    Policies policies;
    add_policies(policies);
    const Scenario read = load(Document(scratch.write("plant.json", scenario.dump()), {}, false), policies);
    std::vector<std::uint32_t> all;
    for (const ClusterSpec& one : read.federation.clusters)
      if (one.name != "cloud") all.push_back(one.pools[0].count);
    return all;
  };
  SECTION("default") { CHECK(nodes() == std::vector<std::uint32_t>{1, 1, 1, 1}); }
  SECTION("one for all") {
    parameters(scenario)["nodes"] = 3;
    CHECK(nodes() == std::vector<std::uint32_t>{3, 3, 3, 3});
  }
  SECTION("in turn") {
    parameters(scenario)["nodes"] = {{"values", {1, 2, 5}}};
    CHECK(nodes() == std::vector<std::uint32_t>{1, 2, 5, 1});
  }
  SECTION("drawn") {
    scenario["sites"][0]["count"] = 200;
    parameters(scenario)["nodes"] = {{"draw", {{"uniform", {{"low", 1}, {"high", 4}}}}}, {"whole", true}};
    const auto all = nodes();
    REQUIRE(all.size() == 200);
    CHECK(std::set<std::uint32_t>(all.begin(), all.end()) == std::set<std::uint32_t>{1, 2, 3, 4});
  }
}

TEST_CASE("Sites stand where a file says, with values from its columns", "[sites]") {
  ordered_json scenario = plant(1);
  scenario["sites"][0].erase("count");
  scenario["sites"][0]["position"] = {{"csv", "sites.csv"}};
  parameters(scenario)["nodes"] = {{"column", "servers"}};
  const auto run = simulation(scenario, 0, {{"sites.csv", "x,y,servers\n0,0,2\n5000,700,4\n"}});
  const Federation& federation = run->world().federation;
  REQUIRE(federation.cluster_count() == 5);
  const ClusterId far = federation.find_cluster("factory-1/hall-0").value();
  CHECK(federation.position(far).x == 5000);
  CHECK(federation.cluster(far).nodes == 4);
}

TEST_CASE("Modules come from files, and nest", "[sites]") {
  ordered_json scenario = plant(1);
  ordered_json country = {{"modules", {{"works", "factory.json"}}},
                          {"sites",
                           {{{"name", "works"},
                             {"module", "works"},
                             {"count", 2},
                             {"position", {{"grid", {{"spacing", "300 m"}}}}},
                             {"parameters", {{"start", "1 s"}}}}}}};
  scenario["modules"] = {{"country", country}};
  scenario["sites"] = {{{"name", "north"}, {"module", "country"}, {"position", {"0 m", "9 km"}}},
                       {{"name", "south"}, {"module", "country"}}};
  const auto run = simulation(scenario, 0, {{"factory.json", factory().dump()}});
  const Federation& federation = run->world().federation;
  CHECK(federation.cluster_count() == 9);
  const ClusterId hall = federation.find_cluster("north/works-1/hall-1").value();
  CHECK(federation.position(hall).x == 340);
  CHECK(federation.position(hall).y == 9000);
}

TEST_CASE("A problem of a module is told once, where it is written", "[sites]") {
  ordered_json scenario = plant(50);
  ordered_json broken = factory();
  broken["clusters"][0]["provider"] = "nobody";
  broken["clients"][0]["lates"] = 1;
  scenario["modules"]["factory"] = "factory.json";
  const std::string text = problems(scenario, {{"factory.json", broken.dump()}});
  CAPTURE(text);
  CHECK(text.find("factory.json#/clusters/0/provider: there is no provider \"nobody\"") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') <= 2);
}

TEST_CASE("Sites and modules that do not fit are refused", "[sites]") {
  ordered_json scenario = plant(2);
  const auto found = [&](const std::string& what) {
    const std::string text = problems(scenario);
    CAPTURE(text);
    CHECK(text.find(what) != std::string::npos);
  };
  SECTION("no such module") {
    scenario["sites"][0]["module"] = "factori";
    found("plant.json#/sites/0/module: there is no module \"factori\"; did you mean \"factory\"?");
  }
  SECTION("no such parameter") {
    parameters(scenario)["node"] = 2;
    found("plant.json#/sites/0/parameters/node: the module has no parameter \"node\"; did you mean \"nodes\"?");
  }
  SECTION("a parameter without a value") {
    parameters(scenario).erase("start");
    found("plant.json#/sites/0/parameters: \"start\" is missing: the module has no default for it");
  }
  SECTION("a name that is no parameter's") {
    scenario["modules"]["factory"]["clusters"][0]["nodes"][0]["count"] = "${cores}";
    found("plant.json#/modules/factory/clusters/0/nodes/0/count: the module has no parameter \"cores\"");
  }
  SECTION("a module that nothing is made of") {
    scenario["modules"]["other"] = ordered_json::object();
    found("plant.json#/modules/other: no site is made of this module");
  }
  SECTION("a module that holds itself") {
    scenario["modules"]["factory"]["sites"] = {
        {{"name", "inner"}, {"module", "factory"}, {"parameters", {{"start", "0 s"}}}}};
    found("sites nest more than 8 deep: does the module hold itself?");
  }
  SECTION("a column without a file") {
    parameters(scenario)["nodes"] = {{"column", "servers"}};
    found("a column is of the file of the sites' positions, and these have none");
  }
  SECTION("a place on the Earth for what has places on a plane") {
    scenario["sites"][0]["position"] = {{"latitude", 48}, {"longitude", 11}};
    found("all that is at a site on the Earth stands where the site does");
  }
}
