// Open Cluster Management's own test cases against our filters, prioritizers and policy. The inputs and expected
// numbers are facts taken from the tests of open-cluster-management-io/ocm; each case bears the name it has there.
// Clusters are named by their order. Left out are cases about what is not modelled: CEL selectors, cluster sets,
// events, requeueing.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "policies/placement/ocm_scores.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {

using Scores = std::vector<std::int64_t>;
using Clusters = std::vector<std::uint32_t>;
constexpr std::uint32_t none = PlacementProblem::none;
constexpr Seconds never_added{-1e10};  // A taint without TimeAdded: centuries ago.
constexpr auto no_select = Taint::Effect::no_select;
constexpr auto no_select_if_new = Taint::Effect::no_select_if_new;
constexpr auto prefer_no_select = Taint::Effect::prefer_no_select;

Toleration equal(const char* key, const char* value) { return {key, value, Toleration::Operator::equal}; }
Toleration equal(const char* key, const char* value, Taint::Effect effect) {
  return {key, value, Toleration::Operator::equal, false, effect};
}
Toleration exists(const char* key, const char* value = "") { return {key, value, Toleration::Operator::exists}; }
Toleration exists(const char* key, Taint::Effect effect) {
  return {key, "", Toleration::Operator::exists, false, effect};
}
Toleration exists_for(const char* key, double seconds) {
  Toleration made = exists(key);
  made.duration = Seconds(seconds);
  return made;
}
Taint taint(const char* key, const char* value, Taint::Effect effect, Seconds since = never_added) {
  return {key, value, effect, since};
}
LabelRequirement in(const char* key, std::vector<std::string> values) {
  return {key, LabelRequirement::Operator::in, std::move(values)};
}

struct SteadyCase {
  const char* name;
  std::vector<bool> selected;
  Scores expected;
};
struct BalanceCase {
  const char* name;
  std::vector<std::int64_t> decisions;  // Of other placements.
  Scores expected;
};
struct ResourceCase {
  const char* name;
  std::vector<std::optional<double>> allocatable;
  std::vector<std::optional<std::int64_t>> expected;
};
struct AddOnCase {
  const char* name;
  std::vector<std::vector<AddOnScore>> clusters;
  Scores expected;
};
struct TaintCase {
  const char* name;
  std::vector<Toleration> tolerations;
  std::vector<std::vector<Taint>> clusters;
  std::vector<bool> selected;
  Clusters expected;
};
struct PredicateCase {
  const char* name;
  std::vector<OcmPredicate> predicates;
  std::vector<std::pair<Labels, Labels>> clusters;  // Labels and claims.
  Clusters expected;
};

/// One run of OCM's scheduler, for a number of clusters. Cores and bytes are small whole numbers, as in the sources.
struct Cluster {
  std::optional<double> cpu = {}, memory = {};
  std::uint32_t decisions = 0;
  bool selected = false;
  std::vector<Taint> taints = {};
  std::vector<AddOnScore> scores = {};
};
struct ScheduleCase {
  const char* name;
  const char* parameters;
  std::size_t number;  // numberOfClusters.
  std::vector<Cluster> clusters;
  Clusters expected;  // In the order of the decisions.
  std::vector<Toleration> tolerations = {};
};

/// The decisions, in their order: as many workloads as decisions are wanted, and room for one on each cluster.
Clusters schedule(const ScheduleCase& sample) {
  Policies policies;
  add_policies(policies);
  const Json parameters = Json::parse(sample.parameters);
  Reader::Log log;
  Reader reader(parameters, log);
  const auto policy = policies.placement.find("ocm")->read(reader)();
  reader.close();
  CHECK(log.problems.empty());
  const Labels no_labels;
  PlacementProblem problem;
  problem.level = PlacementProblem::Level::federation;
  for (const Cluster& cluster : sample.clusters) {
    PlacementProblem::Row row;
    row.cpu = Cores(cluster.cpu.value_or(0));
    row.memory = Bytes(cluster.memory.value_or(0));
    row.labels = &no_labels;
    row.taints = &cluster.taints;
    row.decisions = cluster.decisions;
    row.scores = cluster.scores;
    row.max_pods = 1;
    if (cluster.selected) row.components = {0};
    problem.rows.push_back(row);
  }
  PlacementProblem::Workload workload;
  workload.node_selector = &no_labels;
  workload.tolerations = &sample.tolerations;
  problem.workloads.assign(sample.number, workload);
  Rng rng(1, 0);
  Clusters decisions;
  for (const auto& each : policy->place(problem, rng).assignments)
    if (each.target != none) decisions.push_back(each.target);
  return decisions;
}

const std::vector<SteadyCase> steady_cases = {
    {"no decisions", {false, false, false}, {0, 0, 0}},
    {"one decisions", {true, false, false}, {100, 0, 0}},
    {"one decisions (two)", {true, false, true}, {100, 0, 100}},
};

const std::vector<BalanceCase> balance_cases = {
    {"no decisions", {0, 0, 0}, {100, 100, 100}},
    {"one decision belongs to current placement", {0, 0, 0}, {100, 100, 100}},
    {"one decision not belong to current placement", {1, 0, 0}, {-100, 100, 100}},
    {"multiple decisions", {2, 1, 1}, {-100, 0, 0}},
};

const std::vector<ResourceCase> resource_cases = {
    {"scores of ResourceAllocatableMemory", {20, 60, 100}, {-100, 0, 100}},
    {"scores of ResourceAllocatableMemory with same resource value", {50, 50, 50}, {100, 100, 100}},
    {"scores of ResourceAllocatableMemory with zero resource value", {0, 0, 0}, {100, 100, 100}},
    {"scores of ResourceAllocatableMemory with no cluster resource", {{}, {}, {}}, {{}, {}, {}}},
    {"scores of ResourceAllocatableCPU", {10, 6, 2}, {100, 0, -100}},
    {"scores of ResourceAllocatableCPU with same resource value", {5, 5, 5}, {100, 100, 100}},
    {"scores of ResourceAllocatableCPU with zero resource value", {0, 0, 0}, {100, 100, 100}},
    {"scores of ResourceAllocatableCPU with no cluster resource", {{}, {}, {}}, {{}, {}, {}}},
};

const std::vector<AddOnCase> add_on_cases = {
    // The time is 0.
    {"no addon scores", {{}, {}, {}}, {0, 0, 0}},
    {"part of addon scores generated", {{{"test", "score1", 30}}, {}, {}}, {30, 0, 0}},
    {"part of addon scores expired",
     {{{"test", "score1", 30, Seconds(-30)}}, {{"test", "score1", 40}}, {{"test", "score1", 50}}},
     {0, 40, 50}},
    {"all the addon scores generated",
     {{{"test", "score1", 30}}, {{"test", "score1", 40}}, {{"test", "score1", 50}}},
     {30, 40, 50}},
};

const std::vector<TaintCase> taint_cases = {
    // The time is 0.
    {"taint.Effect is NoSelect and tolerations is empty", {}, {{taint("key1", "value1", no_select)}}, {false}, {}},
    {"taint.Effect is NoSelect and tolerations.Operator is Equal, key/value matches",
     {equal("key1", "value1")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {0}},
    {"taint.Effect is NoSelect and tolerations.Operator is Equal, toleration has empty key",
     {equal("", "value1")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {}},
    {"taint.Effect is NoSelect and tolerations.Operator is Equal, toleration has empty value",
     {equal("key1", "")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {}},
    {"taint.Effect is NoSelect and tolerations.Operator is Equal, key/value doesn't match",
     {equal("key1", "value1")},
     {{taint("key1", "value2", no_select)}, {taint("key2", "value1", no_select)}},
     {false, false},
     {}},
    {"taint.Effect is NoSelect and tolerations.Operator is Exist, key matches",
     {exists("key1")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {0}},
    {"taint.Effect is NoSelect and tolerations.Operator is Exist, toleration has empty key",
     {exists("", "value1")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {}},
    {"taint.Effect is NoSelect and tolerations.Operator is Exist, toleration has empty value",
     {exists("key1")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {0}},
    {"taint.Effect is NoSelect and tolerations.Operator is Exist, toleration key doesn't match",
     {exists("key2")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {}},
    {"taint.Effect is NoSelectIfNew and tolerations is empty, cluster is not in decision",
     {},
     {{taint("key1", "", no_select_if_new)}},
     {false},
     {}},
    {"taint.Effect is NoSelectIfNew and tolerations is empty, cluster is in decision",
     {},
     {{taint("key1", "", no_select_if_new)}},
     {true},
     {0}},
    {"taint.Effect is NoSelectIfNew and tolerations matches, cluster is not in decision",
     {exists("key1")},
     {{taint("key1", "", no_select_if_new)}},
     {false},
     {0}},
    {"taint.Effect is NoSelectIfNew and tolerations matches, cluster is in decision",
     {exists("key1")},
     {{taint("key1", "", no_select_if_new)}},
     {true},
     {0}},
    {"taint.Effect is NoSelectIfNew and tolerations doesn't match, cluster is not in decision",
     {exists("key2")},
     {{taint("key1", "", no_select_if_new)}},
     {false},
     {}},
    {"taint.Effect is NoSelectIfNew and tolerations doesn't match, cluster is in decision",
     {exists("key2")},
     {{taint("key1", "", no_select_if_new)}},
     {true},
     {0}},
    {"taint.Effect is PreferNoSelect and tolerations is Empty",
     {},
     {{taint("key1", "", prefer_no_select)}},
     {false},
     {0}},
    {"taint.Effect is PreferNoSelect and tolerations matches",
     {exists("key1")},
     {{taint("key1", "", prefer_no_select)}},
     {false},
     {0}},
    {"taint.Effect is PreferNoSelect and tolerations doesn't match",
     {exists("key2")},
     {{taint("key1", "", prefer_no_select)}},
     {false},
     {0}},
    {"cluster has multiple taints and placement has multiple tolerations, all the taints are matched",
     {equal("key1", "value1"), exists("key2")},
     {{taint("key1", "value1", no_select), taint("key2", "", no_select)},
      {taint("key1", "value1", no_select), taint("key2", "", no_select)}},
     {false, false},
     {0, 1}},
    {"taint.Effect is NoSelect, key/value matches, toleration effect is empty",
     {equal("key1", "value1")},
     {{taint("key1", "value1", no_select)}},
     {false},
     {0}},
    {"taint.Effect is NoSelect, key/value matches, toleration effect doesn't match",
     {equal("key1", "value1", no_select_if_new)},
     {{taint("key1", "value1", no_select)}},
     {false},
     {}},
    {"taint.Effect is NoSelect, key/value matches, toleration effect matches",
     {equal("key1", "value1", no_select)},
     {{taint("key1", "value1", no_select)}},
     {false},
     {0}},
    {"taint.Effect is NoSelectIfNew, key/value matches, toleration effect is empty",
     {equal("key1", "value1")},
     {{taint("key1", "value1", no_select_if_new)}},
     {false},
     {0}},
    {"taint.Effect is NoSelectIfNew, key/value matches, toleration effect matches",
     {equal("key1", "value1", no_select_if_new)},
     {{taint("key1", "value1", no_select_if_new)}},
     {false},
     {0}},
    {"taint.Effect is NoSelectIfNew, key/value matches, toleration effect doesn't match",
     {equal("key1", "value2", no_select_if_new)},
     {{taint("key1", "value1", no_select_if_new)}},
     {false},
     {}},
    {"taint.Effect is NoSelectIfNew, cluster is in decision, toleration effect is empty",
     {equal("key1", "value2")},
     {{taint("key1", "value1", no_select_if_new)}},
     {true},
     {0}},
    {"taint.Effect is NoSelectIfNew, cluster is in decision, toleration effect matches",
     {equal("key1", "value2", no_select_if_new)},
     {{taint("key1", "value1", no_select_if_new)}},
     {true},
     {0}},
    {"taint.Effect is NoSelectIfNew, cluster is in decision, toleration effect doesn't match",
     {equal("key1", "value2", no_select)},
     {{taint("key1", "value1", no_select_if_new)}},
     {true},
     {0}},
    {"tanits match tolerations by toleration.TolerationSeconds",
     {exists_for("key1", 10)},
     {{taint("key1", "value1", no_select, Seconds(-8))},
      {taint("key1", "value2", no_select, Seconds(-9))},
      {taint("key1", "value3", no_select, Seconds(-10))}},
     {false, false, false},
     {0, 1}},
    {"placement requeue placement when expire toleration.TolerationSeconds",
     {exists_for("key1", 10)},
     {{taint("key1", "value1", no_select, Seconds(-8))},
      {taint("key1", "value2", no_select, Seconds(-9))},
      {taint("key1", "value3", no_select, Seconds(-10))}},
     {true, true, false},
     {0, 1}},
};

const std::vector<PredicateCase> predicate_cases = {
    // plugins/predicate/predicate_test.go
    {"match with label", {{{{{"cloud", "Amazon"}}}}}, {{{{"cloud", "Amazon"}}, {}}, {{{"cloud", "Google"}}, {}}}, {0}},
    {"match with claim",
     {{{}, {{}, {in("cloud", {"Amazon"})}}}},
     {{{}, {{"cloud", "Amazon"}}}, {{}, {{"cloud", "Google"}}}},
     {0}},
    {"match with both label and claim",
     {{{{{"cloud", "Amazon"}}}, {{}, {in("region", {"us-east-1"})}}}},
     {{{{"cloud", "Amazon"}}, {{"region", "us-east-1"}}}, {{{"cloud", "Amazon"}}, {{"region", "us-east-2"}}}},
     {0}},
    {"match with multiple predicates",
     {{{{{"cloud", "Amazon"}}}}, {{}, {{}, {in("region", {"us-east-1"})}}}},
     {{{{"cloud", "Amazon"}}, {}}, {{}, {{"region", "us-east-1"}}}, {{}, {{"region", "us-east-2"}}}},
     {0, 1}},
    {"empty CEL expressions", {{}}, {{{}, {}}}, {0}},
    // helpers/clusters_test.go
    {"match with label (helpers)", {{{{{"cloud", "Amazon"}}}}}, {{{{"cloud", "Amazon"}}, {}}}, {0}},
    {"not match with label", {{{{{"cloud", "Amazon"}}}}}, {{{{"cloud", "Google"}}, {}}}, {}},
    {"match with claim (helpers)", {{{}, {{}, {in("cloud", {"Amazon"})}}}}, {{{}, {{"cloud", "Amazon"}}}}, {0}},
    {"not match with claim", {{{}, {{}, {in("cloud", {"Amazon"})}}}}, {{{}, {{"cloud", "Google"}}}}, {}},
    {"match with both label and claim (helpers)",
     {{{{{"cloud", "Amazon"}}}, {{}, {in("region", {"us-east-1"})}}}},
     {{{{"cloud", "Amazon"}}, {{"region", "us-east-1"}}}},
     {0}},
    {"not match with both label and claim",
     {{{{{"cloud", "Amazon"}}}, {{}, {in("region", {"us-east-1"})}}}},
     {{{{"region", "us-east-1"}}, {{"cloud", "Amazon"}}}},
     {}},
};

std::vector<AddOnScore> demo(double value) { return {{"demo", "demo", value}}; }

const char* const exact_cpu_memory = R"({"mode": "Exact", "weights": {"allocatable_cpu": 1, "allocatable_memory": 1}})";
const char* const exact_demo =
    R"({"mode": "Exact", "addon_scores": [{"addon": "demo", "score": "demo", "weight": 1}]})";
const char* const steady_3 = R"({"weights": {"steady": 3, "allocatable_cpu": 1, "allocatable_memory": 1}})";

/// The clusters of "expire TolerationSeconds", so long after the first two taints were added.
std::vector<Cluster> expiring(double seconds) {
  return {{.taints = {taint("key1", "value1", no_select, Seconds(-seconds))}},
          {.taints = {taint("key2", "value2", no_select, Seconds(-seconds))}},
          {.taints = {taint("key2", "value2", no_select, Seconds(-60 - seconds))}},
          {}};
}

const std::vector<ScheduleCase> schedule_cases = {
    // controllers/scheduling/schedule_test.go; without a number of clusters all are taken.
    {"new placement satisfied", "{}", 1, {{}}, {0}},
    {"new placement unsatisfied", "{}", 3, {{}}, {0}},
    {"new placement misconfigured", "{}", 3, {{}}, {}, {equal("", "value1")}},
    {"placement with all decisions scheduled", "{}", 2, {{.selected = true}, {.selected = true}, {}}, {0, 1}},
    {"placement with empty Prioritizer Policy", "{}", 1, {{}}, {0}},
    {"placement with taint and toleration",
     "{}",
     3,
     {{.taints = {taint("key1", "value1", no_select)}, .scores = demo(30)},
      {.taints = {taint("key2", "value2", no_select)}, .scores = demo(40)},
      {.scores = demo(50)}},
     {0, 2},
     {equal("key1", "value1")}},
    {"placement with additive Prioritizer Policy",
     R"({"mode": "Additive", "weights": {"balance": 3, "allocatable_memory": 1},
         "addon_scores": [{"addon": "demo", "score": "demo", "weight": 1}]})",
     2,
     {{.memory = 100, .scores = demo(30)}, {.memory = 50, .scores = demo(40)}, {.memory = 0, .scores = demo(50)}},
     {0, 1}},
    {"placement with exact Prioritizer Policy",
     R"({"mode": "Exact", "weights": {"balance": 3, "allocatable_memory": 1}})",
     2,
     {{.memory = 100}, {.memory = 50}, {.memory = 0}},
     {0, 1}},
    {"placement with part of decisions scheduled", "{}", 4, {{.selected = true}, {}}, {0, 1}},
    {"schedule to cluster with least decisions", "{}", 1, {{.decisions = 1}, {.decisions = 1}, {}}, {2}},
    {"do not schedule to other cluster even with least decisions",
     "{}",
     1,
     {{.decisions = 1}, {.decisions = 2}, {.decisions = 1, .selected = true}},
     {2}},
    // test/integration/placement/prioritizer_test.go; decisions there are compared as sets.
    {"default SchedulePolicy", "{}", 2, {{10, 50}, {7, 90}, {9, 80}}, {0, 1}},
    {"ResourceAllocatableCPU & ResourceAllocatableMemory", exact_cpu_memory, 2, {{10, 50}, {7, 90}, {9, 80}}, {2, 0}},
    {"keep steady: first placement", steady_3, 2, {{10, 50}, {7, 90}, {9, 80}}, {2, 0}},
    {"keep steady: balance and a new cluster",
     steady_3,
     2,
     {{10, 50, 0, true}, {7, 90, 1}, {9, 80, 0, true}, {10, 100}},
     {2, 0}},
    {"SchedulePolicy balance",
     R"({"mode": "Exact", "weights": {"balance": 2, "allocatable_cpu": 1}})",
     2,
     {{10, 50, 1}, {7, 90}, {9, 80}},
     {2, 1}},
    {"a new cluster with resources added", exact_cpu_memory, 2, {{10, 50}, {7, 90}, {9, 80}, {10, 100}}, {3, 2}},
    {"AddOnPlacementScore", exact_demo, 2, {{.scores = demo(80)}, {.scores = demo(90)}, {.scores = demo(100)}}, {2, 1}},
    {"AddOnPlacementScore: none yet", exact_demo, 2, {{}, {}, {}}, {0, 1}},
    {"AddOnPlacementScore: updated",
     exact_demo,
     2,
     {{.scores = demo(100)}, {.scores = demo(90)}, {.scores = demo(100)}},
     {0, 2}},
    {"AddOnPlacementScore: deleted", exact_demo, 2, {{}, {.scores = demo(90)}, {.scores = demo(100)}}, {2, 1}},
    // test/integration/placement/toleration_test.go
    {"taint/toleration matches",
     "{}",
     3,
     {{.taints = {taint("key1", "value1", no_select)}},
      {.taints = {taint("key2", "value2", no_select)}},
      {.taints = {taint("key2", "value3", no_select)}}},
     {0, 1},
     {exists("key1"), equal("key2", "value2")}},
    {"taint/toleration effect matches",
     "{}",
     4,
     {{.taints = {taint("key1", "value1", no_select)}},
      {.taints = {taint("key2", "value2", no_select_if_new)}},
      {.taints = {taint("key3", "value3", prefer_no_select)}},
      {}},
     {2, 3},
     {exists("key1", prefer_no_select), exists("key2", no_select), exists("key3", no_select),
      exists("key4", no_select)}},
    {"taint/toleration effect matches: NoSelectIfNew on a decision",
     "{}",
     4,
     {{.taints = {taint("key1", "value1", no_select)}},
      {.taints = {taint("key2", "value2", no_select_if_new)}},
      {.selected = true, .taints = {taint("key3", "value3", prefer_no_select)}},
      {.selected = true, .taints = {taint("key4", "value4", no_select_if_new)}}},
     {2, 3},
     {exists("key1", prefer_no_select), exists("key2", no_select), exists("key3", no_select),
      exists("key4", no_select)}},
    {"expire TolerationSeconds: at first",
     "{}",
     4,
     expiring(0),
     {0, 1, 3},
     {exists_for("key1", 10), exists_for("key2", 20)}},
    {"expire TolerationSeconds: after 10 s",
     "{}",
     4,
     expiring(10),
     {1, 3},
     {exists_for("key1", 10), exists_for("key2", 20)}},
    {"expire TolerationSeconds: after 20 s",
     "{}",
     4,
     expiring(20),
     {3},
     {exists_for("key1", 10), exists_for("key2", 20)}},
};

}  // namespace

TEST_CASE("Steady: plugins/steady/steady_test.go, TestScoreClusterWithSteady") {
  for (const SteadyCase& sample : steady_cases) {
    INFO(sample.name);
    Scores scores;
    for (const bool each : sample.selected) scores.push_back(steady_score(each));
    CHECK(scores == sample.expected);
  }
}

TEST_CASE("Balance: plugins/balance/balance_test.go, TestScoreClusterWithSteady") {
  for (const BalanceCase& sample : balance_cases) {
    INFO(sample.name);
    Scores scores;
    for (const std::int64_t each : sample.decisions)
      scores.push_back(balance_score(each, std::ranges::max(sample.decisions)));
    CHECK(scores == sample.expected);
  }
}

TEST_CASE("ResourceAllocatable: plugins/resource/resource_test.go, TestScoreClusterWithResource") {
  for (const ResourceCase& sample : resource_cases) {
    INFO(sample.name);
    CHECK((allocatable_scores(sample.allocatable) == sample.expected));
  }
}

TEST_CASE("AddOn: plugins/addon/addon_test.go, TestScoreClusterWithAddOn") {
  for (const AddOnCase& sample : add_on_cases) {
    INFO(sample.name);
    Scores scores;
    for (const auto& each : sample.clusters) scores.push_back(add_on_score(each, "test", "score1", Seconds(0)));
    CHECK(scores == sample.expected);
  }
}

TEST_CASE("TaintToleration: plugins/tainttoleration/taint_toleration_test.go, TestMatchWithClusterTaintToleration") {
  for (const TaintCase& sample : taint_cases) {
    INFO(sample.name);
    Clusters passed;
    for (std::uint32_t i = 0; i < sample.clusters.size(); ++i)
      if (passes_taints(sample.clusters[i], sample.tolerations, Seconds(0), sample.selected[i])) passed.push_back(i);
    CHECK(passed == sample.expected);
  }
}

TEST_CASE("Predicate: plugins/predicate/predicate_test.go and helpers/clusters_test.go, TestMatches") {
  for (const PredicateCase& sample : predicate_cases) {
    INFO(sample.name);
    Clusters passed;
    for (std::uint32_t i = 0; i < sample.clusters.size(); ++i)
      if (passes_predicates(sample.predicates, sample.clusters[i].first, sample.clusters[i].second))
        passed.push_back(i);
    CHECK(passed == sample.expected);
  }
}

TEST_CASE("decisions of the policy ocm: controllers/scheduling/schedule_test.go and test/integration/placement") {
  for (const ScheduleCase& sample : schedule_cases) {
    INFO(sample.name);
    CHECK(schedule(sample) == sample.expected);
  }
}

TEST_CASE("totals of scores: controllers/scheduling/schedule_test.go, TestSchedule") {
  using Kind = OcmPrioritizer::Kind;
  const std::vector<std::vector<AddOnScore>> published = {demo(30), demo(40), demo(50)};
  const std::vector<OcmCandidate> three = {{.memory = 100, .scores = published[0]},
                                           {.memory = 50, .scores = published[1]},
                                           {.memory = 0, .scores = published[2]}};
  std::vector<OcmWeight> listed = {
      {{Kind::balance}, 3}, {{Kind::allocatable_memory}, 1}, {{Kind::add_on, "demo", "demo"}, 1}};
  // Balance 100 each; Steady 0 each; memory 100, 0, -100; the add-on's 30, 40, 50.
  CHECK(ocm_totals(ocm_weights(OcmMode::additive, listed), three, 0, Seconds(0)) == Scores{430, 340, 250});
  listed.pop_back();
  CHECK(ocm_totals(ocm_weights(OcmMode::exact, listed), three, 0, Seconds(0)) == Scores{400, 300, 200});
  const std::vector<OcmCandidate> others = {{.decisions = 1}, {.decisions = 2}, {.selected = true, .decisions = 1}};
  CHECK(ocm_totals(ocm_weights(OcmMode::additive, {}), others, 2, Seconds(0)) == Scores{0, -100, 100});
}
