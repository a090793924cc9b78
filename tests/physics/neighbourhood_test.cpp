// Neighbourhoods follow what their hub learns: clusters that join late, and clients that go elsewhere.
#include <algorithm>

#include "models/orchestration/codeco/codeco.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Two works, 100 km apart, of four halls and two cells each, and one cart that goes from the first to the second.
Json two_works() {
  const Json quick = {{"bandwidth", "1 Gbit/s"}, {"latency", "0.1 ms"}};
  const Json works = {
      {"clusters",
       {{{"name", "hall"},
         {"count", 4},
         {"provider", "p"},
         {"position", {{"grid", {{"spacing", "40 m"}, {"columns", 4}}}}},
         {"nodes", {{{"type", "n"}, {"count", 1}}}},
         {"lan", quick},
         {"uplink", {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}}}}}},
      {"cells", {{{"name", "ap"}, {"technology", "wifi"}, {"position", {"10 m", "0 m"}}, {"gateway", "hall-0"}}}}};
  return {{"name", "works"},
          {"duration", "400 s"},
          {"providers", {{"p", Json::object()}}},
          {"node_types", {{"n", {{"cores", 4}, {"memory", "8 GiB"}}}}},
          {"technologies", {{"wifi", {{"preset", "wifi-ft"}}}}},
          {"clusters",
           {{{"name", "hub"},
             {"role", "hub"},
             {"provider", "p"},
             {"position", {"0 m", "-1 km"}},
             {"nodes", {{{"type", "n"}}}},
             {"lan", quick},
             {"uplink", {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}}}}}},
          {"modules", {{"works", works}}},
          {"sites",
           {{{"name", "west"}, {"module", "works"}},
            {{"name", "east"}, {"module", "works"}, {"position", {"100 km", "0 m"}}}}},
          {"devices", {{{"name", "cart"}, {"technology", "wifi"}, {"motion", {{"csv", "way.csv"}}}}}},
          {"applications",
           {{{"name", "control"},
             {"components",
              {{{"name", "loop"},
                {"image", {{"name", "loop"}, {"everywhere", true}}},
                {"work", "1 ms"},
                {"start", "0 s"}}}}}}},
          {"clients",
           {{{"name", "user"},
             {"application", "control"},
             {"at", {{"device", "cart"}}},
             {"entry", "loop"},
             {"workload", {{"periodic", {{"period", "1 s"}}}}},
             {"request", "1 kB"},
             {"reply", "1 kB"}}}},
          {"policy", {{"placement", "nearest"}, {"migration", {{"follow-user", {{"margin", "5 ms"}}}}}}},
          {"control_plane",
           {{"preset", "as-designed"},
            {"acm", {{"wait", "0 s"}, {"reconcile", "10 ms"}, {"solve", "1 ms"}}},
            {"neighbourhood", {{"partition", {{"k-nearest", {{"k", 3}}}}}}}}}};
}

std::vector<std::string> neighbours(Simulation& run, const char* cluster) {
  std::vector<std::string> names;
  const Federation& federation = run.world().federation;
  const auto known = run.control_plane().neighbours(federation.find_cluster(cluster).value());
  for (const ClusterId one : *known) names.push_back(federation.name(one));
  return names;
}
const char* const stays = "time_s,x,y\n0,12,1\n";
const char* const leaves = "time_s,x,y\n0,12,1\n100,12,1\n101,100012,1\n";
}  // namespace

TEST_CASE("A neighbourhood that was formed before the clients' cluster had joined is formed anew when it has",
          "[physics]") {
  const auto run = simulation(two_works(), 0, {{"way.csv", stays}});
  run->run();
  using Names = std::vector<std::string>;
  CHECK(neighbours(*run, "west/hall-0") == Names{"west/hall-1", "west/hall-2"});
  CHECK(neighbours(*run, "east/hall-0").empty());
  // The replica follows: what is left is the air and the work.
  CHECK(run->world().metrics.clients[0].latency.quantile(0.5) < 0.005);
}

TEST_CASE("When the clients go elsewhere, a neighbourhood is formed there, and the former members are told",
          "[physics]") {
  const auto run = simulation(two_works(), 0, {{"way.csv", leaves}});
  run->run();
  using Names = std::vector<std::string>;
  // The cluster where the replica was belongs to it too.
  CHECK(neighbours(*run, "east/hall-0") == Names{"west/hall-0", "east/hall-1", "east/hall-2"});
  CHECK(neighbours(*run, "west/hall-1").empty());
  CHECK(neighbours(*run, "west/hall-2").empty());
  CHECK(value_of(*run, "placement.moves") >= 1);
  CHECK(run->world().metrics.clients[0].latency.quantile(0.5) < 0.005);
}

TEST_CASE("When an application is deleted, its neighbours part", "[physics]") {
  Json scenario = two_works();
  scenario["applications"][0]["submit"] = {{"delete_at", "200 s"}};
  const auto run = simulation(scenario, 0, {{"way.csv", stays}});
  run->run();
  CHECK(neighbours(*run, "west/hall-0").empty());
  CHECK(neighbours(*run, "west/hall-1").empty());
}
