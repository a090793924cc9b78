// When Services lose their endpoints, and how fast the pods of lost nodes are replaced.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// One cluster that is hub and spoke at once, and pods of `cpu` cores on nodes of 4.
Json one_cluster(int nodes, int replicas, double cpu, const std::string& rate, const std::string& duration) {
  Json scenario = station(4, 1, "1 ms", rate, duration);
  scenario["warmup"] = "0 s";
  cluster(scenario, "c")["role"] = "hub";
  node_pool(scenario, "c", "n")["count"] = nodes;
  application(scenario, "app")["submit"] = {{"at", "100 s"}};
  component(scenario, "app", "serve")["replicas"] = replicas;
  component(scenario, "app", "serve")["requests"] = {{"cpu", cpu}};
  scenario["control_plane"] = prompt_codeco({{"local_cluster", true}, {"apply", "0 s"}}, {{"relist", "0 s"},
                                                                                          {"set_up", "0.6 s"},
                                                                                          {"latency", "1 s"},
                                                                                          {"tear_down", "0.21 s"},
                                                                                          {"stop", "0.8 s"},
                                                                                          {"endpoints", "1 s"}});
  return scenario;
}
std::vector<double> failures(const std::vector<nlohmann::json>& all, double from) {
  std::vector<double> dates;
  for (const auto& one : all)
    if (one["kind"] == "request" && one["outcome"] != "done" && one["start_s"] >= from) dates.push_back(one["start_s"]);
  return dates;
}
}  // namespace

TEST_CASE("A third of the requests goes to a crashed node until that is not ready and proxies know it", "[physics]") {
  Json scenario = one_cluster(3, 3, 2.5, "30 /s", "700 s");
  scenario["faults"] = {fault("node", "c/n-0", 500, 1500)};
  const Played run = play(scenario, "requests");
  const auto failed = failures(run.records, 200);
  // 41 s of 30 a second, of which a third: 410 with a standard deviation of 17; within four of them.
  CHECK(static_cast<double>(failed.size()) == Approx(410).margin(70));
  CHECK(failed.front() >= 500);
  CHECK(failed.back() < 541);
}

TEST_CASE("With oracle knowledge no request goes to a crashed node", "[physics]") {
  Json scenario = one_cluster(3, 3, 1, "30 /s", "700 s");
  scenario["control_plane"] = "oracle";
  scenario["faults"] = {fault("node", "c/n-0", 500, 1500)};
  const Played run = play(scenario, "requests");
  CHECK(failures(run.records, 500.1).empty());
}

TEST_CASE("A container that has crashed is an endpoint until its kubelet has noticed and proxies know it",
          "[physics]") {
  Json scenario = one_cluster(1, 2, 0.5, "100 /s", "230 s");
  scenario["control_plane"]["kubernetes"]["back_off"] = "60 s";
  component(scenario, "app", "serve")["crash"] = "100 s";
  const Played run = play(scenario, "requests");
  const auto& all = run.records;
  const auto crashed = times(all, "crashed");
  REQUIRE(crashed.size() == 2);
  CHECK(crashed[1] - crashed[0] == Approx(0.6).margin(0.1));
  const auto failed = failures(all, 150);
  REQUIRE(!failed.empty());
  CHECK(failed.front() >= crashed[0]);
  // Both start again after 1 s; until the second is an endpoint again 1 s later, some find nobody.
  CHECK(failed.back() < crashed[1] + 2);
}

TEST_CASE("Nodes that are lost together are given up one each ten seconds", "[physics]") {
  Json scenario = one_cluster(10, 30, 1, "0.01 /s", "2000 s");
  for (int node = 0; node < 3; ++node)
    scenario["faults"].push_back(fault("node", "c/n-" + std::to_string(node), 500, 5500));
  const Played run = play(scenario, "requests");
  std::set<double> begun;
  for (const auto& one : run.records)
    if (one["kind"] == "decision" && !one["node"].is_null() && one["t_s"] > 500)
      begun.insert(std::floor(one["t_s"].get<double>()));
  CHECK(begun == std::set<double>{840, 850, 860});
}

TEST_CASE("Where most of a small cluster is lost nothing is evicted, in a large one slowly", "[physics]") {
  // Six of ten nodes are 60 %: unhealthy. The other node that is lost later is the seventh.
  Json scenario = one_cluster(10, 10, 1, "0.01 /s", "3000 s");
  for (int node = 0; node < 6; ++node)
    scenario["faults"].push_back(fault("node", "c/n-" + std::to_string(node), 500, 9500));
  SECTION("small") {
    const Played run = play(scenario, "requests");
    CHECK(run.value("placement.moves") == 0);
  }
  SECTION("large") {
    scenario["control_plane"]["kubernetes"]["large_zone"] = 9;
    const Played run = play(scenario, "requests");
    std::vector<double> begun;
    for (const auto& one : run.records)
      if (one["kind"] == "decision" && !one["pod"].is_null() && one["t_s"] > 500) begun.push_back(one["t_s"]);
    REQUIRE(begun.size() == 6);
    for (std::size_t i = 0; i < 6; ++i)
      CHECK(begun[i] == Approx(840 + 100.0 * static_cast<double>(i) + 0.02).epsilon(1e-9));
  }
}

TEST_CASE("A drained node loses no request", "[physics]") {
  const std::string plane = GENERATE("codeco", "oracle");
  CAPTURE(plane);
  Json scenario = one_cluster(2, 1, 1, "50 /s", "400 s");
  Json& serve = component(scenario, "app", "serve");
  serve["work"] = {{"exponential", "100 ms"}};
  serve["concurrency"] = 100;
  serve["replicas"] = 2;
  if (plane == "oracle") scenario["control_plane"] = "oracle";
  scenario["faults"] = {with(fault("node", "c/n-0", 200, 1200), {{"notice", "60 s"}})};
  const Played run = play(scenario, "requests");
  const auto& all = run.records;
  CHECK(failures(all, 150).empty());
  // Evicted 30 s before the node goes, and gone before that.
  const auto gone = times(all, "gone");
  REQUIRE(gone.size() == 1);
  CHECK(gone[0] >= 230);
  CHECK(gone[0] < 260);
}
