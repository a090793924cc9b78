// The numbers that the network-aware plugins of kubernetes-sigs/scheduler-plugins publish, against our rules: orders
// from its kep/260-network-aware-scheduling (the table for Online Boutique) and from the tests of the AppGroup
// controller; costs, scores and filters from pkg/networkaware/networkoverhead/networkoverhead_test.go, where workloads
// are p1 to p3 and nodes n-1 to n-8.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policies/placement/network_scores.hpp"
#include "tests/placement.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {

using Numbers = std::vector<std::uint32_t>;
using Scores = std::vector<std::int64_t>;

/// The order of workloads P1, P2... (here 1, 2...), which our rule knows by their places in `numbering`.
Numbers order_of(const std::map<std::uint32_t, Numbers>& dependencies, const Numbers& numbering, TopologicalSort sort) {
  std::map<std::uint32_t, std::uint32_t> number;
  for (std::uint32_t i = 0; i < numbering.size(); ++i) number[numbering[i]] = i;
  std::vector<Numbers> numbered(numbering.size());
  for (const auto& [workload, others] : dependencies)
    for (std::uint32_t other : others) numbered[number.at(workload)].push_back(number.at(other));
  Numbers order;
  for (std::uint32_t each : topological_order(numbered, sort)) order.push_back(numbering[each]);
  return order;
}

const std::map<std::uint32_t, Numbers> online_boutique = {
    {1, {2, 3, 4, 6, 8, 9, 10}}, {2, {11}}, {8, {2, 3, 4, 5, 6, 7}}, {9, {3}}};

/// The published NetworkTopology and AppGroup: p1 depends on p2, p2 on p3, with a MaxNetworkCost of 0. A millisecond
/// costs 1.
PlacementProblem published(std::uint32_t p3) {
  static const Labels zones[4] = {
      {{"topology.kubernetes.io/region", "us-west-1"}, {"topology.kubernetes.io/zone", "Z1"}},
      {{"topology.kubernetes.io/region", "us-west-1"}, {"topology.kubernetes.io/zone", "Z2"}},
      {{"topology.kubernetes.io/region", "us-east-1"}, {"topology.kubernetes.io/zone", "Z3"}},
      {{"topology.kubernetes.io/region", "us-east-1"}, {"topology.kubernetes.io/zone", "Z4"}},
  };
  PlacementProblem made = problem(8, 0);
  for (std::uint32_t node = 0; node < 8; ++node) made.rows[node].labels = &zones[node / 2];
  made.rows[1].components = {0};
  made.rows[4].components = {1};
  made.rows[p3].components.push_back(2);
  made.channels = {channel(0, 1), channel(1, 2)};
  for (auto& each : made.channels) each.max_delay = Seconds(0);
  made.paths = [](std::uint32_t from, std::uint32_t to) {
    const std::uint32_t a = from / 2, b = to / 2;
    const double milliseconds = a / 2 != b / 2 ? 20 : a == b ? 0.3 : a / 2 == 0 ? 5 : 10;
    return std::vector<PlacementProblem::Path>{{Seconds(milliseconds * 1e-3), {}}};
  };
  return made;
}

}  // namespace

TEST_CASE("components are ordered as the AppGroup controller orders them", "[placement]") {
  const Numbers by_number = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  SECTION("the published table for Online Boutique, whatever the numbers, as one workload alone depends on nobody") {
    for (const Numbers& numbering : {by_number, Numbers{11, 5, 8, 1, 10, 2, 9, 7, 3, 4, 6}}) {
      CHECK(order_of(online_boutique, numbering, TopologicalSort::kahn) == Numbers{1, 10, 9, 8, 7, 6, 5, 4, 3, 2, 11});
      CHECK(order_of(online_boutique, numbering, TopologicalSort::alternate_kahn) ==
            Numbers{1, 11, 10, 2, 9, 3, 8, 4, 7, 5, 6});
      CHECK(order_of(online_boutique, numbering, TopologicalSort::reverse_kahn) ==
            Numbers{11, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1});
    }
  }
  SECTION("where Tarjan starts is up to a Go map: from P3, P6, P10, P9, P8 on it is as published") {
    const Numbers numbering = {3, 6, 10, 9, 8, 1, 2, 4, 5, 7, 11};
    CHECK(order_of(online_boutique, numbering, TopologicalSort::tarjan) == Numbers{1, 8, 7, 5, 4, 2, 11, 9, 10, 6, 3});
    CHECK(order_of(online_boutique, numbering, TopologicalSort::alternate_tarjan) ==
          Numbers{1, 3, 8, 6, 7, 10, 5, 9, 4, 11, 2});
    CHECK(order_of(online_boutique, numbering, TopologicalSort::reverse_tarjan) ==
          Numbers{3, 6, 10, 9, 11, 2, 4, 5, 7, 8, 1});
  }
  SECTION("the controller's own tests: a chain, and Online Boutique with ten workloads") {
    const std::map<std::uint32_t, Numbers> ten = {{1, {2, 3, 4, 6, 8, 9, 10}}, {8, {2, 3, 4, 5, 6, 7}}, {9, {3}}};
    CHECK(order_of({{1, {2}}, {2, {3}}}, {1, 2, 3}, TopologicalSort::kahn) == Numbers{1, 2, 3});
    CHECK(order_of(ten, by_number, TopologicalSort::kahn) == Numbers{1, 10, 9, 8, 7, 6, 5, 4, 3, 2});
    CHECK(order_of(ten, by_number, TopologicalSort::alternate_kahn) == Numbers{1, 2, 10, 3, 9, 4, 8, 5, 7, 6});
  }
  SECTION("without dependencies none is ordered, and in a cycle neither") {
    for (const auto sort : {TopologicalSort::kahn, TopologicalSort::tarjan, TopologicalSort::alternate_kahn}) {
      CHECK(topological_order({{}, {}, {}}, sort).empty());
      CHECK(topological_order({{1}, {2}, {0}}, sort).empty());
      CHECK(topological_order({{0}}, sort).empty());
      CHECK(topological_order({{1, 1}, {}, {}}, sort).size() == 2);
    }
  }
}

TEST_CASE("Kahn and Tarjan put whatever depends before what it depends on, in any acyclic graph", "[placement]") {
  Rng rng(11, 0);
  for (int round = 0; round < 200; ++round) {
    const std::uint32_t size = 2 + static_cast<std::uint32_t>(rng.below(12));
    std::vector<Numbers> dependencies(size);
    std::vector<bool> connected(size);
    for (std::uint32_t i = 0; i < size; ++i)
      for (std::uint32_t j = 0; j < i; ++j)
        if (rng.chance(0.3)) {
          dependencies[i].push_back(j);
          connected[i] = connected[j] = true;
        }
    for (const auto sort : {TopologicalSort::kahn, TopologicalSort::tarjan}) {
      const Numbers order = topological_order(dependencies, sort);
      std::vector<std::size_t> place(size, size);
      for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
      for (std::uint32_t i = 0; i < size; ++i) {
        CHECK((place[i] < size) == connected[i]);
        for (std::uint32_t other : dependencies[i]) CHECK(place[i] < place[other]);
      }
    }
  }
}

TEST_CASE("costs and scores are those of TestNetworkOverheadScore", "[placement]") {
  struct Case {
    std::uint32_t workload;
    Scores before, after;
  };
  const PlacementProblem asked = published(0);
  const Peers peers(asked);
  NetworkCosts network(asked, Seconds(1e-3));
  for (const Case& sample : {Case{0, {20, 20, 20, 20, 0, 1, 10, 10}, {0, 0, 0, 0, 100, 95, 50, 50}},
                             Case{1, {0, 1, 5, 5, 20, 20, 20, 20}, {100, 95, 75, 75, 0, 0, 0, 0}},
                             Case{2, {0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}}}) {
    Scores costs;
    for (std::uint32_t node = 0; node < 8; ++node) costs.push_back(network.at(sample.workload, node, peers).cost);
    CHECK(costs == sample.before);
    normalize_network_costs(costs);
    CHECK(costs == sample.after);
  }
}

TEST_CASE("nodes are filtered as in TestNetworkOverheadFilter", "[placement]") {
  struct Case {
    std::uint32_t workload, node;
    std::int64_t satisfied, violated;
  };
  const PlacementProblem asked = published(7);
  const Peers peers(asked);
  NetworkCosts network(asked, Seconds(1e-3));
  // p1 at n-1 and n-6, p2 at n-5 and n-7, p3 at n-1.
  for (const Case& sample :
       {Case{0, 0, 0, 1}, Case{0, 5, 1, 0}, Case{1, 4, 0, 1}, Case{1, 6, 1, 0}, Case{2, 0, 0, 0}}) {
    const NetworkOverhead overhead = network.at(sample.workload, sample.node, peers);
    CHECK(overhead.satisfied == sample.satisfied);
    CHECK(overhead.violated == sample.violated);
    CHECK(overhead.passes() == (sample.violated == 0));
  }
}

TEST_CASE("equal costs that are not zero all score a hundred", "[placement]") {
  Scores costs = {7, 7};
  normalize_network_costs(costs);
  CHECK(costs == Scores{100, 100});
  costs = {0, 3, 2};  // 100 - whole(66.7) = 34
  normalize_network_costs(costs);
  CHECK(costs == Scores{100, 0, 34});
}

TEST_CASE("latencies become costs: rounded up, at most a hundred, without limit unless there is one", "[placement]") {
  PlacementProblem asked = problem(4, 0);
  asked.rows[0].components = {1};
  asked.channels = {channel(0, 1)};
  // From row 1: 3 x 0.1 ms; from row 2: 0.4 s; from row 3 there is no way.
  asked.paths = [](std::uint32_t from, std::uint32_t) {
    std::vector<PlacementProblem::Path> ways;
    if (from == 1) ways = {{Seconds(1e-4 + 1e-4 + 1e-4), {}}, {Seconds(9), {}}};
    if (from == 2) ways = {{Seconds(0.4), {}}};
    return ways;
  };
  const Peers peers(asked);
  const auto cost = [&](double unit, std::uint32_t row) {
    return NetworkCosts(asked, Seconds(unit)).at(0, row, peers);
  };
  CHECK(cost(1e-3, 0).cost == 0);
  CHECK(cost(1e-3, 1).cost == 1);
  CHECK(cost(1e-4, 1).cost == 3);
  CHECK(cost(1e-3, 2).cost == 100);
  CHECK(cost(1e-3, 3).cost == 100);
  CHECK(cost(1e-3, 2).passes());
  CHECK_FALSE(cost(1e-3, 3).passes());
  asked.channels[0].max_delay = Seconds(3e-4);
  CHECK(cost(1e-4, 1).passes());
  asked.channels[0].max_delay = Seconds(2.9e-4);
  CHECK_FALSE(cost(1e-4, 1).passes());
  asked.channels[0].max_delay = Seconds(0.2);  // beyond what a cost can say, and yet too long
  CHECK_FALSE(cost(1e-3, 2).passes());
}
