// Hard rules: what they forbid is not done, what they allow is, and who waits is told why.
#include <fmt/format.h>

#include <map>
#include <set>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
const Json link = {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}};

Json a_cluster(const std::string& name, const std::string& provider, int nodes, const std::string& security = "High") {
  return {{"name", name}, {"provider", provider}, {"nodes", {{{"type", "n"}, {"count", nodes}}}},
          {"lan", link},  {"uplink", link},       {"security", security}};
}
Json an_application(const std::string& name, const Json& rules) {
  Json app = with(server(name, 1, "1 ms"), {{"submit", {{"at", "60 s"}}}});
  component(app, "serve")["requests"] = {{"cpu", 1}};
  return with(app, rules);
}
Json federation(const std::string& duration) {
  Json scenario = station(4, 1, "1 ms", "0.01 /s", duration);
  scenario["warmup"] = "0 s";
  scenario["node_types"]["tiny"] = {{"cores", 0.5}, {"memory", "8 GiB"}};
  client(scenario, "user")["at"] = "hub";
  scenario["control_plane"] = "as-implemented";
  return scenario;
}

/// A hub in the US, which is too small to run anything, and three clusters in the EU, which no application may use, for
/// this rule.
Json impossible(const std::string& rule) {
  const std::map<std::string, Json> rules{{"domain", {{"allowed_domains", {"us"}}}},
                                          {"compliance", {{"compliance", "High"}}},
                                          {"security", {{"security", "Good"}}},
                                          {"price", {{"price_cap", "0.09 EUR/core/h"}}},
                                          {"energy", {{"energy_limit", 0.12}}},  // 1 core of 8
                                          {"data", Json::object()}};
  Json scenario = federation("10 min");
  scenario["providers"] = {{"p", {{"domain", "eu"}, {"compliance", "Medium"}, {"price", {{"cpu", "0.1 EUR/core/h"}}}}},
                           {"q", {{"domain", "us"}}}};
  scenario["clusters"] = {a_cluster("hub", "q", 1), a_cluster("edge", "p", 2, "Medium")};
  cluster(scenario, "hub")["role"] = "hub";
  node_pool(scenario, "hub", "n")["type"] = "tiny";
  cluster(scenario, "edge")["count"] = 3;
  scenario["data"] = {{{"name", "secrets"}, {"size", "1 MB"}, {"source", "hub"}, {"allowed_domains", {"us"}}}};
  scenario["applications"] = {an_application("app", rules.at(rule))};
  application(scenario, "app")["count"] = 4;
  component(scenario, "app", "serve")["replicas"] = 2;
  if (rule == "data") component(scenario, "app", "serve")["reads"] = {"secrets"};
  return scenario;
}

/// What each of the applications below may use, and no other; everything fits.
const std::map<std::string, std::set<std::string>> possible{{"domain", {"low"}},
                                                            {"compliance", {"mid", "high"}},
                                                            {"security", {"high"}},
                                                            {"price", {"low"}},
                                                            {"energy", {"low"}},
                                                            {"data", {"low"}},
                                                            {"free", {"low", "mid", "high"}}};
Json possibilities() {
  Json scenario = federation("10 min");
  scenario["providers"] = {{"p", {{"domain", "eu"}, {"price", {{"cpu", "0.2 EUR/core/h"}}}}},
                           {"q", {{"domain", "us"}, {"compliance", "Low"}, {"price", {{"cpu", "0.1 EUR/core/h"}}}}}};
  scenario["clusters"] = {a_cluster("hub", "p", 1), a_cluster("low", "q", 3, "None"),
                          a_cluster("mid", "p", 1, "Medium"), a_cluster("high", "p", 1)};
  cluster(scenario, "hub")["role"] = "hub";
  node_pool(scenario, "hub", "n")["type"] = "tiny";
  scenario["data"] = {{{"name", "secrets"}, {"size", "1 MB"}, {"source", "low"}, {"allowed_domains", {"us"}}}};
  scenario["applications"] = {an_application("domain", {{"allowed_domains", {"us"}}}),
                              an_application("compliance", {{"compliance", "Medium"}}),
                              an_application("security", {{"security", "Good"}}),
                              an_application("price", {{"price_cap", "0.1 EUR/core/h"}}),
                              an_application("energy", {{"energy_limit", 0.1}}),  // 1 core of 12, not of 4
                              an_application("data", Json::object()),
                              an_application("free", Json::object())};
  component(scenario, "data", "serve")["reads"] = {"secrets"};
  client(scenario, "user")["application"] = "free";
  return scenario;
}
}  // namespace

TEST_CASE("What no rule set allows is pending for its reason, and the run is a good one", "[property]") {
  const std::string rule = GENERATE("domain", "compliance", "security", "price", "energy", "data");
  const std::string plane = GENERATE("as-implemented", "oracle");
  CAPTURE(rule, plane);
  Json scenario = impossible(rule);
  scenario["control_plane"] = plane;
  const Scratch scratch;
  const Ran ran = codecosim::test::codecosim("run " + scratch.write("scenario.json", scenario.dump()) + " --out " +
                                             (scratch / "results"));
  CHECK(ran.status == 0);
  const auto summary = nlohmann::json::parse(contents(scratch / "results/summary.json"));
  CHECK(summary["placement.pending"]["value"] == 8);
  CHECK(summary["violations.compliance"]["value"] == 0);
  CHECK(summary["requests.completed"]["value"] == 0);
  const auto pending = nlohmann::json::parse(contents(scratch / "results/pending.json"));
  REQUIRE(pending.size() == 8);
  for (const auto& one : pending) {
    INFO(one.dump());
    // The oracle asks the hub's cluster too, where there is no room; by the rule on energy it may have nothing either.
    const std::string no_room =
        rule == "energy" ? "4 cluster(s) broke the rule on energy." : "0/1 clusters are available: 1 Insufficient cpu.";
    const std::string expected = plane == "oracle" ? no_room : fmt::format("3 cluster(s) broke the rule on {}.", rule);
    CHECK(one["reason"].get<std::string>().find(expected) != std::string::npos);
  }
}

TEST_CASE("What the rules allow is done, and nothing else, whatever the policy and the seed", "[property]") {
  const std::string policy = GENERATE("nearest", "first-fit", "random", "round-robin", "kube-default", "ocm");
  const std::string plane = GENERATE("as-implemented", "as-designed", "oracle");
  const int seed = GENERATE(1, 2, 3);
  CAPTURE(policy, plane, seed);
  Json scenario = possibilities();
  scenario["control_plane"] = plane;
  scenario["seed"] = seed;
  scenario["policy"] = {{"placement", policy}};
  const Scratch scratch;
  const Ran ran = codecosim::test::codecosim("run " + scratch.write("scenario.json", scenario.dump()) +
                                             " --trace decisions --out " + (scratch / "results"));
  REQUIRE(ran.status == 0);
  const auto summary = nlohmann::json::parse(contents(scratch / "results/summary.json"));
  CHECK(summary["placement.pending"]["value"] == 0);
  CHECK(summary["violations.compliance"]["value"] == 0);
  CHECK(summary["violations.unexplained"]["value"] == 0);
  std::set<std::string> seen;
  for (const auto& one : trace_records(scratch / "results/trace.jsonl.zst")) {
    if (one["kind"] != "pod" || one["phase"] != "ready") continue;
    const std::string pod = one["pod"], node = one["node"], app = pod.substr(0, pod.find('/'));
    INFO(pod + " on " + node);
    CHECK(possible.at(app).count(node.substr(0, node.find('/'))) == 1);
    seen.insert(app);
  }
  CHECK(seen.size() == possible.size());
}

TEST_CASE("A cluster that loses its security class violates rules, for a known cause, until its pods have moved",
          "[property]") {
  Json scenario = federation("30 min");
  scenario["clusters"] = {a_cluster("hub", "p", 1), a_cluster("one", "p", 1), a_cluster("other", "p", 1)};
  cluster(scenario, "hub")["role"] = "hub";
  scenario["applications"] = {an_application("strict", {{"security", "Good"}}), an_application("easy", Json::object())};
  component(scenario, "strict", "serve")["replicas"] = 2;
  client(scenario, "user")["application"] = "strict";
  scenario["policy"] = {{"placement", "first-fit"}};
  scenario["faults"] = {fault("security", "one", "breach.csv")};
  const auto run = simulation(scenario, 0, {{"breach.csv", "start_s,duration_s\n300,3000\n"}});
  const auto all = records(*run);
  std::set<std::string> violators;
  for (const auto& one : all) {
    if (one["kind"] != "violation") continue;
    CHECK(one["t_s"] == 300);
    CHECK(one["cluster"] == "one");
    CHECK(one["rule"] == "security");
    CHECK(one["breached"] == true);
    violators.insert(one["pod"].get<std::string>());
  }
  CHECK(violators == std::set<std::string>{"strict/serve-0", "strict/serve-1"});
  CHECK(value_of(*run, "violations.compliance") == 2);
  CHECK(value_of(*run, "violations.unexplained") == 0);
  CHECK(times(all, "gone", "strict/serve-0").size() == 1);
  CHECK(times(all, "gone", "strict/serve-1").size() == 1);
  CHECK(times(all, "gone", "easy/serve-0").empty());
  CHECK(times(all, "ready", "", "other/n-0").size() == 2);
  CHECK(value_of(*run, "applications.running") == 2);
  // Told, decided, applied and set up within seconds: one look of the agent (10 to 19 s) apart from nothing.
  CHECK(times(all, "ready", "", "other/n-0").back() < 320);
}

TEST_CASE("The oracle knows of a lost security class at once, and places elsewhere in no time", "[property]") {
  Json scenario = federation("30 min");
  scenario["control_plane"] = "oracle";
  scenario["clusters"] = {a_cluster("one", "p", 1), a_cluster("other", "p", 1)};
  client(scenario, "user")["at"] = "one";
  scenario["applications"] = {an_application("strict", {{"security", "Good"}})};
  client(scenario, "user")["application"] = "strict";
  // First one of them, then, while nothing is left, both.
  scenario["faults"] = {fault("security", "one", "breach.csv"), fault("security", "other", "both.csv")};
  const auto run = simulation(
      scenario, 0, {{"breach.csv", "start_s,duration_s\n300,600\n"}, {"both.csv", "start_s,duration_s\n500,1000\n"}});
  const auto all = records(*run);
  CHECK(times(all, "ready") == std::vector<double>{60, 300, 900});
  CHECK(times(all, "gone") == std::vector<double>{300, 500});
  CHECK(times(all, "ready", "", "one/n-0") == std::vector<double>{60, 900});
  CHECK(value_of(*run, "violations.compliance") == 0);
  CHECK(value_of(*run, "placement.pending") == 0);
}

TEST_CASE("The oracle deletes in no time too, and others get the room", "[property]") {
  Json scenario = federation("10 min");
  scenario["control_plane"] = "oracle";
  scenario["clusters"] = {a_cluster("one", "p", 1)};
  client(scenario, "user")["at"] = "one";
  scenario["applications"] = {an_application("first", Json::object()), an_application("second", Json::object())};
  for (Json& app : scenario["applications"]) component(app, "serve")["requests"]["cpu"] = 4;
  application(scenario, "first")["submit"]["delete_at"] = "200 s";
  client(scenario, "user")["application"] = "second";
  const auto run = simulation(scenario);
  const auto all = records(*run);
  CHECK(times(all, "ready", "first/serve-0") == std::vector<double>{60});
  CHECK(times(all, "gone", "first/serve-0") == std::vector<double>{200});
  CHECK(times(all, "ready", "second/serve-0") == std::vector<double>{200});
  CHECK(value_of(*run, "placement.pending") == 0);
}

TEST_CASE("Partitions, breaches, lost nodes and crashes leave no work and no application behind", "[property]") {
  double violations = 0;
  for (int seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const auto run =
        simulate(fmt::format("{}/tests/errors/governed.json --seed {} --set '/duration=1 h'", CODECOSIM_SOURCE, seed));
    REQUIRE(!run.empty());
    violations += value(run, "violations.compliance");
    CHECK(value(run, "violations.unexplained") == 0);
    CHECK(value(run, "works.issued") ==
          value(run, "works.applied") + value(run, "works.superseded") + value(run, "works.open"));
    // They are deleted after 8 minutes, and what cuts clusters off lasts for minutes.
    CHECK(value(run, "works.open") == 0);
    CHECK(value(run, "applications.deleted") == 2);
    CHECK(value(run, "applications.pending") == 0);
  }
  CHECK(violations > 20);  // rules are put to the test
}
