// The baseline placement policies: each rule on problems small enough to check by hand, among nodes and among clusters.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/placement.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {

Targets targets(const std::string& policy, const std::string& parameters, const PlacementProblem& asked) {
  return test::targets(place(*make(policy, parameters), asked));
}
using test::targets;

/// Ways between rows by a table [ms]; a negative one is none.
auto ways(std::vector<std::vector<double>> milliseconds) {
  return [milliseconds](std::uint32_t from, std::uint32_t to) {
    std::vector<PlacementProblem::Path> found;
    if (const double latency = milliseconds[from][to]; latency >= 0) found.push_back({Seconds(latency * 1e-3), {}});
    return found;
  };
}

}  // namespace

TEST_CASE("baselines take each of equal rows as often", "[placement]") {
  const std::string name =
      GENERATE("kube-default", "network-aware", "latency-greedy", "carbon-greedy", "data-local", "least-cost",
               "load-balance", "best-fit", "pdlc", "nearest", "recommended", "random");
  INFO(name);
  for (const Level level : {Level::cluster, Level::federation}) {
    PlacementProblem asked = problem(4, 1, level);
    CHECK(takes_any_of(name, asked, {0, 1, 2, 3}));
    asked.workloads[0].allowed = {true, false, true, true};
    CHECK(takes_any_of(name, asked, {0, 2, 3}));
  }
}

// Open Cluster Management sorts by name.
TEST_CASE("of equal clusters OCM takes the first", "[placement]") {
  for (const std::string name : {"ocm-default", "ocm-resource"})
    CHECK(targets(name, problem(3, 1, Level::federation)) == Targets{0});
}

TEST_CASE("ocm-default and ocm-resource are ocm with these weights", "[placement]") {
  PlacementProblem asked = problem(3, 1, Level::federation);
  asked.rows[1] = row(1, 8, 16);
  asked.rows[0].components = {0};
  asked.rows[2].decisions = 1;
  // Steady, balance, cpu, memory: row 0 has 100 + 100 - 100 - 100, row 1 has 0 + 100 + 100 + 100.
  CHECK(targets("ocm-default", asked) == Targets{0});
  CHECK(targets("ocm-resource", asked) == Targets{1});
  CHECK(targets("ocm", R"({"weights": {"allocatable_cpu": 1, "allocatable_memory": 1}})", asked) == Targets{1});
  CHECK(targets("ocm", asked) == Targets{0});
}

TEST_CASE("network-aware goes where the network to what it depends on costs least", "[placement]") {
  // Component 0 depends on component 1, which must be on row 2, and there is room for one there.
  PlacementProblem asked = problem(3, 2, GENERATE(Level::cluster, Level::federation));
  asked.workloads[1].component = 1;
  asked.workloads[1].allowed = {false, false, true};
  use(asked.rows[2], 3, 0);
  asked.channels = {channel(0, 1)};
  asked.paths = ways({{0, 30, 50}, {30, 0, 5}, {50, 5, 0}});

  SECTION("with the order that places it first") {
    CHECK(targets("network-aware", asked) == Targets{1, 2});
    CHECK(targets("network-aware", R"({"order": "ReverseTarjan"})", asked) == Targets{1, 2});
  }
  SECTION("not with Kahn's, which places it last: then there is nothing to be near to") {
    CHECK(targets("network-aware", R"({"order": "KahnSort"})", asked) == Targets{0, 2});
  }
  SECTION("replicas that run already count") {
    asked.workloads.pop_back();
    asked.rows[2].components = {1};
    CHECK(targets("network-aware", R"({"order": "KahnSort"})", asked) == Targets{2});
    use(asked.rows[2], 1, 0);
    CHECK(targets("network-aware", R"({"order": "KahnSort"})", asked) == Targets{1});
  }
  SECTION("the longest delay is a bound") {
    asked.channels[0].max_delay = Seconds(0.005);
    CHECK(targets("network-aware", asked) == Targets{1, 2});
    asked.channels[0].max_delay = Seconds(0.004);
    const Placement placement = place(*make("network-aware"), asked);
    CHECK(targets(placement) == Targets{none, 2});
    REQUIRE(placement.reasons.size() == 1);
    CHECK(placement.reasons[0].find("2 ") != std::string::npos);
    CHECK(placement.reasons[0].find("didn't satisfy the application's constraints") != std::string::npos);
  }
  SECTION("but only when more dependencies break it than keep it") {
    asked.channels[0].max_delay = Seconds(0.004);
    asked.rows[0].components = {2};
    asked.channels.push_back(
        channel(0, 2));  // Without a bound; one of each on rows 0 and 1, which cost 50 + 0 and 5 + 30.
    CHECK(targets("network-aware", asked) == Targets{1, 2});
  }
  SECTION("the weight: without the network's, the score of the rest decides") {
    use(asked.rows[1], 2, 0);
    CHECK(targets("network-aware", R"({"weight": 0})", asked) == Targets{0, 2});
    CHECK(targets("network-aware", asked) == Targets{1, 2});
  }
  SECTION("all replicas that are placed count, and a workload that moves not where it was") {
    // Row 0: 30 + 50, row 1: 0 + 5 ms, with one replica of component 1 on row 1 and one on row 2.
    asked.workloads.push_back(workload(1, 1));
    asked.workloads[2].component = 1;
    asked.workloads[2].current = 0;
    asked.workloads[2].allowed = {false, true, false};
    asked.rows[0].components = {1};
    CHECK(targets("network-aware", asked) == Targets{1, 2, 1});
  }
}

TEST_CASE("network-aware takes workloads in topological order, and answers in theirs", "[placement]") {
  // One place is left: who comes first gets it.
  PlacementProblem asked = problem(1, 3);
  use(asked.rows[0], 3, 0);
  for (std::uint32_t i = 0; i < 3; ++i) asked.workloads[i].component = i;
  asked.channels = {channel(0, 1), channel(1, 2)};
  CHECK(targets("network-aware", asked) == Targets{none, none, 0});
  CHECK(targets("network-aware", R"({"order": "KahnSort"})", asked) == Targets{0, none, none});
  CHECK(place(*make("network-aware"), asked).reasons.size() == 2);
  // A cycle has no order, so they come as they are; whoever has no part in any channel comes first.
  asked.channels.push_back(channel(2, 0));
  CHECK(targets("network-aware", asked) == Targets{0, none, none});
  asked.channels = {channel(0, 2)};
  CHECK(targets("network-aware", asked) == Targets{none, 0, none});
}

TEST_CASE("latency-greedy adds the ways to clients and to placed peers", "[placement]") {
  PlacementProblem asked = problem(3, 1, GENERATE(Level::cluster, Level::federation));
  asked.paths = ways({{0, 8, 20}, {4, 0, 10}, {20, 10, 0}});
  asked.rows[0].client_latency = Seconds(0.012);
  asked.rows[1].client_latency = Seconds(0.010);
  asked.rows[2].client_latency = Seconds(0.015);

  SECTION("without channels the nearest") { CHECK(targets("latency-greedy", asked) == Targets{1}); }
  SECTION("with a peer on row 2: 12 + 20, 10 + 10, 15 + 0") {
    asked.rows[2].components = {1};
    asked.channels = {channel(0, 1)};
    CHECK(targets("latency-greedy", asked) == Targets{2});
    CHECK(targets("latency-greedy", R"({"channels": 0.4})", asked) == Targets{1});  // 20, 14, 15
    CHECK(targets("latency-greedy", R"({"clients": 3})", asked) == Targets{1});     // 56, 40, 45
  }
  SECTION("the mean over a peer's replicas: 12 + 4, 10 + 2, 15 + 15") {
    // Four replicas on row 1 would outweigh the clients if they were added up.
    asked.rows[0].components = {1};
    asked.rows[1].components = {1, 1, 1};
    asked.channels = {channel(0, 1)};
    CHECK(targets("latency-greedy", asked) == Targets{1});  // 12 + 6, 10 + 1, 15 + 12.5
    asked.rows[0].client_latency = Seconds(0.004);
    CHECK(targets("latency-greedy", asked) == Targets{0});  // 4 + 6 against 10 + 1
  }
  SECTION("in the direction of the channel: from row 0 to 1 takes 8, back 4") {
    asked.rows[0].client_latency = asked.rows[1].client_latency;
    asked.rows[0].components = {1};
    use(asked.rows[0], 4, 0);
    asked.rows[2].client_latency = Seconds(0);
    asked.paths = ways({{0, 30, 20}, {4, 0, 0}, {20, 0, 0}});
    asked.channels = {channel(0, 1)};  // from row 1: 10 + 4, from row 2: 0 + 20
    CHECK(targets("latency-greedy", asked) == Targets{1});
    asked.channels = {channel(1, 0)};  // to row 1: 10 + 30, to row 2: 0 + 20
    CHECK(targets("latency-greedy", asked) == Targets{2});
  }
  SECTION("those placed in the same problem count, those not placed yet do not") {
    asked.workloads.push_back(workload(1, 1));
    asked.workloads[1].component = 1;
    asked.channels = {channel(0, 1)};
    CHECK(targets("latency-greedy", asked) == Targets{1, 1});
    asked.workloads[0].allowed = {false, false, true};
    CHECK(targets("latency-greedy", asked) == Targets{2, 2});  // second: 12 + 20, 10 + 10, 15 + 0
  }
  SECTION("what cannot be reached is worse than any latency") {
    asked.rows[2].components = {1};
    use(asked.rows[2], 4, 0);
    asked.channels = {channel(0, 1)};
    asked.paths = ways({{0, 8, 9000}, {4, 0, -1}, {20, 10, 0}});
    CHECK(targets("latency-greedy", asked) == Targets{0});
  }
}

TEST_CASE("carbon-greedy takes the least carbon for a core", "[placement]") {
  PlacementProblem asked = problem(3, 1, GENERATE(Level::cluster, Level::federation));
  // 40 W / 4 x 3 = 30, 100 W / 8 x 2 = 25, 20 W / 4 x 6 = 30.
  asked.rows[1] = row(1, 8, 8);
  const double watts[] = {40, 100, 20}, carbon[] = {3, 2, 6};
  for (std::uint32_t i = 0; i < 3; ++i) {
    asked.rows[i].monitored.node_energy = Watts(watts[i]);
    asked.rows[i].monitored.carbon = GramsPerJoule(carbon[i]);
  }
  CHECK(targets("carbon-greedy", asked) == Targets{1});
  use(asked.rows[1], 8, 0);
  CHECK(targets("carbon-greedy", asked) == Targets{0});
  asked.rows[2].monitored.carbon = GramsPerJoule(5.9);
  CHECK(targets("carbon-greedy", asked) == Targets{2});
}

TEST_CASE("data-local goes where the fewest bytes must be copied to, then near", "[placement]") {
  PlacementProblem asked = problem(3, 1, Level::federation);
  asked.data_sizes = {Bytes(5e9), Bytes(3e9), Bytes(3e9), Bytes(1e12)};
  asked.workloads[0].reads = {0, 1, 2};
  asked.rows[0].data = {0, 3};  // 5 GB of it, and much else
  asked.rows[1].data = {1, 2};  // 6 GB
  asked.rows[2].client_latency = Seconds(-1);
  CHECK(targets("data-local", asked) == Targets{1});
  asked.workloads[0].reads = {0, 1};
  CHECK(targets("data-local", asked) == Targets{0});
  asked.workloads[0].reads = {3};
  CHECK(targets("data-local", asked) == Targets{0});
  asked.workloads[0].reads = {};
  CHECK(targets("data-local", asked) == Targets{2});
  asked.workloads[0].reads = {0, 1, 2};
  asked.level = Level::cluster;
  CHECK(targets("data-local", asked) == Targets{2});
}

TEST_CASE("least-cost takes the cheapest cores", "[placement]") {
  PlacementProblem asked = problem(3, 5, GENERATE(Level::cluster, Level::federation));
  asked.rows[0].monitored.cpu_price = EurosPerCoreSecond(3e-6);
  asked.rows[1].monitored.cpu_price = EurosPerCoreSecond(1e-6);
  asked.rows[2].monitored.cpu_price = EurosPerCoreSecond(2e-6);
  CHECK(targets("least-cost", asked) == Targets{1, 1, 1, 1, 2});
}

TEST_CASE("load-balance is worst fit by requests, use and forecast", "[placement]") {
  PlacementProblem asked = problem(3, 1, GENERATE(Level::cluster, Level::federation));
  // With the workload: cores 4 of 4 busy, 3 of 4 requested, 2 of 4 requested but memory 8 of 8.
  asked.rows[0].cpu_busy = Cores(3);
  use(asked.rows[1], 2, 0);
  use(asked.rows[2], 1, 7);
  CHECK(targets("load-balance", asked) == Targets{1});
  asked.rows[0].cpu_expected = Cores(1.9);
  CHECK(targets("load-balance", asked) == Targets{0});
  asked.rows[0].cpu_expected = Cores(2.1);
  CHECK(targets("load-balance", asked) == Targets{1});

  SECTION("shares, not amounts: 3 of 8 against 2 of 4") {
    asked = problem(2, 1);
    use(asked.rows[0], 1, 0);
    asked.rows[1] = row(1, 8, 8);
    use(asked.rows[1], 2, 0);
    CHECK(targets("load-balance", asked) == Targets{1});
  }
  SECTION("each takes its share, also of what is busy") {
    Targets all = targets("load-balance", problem(3, 6));
    std::ranges::sort(all);
    CHECK(all == Targets{0, 0, 1, 1, 2, 2});
    asked = problem(2, 4);
    asked.rows[0].cpu_busy = Cores(2);
    const Targets them = targets("load-balance", asked);  // 3:1, 3:2, 3:3, and then either
    CHECK((them == Targets{1, 1, 0, 1} || them == Targets{1, 1, 1, 0}));
  }
  SECTION("what stays is not counted twice") {
    asked = problem(2, 1);
    asked.workloads[0].current = 0;
    use(asked.rows[0], 1, 1);
    CHECK(targets("load-balance", asked) == Targets{0});
  }
}

TEST_CASE("best-fit leaves the least room", "[placement]") {
  PlacementProblem asked = problem(3, 1, GENERATE(Level::cluster, Level::federation));
  // Left of 4 cores and 8 GiB: 3/4 + 7/8, 1/4 + 7/8 = 1.125, 3/4 + 1/8 = 0.875.
  use(asked.rows[1], 2, 0);
  use(asked.rows[2], 0, 6);
  CHECK(targets("best-fit", asked) == Targets{2});
  asked.workloads.assign(7, workload(1, 1));
  CHECK(targets("best-fit", asked) == Targets{2, 2, 1, 1, 0, 0, 0});

  SECTION("amounts, not shares: a large row that is half full keeps more than a small one that is empty") {
    asked = problem(2, 1);
    asked.rows[0] = row(0, 32, 64);
    use(asked.rows[0], 16, 32);
    CHECK(targets("best-fit", asked) == Targets{1});
  }
}

TEST_CASE("pdlc takes the least cost, of the row and of the workload on it", "[placement]") {
  PlacementProblem asked = problem(3, 2, GENERATE(Level::cluster, Level::federation));
  asked.row_costs = {0.5, 0.2, 0.3};
  CHECK(targets("pdlc", asked) == Targets{1, 1});
  asked.costs = {{0, 0, 0}, {0.1, 0.45, 0.4}};  // second: 0.6, 0.65, 0.7
  CHECK(targets("pdlc", asked) == Targets{1, 0});
  asked.row_costs.clear();
  asked.costs[0][0] = 1;
  CHECK(targets("pdlc", asked) == Targets{1, 0});
  use(asked.rows[1], 4, 0);
  CHECK(targets("pdlc", asked) == Targets{2, 0});
}
