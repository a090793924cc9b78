// The partition policies, made by name, on federations small enough to check by hand.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {

using Members = std::vector<std::uint32_t>;

Neighbourhood form(const std::string& name, const PartitionProblem& problem, std::uint64_t seed = 1,
                   const std::string& parameters = "{}") {
  Policies policies;
  add_policies(policies);
  const auto* entry = policies.partition.find(name);
  REQUIRE(entry != nullptr);
  const Json json = Json::parse(parameters);
  Reader::Log log;
  Reader reader(json, log);
  const auto policy = entry->read(reader)();
  reader.close();
  REQUIRE(log.problems.empty());
  Rng rng(seed, 0);
  return policy->form(problem, rng);
}

PartitionProblem::Row row(std::uint32_t id, std::uint32_t provider, double x, double latency) {
  PartitionProblem::Row made;
  made.id = id;
  made.provider = provider;
  made.x = x;
  made.cpu = made.cpu_free = Cores(4);
  made.memory = made.memory_free = Bytes(8e9);
  made.client_latency = Seconds(latency);
  return made;
}

/// Two blobs of 8 clusters 1000 km apart, each within 10 km, their ids mixed; the nearest cluster is in the odd one.
PartitionProblem blobs() {
  PartitionProblem problem;
  for (std::uint32_t i = 0; i < 16; ++i) {
    const double x = i % 2 == 0 ? 0 : 1e6;
    problem.rows.push_back(row(i, 0, x + 1e3 * std::floor(i / 2.), i == 5 ? 0.001 : 0.010));
    problem.rows.back().y = 1e3 * (i % 3);
  }
  return problem;
}

PartitionProblem random_problem(Rng& rng) {
  PartitionProblem problem;
  const std::uint64_t rows = 1 + rng.below(40);
  for (std::uint32_t i = 0; i < rows; ++i) {
    problem.rows.push_back(row(3 * i, static_cast<std::uint32_t>(rng.below(4)), rng.uniform(0, 1e5),
                               0.001 * static_cast<double>(1 + rng.below(9))));
    problem.rows.back().y = rng.uniform(0, 1e5);
    problem.rows.back().cpu_free = Cores(static_cast<double>(rng.below(64)));
  }
  return problem;
}

}  // namespace

TEST_CASE("partition policies are registered under their names, each with a sentence") {
  Policies policies;
  add_policies(policies);
  CHECK(policies.partition.names() == std::vector<std::string>{"none", "by-provider", "k-nearest", "k-means"});
  for (const auto& entry : policies.partition.entries()) CHECK(entry.prose.back() == '.');
}

TEST_CASE("none takes all, and one of the nearest speaks for them") {
  PartitionProblem problem;
  problem.rows = {row(2, 0, 0, 0.030), row(5, 1, 0, 0.010), row(7, 0, 0, 0.010)};
  std::set<std::uint32_t> coordinators;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Neighbourhood all = form("none", problem, seed);
    CHECK(all.members == Members{0, 1, 2});
    coordinators.insert(all.coordinator);
  }
  CHECK(coordinators == std::set<std::uint32_t>{1, 2});
}

TEST_CASE("by-provider takes what belongs to the provider of the nearest") {
  PartitionProblem problem;
  problem.rows = {row(0, 3, 0, 0.030), row(1, 4, 0, 0.020), row(2, 3, 0, 0.010), row(3, 4, 0, 0.010)};
  std::set<Members> groups;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Neighbourhood found = form("by-provider", problem, seed);
    CHECK((found.coordinator == 2 || found.coordinator == 3));
    CHECK(found.members == Members{found.coordinator - 2, found.coordinator});
    groups.insert(found.members);
  }
  CHECK(groups == std::set{Members{0, 2}, Members{1, 3}});
}

TEST_CASE("k-nearest takes by latency, then by distance to the nearest") {
  PartitionProblem problem;
  problem.rows = {row(0, 0, 900, 0.020), row(1, 0, -300, 0.020), row(2, 0, 0, 0.010), row(3, 0, 300, 0.020),
                  row(4, 0, 0, 0.030)};
  CHECK(form("k-nearest", problem, 1, R"({"k": 1})").members == Members{2});
  std::set<Members> of_two;  // 1 and 3 are as near
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    of_two.insert(form("k-nearest", problem, seed, R"({"k": 2})").members);
  CHECK(of_two == std::set{Members{1, 2}, Members{2, 3}});
  // Twins: the coordinator is one of them.
  for (PartitionProblem::Row& each : problem.rows) each = row(each.id, 0, 0, 0.010);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Neighbourhood found = form("k-nearest", problem, seed, R"({"k": 1})");
    CHECK(found.members == Members{found.coordinator});
  }
  for (const std::size_t k : {3, 4}) {
    const Neighbourhood found = form("k-nearest", problem, 1, fmt::format(R"({{"k": {}}})", k));
    CHECK(found.members.size() == k);
    CHECK(std::ranges::binary_search(found.members, found.coordinator));
  }
  CHECK(form("k-nearest", problem).members == Members{0, 1, 2, 3, 4});
}

TEST_CASE("k-nearest decides the same whether farther clusters are offered or not") {
  constexpr std::uint32_t k = 4;
  for (std::uint64_t world = 1; world <= 300; ++world) {
    CAPTURE(world);
    Rng rng(world, 3);
    PartitionProblem all = random_problem(rng);
    // The clients are at one cluster, and many others are as far, by latency or by both.
    all.rows[rng.below(all.rows.size())].client_latency = Seconds(0);
    for (PartitionProblem::Row& one : all.rows)
      if (rng.below(2) > 0) one.x = one.y = 1000 * static_cast<double>(rng.below(3));
    const Members chosen = form("k-nearest", all, world, R"({"k": 4})").members;
    const auto home = std::ranges::min_element(all.rows, {}, &PartitionProblem::Row::client_latency);
    const auto far = [&](const PartitionProblem::Row& one) {
      const double x = one.x - home->x, y = one.y - home->y;
      return std::pair(one.client_latency, x * x + y * y);
    };
    std::vector<std::pair<Seconds, double>> distances;
    for (const PartitionProblem::Row& one : all.rows) distances.push_back(far(one));
    std::ranges::sort(distances);
    PartitionProblem few;
    for (const PartitionProblem::Row& one : all.rows)
      if (far(one) <= distances[std::min<std::size_t>(k, distances.size()) - 1]) few.rows.push_back(one);
    std::vector<std::uint32_t> of_all, of_few;
    for (const std::uint32_t row : chosen) of_all.push_back(all.rows[row].id);
    for (const std::uint32_t row : form("k-nearest", few, world, R"({"k": 4})").members)
      of_few.push_back(few.rows[row].id);
    CHECK(of_all == of_few);
  }
}

TEST_CASE("k-means finds two blobs, whatever it starts from") {
  const std::uint64_t seed = GENERATE(range(1, 31));
  const Neighbourhood found = form("k-means", blobs(), seed);
  CHECK(found.members == Members{1, 3, 5, 7, 9, 11, 13, 15});
  CHECK(found.coordinator == 5);
}

TEST_CASE("k-means by resources alone groups the large with the large") {
  PartitionProblem problem;
  for (std::uint32_t i = 0; i < 8; ++i)
    problem.rows.push_back(row(i, 0, 1e6 * std::floor(i / 4.), i == 0 ? 0.001 : 0.010));
  for (std::uint32_t i : {0U, 3U, 6U}) {
    problem.rows[i].cpu_free = Cores(100 + i);
    problem.rows[i].memory_free = Bytes(1e12);
  }
  const std::uint64_t seed = GENERATE(range(1, 11));
  CHECK(form("k-means", problem, seed, R"({"size": 4, "position": 0})").members == Members{0, 3, 6});
  CHECK(form("k-means", problem, seed, R"({"size": 4, "resources": 0})").members == Members{0, 1, 2, 3});
}

TEST_CASE("k-means of clusters that do not differ, and of fewer than a group, is one group") {
  PartitionProblem problem;
  for (std::uint32_t i = 0; i < 5; ++i) problem.rows.push_back(row(i, 0, 7, 0.010));
  CHECK(form("k-means", problem, 1, R"({"size": 1})").members == Members{0, 1, 2, 3, 4});
  problem.rows[3].x = 1e6;
  CHECK(form("k-means", problem).members == Members{0, 1, 2, 3, 4});
  std::set<Members> groups;  // that of whoever speaks for it
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    groups.insert(form("k-means", problem, seed, R"({"size": 1})").members);
  CHECK(groups == std::set{Members{0, 1, 2, 4}, Members{3}});
  problem.rows.resize(1);
  CHECK(form("k-means", problem).members == Members{0});
}

TEST_CASE("neighbourhoods are sorted, without doubles, within range, led by their nearest, and repeat", "[property]") {
  const std::string name = GENERATE("none", "by-provider", "k-nearest", "k-means");
  INFO(name);
  Rng rng(42, 0);
  for (int round = 0; round < 200; ++round) {
    const PartitionProblem problem = random_problem(rng);
    const Neighbourhood found = form(name, problem, 7);
    REQUIRE(!found.members.empty());
    CHECK(std::ranges::adjacent_find(found.members, std::ranges::greater_equal{}) == found.members.end());
    CHECK(found.members.back() < problem.rows.size());
    CHECK(std::ranges::binary_search(found.members, found.coordinator));
    for (const std::uint32_t member : found.members) {
      const auto& a = problem.rows[found.coordinator];
      const auto& b = problem.rows[member];
      CHECK(a.client_latency <= b.client_latency);
    }
    if (name == "k-nearest") CHECK(found.members.size() == std::min<std::size_t>(8, problem.rows.size()));
    CHECK(form(name, problem, 7).members == found.members);
  }
}
