// What a question of placement holds, and what becomes of its answer: monitored values, costs, published scores,
// regret, feedback.
#include <cmath>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Keeps what it was asked and told, and places everything on the first row.
struct Diary {
  std::vector<PlacementProblem> asked;
  std::vector<Feedback> told;
};
class Witness final : public PlacementPolicy {
 public:
  Witness(Diary& diary, Seconds patience) : diary_(diary), patience_(patience) {}
  Placement place(const PlacementProblem& problem, Rng&) override {
    diary_.asked.push_back(problem);
    Placement placement;
    for (std::uint32_t w = 0; w < problem.workloads.size(); ++w)
      placement.assignments.push_back({w, 0, PlacementProblem::none});
    return placement;
  }
  Seconds patience() const override { return patience_; }
  void learn(const Feedback& feedback) override { diary_.told.push_back(feedback); }

 private:
  Diary& diary_;
  Seconds patience_;
};

/// What a row costs is its power over that of the hungriest.
class ByPower final : public CostPolicy {
 public:
  std::vector<double> costs(const PlacementProblem& problem) override {
    std::vector<double> all;
    Watts most;
    for (const auto& row : problem.rows) most = std::max(most, row.monitored.node_energy);
    for (const auto& row : problem.rows) all.push_back(most > Watts(0) ? row.monitored.node_energy / most : 0);
    return all;
  }
};

std::unique_ptr<Simulation> witnessed(Json scenario, Diary& diary, Seconds patience = forever) {
  Policies policies;
  add_policies(policies);
  const Scratch scratch;
  Scenario read = load(Document(scratch.write("scenario.json", scenario.dump()), {}, false), policies);
  read.placement = {"witness", [&diary, patience] { return std::make_unique<Witness>(diary, patience); }};
  read.decisions.cost = {"by-power", [] { return std::make_unique<ByPower>(); }};
  return std::make_unique<Simulation>(std::move(read), 0, policies);
}

/// A small cluster that draws 10 W idle and a large one that draws 40 W, with an application that comes at 100 s.
Json two_clusters() {
  Json scenario = station(4, 1, "100 ms", "1 /s", "400 s");
  scenario["warmup"] = "0 s";
  scenario["clusters"].push_back(copy_of(cluster(scenario, "c"), "d"));
  node_pool(scenario, "d", "n")["count"] = 4;
  client(scenario, "user")["workload"] = {{"periodic", {{"period", "1 s"}}}};
  application(scenario, "app")["submit"] = {{"at", "100 s"}};
  return scenario;
}
}  // namespace

TEST_CASE("A question says what is monitored, as it is under the oracle", "[physics]") {
  Json scenario = two_clusters();
  scenario["providers"]["p"] = {{"carbon", "360 g/kWh"}, {"price", {{"cpu", "0.036 EUR/core/h"}}}};
  scenario["faults"] = {fault("node", "d/n-1", 10, 15)};
  Diary diary;
  witnessed(scenario, diary)->run();
  REQUIRE(diary.asked.size() == 1);
  const PlacementProblem& problem = diary.asked[0];
  REQUIRE(problem.rows.size() == 2);
  CHECK(problem.rows[0].name == "c");
  CHECK(problem.rows[1].name == "d");
  const Monitored& small = problem.rows[0].monitored;
  const Monitored& large = problem.rows[1].monitored;
  CHECK(small.node_energy.value == Approx(10));
  CHECK(large.node_energy.value == Approx(40));
  CHECK(small.node_failures == 0);
  CHECK(large.node_failures == Approx(std::exp2(-90.0 / 3600)));  // 90 s ago, half-life one hour
  CHECK(small.node_degree == 1);                                  // an uplink and a downlink
  CHECK(small.ebw.value == Approx(1e9 / 8));
  CHECK(small.carbon.value == Approx(360 / 3.6e6));
  CHECK(small.cpu_price.value == Approx(0.036 / 3600));
  CHECK(small.security == 1);
  CHECK(problem.row_costs == std::vector<double>{0.25, 1});
  // OCM's scale: from 100, the best, to -100.
  REQUIRE(problem.rows[0].scores.size() == 1);
  CHECK(problem.rows[0].scores[0].value == 50);
  CHECK(problem.rows[1].scores[0].value == -100);
}

TEST_CASE("PDLC publishes scores at the hub, which a question holds as long as they are valid", "[physics]") {
  Json scenario = two_clusters();
  cluster(scenario, "c")["role"] = "hub";
  scenario["control_plane"] = prompt_codeco({{"local_cluster", true}}, Json::object());
  scenario["control_plane"]["pdlc"] = {{"refresh", "90 s"}, {"valid", "200 s"}};
  scenario["control_plane"]["telemetry"] = {{"scrape", "5 s"}};
  scenario["applications"].push_back(copy_of(application(scenario, "app"), "early"));
  application(scenario, "early")["submit"] = {{"at", "60 s"}};
  Diary diary;
  witnessed(scenario, diary)->run();
  REQUIRE(diary.asked.size() == 2);
  CHECK(diary.asked[0].rows[0].scores.empty());  // at 60 s none has been published
  REQUIRE(diary.asked[1].rows.size() == 2);
  REQUIRE(diary.asked[1].rows[1].scores.size() == 1);
  CHECK(diary.asked[1].rows[1].scores[0].value == -100);
  CHECK(diary.asked[1].rows[1].scores[0].valid_until.value == Approx(90 + 200));
  CHECK(diary.asked[1].rows[0].monitored.node_energy.value == Approx(10));
  CHECK(diary.asked[1].rows[0].age.value > 0);
}

TEST_CASE("Who waits learns what the requests of its application met with", "[physics]") {
  Diary diary;
  const auto run = witnessed(two_clusters(), diary, Seconds(50.5));
  run->run();
  REQUIRE(diary.told.size() == 1);
  CHECK(diary.told[0].number == diary.asked[0].number);
  CHECK(diary.told[0].span.value == 50.5);
  CHECK(diary.told[0].answers == 50);  // one a second, answered after 100 ms
  CHECK(diary.told[0].misses == 0);
  CHECK(diary.told[0].latency.value().value == Approx(0.1).epsilon(1e-6));
  CHECK(diary.told[0].ready == 1);
}

TEST_CASE("The regret of a judged decision is zero for the best answer and not for others", "[physics]") {
  Json scenario = two_clusters();
  cluster(scenario, "c")["uplink"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}};
  client(scenario, "user")["at"] = "d";
  scenario["policy"] = {{"judged", 1}, {"placement", "first-fit"}};
  const auto judge = [&](const char* placement) {
    scenario["policy"]["placement"] = placement;
    const Scratch scratch;
    return simulate(scratch.write("s.json", scenario.dump()))["summary"];
  };
  const auto worse = judge("first-fit"), better = judge("swm-search"), plain = judge("nearest");
  CHECK(better["decision.regret"]["count"] == 2);  // which cluster, and which of its nodes
  CHECK(better["decision.regret"]["value"] == 0);
  CHECK(plain["decision.regret"]["value"] == 0);
  // The clients are 5 ms away instead of none, of the 10 ms that the objective is about: with its weight of 1.
  CHECK(worse["decision.regret"]["max"].get<double>() == Approx(0.5).epsilon(1e-9));
  CHECK(worse["decision.regret"]["value"].get<double>() == Approx(0.25).epsilon(1e-9));
}

TEST_CASE("Judging decisions changes nothing of the run", "[physics]") {
  const auto plain = simulate(library("quickstart.json"));
  const auto judged = simulate(library("quickstart.json") + " --set /policy/judged=0.5");
  CHECK(judged["manifest"]["fingerprint"] == plain["manifest"]["fingerprint"]);
  CHECK(judged["summary"]["decision.regret"]["count"].get<int>() > 0);
}
