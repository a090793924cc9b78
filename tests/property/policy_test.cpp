// What a policy answers is obeyed only if it makes sense.
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
enum class Nonsense { no_such_row, no_such_workload, twice, over_capacity, nothing, forbidden };

class Broken : public PlacementPolicy {
 public:
  explicit Broken(Nonsense nonsense) : nonsense_(nonsense) {}
  Placement place(const PlacementProblem& problem, Rng&) override {
    Placement answer;
    for (std::uint32_t w = 0; w < problem.workloads.size(); ++w) {
      switch (nonsense_) {
        case Nonsense::no_such_row:
          answer.assignments.push_back({w, static_cast<std::uint32_t>(problem.rows.size()), PlacementProblem::none});
          break;
        case Nonsense::no_such_workload:
          answer.assignments.push_back({w + 1000, 0, PlacementProblem::none});
          break;
        case Nonsense::twice:
          answer.assignments.push_back({0, 0, PlacementProblem::none});
          break;
        case Nonsense::over_capacity:
          answer.assignments.push_back({w, 0, PlacementProblem::none});
          break;
        case Nonsense::nothing:
          break;
        case Nonsense::forbidden:
          answer.assignments.push_back({w, 0, PlacementProblem::none});
          break;
      }
    }
    return answer;
  }

 private:
  Nonsense nonsense_;
};

/// Four replicas of 2 cores, on one cluster of two nodes of 4 cores; the scheduler is broken.
std::unique_ptr<Simulation> run_with(Nonsense nonsense) {
  auto scenario = station(4, 1, "1 ms", "10 /s", "20 s");
  scenario["warmup"] = "0 s";
  node_pool(scenario, "c", "n")["count"] = 2;
  auto& serve = component(scenario, "app", "serve");
  serve["replicas"] = 4;
  serve["requests"]["cpu"] = 2;
  if (nonsense == Nonsense::forbidden) {
    const auto c = cluster(scenario, "c");
    scenario["clusters"] = {copy_of(c, "a"), c};
    application(scenario, "app")["components"].push_back(copy_of(serve, "free"));
    component(scenario, "app", "serve")["cluster"] = "c";
    scenario["policy"]["placement"] = "broken";
  } else {
    scenario["policy"]["scheduler"] = "broken";
  }
  const Scratch scratch;
  Policies policies;
  add_policies(policies);
  policies.placement.add("broken", "Answers nonsense.", [nonsense] { return std::make_unique<Broken>(nonsense); });
  const Document document(scratch.write("scenario.json", scenario.dump()), {}, false);
  auto run = std::make_unique<Simulation>(load(document, policies), 0, policies);
  run->run();
  return run;
}
}  // namespace

TEST_CASE("A row that is not on offer is refused and counted", "[property]") {
  const auto run = run_with(Nonsense::no_such_row);
  CHECK(value_of(*run, "placement.refused") == 4);
  CHECK(value_of(*run, "placement.pending") == 4);
  CHECK(value_of(*run, "requests.refused") > 0);
  CHECK(run->control_plane().pending().front().reason.starts_with(
      "the policy named a workload or target that was not on offer"));
}
TEST_CASE("A workload that was not asked about is refused and counted", "[property]") {
  CHECK(value_of(*run_with(Nonsense::no_such_workload), "placement.refused") == 4);
}
TEST_CASE("A workload that is placed twice keeps its first place", "[property]") {
  const auto run = run_with(Nonsense::twice);
  CHECK(value_of(*run, "placement.refused") >= 3);
  CHECK(value_of(*run, "placement.pending") == 3);
  CHECK(value_of(*run, "requests.completed") > 0);
}
TEST_CASE("What does not fit is refused, and what does is obeyed", "[property]") {
  const auto run = run_with(Nonsense::over_capacity);  // all four on the first node, which takes two
  CHECK(value_of(*run, "placement.refused") >= 2);
  CHECK(value_of(*run, "placement.pending") == 2);
  for (std::uint32_t n = 0; n < 2; ++n) CHECK(run->world().reserved({n}).cpu.value() <= Cores(4));
}
TEST_CASE("A policy that says nothing leaves its pods waiting", "[property]") {
  const auto run = run_with(Nonsense::nothing);
  CHECK(value_of(*run, "placement.refused") == 0);
  CHECK(value_of(*run, "placement.pending") == 4);
}
TEST_CASE("A cluster that is not allowed is refused", "[property]") {
  const auto run = run_with(Nonsense::forbidden);  // the component pinned to c was sent to a
  CHECK(value_of(*run, "placement.refused") >= 4);
  CHECK(value_of(*run, "placement.pending") == 4);
}
