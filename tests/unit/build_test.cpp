#include "tests/build.hpp"

#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

TEST_CASE("A name that a scenario does not have is told with those that it has", "[unit]") {
  Json scenario = station(1, 1, "1 ms", "1 /s", "1 s");
  scenario["clusters"].push_back(copy_of(cluster(scenario, "c"), "d"));
  CHECK_THROWS_WITH(cluster(scenario, "e"), R"(clusters: there is no "e"; known: "c" "d")");
  CHECK_THROWS_WITH(node_pool(scenario, "d", "m"), R"(nodes: there is no "m"; known: "n")");
  CHECK_THROWS_WITH(component(scenario, "app", "store"), R"(components: there is no "store"; known: "serve")");
  scenario["devices"] = Json::array();
  CHECK_THROWS_WITH(device(scenario, "agv"), R"(devices: there is no "agv"; known: none)");
  CHECK_THROWS_WITH(remove(scenario, "clusters", "e"), R"(clusters: there is no "e"; known: "c" "d")");
}

TEST_CASE("A change of a copy is none of what was copied", "[unit]") {
  Json scenario = station(1, 1, "1 ms", "1 /s", "1 s");
  const Json before = scenario, c = cluster(scenario, "c");
  scenario["clusters"].push_back(copy_of(cluster(scenario, "c"), "d"));
  node_pool(scenario, "d", "n")["count"] = 2;
  CHECK(cluster(scenario, "c") == c);
  remove(scenario, "clusters", "d");
  CHECK(scenario == before);
}
