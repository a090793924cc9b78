// PDLC-CA's costs: vectors computed by hand for each profile and both normalisations, and what must hold for any
// values.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "policies/cost/policies.hpp"
#include "tests/placement.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {

using Costs = std::vector<double>;

Costs costs(const PlacementProblem& asked, const std::string& policy, const std::string& parameters = "{}") {
  const Policies policies = built_in();
  const auto* entry = policies.cost.find(policy);
  REQUIRE(entry != nullptr);
  const Json json = Json::parse(parameters);
  Reader::Log log;
  Reader reader(json, log);
  const auto made = entry->read(reader);
  reader.close();
  REQUIRE(log.problems.empty());
  return made()->costs(asked);
}

const std::string min_max = R"({"normalisation": "min-max"})";

void check(const Costs& found, const Costs& expected) {
  REQUIRE(found.size() == expected.size());
  // Sums of at most nineteen quotients, each right to a last bit of one.
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).margin(1e-14));
}

/// Three clusters whose shares of the maximum and between the extremes are short numbers.
PlacementProblem three() {
  PlacementProblem asked = problem(3, 1, Level::federation);
  const auto set = [&](auto&& field, double a, double b, double c) {
    const double values[] = {a, b, c};
    for (std::uint32_t i = 0; i < 3; ++i) field(asked.rows[i], values[i]);
  };
  using Row = PlacementProblem::Row;
  set([](Row& r, double v) { r.monitored.node_energy = Watts(v); }, 50, 100, 75);
  set([](Row& r, double v) { r.monitored.net_energy = Watts(v); }, 8, 4, 6);
  set([](Row& r, double v) { r.monitored.link_energy = JoulesPerByte(v); }, 1e-8, 2e-8, 1e-8);
  set([](Row& r, double v) { r.monitored.node_degree = v; }, 2, 4, 4);
  set([](Row& r, double v) { r.monitored.node_failures = v; }, 0, 1, 0);
  set([](Row& r, double v) { r.monitored.link_failures = v; }, 1, 1, 0);
  set([](Row& r, double v) { r.monitored.ebw = BytesPerSecond(v); }, 1e6, 2e6, 4e6);
  set([](Row& r, double v) { r.monitored.ibw = BytesPerSecond(v); }, 4e6, 2e6, 1e6);
  set([](Row& r, double v) { r.monitored.latency = Seconds(v); }, 0.01, 0.02, 0.04);
  set([](Row& r, double v) { r.monitored.cpu_price = EurosPerCoreSecond(v); }, 1e-6, 5e-6, 3e-6);
  set([](Row& r, double v) { r.client_latency = Seconds(v); }, 0.04, 0.01, 0.025);
  set([](Row& r, double v) { r.cpu_busy = Cores(v); }, 1, 2, 3);
  set([](Row& r, double v) { r.cpu_free = Cores(v); }, 1, 2, 4);
  set([](Row& r, double v) { r.memory = Bytes(v); }, 8e9, 8e9, 8e9);
  set([](Row& r, double v) { r.memory_free = Bytes(v); }, 8e9, 4e9, 2e9);
  return asked;
}

/// Changes what is monitored of a row, by a factor, one metric at a time.
const std::vector<std::function<void(PlacementProblem::Row&, double)>> scales = {
    [](PlacementProblem::Row& r, double f) { r.monitored.node_energy = f * r.monitored.node_energy; },
    [](PlacementProblem::Row& r, double f) { r.monitored.net_energy = f * r.monitored.net_energy; },
    [](PlacementProblem::Row& r, double f) { r.monitored.link_energy = f * r.monitored.link_energy; },
    [](PlacementProblem::Row& r, double f) { r.monitored.node_degree *= f; },
    [](PlacementProblem::Row& r, double f) { r.monitored.ebw = f * r.monitored.ebw; },
    [](PlacementProblem::Row& r, double f) { r.monitored.ibw = f * r.monitored.ibw; },
    [](PlacementProblem::Row& r, double f) { r.monitored.latency = f * r.monitored.latency; },
    [](PlacementProblem::Row& r, double f) { r.monitored.cpu_price = f * r.monitored.cpu_price; },
    [](PlacementProblem::Row& r, double f) { r.client_latency = f * r.client_latency; },
    [](PlacementProblem::Row& r, double f) { r.cpu_free = f * r.cpu_free; },
};

}  // namespace

TEST_CASE("cost policies are registered under their names, each with a sentence") {
  const Policies policies = built_in();
  CHECK(policies.cost.names() == Texts{"none", "green-compute", "green-composite-a", "green-composite-b", "green-rl",
                                       "greenness", "resilience", "performance", "cost", "balanced", "weighted",
                                       "profile"});
  for (const auto& entry : policies.cost.entries()) CHECK(entry.prose.back() == '.');
  std::set<std::string> names;
  for (const Metric& metric : metrics()) names.insert(metric.name);
  CHECK(names.size() == metrics().size());
}

TEST_CASE("costs of each profile over the maximum", "[cost]") {
  const PlacementProblem asked = three();
  check(costs(asked, "none"), {});
  check(costs(asked, "green-compute"), {0.5, 1, 0.75});
  check(costs(asked, "green-composite-a"), {0.75, 0.75, 0.75});       // (0.5 + 1) / 2, (1 + 0.5) / 2, (0.75 + 0.75) / 2
  check(costs(asked, "green-composite-b"), {16. / 24, 16. / 24, 1});  // 2 x 8, 4 x 4, 4 x 6
  // (0.03 x cores + 0.0003 x GB) x link energy x degree: 0.03 x 2e-8, 0.0612 x 8e-8, 0.0918 x 4e-8.
  check(costs(asked, "green-rl"), {0.03 * 2 / (0.0612 * 8), 1, 0.0918 * 4 / (0.0612 * 8)});
  check(costs(asked, "greenness"), costs(asked, "green-composite-a"));
  check(costs(asked, "resilience"),
        {0.75, 0.75, 0});  // 2 / 1 / 2 = 1, 4 / 2 / 2 = 1, 4: turned around 1 - 1/4, 1 - 1/4, 1 - 1
  // Latencies as they are: 1, 0.25, 0.625 and 0.25, 0.5, 1. Turned around, out: 0.75, 0.5, 0; in: 0, 0.5, 0.75; cores:
  // 0.75, 0.5, 0; memory: 0, 0.5, 0.75.
  const Costs fast = {2.75 / 6, 2.75 / 6, 3.125 / 6};
  check(costs(asked, "performance"), fast);
  check(costs(asked, "cost"), {0.2, 1, 0.6});
  check(costs(asked, "balanced"),
        {(0.75 + 0.75 + fast[0] + 0.2) / 4, (0.75 + 0.75 + fast[1] + 1) / 4, (0.75 + 0 + fast[2] + 0.6) / 4});
}

TEST_CASE("costs of each profile between minimum and maximum", "[cost]") {
  const PlacementProblem asked = three();
  check(costs(asked, "green-compute", min_max), {0, 1, 0.5});
  check(costs(asked, "green-composite-a", min_max), {0.5, 0.5, 0.5});
  check(costs(asked, "green-composite-b", min_max), {0, 0, 1});
  check(costs(asked, "green-rl", min_max), {0, 1, (0.0918 * 4 - 0.03 * 2) / (0.0612 * 8 - 0.03 * 2)});
  check(costs(asked, "resilience", min_max), {1, 1, 0});
  // Latencies: 1, 0, 0.5 and 0, 1/3, 1. Turned around, out: 1, 2/3, 0; in: 0, 2/3, 1; cores: 1, 2/3, 0; memory: 0,
  // 2/3, 1.
  const Costs fast = {3. / 6, 3. / 6, 3.5 / 6};
  check(costs(asked, "performance", min_max), fast);
  check(costs(asked, "cost", min_max), {0, 1, 0.5});
  check(costs(asked, "balanced", min_max),
        {(0.5 + 1 + fast[0] + 0) / 4, (0.5 + 1 + fast[1] + 1) / 4, (0.5 + 0 + fast[2] + 0.5) / 4});
}

TEST_CASE("weights are a mean of metrics by CODECO's names, each turned as the table says", "[cost]") {
  const PlacementProblem asked = three();
  check(costs(asked, "weighted", R"({"weights": {"node_energy": 7}})"), {0.5, 1, 0.75});
  // Three parts of the price to one of bandwidth out, which is better higher.
  check(costs(asked, "weighted", R"({"weights": {"cpu_price": 3, "ebw": 1, "ibw": 0}})"),
        {(0.6 + 0.75) / 4, (3 + 0.5) / 4, (1.8 + 0) / 4});
  check(costs(asked, "weighted", R"({"weights": {"cpu_price": 3, "ebw": 1}, "normalisation": "min-max"})"),
        {(0 + 1.) / 4, (3 + 2. / 3) / 4, (1.5 + 0) / 4});
  // Without weights all nineteen count the same, and five are zero everywhere.
  const Costs all = costs(asked, "weighted");
  const double first = (1. / 3 + 0.75 + 0 + 0 + 0.5 + 1 + 0.75 + 0 + 0.25 + 0.5 + 0.5 + 1 + 0.2 + 1) / 19;
  CHECK(all[0] == Approx(first).margin(1e-14));
}

TEST_CASE("each metric reads what it says, and is turned the right way", "[cost]") {
  for (const Metric& metric : metrics()) {
    INFO(metric.name);
    PlacementProblem asked = problem(2, 1, Level::federation);
    for (auto& each : asked.rows) {
      each.cpu_free = Cores(0);
      each.memory_free = Bytes(0);
    }
    PlacementProblem::Row& more = asked.rows[1];
    const std::string name = metric.name;
    if (name == "cpu") more.cpu_busy = Cores(1);
    if (name == "cpu_free") more.cpu_free = Cores(1);
    if (name == "mem") more.memory_free = Bytes(1);
    if (name == "node_failure") more.monitored.node_failures = 1;
    if (name == "node_energy") more.monitored.node_energy = Watts(1);
    if (name == "node_sec") more.monitored.security = 1;
    if (name == "freshness") more.monitored.freshness = Seconds(1);
    if (name == "compliance") more.monitored.compliance = 1;
    if (name == "node_net_failure") more.monitored.link_failures = 1;
    if (name == "ebw") more.monitored.ebw = BytesPerSecond(1);
    if (name == "ibw") more.monitored.ibw = BytesPerSecond(1);
    if (name == "latency") more.monitored.latency = Seconds(1);
    if (name == "node_degree") more.monitored.node_degree = 1;
    if (name == "link_energy") more.monitored.link_energy = JoulesPerByte(1);
    if (name == "node_net_energy") more.monitored.net_energy = Watts(1);
    if (name == "carbon") more.monitored.carbon = GramsPerJoule(1);
    if (name == "cpu_price") more.monitored.cpu_price = EurosPerCoreSecond(1);
    if (name == "client_latency") more.client_latency = Seconds(1);
    if (name == "age") more.age = Seconds(1);
    const std::set<std::string> better_higher = {"cpu_free", "mem", "node_sec",   "compliance",
                                                 "ebw",      "ibw", "node_degree"};
    const Costs expected = better_higher.contains(name) ? Costs{1, 0} : Costs{0, 1};
    for (const std::string normalisation : {"maximum", "min-max"})
      check(
          costs(asked, "weighted", R"({"weights": {")" + name + R"(": 2}, "normalisation": ")" + normalisation + "\"}"),
          expected);
  }
}

TEST_CASE("the profile is the one that the application asks for, in any case", "[cost]") {
  PlacementProblem asked = three();
  for (const auto& [written, meant] :
       std::vector<std::pair<std::string, std::string>>{{"Greenness", "greenness"},
                                                        {"RESILIENCE", "resilience"},
                                                        {"performance", "performance"},
                                                        {"Cost", "cost"},
                                                        {"Balanced", "balanced"},
                                                        {"green-compute", "green-compute"},
                                                        {"", "balanced"},
                                                        {"efficiency", "balanced"}}) {
    asked.profile = written;
    check(costs(asked, "profile"), costs(asked, meant));
    check(costs(asked, "profile", min_max), costs(asked, meant, min_max));
  }
  check(costs(asked, "profile", R"({"otherwise": "cost"})"), costs(asked, "cost"));
}

TEST_CASE("the unit of a metric does not matter, nor does the order of the rows", "[cost]") {
  const std::string name = GENERATE("green-compute", "green-composite-a", "green-composite-b", "green-rl", "resilience",
                                    "performance", "cost", "balanced", "weighted");
  INFO(name);
  Rng rng(5, 0);
  PlacementProblem asked = problem(7, 1, Level::federation);
  for (auto& each : asked.rows) {
    each.monitored.node_energy = Watts(1);
    each.monitored.net_energy = Watts(1);
    each.monitored.link_energy = JoulesPerByte(1);
    each.monitored.node_degree = 1;
    each.monitored.ebw = each.monitored.ibw = BytesPerSecond(1);
    each.monitored.latency = each.client_latency = Seconds(1);
    each.monitored.cpu_price = EurosPerCoreSecond(1);
    for (const auto& scale : scales) scale(each, rng.uniform());
    each.monitored.node_failures = rng.uniform(0, 5);
    each.monitored.link_failures = rng.uniform(0, 5);
    each.cpu_busy = Cores(rng.uniform(0, 4));
    each.memory_free = Bytes(rng.uniform(0, 8e9));
  }
  for (const std::string& parameters : {std::string("{}"), min_max}) {
    const Costs before = costs(asked, name, parameters);
    for (double cost : before) CHECK((cost >= 0 && cost <= 1));
    for (const auto& scale : scales) {
      PlacementProblem scaled = asked;
      for (auto& each : scaled.rows) scale(each, 1000);
      check(costs(scaled, name, parameters), before);
    }
    PlacementProblem turned = asked;
    std::reverse(turned.rows.begin(), turned.rows.end());
    Costs back = costs(turned, name, parameters);
    std::reverse(back.begin(), back.end());
    check(back, before);
  }
}

TEST_CASE("what tells no row from another: equals, zeros, one row, none", "[cost]") {
  const std::string name = GENERATE("green-compute", "green-composite-a", "green-composite-b", "green-rl", "resilience",
                                    "performance", "cost", "balanced", "weighted", "profile");
  INFO(name);
  PlacementProblem asked = problem(3, 1, Level::federation);
  for (auto& each : asked.rows) each = three().rows[1];

  SECTION("equals cost the same: nothing between the extremes; over the maximum all that is better low") {
    check(costs(asked, name, min_max), {0, 0, 0});
    const Costs same = costs(asked, name);
    CHECK(same[1] == same[0]);
    CHECK(same[2] == same[0]);
    if (name == "green-compute" || name == "cost") CHECK(same[0] == 1);
    if (name == "resilience") CHECK(same[0] == 0);
  }
  SECTION("zeros cost nothing") {
    for (auto& each : asked.rows) {
      each = row(0, 4, 8);
      each.cpu_free = Cores(0);
      each.memory_free = Bytes(0);
    }
    check(costs(asked, name), {0, 0, 0});
    check(costs(asked, name, min_max), {0, 0, 0});
  }
  SECTION("one row costs nothing between the extremes") {
    asked.rows.resize(1);
    check(costs(asked, name, min_max), {0});
    CHECK(costs(asked, name).size() == 1);
  }
  SECTION("no rows") {
    asked.rows.clear();
    CHECK(costs(asked, name).empty());
  }
}

TEST_CASE("what takes forever costs all there is, and is no maximum for others", "[cost]") {
  PlacementProblem asked = three();
  asked.rows[0].client_latency = forever;
  check(costs(asked, "weighted", R"({"weights": {"client_latency": 1}})"), {1, 0.4, 1});  // 10 of 25 ms
  check(costs(asked, "weighted", R"({"weights": {"client_latency": 1}, "normalisation": "min-max"})"), {1, 0, 1});
  for (auto& each : asked.rows) each.client_latency = forever;
  check(costs(asked, "weighted", R"({"weights": {"client_latency": 1}})"), {1, 1, 1});
}

TEST_CASE("a cost reads as a whole score from a hundred down to minus a hundred", "[cost]") {
  CHECK(addon_score(0) == 100);
  CHECK(addon_score(1) == -100);
  CHECK(addon_score(0.5) == 0);
  CHECK(addon_score(0.25) == 50);
  CHECK(addon_score(0.333) == 33);    // 33.4
  CHECK(addon_score(0.7512) == -50);  // -50.24
  CHECK(addon_score(-1) == 100);
  CHECK(addon_score(2) == -100);
  for (int i = 0; i < 200; ++i) CHECK(addon_score(i / 200.) - addon_score((i + 1) / 200.) == 1);
}

TEST_CASE("OCM's Placement follows costs that are published as scores", "[cost]") {
  PlacementProblem asked = three();
  for (std::uint32_t i = 0; i < 3; ++i)
    asked.rows[i].scores = {{"pdlc", "cost", addon_score(costs(asked, "cost", min_max)[i]), Seconds(60)}};
  const auto ocm = make("ocm", R"({"mode": "Exact", "addon_scores": [{"addon": "pdlc", "score": "cost"}]})");
  CHECK(targets(place(*ocm, asked)) == Targets{0});
  use(asked.rows[0], 1, 0);
  CHECK(targets(place(*ocm, asked)) == Targets{2});
  asked.now = Seconds(61);  // Nothing is valid any more, and the first that has room is taken.
  CHECK(targets(place(*ocm, asked)) == Targets{1});
}
