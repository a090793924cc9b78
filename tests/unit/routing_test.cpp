// The routing policies, made by name, on endpoints that a proxy is told of.
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "policies/routing/policies.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {

struct Endpoint {
  std::uint32_t id = 0;
  double latency = 0;
  std::uint32_t locality = 0, load = 0;
  std::string cluster = "c";
};

/// Endpoints as a test lists them.
struct Listed final : RoutingProblem {
  std::vector<Endpoint> healthy, ill;
  std::uint32_t after = 0;
  std::uint64_t who = 7, number = 0;
  double date = 0;

  const Endpoint& at(std::uint32_t i) const { return i < healthy.size() ? healthy.at(i) : ill.at(i - healthy.size()); }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(healthy.size()); }
  std::uint32_t known() const override { return static_cast<std::uint32_t>(healthy.size() + ill.size()); }
  std::uint32_t next() const override { return after; }
  std::uint32_t id(std::uint32_t i) const override { return at(i).id; }
  std::string cluster(std::uint32_t i) const override { return at(i).cluster; }
  Seconds latency(std::uint32_t i) const override { return Seconds(at(i).latency); }
  std::uint32_t locality(std::uint32_t i) const override { return at(i).locality; }
  std::uint32_t load(std::uint32_t i) const override { return at(i).load; }
  std::uint64_t caller() const override { return who; }
  Rng rng() const override { return Rng(3, 0).stream(number); }
  Seconds now() const override { return Seconds(date); }
};

std::unique_ptr<RoutingPolicy> make(const std::string& name, const std::string& parameters = "{}") {
  Policies policies;
  add_policies(policies);
  const auto* entry = policies.routing.find(name);
  REQUIRE(entry != nullptr);
  const Json json = Json::parse(parameters);
  Reader::Log log;
  Reader reader(json, log);
  auto policy = entry->read(reader)();
  reader.close();
  REQUIRE(log.problems.empty());
  return policy;
}

/// The share of many requests that each endpoint gets.
std::map<std::uint32_t, double> shares(RoutingPolicy& policy, Listed problem, std::uint32_t requests = 20000) {
  std::map<std::uint32_t, double> all;
  for (; problem.number < requests; ++problem.number) all[problem.id(policy.choose(problem))] += 1.0 / requests;
  return all;
}

/// `healthy` of `all` endpoints of this locality and cluster, besides those that are there.
void add(Listed& to, std::uint32_t healthy, std::uint32_t all, std::uint32_t locality,
         const std::string& cluster = "c") {
  for (std::uint32_t i = 0; i < all; ++i)
    (i < healthy ? to.healthy : to.ill).push_back({1000 * locality + i, 0, locality, 0, cluster});
}

}  // namespace

TEST_CASE("the routing policies, by name", "[routing]") {
  Policies policies;
  add_policies(policies);
  CHECK(policies.routing.names() == std::vector<std::string>{"random", "round-robin", "round-robin-over-all",
                                                             "least-requests", "weighted", "nearest", "latency-aware",
                                                             "sticky", "shortest-queue"});
  for (const auto& entry : policies.routing.entries()) {
    CHECK(entry.prose.back() == '.');
    CHECK(make(entry.name)->omniscient() == (entry.name == "shortest-queue"));
  }
}

TEST_CASE("Envoy's table of priorities: what each level gets of the requests, by the health of all", "[routing]") {
  struct Row {
    std::vector<std::uint32_t> healthy, percent;  // of 100 endpoints a priority
  };
  const std::vector<Row> table{{{100, 100}, {100, 0}},       {{72, 100}, {100, 0}}, {{71, 100}, {99, 1}},
                               {{50, 100}, {70, 30}},        {{25, 100}, {35, 65}}, {{0, 100}, {0, 100}},
                               {{50, 50}, {70, 30}},         {{25, 25}, {50, 50}},  {{25, 25, 100}, {35, 35, 30}},
                               {{25, 25, 20}, {36, 36, 28}}, {{5, 65}, {7, 93}}};
  for (const Row& row : table) {
    std::vector<KnownEndpoints> levels;
    for (const std::uint32_t healthy : row.healthy) levels.push_back({healthy, 100});
    const std::vector<double> loads = priority_loads(levels, 1.4);
    REQUIRE(loads.size() == row.percent.size());
    double sum = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) {
      CAPTURE(row.healthy, i);
      // Envoy has whole per cent.
      CHECK(std::abs(100 * loads[i] - row.percent[i]) < 1);
      sum += loads[i];
    }
    CHECK(sum == Approx(1));
  }
  const std::vector<KnownEndpoints> none{{0, 100}, {0, 0}};
  CHECK(priority_loads(none, 1.4) == std::vector<double>{0, 0});
}

TEST_CASE("nearest: the least latency, equals in turn", "[routing]") {
  const auto policy = make("nearest");
  Listed problem;
  problem.healthy = {{1, 0.02}, {2, 0.01}, {3, 0.01}, {4, 0.03}};
  const std::vector<std::uint32_t> chosen{1, 1, 2, 1};  // from each place on
  for (problem.after = 0; problem.after < 4; ++problem.after) CHECK(policy->choose(problem) == chosen[problem.after]);
}

TEST_CASE("nearest with failover: the callers' cluster, then its provider's, then the rest", "[routing]") {
  const auto policy = make("nearest", R"({"failover": {}})");
  Listed problem;
  add(problem, 5, 10, 0);
  add(problem, 10, 10, 1);
  auto got = shares(*policy, problem);
  // 1.4 x 50 % = 70 %, over five; the rest over ten.
  for (std::uint32_t i = 0; i < 5; ++i) CHECK(got[i] == Approx(0.14).margin(0.01));
  for (std::uint32_t i = 0; i < 10; ++i) CHECK(got[1000 + i] == Approx(0.03).margin(0.006));
  CHECK(got.size() == 15);
  // With more over-provisioning nothing goes over.
  got = shares(*make("nearest", R"({"failover": {"over_provisioning": 2}})"), problem);
  CHECK(got.size() == 5);
}

TEST_CASE("nearest with failover panics: requests go to endpoints that are ill rather than all to few", "[routing]") {
  Listed problem;
  add(problem, 1, 20, 0);   // 5 %: health 7 %
  add(problem, 13, 20, 1);  // 65 %: health 91 %
  auto got = shares(*make("nearest", R"({"failover": {}})"), problem, 40000);
  double first = 0, second_ill = 0;
  for (const auto& [id, share] : got) (id < 1000 ? first : second_ill) += id < 1000 || id >= 1013 ? share : 0;
  // 7 / 98 of all, to twenty; the second level has 65 % healthy endpoints and does not panic.
  CHECK(first == Approx(7.0 / 98).margin(0.005));
  CHECK(got.size() == 20 + 13);
  CHECK(second_ill == 0);
  got = shares(*make("nearest", R"({"failover": {"panic": 0}})"), problem);
  CHECK(got.size() == 1 + 13);
}

TEST_CASE("Envoy's table of weighted localities: X weighs 1 and Y 2", "[routing]") {
  struct Row {
    std::uint32_t healthy;  // of 100 endpoints in X; all are in Y
    double x;               // per cent
  };
  for (const Row& row : {Row{100, 33}, {70, 33}, {69, 32}, {50, 26}, {25, 15}, {0, 0}}) {
    Listed problem;
    add(problem, row.healthy, 100, 1, "x-1");
    add(problem, 100, 100, 2, "y-1");
    const auto policy = make("weighted", R"({"clusters": {"x-*": 1, "y-*": 2}, "other": 0})");
    double x = 0;
    for (const auto& [id, share] : shares(*policy, problem)) x += id < 2000 ? share : 0;
    CAPTURE(row.healthy);
    // Standard error of 20 000 draws: 0.33 %.
    CHECK(100 * x == Approx(row.x).margin(row.healthy > 0 ? 1.5 : 0));
  }
}

TEST_CASE("weighted: clusters that no pattern names have the other weight, and without weights any serves",
          "[routing]") {
  Listed problem;
  problem.healthy = {{1, 0, 0, 0, "a"}, {2, 0, 0, 0, "b"}, {3, 0, 0, 0, "b"}};
  auto got = shares(*make("weighted", R"({"clusters": {"a": 3}, "other": 1})"), problem);
  CHECK(got[1] == Approx(0.75).margin(0.01));
  CHECK(got[2] == Approx(0.125).margin(0.01));
  got = shares(*make("weighted", R"({"clusters": {"a": 0, "b": 0}})"), problem);
  CHECK(got[1] == Approx(1.0 / 3).margin(0.01));
}

TEST_CASE("least-requests: of two that are drawn the one with fewer requests under way", "[routing]") {
  const auto policy = make("least-requests");
  CHECK(policy->observes());
  Listed problem;
  problem.healthy = {{10}, {20}};
  // Nothing ends: each of both is drawn alone in a quarter of the draws, and else the one with fewer gets it.
  std::map<std::uint32_t, int> under_way;
  for (problem.number = 0; problem.number < 1000; ++problem.number) {
    const std::uint32_t chosen = problem.id(policy->choose(problem));
    ++under_way[chosen];
    CHECK(std::abs(under_way[10] - under_way[20]) < 20);
  }
  // One is emptied, so that it gets all but the draws of the other alone.
  for (; under_way[10] > 0; --under_way[10]) policy->ended(10, Seconds(1), true, Seconds(1));
  int to_empty = 0;
  for (; problem.number < 1400; ++problem.number) to_empty += problem.id(policy->choose(problem)) == 10;
  CHECK(to_empty == Approx(300).margin(40));
}

TEST_CASE("latency-aware: fast endpoints get more, until requests pile up there", "[routing]") {
  const auto policy = make("latency-aware", R"({"decay": "10 s", "unseen": "30 ms"})");
  Listed problem;
  const auto answer = [&](std::uint32_t id, double latency) {
    problem.healthy = {{id}};
    CHECK(policy->choose(problem) == 0);
    policy->ended(id, Seconds(latency), true, Seconds(0));
  };
  answer(1, 0.01);
  answer(2, 0.1);
  problem.healthy = {{1}, {2}};
  // 10 ms against 100 ms: the first, up to ten requests under way.
  int to_first = 0;
  for (int i = 0; i < 9; ++i) to_first += problem.id(policy->choose(problem)) == 1;
  CHECK(to_first == 9);
  // The tenth costs as much as one elsewhere, and the eleventh more.
  for (int i = 0; i < 2; ++i) to_first += problem.id(policy->choose(problem)) == 1;
  CHECK(to_first == 10);
}

TEST_CASE("sticky: a caller keeps its endpoint, and as few as possible change when endpoints come and go",
          "[routing]") {
  const auto policy = make("sticky");
  Listed before, after;
  for (std::uint32_t i = 0; i < 10; ++i) before.healthy.push_back({i});
  after.healthy = before.healthy;
  after.healthy.erase(after.healthy.begin() + 3);
  std::map<std::uint32_t, int> callers;
  int moved = 0;
  for (std::uint64_t caller = 0; caller < 10000; ++caller) {
    before.who = after.who = caller;
    const std::uint32_t old = before.id(policy->choose(before));
    before.number = caller;  // whatever else is drawn
    CHECK(before.id(policy->choose(before)) == old);
    ++callers[old];
    const std::uint32_t now = after.id(policy->choose(after));
    if (old != 3) CHECK(now == old);
    moved += now != old;
  }
  CHECK(moved == callers[3]);
  for (const auto& [id, some] : callers) CHECK(some == Approx(1000).margin(120));
}

TEST_CASE("shortest-queue: the true load decides", "[routing]") {
  Listed problem;
  problem.healthy = {{1, 0, 0, 4}, {2, 0, 0, 2}, {3, 0, 0, 2}};
  auto got = shares(*make("shortest-queue"), problem);
  CHECK(got.count(1) == 0);
  CHECK(got[2] == Approx(0.5).margin(0.02));
}
