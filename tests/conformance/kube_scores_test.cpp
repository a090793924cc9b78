// Kubernetes' own test vectors against our score functions. The inputs and expected numbers are facts taken from the
// table tests of kubernetes/kubernetes, below pkg/scheduler/framework/plugins; each case bears the name it has there. A
// pod that a source test describes by containers or labels appears here as the numbers it comes to. Left out are cases
// about what is not modelled: invalid arguments, dynamic resource allocation, Gt and Lt tolerations, matchLabelKeys.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "policies/placement/kube_scores.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {

using Scores = std::vector<std::int64_t>;

struct ResourceCase {
  const char* name;
  std::vector<std::vector<ResourceUse>> nodes;  // Requests include the incoming pod.
  Scores expected;
};

struct ImageCase {
  const char* name;
  std::vector<int> pod;                 // Images of its containers, by size [MiB], which is also their name.
  std::vector<std::vector<int>> nodes;  // Images on each node.
  Scores expected;
};

struct TaintCase {
  const char* name;
  std::vector<Toleration> tolerations;
  std::vector<std::vector<Taint>> nodes;
  Scores expected;
};

enum Key { host, zone };
struct SpreadConstraint {
  std::int64_t max_skew;
  Key key;
  int selector;  // Which of SpreadNode::pods it counts.
};
struct SpreadNode {
  const char* zone;  // Null: the label is missing.
  bool has_host_label;
  std::vector<std::int64_t> pods;  // Matching pods, by selector.
  bool is_candidate = true;
  bool is_counted = true;  // False where a node inclusion policy leaves the node out.
};
struct SpreadCase {
  const char* name;
  bool system_defaults;
  std::vector<SpreadConstraint> constraints;
  std::vector<SpreadNode> nodes;
  Scores expected;  // Of the candidates.
};

Taint preferably_not(const char* key, const char* value) { return {key, value, Taint::Effect::prefer_no_schedule}; }

Toleration equals(const char* key, const char* value, Taint::Effect effect) {
  return {key, value, Toleration::Operator::equal, false, effect};
}

std::int64_t images_on(const std::vector<std::vector<int>>& nodes, int image) {
  return std::ranges::count_if(nodes, [&](const auto& node) { return std::ranges::count(node, image) > 0; });
}

bool is_labelled(const SpreadNode& node, Key key) { return key == host ? node.has_host_label : node.zone != nullptr; }

bool bears_all(const SpreadCase& sample, const SpreadNode& node) {
  return std::ranges::all_of(sample.constraints, [&](const auto& each) { return is_labelled(node, each.key); });
}

std::string domain(const SpreadNode& node) { return node.zone == nullptr ? "" : node.zone; }

bool is_scored(const SpreadCase& sample, const SpreadNode& node) {
  return node.is_candidate && (sample.system_defaults || bears_all(sample, node));
}

std::size_t domains(const SpreadCase& sample, Key key) {
  std::vector<std::string> seen;
  std::size_t hosts = 0;
  for (const SpreadNode& node : sample.nodes) {
    if (!is_scored(sample, node)) continue;
    ++hosts;
    if (std::ranges::count(seen, domain(node)) == 0) seen.push_back(domain(node));
  }
  return key == host ? hosts : seen.size();
}

SpreadTerm term(const SpreadCase& sample, const SpreadConstraint& constraint, const SpreadNode& node) {
  SpreadTerm found{0, constraint.max_skew, topology_weight(domains(sample, constraint.key))};
  const auto selector = static_cast<std::size_t>(constraint.selector);
  if (constraint.key == host) {
    found.matching = node.pods[selector];
    return found;
  }
  for (const SpreadNode& other : sample.nodes)
    if (other.is_counted && domain(other) == domain(node) && (sample.system_defaults || bears_all(sample, other)))
      found.matching += other.pods[selector];
  return found;
}

Scores spread_scores(const SpreadCase& sample) {
  Scores scores;
  for (const SpreadNode& node : sample.nodes) {
    if (!node.is_candidate) continue;
    std::vector<SpreadTerm> terms;
    for (const SpreadConstraint& constraint : sample.constraints)
      if (is_labelled(node, constraint.key)) terms.push_back(term(sample, constraint, node));
    scores.push_back(is_scored(sample, node) ? topology_spread_score(terms) : spread_ignored);
  }
  normalize_spread_scores(scores);
  return scores;
}

// Each resource as {requested, allocatable, weight}; cpu in millicores, then memory.
const std::vector<ResourceCase> least_allocated_cases = {
    {"nothing scheduled, nothing requested", {{{0, 4000000}, {0, 10000}}, {{0, 4000000}, {0, 10000}}}, {100, 100}},
    {"nothing scheduled, resources requested, differently sized nodes",
     {{{3000000, 4000000}, {5000, 10000}}, {{3000000, 6000000}, {5000, 10000}}},
     {37, 50}},
    {"no resources requested, pods scheduled", {{{0, 4000000}, {0, 10000}}, {{0, 4000000}, {0, 10000}}}, {100, 100}},
    {"no resources requested, pods scheduled with resources",
     {{{6000000, 10000000}, {0, 20000}}, {{6000000, 10000000}, {5000, 20000}}},
     {70, 57}},
    {"resources requested, pods scheduled with resources",
     {{{6000000, 10000000}, {5000, 20000}}, {{6000000, 10000000}, {10000, 20000}}},
     {57, 45}},
    {"resources requested, pods scheduled with resources, differently sized nodes",
     {{{6000000, 10000000}, {5000, 20000}}, {{6000000, 10000000}, {10000, 50000}}},
     {57, 60}},
    {"requested resources exceed node capacity",
     {{{6000000, 4000000}, {0, 10000}}, {{6000000, 4000000}, {5000, 10000}}},
     {50, 25}},
    {"zero node resources, pods scheduled with resources", {{{3000000, 0}, {0, 0}}, {{3000000, 0}, {5000, 0}}}, {0, 0}},
    {"nothing scheduled, resources requested with different weight on CPU and memory, differently sized nodes",
     {{{5000, 10000, 2}, {3000000, 4000000, 1}}, {{5000, 10000, 2}, {3000000, 6000000, 1}}},
     {41, 50}},
    {"bypass extended resource if the pod does not request",
     {{{0, 0}, {3000000, 6000000}, {5000, 10000}}, {{0, 0}, {3000000, 6000000}, {5000, 10000}}},
     {50, 50}},
    {"honor extended resource if the pod requests",
     {{{2, 4}, {3000000, 6000000}, {5000, 10000}}, {{2, 10}, {3000000, 6000000}, {5000, 10000}}},
     {50, 60}},
    {"if the node doesn't have a resource",
     {{{0, 0, 2}, {3000000, 6000000}, {4000, 10000}}, {{0, 0, 2}, {3000000, 6000000}, {4000, 10000}}},
     {55, 55}},
};

const std::vector<ResourceCase> balanced_allocation_cases = {
    {"nothing scheduled, resources requested, differently sized nodes",
     {{{3000, 4000}, {5000, 10000}}, {{3000, 6000}, {5000, 10000}}},
     {87, 100}},
    {"resources requested, pods scheduled with resources",
     {{{6000, 10000}, {5000, 20000}}, {{6000, 10000}, {10000, 20000}}},
     {82, 95}},
    {"resources requested, pods scheduled with resources, differently sized nodes",
     {{{6000, 10000}, {5000, 20000}}, {{6000, 10000}, {10000, 50000}}},
     {82, 80}},
    {"requested resources at node capacity", {{{6000, 6000}, {0, 10000}}, {{6000, 6000}, {5000, 10000}}}, {50, 75}},
    {"include scalar resource on a node for balanced resource allocation",
     {{{3000, 3500}, {5000, 40000}, {4, 8}}, {{3000, 3500}, {5000, 40000}, {1, 8}}},
     {70, 65}},
    {"node without the scalar resource should skip the scalar resource",
     {{{3000, 3500}, {5000, 40000}, {0, 0}}, {{3000, 3500}, {5000, 40000}, {0, 0}}},
     {63, 63}},
};

const std::vector<ImageCase> image_cases = {
    {"two images spread on two nodes, prefer the larger image one", {40, 250}, {{40, 300, 2000}, {250, 10}}, {0, 5}},
    {"two images on one node, prefer this node", {40, 300}, {{40, 300, 2000}, {250, 10}}, {7, 0}},
    {"if exceed limit, use limit", {10, 4000}, {{4000, 30}, {250, 10}}, {100, 0}},
    {"if exceed limit, use limit (with node which has no images present)",
     {10, 4000},
     {{4000, 30}, {250, 10}, {}},
     {66, 0, 0}},
    {"pod with multiple large images, node2 is preferred",
     {300, 600, 900},
     {{600, 40, 900}, {300, 600, 900}, {}},
     {32, 36, 0}},
    {"pod with multiple small images", {30, 40}, {{20, 30, 40}, {4000, 30}}, {1, 0}},
};

constexpr auto preferred = Taint::Effect::prefer_no_schedule;
constexpr auto hard = Taint::Effect::no_schedule;

const std::vector<TaintCase> taint_cases = {
    {"node with taints tolerated by the pod, gets a higher score than those node with intolerable taints",
     {equals("foo", "bar", preferred)},
     {{preferably_not("foo", "bar")}, {preferably_not("foo", "blah")}},
     {100, 0}},
    {"the nodes that all of their taints are tolerated by the pod, get the same score, no matter how many tolerable "
     "taints a "
     "node has",
     {equals("cpu-type", "arm64", preferred), equals("disk-type", "ssd", preferred)},
     {{},
      {preferably_not("cpu-type", "arm64")},
      {preferably_not("cpu-type", "arm64"), preferably_not("disk-type", "ssd")}},
     {100, 100, 100}},
    {"the more intolerable taints a node has, the lower score it gets.",
     {equals("foo", "bar", preferred)},
     {{},
      {preferably_not("cpu-type", "arm64")},
      {preferably_not("cpu-type", "arm64"), preferably_not("disk-type", "ssd")}},
     {100, 50, 0}},
    {"only taints and tolerations that have effect PreferNoSchedule are checked by taints-tolerations priority "
     "function",
     {equals("cpu-type", "arm64", hard), equals("disk-type", "ssd", hard)},
     {{}, {{"cpu-type", "arm64", hard}}, {preferably_not("cpu-type", "arm64"), preferably_not("disk-type", "ssd")}},
     {100, 100, 0}},
    {"Default behaviour No taints and tolerations, lands on node with no taints",
     {},
     {{}, {preferably_not("cpu-type", "arm64")}},
     {100, 0}},
};

const std::vector<SpreadCase> spread_cases = {
    {"one constraint on node, no existing pods",
     false,
     {{1, host, 0}},
     {{nullptr, true, {0}}, {nullptr, true, {0}}},
     {100, 100}},
    {"one constraint on node, only one node is candidate",
     false,
     {{1, host, 0}},
     {{nullptr, true, {2}}, {nullptr, true, {1}, false}},
     {100}},
    {"one constraint on node, all nodes have the same number of matching pods",
     false,
     {{1, host, 0}},
     {{nullptr, true, {1}}, {nullptr, true, {1}}},
     {100, 100}},
    {"one constraint on node, all 4 nodes are candidates",
     false,
     {{1, host, 0}},
     {{nullptr, true, {2}}, {nullptr, true, {1}}, {nullptr, true, {0}}, {nullptr, true, {3}}},
     {20, 60, 100, 0}},
    {"one constraint on node, null selector",
     false,
     {{1, host, 0}},
     {{nullptr, true, {0}}, {nullptr, true, {0}}, {nullptr, true, {0}}, {nullptr, true, {0}}},
     {100, 100, 100, 100}},
    {"one constraint on node, all 4 nodes are candidates, maxSkew=2",
     false,
     {{2, host, 0}},
     {{nullptr, true, {2}}, {nullptr, true, {1}}, {nullptr, true, {0}}, {nullptr, true, {3}}},
     {33, 66, 100, 16}},
    {"one constraint on node, all 4 nodes are candidates, maxSkew=3",
     false,
     {{3, host, 0}},
     {{nullptr, true, {4}}, {nullptr, true, {3}}, {nullptr, true, {2}}, {nullptr, true, {1}}},
     {44, 66, 77, 100}},
    {"system defaulting, nodes don't have zone, pods match service",
     true,
     {{3, host, 0}, {5, zone, 0}},
     {{nullptr, true, {4}}, {nullptr, true, {3}}, {nullptr, true, {2}}, {nullptr, true, {1}}},
     {44, 66, 77, 100}},
    {"one constraint on node, 3 out of 4 nodes are candidates",
     false,
     {{1, host, 0}},
     {{nullptr, true, {4}}, {nullptr, true, {2}}, {nullptr, true, {1}}, {nullptr, true, {3}, false}},
     {33, 83, 100}},
    {"one constraint on node, 3 out of 4 nodes are candidates, one node doesn't match topology key",
     false,
     {{1, host, 0}},
     {{nullptr, true, {4}}, {nullptr, false, {2}}, {nullptr, true, {1}}, {nullptr, true, {3}, false}},
     {16, 0, 100}},
    {"one constraint on zone, 3 out of 4 nodes are candidates",
     false,
     {{1, zone, 0}},
     {{"zone1", true, {4}}, {"zone1", true, {2}}, {"zone2", true, {1}}, {"zone2", true, {3}, false}},
     {75, 75, 100}},
    {"two Constraints on zone and node, 2 out of 4 nodes are candidates",
     false,
     {{1, zone, 0}, {1, host, 0}},
     {{"zone1", true, {2}}, {"zone2", true, {2}}, {"zone1", true, {1}, false}, {"zone2", true, {4}, false}},
     {100, 63}},
    {"two Constraints on zone, 2 out of 4 nodes are candidates",
     false,
     {{1, zone, 0}, {1, zone, 1}},
     {{"zone1", false, {2, 1}},
      {"zone2", false, {0, 0}},
      {"zone1", false, {1, 1}, false},
      {"zone2", false, {3, 1}, false}},
     {85, 100}},
    {"two Constraints on zone and node, with different labelSelectors",
     false,
     {{1, zone, 0}, {1, host, 1}},
     {{"zone1", true, {1, 0}}, {"zone1", true, {1, 1}}, {"zone2", true, {0, 0}}, {"zone2", true, {1, 1}}},
     {60, 20, 100, 60}},
    {"two Constraints on zone and node, with different labelSelectors, some nodes have 0 pods",
     false,
     {{1, zone, 0}, {1, host, 1}},
     {{"zone1", true, {0, 0}}, {"zone1", true, {0, 1}}, {"zone2", true, {1, 0}}, {"zone2", true, {1, 1}}},
     {100, 60, 40, 0}},
    {"two Constraints on zone and node, with different labelSelectors, 3 out of 4 nodes are candidates",
     false,
     {{1, zone, 0}, {1, host, 1}},
     {{"zone1", true, {1, 0}}, {"zone1", true, {1, 1}}, {"zone2", true, {0, 0}}, {"zone2", true, {1, 1}, false}},
     {50, 25, 100}},
    {"existing pods in a different namespace do not count",
     false,
     {{1, host, 0}},
     {{nullptr, true, {1}}, {nullptr, true, {2}}},
     {100, 33}},
    {"terminating Pods should be excluded",
     false,
     {{1, host, 0}},
     {{nullptr, true, {0}}, {nullptr, true, {1}}},
     {100, 0}},
    {"minDomains has no effect when ScheduleAnyway",
     false,
     {{2, zone, 0}},
     {{"node-a", false, {2}}, {"node-b", false, {2}}, {"node-c", false, {1}}},
     {75, 75, 100}},
    {"NodeAffinityPolicy honoed with labelSelectors",
     false,
     {{1, zone, 0}},
     {{"node-a", false, {2}}, {"node-b", false, {1}}, {"node-c", false, {1}, true, false}},
     {0, 33, 100}},
    {"NodeAffinityPolicy ignored with labelSelectors",
     false,
     {{1, zone, 0}},
     {{"node-a", false, {2}}, {"node-b", false, {1}}, {"node-c", false, {1}}},
     {66, 100, 100}},
};

}  // namespace

TEST_CASE("LeastAllocated: noderesources/least_allocated_test.go, TestLeastAllocatedScoringStrategy") {
  for (const ResourceCase& sample : least_allocated_cases) {
    INFO(sample.name);
    Scores scores;
    for (const auto& node : sample.nodes) scores.push_back(least_allocated_score(node));
    CHECK(scores == sample.expected);
  }
}

TEST_CASE("BalancedAllocation: noderesources/balanced_allocation_test.go, TestNodeResourcesBalancedAllocation") {
  for (const ResourceCase& sample : balanced_allocation_cases) {
    INFO(sample.name);
    Scores scores;
    for (const auto& node : sample.nodes) scores.push_back(balanced_allocation_score(node));
    CHECK(scores == sample.expected);
  }
}

TEST_CASE("ImageLocality: imagelocality/image_locality_test.go, TestImageLocalityPriority") {
  constexpr std::int64_t mebibyte = 1024 * 1024;
  for (const ImageCase& sample : image_cases) {
    INFO(sample.name);
    Scores scores;
    for (const auto& node : sample.nodes) {
      std::int64_t sum = 0;
      for (int image : sample.pod)
        if (std::ranges::count(node, image) > 0)
          sum += spread_image_size(image * mebibyte, images_on(sample.nodes, image), std::ssize(sample.nodes));
      scores.push_back(image_locality_score(sum, std::ssize(sample.pod)));
    }
    CHECK(scores == sample.expected);
  }
}

TEST_CASE("TaintToleration: tainttoleration/taint_toleration_test.go, TestTaintTolerationScore") {
  for (const TaintCase& sample : taint_cases) {
    INFO(sample.name);
    Scores scores;
    for (const auto& node : sample.nodes) scores.push_back(untolerated_preferences(node, sample.tolerations));
    normalize_scores(scores, kube_max_score, true);
    CHECK(scores == sample.expected);
  }
}

TEST_CASE("PodTopologySpread: podtopologyspread/scoring_test.go, TestPodTopologySpreadScore") {
  for (const SpreadCase& sample : spread_cases) {
    INFO(sample.name);
    CHECK(spread_scores(sample) == sample.expected);
  }
}

TEST_CASE("DefaultNormalizeScore: helper/normalize_score_test.go, TestDefaultNormalizeScore") {
  struct Case {
    bool reverse;
    Scores scores;
    Scores expected;
  };
  const std::vector<Case> cases = {
      {false, {1, 2, 3, 4}, {25, 50, 75, 100}},    {true, {1, 2, 3, 4}, {75, 50, 25, 0}},
      {false, {1000, 10, 20, 30}, {100, 1, 2, 3}}, {true, {1000, 10, 20, 30}, {0, 99, 98, 97}},
      {false, {1, 1, 1, 1}, {100, 100, 100, 100}}, {false, {1000, 1, 1, 1}, {100, 0, 0, 0}},
      {true, {0, 1, 1, 1}, {100, 0, 0, 0}},
  };
  for (Case sample : cases) {
    normalize_scores(sample.scores, kube_max_score, sample.reverse);
    CHECK(sample.scores == sample.expected);
  }
  Scores zeros = {0, 0};
  normalize_scores(zeros, kube_max_score, false);
  CHECK(zeros == Scores{0, 0});
}
