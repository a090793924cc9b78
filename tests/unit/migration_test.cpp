// The built-in migration policies, made by name as a scenario makes them: values in, values out.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {
std::unique_ptr<MigrationPolicy> make(const std::string& name, const Json& parameters = Json::object()) {
  Policies policies;
  add_policies(policies);
  const auto* entry = policies.migration.find(name);
  REQUIRE(entry != nullptr);
  Reader::Log log;
  Reader reader(parameters, log);
  return entry->read(reader)();
}

/// Clusters 4, 5 and 6 with these latencies now, and expected; one replica on the first of them, which may go anywhere.
MigrationProblem problem(std::vector<double> latencies, std::vector<double> expected = {}) {
  MigrationProblem asked;
  if (expected.empty()) expected = latencies;
  for (std::uint32_t i = 0; i < latencies.size(); ++i)
    asked.rows.push_back({4 + i, Seconds(latencies[i]), Seconds(expected[i])});
  asked.replicas.push_back({0, 0, Bytes(1e6), true, false, std::vector<bool>(latencies.size(), true)});
  return asked;
}
std::vector<std::pair<std::uint32_t, std::uint32_t>> moves(MigrationPolicy& policy, const MigrationProblem& asked) {
  Rng rng(1, 0);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
  for (const MigrationMove& one : policy.moves(asked, rng)) all.emplace_back(one.replica, one.row);
  return all;
}
using Moves = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
}  // namespace

TEST_CASE("migration policies are registered under their names, each with a sentence") {
  Policies policies;
  add_policies(policies);
  CHECK(policies.migration.names() == std::vector<std::string>{"never", "follow-user", "on-qos", "predictive", "swm"});
  for (const auto& entry : policies.migration.entries()) CHECK(entry.prose.back() == '.');
}

TEST_CASE("never: nothing, and it is not even asked regularly") {
  const auto policy = make("never");
  CHECK(moves(*policy, problem({1, 0, 0})).empty());
  CHECK(policy->period() == forever);
  CHECK(policy->horizon() == Seconds(0));
}

TEST_CASE("follow-user: nearer by more than the margin, and no less") {
  const auto policy = make("follow-user", {{"margin", "250 ms"}, {"period", "3 s"}});
  CHECK(policy->period() == Seconds(3));
  CHECK(policy->horizon() == Seconds(0));
  CHECK(moves(*policy, problem({0.5, 0.25})).empty());
  CHECK(moves(*policy, problem({0.5, 0.2499})) == Moves{{0, 1}});
  const auto eager = make("follow-user", {{"margin", "0 s"}});
  CHECK(moves(*eager, problem({0.25, 0.25})).empty());
  CHECK(moves(*eager, problem({0.25, 0.2499})) == Moves{{0, 1}});
  // What is expected is none of its business.
  CHECK(moves(*eager, problem({0.25, 0.5}, {0.25, 0.01})).empty());
}

TEST_CASE("follow-user: the nearest that is allowed, any of equals, each replica for itself") {
  const auto policy = make("follow-user");
  MigrationProblem asked = problem({0.3, 0.2, 0.1, 0.1});
  int third = 0;
  Rng rng(1, 0);
  for (int i = 0; i < 1000; ++i) {
    const auto all = policy->moves(asked, rng);
    REQUIRE(all.size() == 1);
    REQUIRE((all[0].row == 2 || all[0].row == 3));
    third += all[0].row == 2 ? 1 : 0;
  }
  CHECK(std::abs(third - 500) <= 64);  // four deviations
  asked.replicas[0].allowed = {true, true, false, true};
  CHECK(moves(*policy, asked) == Moves{{0, 3}});
  asked.replicas[0].allowed = {false, true, false, false};
  CHECK(moves(*policy, asked) == Moves{{0, 1}});
  asked.replicas[0].allowed = {false, false, false, false};
  CHECK(moves(*policy, asked).empty());
  asked.replicas.push_back({1, 3, Bytes(0), true, false, std::vector<bool>(4, true)});
  asked.replicas.push_back({1, 0, Bytes(0), false, false, std::vector<bool>(4, true)});
  asked.replicas.push_back({1, 1, Bytes(0), true, false, std::vector<bool>(4, true)});
  const auto last = moves(*policy, asked);  // where one is as near as any it stays
  CHECK((last == Moves{{3, 2}} || last == Moves{{3, 3}}));
}

TEST_CASE("on-qos: enough answers, and too many of them not in time") {
  const auto policy = make("on-qos", {{"misses", 0.25}, {"least", 8}, {"period", "2 s"}});
  CHECK(policy->period() == Seconds(2));
  MigrationProblem asked = problem({0.3, 0.2, 0.1});
  const auto with = [&](std::uint32_t answers, std::uint32_t misses) {
    asked.answers = answers;
    asked.misses = misses;
    return moves(*policy, asked);
  };
  CHECK(with(0, 0).empty());
  CHECK(with(7, 7).empty());
  CHECK(with(8, 2).empty());
  CHECK(with(8, 3) == Moves{{0, 2}});
  CHECK(with(1000, 250).empty());
  CHECK(with(1000, 251) == Moves{{0, 2}});
  // It is where it can best be already, or cannot move.
  asked.replicas[0].row = 2;
  CHECK(with(8, 8).empty());
  asked.replicas[0].row = 0;
  asked.replicas[0].movable = false;
  CHECK(with(8, 8).empty());
}

TEST_CASE("on-qos: not a single miss, or all of them") {
  const auto strict = make("on-qos", {{"misses", 0}, {"least", 1}});
  MigrationProblem asked = problem({0.3, 0.1});
  asked.answers = 1;
  CHECK(moves(*strict, asked).empty());
  asked.misses = 1;
  CHECK(moves(*strict, asked) == Moves{{0, 1}});
  CHECK(moves(*make("on-qos", {{"misses", 1}, {"least", 1}}), asked).empty());  // more than all is not possible
}

TEST_CASE("predictive: follow-user for where the clients will be") {
  const auto policy = make("predictive", {{"margin", "10 ms"}, {"horizon", "7 s"}, {"period", "4 s"}});
  CHECK(policy->horizon() == Seconds(7));
  CHECK(policy->period() == Seconds(4));
  CHECK(moves(*policy, problem({0.1, 0.9}, {0.2, 0.1})) == Moves{{0, 1}});
  CHECK(moves(*policy, problem({0.9, 0.1}, {0.1, 0.2})).empty());
  CHECK(moves(*policy, problem({0.9, 0.1}, {0.1, 0.0999})).empty());
}
