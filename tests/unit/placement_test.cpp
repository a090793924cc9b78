// The built-in placement policies, made by name as a scenario makes them, on problems small enough to check by hand.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tests/placement.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {

std::vector<std::string> reasons(const PlacementProblem& asked, const std::string& policy = "first-fit") {
  return place(*make(policy), asked).reasons;
}

}  // namespace

TEST_CASE("placement policies are registered under their names, each with a sentence") {
  const Policies policies = built_in();
  CHECK(policies.placement.names() ==
        Texts{"random",         "round-robin",   "first-fit",  "nearest",     "kube-default", "ocm",
              "swm-search",     "swm-exact",     "oracle",     "ocm-default", "ocm-resource", "network-aware",
              "latency-greedy", "carbon-greedy", "data-local", "least-cost",  "load-balance", "best-fit",
              "pdlc",           "recommended",   "rollout"});
  for (const auto& entry : policies.placement.entries()) CHECK(entry.prose.back() == '.');
}

TEST_CASE("every placement policy obeys the filters", "[placement]") {
  const std::string name = GENERATE(from_range(all_policies()));
  const Level level = GENERATE(Level::cluster, Level::federation);
  INFO(name);
  const auto policy = make(name);
  PlacementProblem asked = problem(3, 1, level);

  SECTION("every workload is answered, in order, with where it was") {
    asked = problem(3, 4, level);
    asked.workloads[2].current = 1;
    const Placement placement = place(*policy, asked);
    REQUIRE(placement.assignments.size() == 4);
    CHECK(placement.reasons.empty());
    for (std::uint32_t i = 0; i < 4; ++i) {
      CHECK(placement.assignments[i].workload == i);
      CHECK(placement.assignments[i].target < 3);
      CHECK(placement.assignments[i].old_target == (i == 2 ? 1 : none));
    }
  }
  SECTION("cpu") {
    use(asked.rows[0], 3.5, 0);
    use(asked.rows[2], 3.001, 0);
    CHECK(targets(place(*policy, asked)) == Targets{1});
  }
  SECTION("memory") {
    use(asked.rows[0], 0, 7.5);
    use(asked.rows[1], 0, 7.5);
    CHECK(targets(place(*policy, asked)) == Targets{2});
  }
  SECTION("the best single node, not the sum of a cluster") {
    for (auto& each : asked.rows) each.largest_cpu_free = Cores(0.5);
    asked.rows[1].largest_cpu_free = Cores(1);
    CHECK(targets(place(*policy, asked)) == Targets{1});
  }
  SECTION("number of pods") {
    asked.rows[0].pods = asked.rows[1].pods = 110;
    CHECK(targets(place(*policy, asked)) == Targets{2});
  }
  SECTION("the problem's own mask") {
    asked.workloads[0].allowed = {false, true, false};
    CHECK(targets(place(*policy, asked)) == Targets{1});
  }
  SECTION("node selector") {
    const Labels wanted = {{"arch", "arm64"}, {"disk", "ssd"}};
    const Labels half = {{"arch", "arm64"}, {"disk", "hdd"}};
    const Labels whole = {{"arch", "arm64"}, {"disk", "ssd"}, {"zone", "a"}};
    asked.workloads[0].node_selector = &wanted;
    asked.rows[0].labels = &half;
    asked.rows[2].labels = &whole;
    CHECK(targets(place(*policy, asked)) == Targets{2});
  }
  SECTION("taints") {
    const std::vector<Taint> no_schedule = {{"dedicated", "user1", Taint::Effect::no_schedule}};
    const std::vector<Taint> no_execute = {{"dedicated", "user1", Taint::Effect::no_execute}};
    const std::vector<Taint> preference = {{"dedicated", "user1", Taint::Effect::prefer_no_schedule}};
    const std::vector<Toleration> tolerations = {{"dedicated", "user1", Toleration::Operator::equal}};
    asked.rows[0].taints = &no_schedule;
    asked.rows[1].taints = &no_execute;
    asked.rows[2].taints = &preference;
    CHECK(targets(place(*policy, asked)) == Targets{2});
    asked.workloads[0].tolerations = &tolerations;
    asked.workloads[0].allowed = {false, true, false};
    CHECK(targets(place(*policy, asked)) == Targets{1});
  }
  SECTION("what requests nothing needs no resources, only a place for a pod") {
    asked.workloads[0] = workload(0, 0);
    for (auto& each : asked.rows) use(each, 4, 8);
    asked.rows[0].pods = asked.rows[1].pods = 110;
    CHECK(targets(place(*policy, asked)) == Targets{2});
  }
  SECTION("workloads of one problem do not overcommit a row") {
    asked = problem(2, 10, level);
    const Placement placement = place(*policy, asked);
    std::vector<int> used = {0, 0};
    int unplaced = 0;
    for (std::uint32_t target : targets(placement)) ++(target == none ? unplaced : used[target]);
    CHECK(used == std::vector<int>{4, 4});
    CHECK(unplaced == 2);
    CHECK_FALSE(placement.reasons.empty());
  }
  SECTION("ten tenths of a core fill one core") {
    asked = problem(1, 11, level);
    asked.rows[0] = row(0, 1, 8);
    for (auto& each : asked.workloads) each = workload(0.1, 0);
    const Targets placed = targets(place(*policy, asked));
    CHECK(std::ranges::count(placed, 0U) == 10);
    CHECK(std::ranges::count(placed, none) == 1);
  }
  SECTION("staying takes nothing more than is held") {
    asked = problem(1, 2, level);
    use(asked.rows[0], 4, 8);
    asked.workloads[0].current = 0;
    CHECK(targets(place(*policy, asked)) == Targets{0, none});
  }
  SECTION("nothing to place, nowhere to place it") {
    CHECK(place(*policy, problem(3, 0, level)).assignments.empty());
    const Placement placement = place(*policy, problem(0, 1, level));
    CHECK(targets(placement) == Targets{none});
    REQUIRE(placement.reasons.size() == 1);
  }
}

TEST_CASE("a node name holds among nodes and means nothing among clusters", "[placement]") {
  PlacementProblem asked = problem(3, 1);
  asked.workloads[0].node_name = "node1";
  CHECK(targets("first-fit", asked) == Targets{1});
  asked.level = Level::federation;
  CHECK(targets("first-fit", asked) == Targets{0});
}

TEST_CASE("a cluster keeps its best node for the next pod, but not more than is free in all", "[placement]") {
  PlacementProblem asked = problem(1, 4, Level::federation);
  asked.rows[0] = row(0, 10, 80);
  asked.rows[0].largest_cpu_free = Cores(4);
  for (auto& each : asked.workloads) each = workload(3, 1);
  // Three of 3 cores fit 10 cores, though the best node has only 4: the others may be on other nodes.
  CHECK(targets("first-fit", asked) == Targets{0, 0, 0, none});
  asked.level = Level::cluster;
  CHECK(targets("first-fit", asked) == Targets{0, none, none, none});
}

TEST_CASE("taints filter as in TestTaintTolerationFilter", "[placement]") {
  // Cases of tainttoleration/taint_toleration_test.go of kubernetes/kubernetes: tolerations, taints, whether the node
  // passes.
  struct Case {
    std::vector<Toleration> tolerations;
    std::vector<Taint> taints;
    bool passes;
  };
  constexpr auto equal = Toleration::Operator::equal;
  constexpr auto exists = Toleration::Operator::exists;
  constexpr auto hard = Taint::Effect::no_schedule;
  constexpr auto soft = Taint::Effect::prefer_no_schedule;
  const std::vector<Case> cases = {
      {{}, {{"dedicated", "user1", hard}}, false},
      {{{"dedicated", "user1", equal, false, hard}}, {{"dedicated", "user1", hard}}, true},
      {{{"dedicated", "user2", equal, false, hard}}, {{"dedicated", "user1", hard}}, false},
      {{{"foo", "", exists, false, hard}}, {{"foo", "bar", hard}}, true},
      {{{"dedicated", "user2", equal, false, hard}, {"foo", "", exists, false, hard}},
       {{"dedicated", "user2", hard}, {"foo", "bar", hard}},
       true},
      {{{"foo", "bar", equal, false, soft}}, {{"foo", "bar", hard}}, false},
      {{{"foo", "bar", equal, true, hard}}, {{"foo", "bar", hard}}, true},
      {{{"dedicated", "user2", equal, false, hard}}, {{"dedicated", "user1", soft}}, true},
      {{}, {{"dedicated", "user1", soft}}, true},
  };
  for (const Case& sample : cases) {
    PlacementProblem asked = problem(1, 1);
    asked.workloads[0].tolerations = &sample.tolerations;
    asked.rows[0].taints = &sample.taints;
    CHECK((targets("kube-default", asked) == Targets{0}) == sample.passes);
  }
}

TEST_CASE("reasons read as kube-scheduler's", "[placement]") {
  const std::vector<Taint> taints = {{"soft", "x", Taint::Effect::prefer_no_schedule},
                                     {"key", "value", Taint::Effect::no_schedule}};
  PlacementProblem asked = problem(3, 1);

  SECTION("counts by reason, sorted as text") {
    use(asked.rows[0], 4, 0);
    use(asked.rows[2], 4, 0);
    asked.rows[1].taints = &taints;
    CHECK(reasons(asked) ==
          Texts{"0/3 nodes are available: 1 node(s) had untolerated taint {key: value}, 2 Insufficient cpu."});
    asked.level = Level::federation;
    CHECK(reasons(asked) ==
          Texts{"0/3 clusters are available: 1 cluster(s) had untolerated taint {key: value}, 2 Insufficient cpu."});
  }
  SECTION("every lacking resource, but only the first of the other filters") {
    use(asked.rows[0], 4, 8);
    asked.rows[0].pods = 110;
    use(asked.rows[1], 4, 8);
    asked.rows[1].taints = &taints;
    use(asked.rows[2], 0, 8);
    CHECK(reasons(asked) ==
          Texts{"0/3 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) had untolerated "
                "taint {key: value}, 2 Insufficient memory."});
  }
  SECTION("names, labels and the mask") {
    const Labels wanted = {{"disk", "ssd"}};
    asked.workloads[0].node_name = "node1";
    asked.workloads[0].node_selector = &wanted;
    asked.workloads[0].allowed = {true, true, false};
    CHECK(
        reasons(asked) ==
        Texts{
            "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't match the "
            "requested node name, 1 node(s) didn't satisfy the application's constraints."});
  }
  SECTION("no rows at all") {
    CHECK(reasons(problem(0, 1)) == Texts{"no nodes available to schedule pods"});
    CHECK(reasons(problem(0, 1, Level::federation)) == Texts{"no clusters available to schedule pods"});
  }
  SECTION(
      "one for each workload that is not placed, in their order, the same from every policy but CODECO's scheduler") {
    const std::string name = GENERATE(from_range(all_policies()));
    if (name.starts_with("swm") || name == "oracle") return;  // these say which kinds of constraints stand in the way
    asked = problem(1, 3);
    asked.workloads[0] = workload(5, 1);
    asked.workloads[2] = workload(1, 9);
    const Placement placement = place(*make(name), asked);
    CHECK(targets(placement) == Targets{none, 0, none});
    CHECK(placement.reasons ==
          Texts{"0/1 nodes are available: 1 Insufficient cpu.", "0/1 nodes are available: 1 Insufficient memory."});
  }
}

TEST_CASE("random is uniform among what fits, and repeats with its stream", "[placement]") {
  const auto policy = make("random");
  PlacementProblem asked = problem(4, 1);
  use(asked.rows[1], 4, 0);
  std::vector<int> chosen(4, 0);
  constexpr int draws = 3000;
  Rng rng(7, 0);
  for (int i = 0; i < draws; ++i) ++chosen[policy->place(asked, rng).assignments[0].target];
  CHECK(chosen[1] == 0);
  // Five standard deviations of a binomial with p = 1/3: sqrt(3000 x 2/9) = 25.8.
  for (int index : {0, 2, 3}) CHECK(std::abs(chosen[index] - draws / 3) < 130);

  const PlacementProblem many = problem(50, 40);
  CHECK(targets(place(*policy, many, 3)) == targets(place(*policy, many, 3)));
  CHECK(targets(place(*policy, many, 3)) != targets(place(*policy, many, 4)));
}

TEST_CASE("first-fit fills the rows in order", "[placement]") {
  CHECK(targets("first-fit", problem(2, 6)) == Targets{0, 0, 0, 0, 1, 1});
}

TEST_CASE("round-robin goes on after the id used last", "[placement]") {
  const auto policy = make("round-robin");
  PlacementProblem asked = problem(3, 2);

  SECTION("across problems, wrapping") {
    CHECK(targets(place(*policy, asked)) == Targets{0, 1});
    CHECK(targets(place(*policy, asked)) == Targets{2, 0});
    CHECK(targets(place(*policy, asked)) == Targets{1, 2});
  }
  SECTION("each level by itself") {
    PlacementProblem federation = problem(3, 2, Level::federation);
    CHECK(targets(place(*policy, asked)) == Targets{0, 1});
    CHECK(targets(place(*policy, federation)) == Targets{0, 1});
    CHECK(targets(place(*policy, asked)) == Targets{2, 0});
  }
  SECTION("skipping what does not fit") {
    use(asked.rows[1], 4, 0);
    CHECK(targets(place(*policy, asked)) == Targets{0, 2});
    CHECK(targets(place(*policy, asked)) == Targets{0, 2});
  }
  SECTION("by id, not by position, though rows come and go") {
    asked.rows = {row(30, 4, 8), row(10, 4, 8), row(20, 4, 8)};
    CHECK(targets(place(*policy, asked)) == Targets{1, 2});
    asked.rows = {row(10, 4, 8), row(15, 4, 8), row(25, 4, 8)};
    CHECK(targets(place(*policy, asked)) == Targets{2, 0});
  }
  SECTION("what is not placed does not move it") {
    asked.workloads[0] = workload(5, 1);
    CHECK(targets(place(*policy, asked)) == Targets{none, 0});
    CHECK(targets(place(*policy, asked)) == Targets{none, 1});
  }
}

TEST_CASE("nearest takes the least latency, then the freest", "[placement]") {
  PlacementProblem asked = problem(3, 1);
  for (auto& each : asked.rows) each.client_latency = Seconds(0.020);

  SECTION("latency") {
    asked.rows[2].client_latency = Seconds(0.010);
    use(asked.rows[2], 3, 0);
    CHECK(targets("nearest", asked) == Targets{2});
  }
  SECTION("unless it does not fit") {
    asked.rows[2].client_latency = Seconds(0.010);
    use(asked.rows[2], 4, 0);
    CHECK(targets("nearest", asked) == Targets{0});
  }
  SECTION("the share that is free, not the amount") {
    asked.rows[0] = row(0, 16, 64);
    asked.rows[0].client_latency = Seconds(0.020);
    use(asked.rows[0], 8, 0);
    use(asked.rows[1], 1, 0);
    use(asked.rows[2], 2, 0);
    CHECK(targets("nearest", asked) == Targets{1});
  }
  SECTION("equals in any order, each taking its share") {
    asked.workloads.assign(6, workload(1, 1));
    Targets all = targets("nearest", asked);
    std::ranges::sort(all);
    CHECK(all == Targets{0, 0, 1, 1, 2, 2});
  }
}

TEST_CASE("kube-default chooses by weighted scores", "[placement]") {
  PlacementProblem asked = problem(3, 1);

  SECTION("ties go to any") { CHECK(takes_any_of("kube-default", asked, {0, 1, 2})); }
  SECTION("the least allocated") {
    use(asked.rows[0], 2, 4);
    use(asked.rows[1], 1, 2);
    CHECK(targets("kube-default", asked) == Targets{2});
  }
  SECTION("the balanced among equally allocated") {
    // After placing: row 0 (1+1)/4 and (0+1)/8: free 50 and 87, mean 68; difference 0.375, balance 81. Row 1 (0+1)/4
    // and (2+1)/8: free 75 and 62, mean 68; difference 0.125, balance 93. Row 2 is full.
    use(asked.rows[0], 1, 0);
    use(asked.rows[1], 0, 2);
    use(asked.rows[2], 4, 8);
    CHECK(targets("kube-default", asked) == Targets{1});
  }
  SECTION("an image of 500 MiB on one of three nodes gains 14: enough against 12 more allocated, not against 25") {
    asked.workloads[0].image = 5;
    asked.workloads[0].image_size = Bytes(500.0 * 1024 * 1024);
    asked.rows[2].images = {1, 5, 9};
    use(asked.rows[2], 0.5, 1);
    CHECK(targets("kube-default", asked) == Targets{2});
    use(asked.rows[2], 0.5, 1);
    CHECK(takes_any_of("kube-default", asked, {0, 1}));
  }
  SECTION("an untolerated preference costs three hundred") {
    const std::vector<Taint> preference = {{"old", "", Taint::Effect::prefer_no_schedule}};
    asked.rows[0].taints = asked.rows[1].taints = &preference;
    use(asked.rows[2], 3, 7);
    CHECK(targets("kube-default", asked) == Targets{2});
  }
  SECTION("replicas of one component spread over nodes") {
    asked.rows[0].components = {0, 0, 0};
    use(asked.rows[1], 0.5, 1);
    use(asked.rows[2], 1, 2);
    CHECK(targets("kube-default", asked) == Targets{1});
    asked.rows[0].components = {8, 8, 8};
    CHECK(targets("kube-default", asked) == Targets{0});
  }
  SECTION("replicas placed together spread as well, though the first node is the larger") {
    asked.rows[0] = row(0, 64, 128);
    asked.workloads.assign(3, workload(0.5, 1));
    const Targets spread = targets("kube-default", asked);
    CHECK((spread == Targets{0, 1, 2} || spread == Targets{0, 2, 1}));
    for (std::uint32_t i = 0; i < 3; ++i) asked.workloads[i].component = i;
    CHECK(targets("kube-default", asked) == Targets{0, 0, 0});
  }
  SECTION("and over zones, counting nodes that cannot take more") {
    const Labels a = {{"topology.kubernetes.io/zone", "a"}};
    const Labels b = {{"topology.kubernetes.io/zone", "b"}};
    asked.rows[0].labels = asked.rows[1].labels = &a;
    asked.rows[2].labels = &b;
    asked.rows[1].components = {0, 0, 0, 0};
    use(asked.rows[1], 4, 0);
    use(asked.rows[2], 0.5, 1);
    CHECK(targets("kube-default", asked) == Targets{2});
  }
  SECTION("a replica does not keep itself away from where it is") {
    asked.workloads[0].current = 0;
    asked.rows[0].components = {0};
    use(asked.rows[0], 1, 1);
    CHECK(takes_any_of("kube-default", asked, {0, 1, 2}));
  }
  SECTION("what requests nothing still counts where this problem put it") {
    asked.workloads.assign(3, workload(0, 0));
    for (std::uint32_t i = 0; i < 3; ++i) asked.workloads[i].component = i;
    Targets all = targets("kube-default", asked);
    std::ranges::sort(all);
    CHECK(all == Targets{0, 1, 2});
  }
}
