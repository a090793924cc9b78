// The scores and filters of Open Cluster Management at their edges, and the policy `ocm` beyond OCM's own cases, by
// hand.
#include <cstdint>
#include <limits>
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

using Targets = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;
using Kind = OcmPrioritizer::Kind;
using Operator = LabelRequirement::Operator;
constexpr std::uint32_t none = PlacementProblem::none;
const Labels no_labels;
const std::vector<Taint> no_taints;
const std::vector<Toleration> no_tolerations;

/// The problems that reading the parameters makes, and the policy.
std::unique_ptr<PlacementPolicy> make(const std::string& parameters, Texts* problems = nullptr) {
  Policies policies;
  add_policies(policies);
  const Json json = Json::parse(parameters);
  Reader::Log log;
  Reader reader(json, log);
  const auto make = policies.placement.find("ocm")->read(reader);
  reader.close();
  if (problems)
    for (const Problem& each : log.problems) problems->push_back(each.what);
  else
    REQUIRE(log.problems.empty());
  return make();
}

/// `rows` clusters of 4 cores and 8 GB, and `workloads` replicas of 1 core.
PlacementProblem problem(std::uint32_t rows, std::uint32_t workloads) {
  PlacementProblem made;
  made.level = PlacementProblem::Level::federation;
  for (std::uint32_t i = 0; i < rows; ++i) {
    PlacementProblem::Row row;
    row.id = i;
    row.cpu = row.cpu_free = row.largest_cpu_free = Cores(4);
    row.memory = row.memory_free = row.largest_memory_free = Bytes(8e9);
    row.labels = &no_labels;
    row.taints = &no_taints;
    made.rows.push_back(row);
  }
  PlacementProblem::Workload workload;
  workload.cpu = Cores(1);
  workload.node_selector = &no_labels;
  workload.tolerations = &no_tolerations;
  made.workloads.assign(workloads, workload);
  return made;
}

Placement place(const PlacementProblem& asked, const std::string& parameters = "{}") {
  Rng rng(1, 0);
  return make(parameters)->place(asked, rng);
}

Targets targets(const PlacementProblem& asked, const std::string& parameters = "{}") {
  Targets all;
  for (const auto& each : place(asked, parameters).assignments) all.push_back(each.target);
  return all;
}

}  // namespace

TEST_CASE("balance drops the fraction before it doubles, so it is even") {
  // 100 x (0.5 - 1/3) = 16.7 and 100 x (0.5 - 2/3) = -16.7; 100 x (0.5 - 1/7) = 35.7.
  CHECK(balance_score(1, 3) == 32);
  CHECK(balance_score(2, 3) == -32);
  CHECK(balance_score(1, 7) == 70);
  CHECK(balance_score(7, 7) == -100);
  CHECK(balance_score(0, 7) == 100);
  CHECK(balance_score(0, 0) == 100);
}

TEST_CASE("allocatable scores of none, one, some without a report, and thirds") {
  using Amounts = std::vector<std::optional<double>>;
  using Scores = std::vector<std::optional<std::int64_t>>;
  CHECK(allocatable_scores(Amounts{}).empty());
  CHECK((allocatable_scores(Amounts{3.0}) == Scores{100}));
  CHECK((allocatable_scores(Amounts{1, {}, 2}) == Scores{-100, {}, 100}));
  CHECK((allocatable_scores(Amounts{{}, 2}) == Scores{{}, 100}));
  // (1/3 - 0.5) x 200 = -33.3 and (2/3 - 0.5) x 200 = 33.3.
  CHECK((allocatable_scores(Amounts{0, 1, 2, 3}) == Scores{-100, -33, 33, 100}));
}

TEST_CASE("add-on scores: expiry, doubles, fractions and what is no score") {
  const auto score = [](double value, Seconds until = forever) {
    return add_on_score(std::vector<AddOnScore>{{"a", "s", value, until}}, "a", "s", Seconds(50));
  };
  CHECK(score(7, Seconds(50)) == 7);
  CHECK(score(7, Seconds(49.999)) == 0);
  CHECK(score(250) == 250);
  CHECK(score(-99.9) == -99);
  CHECK(score(1e300) == 0);
  CHECK(score(std::numeric_limits<double>::quiet_NaN()) == 0);
  const std::vector<AddOnScore> several = {{"a", "s", 1}, {"b", "s", 2}, {"a", "t", 3}, {"a", "s", 4}};
  CHECK(add_on_score(several, "a", "s", Seconds(0)) == 4);
  CHECK(add_on_score(several, "b", "t", Seconds(0)) == 0);
  CHECK(add_on_score({}, "a", "s", Seconds(0)) == 0);
}

TEST_CASE("weights: what is listed overrides, the last of doubles counts, 0 switches off") {
  using Listed = std::vector<OcmWeight>;
  CHECK((ocm_weights(OcmMode::additive, {}) == OcmWeights{{{Kind::steady}, 1}, {{Kind::balance}, 1}}));
  CHECK(ocm_weights(OcmMode::exact, {}).empty());
  const Listed listed = {{{Kind::steady}, 0}, {{Kind::add_on, "a", "s"}, 3}, {{Kind::add_on, "a", "s"}, -2}};
  CHECK((ocm_weights(OcmMode::additive, listed) == OcmWeights{{{Kind::balance}, 1}, {{Kind::add_on, "a", "s"}, -2}}));
  CHECK((ocm_weights(OcmMode::exact, listed) == OcmWeights{{{Kind::add_on, "a", "s"}, -2}}));
}

TEST_CASE("a cluster without a report gets nothing from what it does not report, nor loses by it") {
  const std::vector<OcmCandidate> three = {{.cpu = 4}, {}, {.cpu = 8}};
  const OcmWeights weights = {{{Kind::allocatable_cpu}, -10}};
  CHECK(ocm_totals(weights, three, 0, Seconds(0)) == std::vector<std::int64_t>{1000, 0, -1000});
  CHECK(ocm_totals(weights, {}, 0, Seconds(0)).empty());
  CHECK(ocm_totals({}, three, 0, Seconds(0)) == std::vector<std::int64_t>{0, 0, 0});
}

TEST_CASE("requirements on labels") {
  const Labels labels = {{"region", "east"}, {"empty", ""}};
  const auto holds = [&](const char* key, Operator op, std::vector<std::string> values) {
    return passes_predicates(std::vector<OcmPredicate>{{{{}, {{key, op, std::move(values)}}}}}, labels, {});
  };
  CHECK(holds("region", Operator::in, {"west", "east"}));
  CHECK_FALSE(holds("region", Operator::in, {"west"}));
  CHECK_FALSE(holds("zone", Operator::in, {"east"}));
  CHECK_FALSE(holds("region", Operator::not_in, {"west", "east"}));
  CHECK(holds("region", Operator::not_in, {"west"}));
  CHECK(holds("zone", Operator::not_in, {"west"}));
  CHECK(holds("empty", Operator::exists, {}));
  CHECK_FALSE(holds("zone", Operator::exists, {}));
  CHECK(holds("zone", Operator::does_not_exist, {}));
  CHECK_FALSE(holds("empty", Operator::does_not_exist, {}));
  // Not accepted: In without values, Exists with some. Then nothing matches, though another predicate would.
  CHECK_FALSE(holds("region", Operator::not_in, {}));
  CHECK_FALSE(holds("region", Operator::exists, {"east"}));
  const std::vector<OcmPredicate> one_is_wrong = {{}, {{{}, {{"region", Operator::in, {}}}}}};
  CHECK_FALSE(passes_predicates(one_is_wrong, labels, {}));
  CHECK(passes_predicates({}, labels, {}));
}

TEST_CASE("ocm stays, spreads applications, and goes on where there is no room", "[placement]") {
  PlacementProblem asked = problem(3, 6);
  SECTION("all replicas where the score is highest, in order of id among equals, while there is room") {
    CHECK(targets(asked) == Targets{0, 0, 0, 0, 1, 1});
  }
  SECTION("away from other applications") {
    asked.rows[0].decisions = 2;
    asked.rows[1].decisions = 1;
    CHECK(targets(asked) == Targets{2, 2, 2, 2, 1, 1});
  }
  SECTION("where the application is, or this very replica") {
    asked.rows[2].components = {9};
    CHECK(targets(asked) == Targets{2, 2, 2, 2, 0, 0});
    asked.rows[2].components = {};
    asked.workloads.resize(2);
    asked.workloads[1].current = 1;
    CHECK(targets(asked) == Targets{0, 1});
  }
  SECTION("steady and balance cancel out at one decision of two: then the lowest id") {
    asked.workloads.resize(1);
    asked.rows[1].components = {0};
    asked.rows[1].decisions = 1;
    asked.rows[2].decisions = 2;
    CHECK(targets(asked) == Targets{0});
  }
  SECTION("a negative weight prefers the other end") {
    asked.workloads.resize(1);
    asked.rows[1].cpu = Cores(2);
    asked.rows[2].cpu = Cores(3);
    CHECK(targets(asked, R"({"mode": "Exact", "weights": {"allocatable_cpu": -1}})") == Targets{1});
  }
}

TEST_CASE("ocm compares allocatable and not free, among all candidates, with room or not", "[placement]") {
  PlacementProblem asked = problem(3, 1);
  const std::string by_cpu =
      R"({"mode": "Exact", "weights": {"allocatable_cpu": 1}, "addon_scores": [{"addon": "pdlc", "score": "cost", "weight": 1}]})";
  asked.rows[0].cpu = Cores(16);
  asked.rows[0].largest_cpu_free = Cores(1);
  CHECK(targets(asked, by_cpu) == Targets{0});
  // Row 0 has no room, but still sets the scale: 100, -66, -100. Row 2 needs more than 34 to win.
  asked.rows[0].largest_cpu_free = Cores(0);
  asked.rows[1].cpu = Cores(6);
  asked.rows[2].scores = {{"pdlc", "cost", 34, forever}};
  CHECK(targets(asked, by_cpu) == Targets{1});
  asked.rows[2].scores[0].value = 35;
  CHECK(targets(asked, by_cpu) == Targets{2});
  // What the filters keep out does not: 6 and 4 become 100 and -100.
  const std::vector<Taint> gone = {{"unreachable", "", Taint::Effect::no_select}};
  asked.rows[0].taints = &gone;
  CHECK(targets(asked, by_cpu) == Targets{1});
}

TEST_CASE("ocm's predicates narrow what is allowed", "[placement]") {
  const Labels east = {{"region", "east"}, {"tier", "edge"}}, west = {{"region", "west"}};
  PlacementProblem asked = problem(3, 1);
  asked.rows[1].labels = &east;
  asked.rows[2].labels = &west;
  CHECK(targets(asked, R"({"predicates": [{"labels": {"region": "west"}}]})") == Targets{2});
  CHECK(targets(asked, R"({"predicates": [{"labels": {"region": "west"}}, {"labels": {"region": "east"}}]})") ==
        Targets{1});
  CHECK(targets(asked, R"({"predicates": [{"label_expressions": [{"key": "tier", "operator": "Exists"}]}]})") ==
        Targets{1});
  CHECK(targets(asked, R"({"predicates": [{"claim_expressions": [{"key": "region", "values": ["west"]}]}]})") ==
        Targets{2});
  asked.workloads[0].allowed = {true, false, true};
  const std::string east_only = R"({"predicates": [{"labels": {"region": "east"}}]})";
  CHECK(targets(asked, east_only) == Targets{none});
  CHECK(place(asked, east_only).reasons ==
        Texts{"0/3 clusters are available: 3 cluster(s) didn't satisfy the application's constraints."});
}

TEST_CASE("a toleration that OCM does not accept places nothing", "[placement]") {
  PlacementProblem asked = problem(2, 2);
  const std::vector<Toleration> wrong = {{"", "", Toleration::Operator::equal}};
  asked.workloads[1].tolerations = &wrong;
  CHECK(targets(asked) == Targets{0, none});
  CHECK(place(asked).reasons.size() == 1);
}

TEST_CASE("every policy keeps the taints of clusters, with the time", "[placement]") {
  const std::string name =
      GENERATE("random", "round-robin", "first-fit", "nearest", "kube-default", "ocm", "recommended");
  INFO(name);
  Policies policies;
  add_policies(policies);
  const auto target = [&](const PlacementProblem& asked) {
    Rng rng(1, 0);
    return policies.placement.choose(name).make()->place(asked, rng).assignments[0].target;
  };
  PlacementProblem asked = problem(1, 1);
  std::vector<Taint> taints = {{"unreachable", "", Taint::Effect::no_select, Seconds(100)}};
  asked.rows[0].taints = &taints;
  std::vector<Toleration> tolerations;
  asked.now = Seconds(400);

  SECTION("no_select, while it is tolerated") {
    CHECK(target(asked) == none);
    tolerations = {{"unreachable", "", Toleration::Operator::exists}};
    asked.workloads[0].tolerations = &tolerations;
    CHECK(target(asked) == 0);
    tolerations[0].duration = Seconds(300);
    CHECK(target(asked) == none);
    asked.now = Seconds(399.5);
    CHECK(target(asked) == 0);
    asked.now = Seconds(400);
    asked.workloads[0].current = 0;
    CHECK(target(asked) == none);
  }
  SECTION("no_select_if_new, unless the workload or its application is there") {
    taints[0].effect = Taint::Effect::no_select_if_new;
    CHECK(target(asked) == none);
    asked.rows[0].components = {3};
    CHECK(target(asked) == 0);
    asked.rows[0].components = {};
    asked.workloads[0].current = 0;
    CHECK(target(asked) == 0);
  }
  SECTION("prefer_no_select is not looked at") {
    taints[0].effect = Taint::Effect::prefer_no_select;
    CHECK(target(asked) == 0);
  }
  SECTION("how long a toleration of no_schedule lasts is not kube-scheduler's question") {
    taints[0].effect = Taint::Effect::no_schedule;
    tolerations = {{"unreachable", "", Toleration::Operator::exists}};
    tolerations[0].duration = Seconds(1);
    asked.workloads[0].tolerations = &tolerations;
    CHECK(target(asked) == 0);
  }
}

TEST_CASE("parameters of ocm are read, and their mistakes found") {
  const auto problems = [](const std::string& parameters) {
    Texts found;
    make(parameters, &found);
    return found;
  };
  CHECK(problems("{}").empty());
  CHECK(problems(R"({"mode": "Exact", "weights": {"steady": -10, "balance": 10}})").empty());
  CHECK(problems(R"({"weights": {"steady": 11}})").size() == 1);
  CHECK(problems(R"({"weights": {"steady": 0.5}})").size() == 1);
  CHECK(problems(R"({"weights": {"stead": 1}})").size() == 1);
  CHECK(problems(R"({"addon_scores": [{"addon": "a"}]})").size() == 1);
  CHECK(problems(R"({"mode": "Exactly"})").size() == 1);
  CHECK(problems(R"({"predicates": [{"label_expressions": [{"key": "a"}]}]})") ==
        Texts{"\"In\" and \"NotIn\" need values"});
  CHECK(problems(R"({"predicates": [{"label_expressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}]})") ==
        Texts{"\"Exists\" and \"DoesNotExist\" have no values"});
}
