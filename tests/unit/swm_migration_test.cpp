// Migration by CODECO's scheduler: what makes it think again, and what keeps it from moving to and fro.
#include <array>

#include "tests/placement.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
std::unique_ptr<MigrationPolicy> scheduler(const std::string& parameters = "{}") {
  const Policies policies = built_in();
  const Json json = Json::parse(parameters);
  Reader::Log log;
  Reader reader(json, log);
  const auto made = policies.migration.find("swm")->read(reader);
  reader.close();
  REQUIRE(log.problems.empty());
  return made();
}

/// One replica on the first of three clusters; its clients are 4 ms from that, 2 ms from the second and 3 ms from the
/// third.
MigrationProblem at_the_first(Seconds when = Seconds(0)) {
  MigrationProblem asked;
  asked.now = when;
  asked.application = "app";
  asked.placement = problem(3, 1, Level::federation);
  for (std::uint32_t row = 0; row < 3; ++row) {
    const Seconds latency(std::array{0.004, 0.002, 0.003}[row]);
    asked.rows.push_back({row, latency, latency});
    asked.placement.rows[row].client_latency = latency;
    asked.placement.rows[row].monitored.carbon = GramsPerJoule(1);
  }
  asked.replicas.push_back({0, 0, Bytes(0), true, false, {true, true, true}});
  asked.placement.workloads[0].current = 0;
  asked.placement.workloads[0].allowed = {true, true, true};
  return asked;
}
using Moves = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
Moves moves(MigrationPolicy& policy, const MigrationProblem& asked) {
  Rng rng(1, 0);
  Moves all;
  for (const MigrationMove& one : policy.moves(asked, rng)) all.emplace_back(one.replica, one.row);
  return all;
}
}  // namespace

TEST_CASE("swm migration: without a trigger nothing moves, however much better it were elsewhere", "[migration]") {
  const auto policy = scheduler();
  CHECK(policy->looks_after_all());
  CHECK(policy->period() == Seconds(30));
  CHECK(moves(*policy, at_the_first()).empty());
}

TEST_CASE("swm migration: each trigger by itself, at its threshold and beyond", "[migration]") {
  MigrationProblem asked = at_the_first();
  SECTION("too many answers are late") {
    asked.answers = 100;
    asked.misses = 5;
    CHECK(moves(*scheduler(), asked).empty());
    asked.misses = 6;
    CHECK(moves(*scheduler(), asked) == Moves{{0, 1}});
    asked.answers = 9;
    asked.misses = 9;  // too few to say
    CHECK(moves(*scheduler(), asked).empty());
  }
  SECTION("its cluster is overloaded, or expected to be") {
    asked.placement.rows[0].cpu_busy = Cores(3.6);
    CHECK(moves(*scheduler(), asked).empty());
    asked.placement.rows[0].cpu_busy = Cores(3.7);
    CHECK(moves(*scheduler(), asked) == Moves{{0, 1}});
    asked.placement.rows[0].cpu_expected = Cores(1);
    CHECK(moves(*scheduler(), asked).empty());
    asked.placement.rows[0].cpu_expected = Cores(3.9);
    asked.placement.rows[0].cpu_busy = Cores(0);
    CHECK(moves(*scheduler(), asked) == Moves{{0, 1}});
  }
  SECTION("its power is dirty compared with what would do") {
    asked.placement.rows[0].monitored.carbon = GramsPerJoule(2);
    CHECK(moves(*scheduler(), asked).empty());
    asked.placement.rows[0].monitored.carbon = GramsPerJoule(2.1);
    CHECK(moves(*scheduler(), asked) == Moves{{0, 1}});
  }
  SECTION("its node is to go: now, and not where it is") {
    asked.replicas[0].draining = true;
    asked.placement.workloads[0].allowed[0] = false;
    asked.placement.rows[0].client_latency = Seconds(0);  // it were best to stay
    CHECK(moves(*scheduler(), asked) == Moves{{0, 1}});
  }
}

TEST_CASE("swm migration: a gain too small for the move keeps it where it is", "[migration]") {
  MigrationProblem asked = at_the_first();
  asked.answers = asked.misses = 100;
  // The objective falls from 0.4 to 0.2 and 0.1 for the move: by a quarter.
  CHECK(moves(*scheduler(R"({"gain": 0.24})"), asked) == Moves{{0, 1}});
  CHECK(moves(*scheduler(R"({"gain": 0.26})"), asked).empty());
  CHECK(moves(*scheduler(R"({"weights": {"move": 1}})"), asked).empty());
}

TEST_CASE("swm migration: who has moved rests, unless its node is to go", "[migration]") {
  const auto policy = scheduler(R"({"rest": "100 s"})");
  MigrationProblem asked = at_the_first(Seconds(10));
  asked.answers = asked.misses = 100;
  CHECK(moves(*policy, asked) == Moves{{0, 1}});
  asked.now = Seconds(109);
  CHECK(moves(*policy, asked).empty());
  MigrationProblem other = asked;
  other.application = "other";
  CHECK(moves(*policy, other) == Moves{{0, 1}});
  asked.replicas[0].draining = true;
  asked.placement.workloads[0].allowed[0] = false;
  CHECK(moves(*policy, asked) == Moves{{0, 1}});
  asked.replicas[0].draining = false;
  asked.now = Seconds(209);
  CHECK(moves(*policy, asked) == Moves{{0, 1}});
}

TEST_CASE("swm migration: what cannot move stays", "[migration]") {
  MigrationProblem asked = at_the_first();
  asked.answers = asked.misses = 100;
  asked.replicas[0].movable = false;
  asked.placement.workloads[0].fixed = true;
  CHECK(moves(*scheduler(), asked).empty());
}
