// Sites: modules that stand at many places, their names, places, parameters, and what is wrong with them.
#include <set>

#include "sim/base/glob.hpp"
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

TEST_CASE("A module in a module has parameters of its own, also where the outer one has the same", "[sites]") {
  ordered_json scenario = plant(1);
  ordered_json inner = factory();
  ordered_json outer = {
      {"parameters", {{"nodes", 3}}},
      {"modules", {{"hall", inner}}},
      {"clusters",
       {{{"name", "office"}, {"provider", "p"}, {"nodes", {{{"type", "n"}, {"count", "${nodes}"}}}}, {"lan", quick}}}},
      {"sites",
       {{{"name", "own"}, {"module", "hall"}, {"parameters", {{"start", "0 s"}}}},
        {{"name", "said"},
         {"module", "hall"},
         {"position", {"1 km", "0 m"}},
         {"parameters", {{"start", "0 s"}, {"nodes", "${nodes}"}}}}}}};
  scenario["modules"] = {{"works", outer}};
  scenario["sites"] = {{{"name", "works"}, {"module", "works"}}};
  const auto run = simulation(scenario);
  const Federation& federation = run->world().federation;
  const auto nodes = [&](const char* cluster) {
    return federation.cluster(federation.find_cluster(cluster).value()).nodes;
  };
  CHECK(nodes("works/office") == 3);
  CHECK(nodes("works/own/hall-0") == 1);
  CHECK(nodes("works/said/hall-0") == 3);
}

TEST_CASE("A site in a site on the Earth stands where that does", "[sites]") {
  ordered_json scenario = plant(1);
  ordered_json shop = factory();
  shop.erase("cells");
  shop.erase("devices");
  shop["clusters"][0].erase("position");
  shop["clients"][0]["at"] = "hall-0";
  scenario["clusters"][0]["position"] = {{"latitude", 52.5}, {"longitude", 13.4}};
  scenario["modules"] = {
      {"shop", shop},
      {"town", {{"sites", {{{"name", "shop"}, {"module", "shop"}, {"parameters", {{"start", "0 s"}}}}}}}}};
  scenario["sites"] = {{{"name", "town"}, {"module", "town"}, {"position", {{"latitude", 52.5}, {"longitude", 13.4}}}}};
  const auto run = simulation(scenario);
  const Federation& federation = run->world().federation;
  CHECK(federation.distance_between({0}, federation.find_cluster("town/shop/hall-1").value()) < Metres(1e-6));
}

TEST_CASE("Sites can be told apart by their name and number", "[sites]") {
  ordered_json scenario = plant(2);
  scenario["modules"]["factory"]["providers"] = {{"own-${number}", {{"domain", "${site}"}}}};
  scenario["modules"]["factory"]["clusters"][0]["provider"] = "own-${number}";
  scenario["modules"]["factory"]["applications"][0]["allowed_domains"] = {"${site}"};
  const auto run = simulation(scenario);
  const Federation& federation = run->world().federation;
  CHECK(federation.provider(federation.find_cluster("factory-1/hall-0").value()).domain == "factory-1");
  CHECK(federation.provider(federation.find_cluster("factory-1/hall-0").value()).name == "factory-1/own-1");
  CHECK(run->scenario().applications[1].allowed_domains == std::vector<std::string>{"factory-1"});
}

TEST_CASE("Texts in a column keep how they are written", "[sites]") {
  ordered_json scenario = plant(1);
  scenario["sites"][0].erase("count");
  scenario["sites"][0]["position"] = {{"csv", "sites.csv"}};
  scenario["modules"]["factory"]["parameters"]["zone"] = "";
  scenario["modules"]["factory"]["clusters"][0]["labels"] = {{"zone", "${zone}"}, {"name", "plz-${zone}"}};
  parameters(scenario)["zone"] = {{"column", "plz"}};
  const auto run = simulation(scenario, 0, {{"sites.csv", "x,y,plz\n0,0,01067\n"}});
  const Federation& federation = run->world().federation;
  const Labels& labels = federation.cluster_spec(federation.find_cluster("factory-0/hall-0").value()).labels;
  CHECK(labels.at("zone") == "01067");
  CHECK(labels.at("name") == "plz-01067");
}

TEST_CASE("Patterns name what is at a site, or around it, and no more than they say", "[sites]") {
  ordered_json scenario = plant(2);
  ordered_json& module = scenario["modules"]["factory"];
  module["node_types"] = {{"gpu", {{"cores", 8}, {"memory", "8 GiB"}}}};
  module["clusters"][0]["nodes"].push_back({{"type", "gpu"}});
  const auto outages = ordered_json::array({{{"start", "1 s"}, {"duration", "1 s"}}});
  module["faults"] = {{{"kind", "node"}, {"match", "hall-0/gpu-0"}, {"outages", outages}},
                      {{"kind", "link"}, {"match", "hall-?.up"}, {"outages", outages}},
                      {{"kind", "partition"}, {"match", "hall-*"}, {"from", "cloud"}, {"outages", outages}},
                      {{"kind", "node"}, {"match", "**"}, {"outages", outages}}};
  const auto run = simulation(scenario);
  const std::vector<FaultSpec>& faults = run->scenario().faults;
  REQUIRE(faults.size() == 8);
  CHECK(faults[4].match == "factory-1/hall-0/gpu-0");
  CHECK(faults[5].match == "factory-1/hall-?.up");
  CHECK(faults[6].match == "factory-1/hall-*");
  CHECK(faults[6].from == "cloud");
  const Federation& federation = run->world().federation;
  CHECK(federation.match_nodes(faults[4].match).size() == 1);
  CHECK(run->world().network.match_links(faults[5].match).size() == 2);
  CHECK(federation.match_nodes(faults[7].match).size() == 4);
  CHECK(federation.match_clusters("factory-*").empty());
  CHECK(federation.match_clusters("*").size() == 1);
  CHECK(federation.match_clusters("**").size() == 5);
}

TEST_CASE("Clients in a module can be at clusters that match a pattern there, or around it", "[sites]") {
  ordered_json scenario = plant(2);
  ordered_json& clients = scenario["modules"]["factory"]["clients"];
  clients[0]["at"] = {{"match", "hall-*"}};
  clients.push_back(clients[0]);
  clients[1]["name"] = "away";
  clients[1]["at"] = {{"match", "cl*d"}};
  const auto run = simulation(scenario);
  const Federation& federation = run->world().federation;
  std::vector<std::string> places;
  for (const ClientSpec& client : run->scenario().clients)
    for (const ClusterId at : client.at) places.push_back(client.name + " " + federation.name(at));
  CHECK(places == std::vector<std::string>{"factory-0/user factory-0/hall-0", "factory-0/user factory-0/hall-1",
                                           "factory-0/away cloud", "factory-1/user factory-1/hall-0",
                                           "factory-1/user factory-1/hall-1", "factory-1/away cloud"});
}

TEST_CASE("Lists of a scenario with sites may be empty, and not missing everywhere", "[sites]") {
  ordered_json scenario = plant(2);
  scenario["modules"]["factory"].erase("clients");
  scenario["modules"]["factory"]["parameters"].erase("rate");
  CHECK(problems(scenario).find("plant.json#: there are no clients, here or at a site") != std::string::npos);
  scenario["clients"] = ordered_json::array();
  CHECK(problems(scenario) == "");
}

TEST_CASE("A star stands for no slash, and two for any text", "[sites]") {
  for (const auto& [pattern, name] : std::vector<std::pair<std::string, std::string>>{{"a/*", "a/b"},
                                                                                      {"*", "a"},
                                                                                      {"**", "a/b/c"},
                                                                                      {"**/c", "a/b/c"},
                                                                                      {"a/**", "a/b/c"},
                                                                                      {"a-*/b-?/*", "a-12/b-3/c"},
                                                                                      {"*/b*d", "a/bcbd"},
                                                                                      {"**b/*c", "ab/b/xc"},
                                                                                      {"a**", "a"}}) {
    CAPTURE(pattern, name);
    CHECK(matches_path(pattern, name));
  }
  for (const auto& [pattern, name] : std::vector<std::pair<std::string, std::string>>{{"*", "a/b"},
                                                                                      {"a/*", "a/b/c"},
                                                                                      {"a?b", "a/b"},
                                                                                      {"**/c", "a/b/d"},
                                                                                      {"*/c", "a/b/c"},
                                                                                      {"a/**", "b/a/c"},
                                                                                      {"", "a"}}) {
    CAPTURE(pattern, name);
    CHECK_FALSE(matches_path(pattern, name));
  }
}

TEST_CASE("Numbers of clusters at a site are not continued by those around it", "[sites]") {
  ordered_json scenario = plant(1);
  scenario["clusters"].push_back({{"name", "hall"},
                                  {"count", 9},
                                  {"provider", "p"},
                                  {"position", {"0 m", "0 m"}},
                                  {"nodes", {{{"type", "n"}}}},
                                  {"lan", quick}});
  scenario["modules"]["factory"]["clients"][0]["at"] = "hall-{i}";
  scenario["modules"]["factory"]["clients"][0]["count"] = 4;
  const std::string text = problems(scenario);
  CAPTURE(text);
  CHECK(text.find("/modules/factory/clients/0/at: there is no cluster \"hall-2\"") != std::string::npos);
}

TEST_CASE("Manifests can be added to a scenario that has all at its sites", "[sites]") {
  const Scratch scratch;
  const std::string file = scratch.write("plant.json", plant(1).dump());
  const std::string manifest = std::string(CODECOSIM_SOURCE) + "/tests/data/import/books.json";
  const Ran ran = test::codecosim("import " + manifest + " --into " + file);
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ordered_json::parse(ran.out)["applications"].size() >= 1);
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
    found("/sites/0/module: the module \"factory\" holds itself");
  }
  SECTION("two entries of one name") {
    scenario["sites"].push_back(scenario["sites"][0]);
    found("plant.json#/sites/1/name: \"factory\" names two entries of sites");
  }
  SECTION("a parameter that nothing names") {
    scenario["modules"]["factory"]["parameters"]["spare"] = 1;
    found("plant.json#/modules/factory/parameters/spare: nothing in the module names \"${spare}\"");
  }
  SECTION("the name of a parameter that does not end") {
    scenario["modules"]["factory"]["clusters"][0]["labels"] = {{"zone", "z-${nodes"}};
    found("plant.json#/modules/factory/clusters/0/labels/zone: \"${\" begins the name of a parameter");
  }
  SECTION("an object that says no value") {
    parameters(scenario)["nodes"] = {{"value", {1, 2}}};
    found("plant.json#/sites/0/parameters/nodes: expected a value, or an object with");
  }
  SECTION("cells of several sites at one place") {
    scenario["sites"][0].erase("position");
    found("plant.json#/sites/0: \"position\" is missing: the cells and devices of 2 sites would be at one place");
  }
  SECTION("clusters without a place among those on the Earth") {
    scenario["clusters"][0]["position"] = {{"latitude", 48}, {"longitude", 11}};
    scenario["modules"]["factory"].erase("cells");
    scenario["modules"]["factory"].erase("devices");
    scenario["modules"]["factory"]["clusters"][0].erase("position");
    scenario["sites"][0].erase("position");
    found(
        "/modules/factory/clusters/0: \"position\" is missing, and the site factory-0/ has none either: other "
        "clusters are on the Earth");
  }
  SECTION("a wrong value of one site says which") {
    parameters(scenario)["nodes"] = {{"values", {1, 0}}};
    found("/modules/factory/clusters/0/nodes/0/count");
    found("(at the site factory-1)");
  }
  SECTION("problems of sites are not followed by what is missing at them") {
    scenario["sites"][0]["module"] = "factori";
    const std::string text = problems(scenario);
    CAPTURE(text);
    CHECK(std::count(text.begin(), text.end(), '\n') <= 1);
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
