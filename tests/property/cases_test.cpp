// Small inputs on which codecosim once was wrong, or silent, each with its right value. They lie beside the repository;
// the kinds that they stand for have tests of their own, which need no files.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/shell.hpp"

using namespace codecosim::test;
using Json = nlohmann::ordered_json;

namespace {
struct Value {
  std::string metric, part;  // of the summary
  double least, most;
};
struct Case {
  std::string file;
  std::vector<Value> values;
  std::string finding = {};  // that it must have
  std::string arguments = {};
};
constexpr double some = 1e300;

const std::vector<Case> cases{
    {"hub/double-count", {{"placement.pending", "value", 0, 0}, {"deployment.time", "count", 2, 2}}},
    {"hub/double-count", {{"placement.pending", "value", 0, 0}, {"deployment.time", "count", 2, 2}}, "", "--seed 4"},
    {"hub/double-count", {{"placement.pending", "value", 0, 0}, {"deployment.time", "count", 2, 2}}, "", "--seed 7"},
    {"hub/wait-memory", {{"placement.pending", "value", 0, 0}, {"deployment.time", "count", 2, 2}}},
    {"hub/wait-memory-designed", {{"placement.pending", "value", 0, 0}, {"deployment.time", "count", 2, 2}}},
    {"hub/wait-cpu-race", {{"placement.pending", "value", 0, 0}, {"deployment.time", "count", 3, 3}}},
    {"hub/energy-limit-exact", {{"deployment.time", "count", 15, 15}, {"placement.pending", "value", 0, 0}}},
    {"hub/pod-created-twice-small", {{"requests.submitted", "value", 1, some}}},
    {"hub/two-hubs",
     {{"channels.running", "value", 1, 1}},
     "",
     R"(--set '/faults=[{"kind":"cluster","match":"h0","outages":[{"start":"60 s","duration":"1200 s"}]}]')"},
    {"kubernetes/cfs-limit", {{"request.latency", "mean", 0.0270, 0.0285}}},
    {"kubernetes/service-round-robin",
     {{"request.latency", "mean", 0.047, 0.052}, {"request.latency", "p99", 0.21, 0.24}}},
    {"network/flow-through-partition",
     {{"deployment.time", "mean", 200, some}, {"requests.completed", "value", 1, 1000}}},
    {"network/dead-link-bytes", {{"bytes.bulk", "value", 2e9, 2e9}}},
    {"network/dead-link-data", {{"bytes.data", "value", 1e9, 1e9}, {"bytes.bulk", "value", 1e9, 1e9}}},
    {"network/overloaded-updates", {{"bytes.data", "value", 1e9, 12e9}}},
    // ASSURED offers about 15 000 requests of 45 000, and its share is above them.
    {"network/assured-share-lost", {{"requests.completed", "value", 14500, 15300}}},
    {"network/flow-starves-messages", {{"request.latency", "mean", 0.010, 0.080}}},
    {"faults/contained-outage", {{"recovery.time", "count", 1, 1}, {"recovery.time", "mean", 30, 30}}},
    {"outcomes/nobody-answered",
     {{"requests.in_time", "value", 0, 1 / 313.0}, {"requests.deadline_misses", "value", 312, 313}},
     "unanswered"},
    {"outcomes/overload", {{"requests.in_time", "value", 0, 0.01}}, "overloaded-component"},
    {"outcomes/nearest-routing", {{"request.latency", "mean", 0.009, 0.012}}}};

/// Where they are; empty, and said, where they are missing.
std::string folder_of_cases() {
  const std::string folder = std::string(CODECOSIM_SOURCE) + "/../shared/cases/";
  if (std::filesystem::exists(folder)) return folder;
  WARN("skipped: the cases are not beside the repository (../shared/cases)");
  return "";
}
std::vector<nlohmann::json> trace_of(const std::string& file) {
  const Scratch scratch;
  const Ran ran =
      codecosim::test::codecosim(fmt::format("run {} --progress none --trace all --out {}", file, scratch / "results"));
  REQUIRE(ran.status == 0);
  return trace_records(scratch / "results/trace.jsonl.zst");
}
}  // namespace

TEST_CASE("What was wrong on small inputs is right", "[property]") {
  const std::string folder = folder_of_cases();
  if (folder.empty()) return;
  for (const Case& one : cases) {
    CAPTURE(one.file, one.arguments);
    const Json run = simulate(fmt::format("{}{}.json {}", folder, one.file, one.arguments));
    REQUIRE(!run.empty());
    for (const Value& each : one.values) {
      CAPTURE(each.metric, each.part);
      const Json& found = run["summary"][each.metric][each.part];
      REQUIRE(found.is_number());
      CHECK(found.get<double>() >= each.least * (1 - 1e-9));
      CHECK(found.get<double>() <= each.most * (1 + 1e-9));
    }
    const auto has = [&](const Json& finding) { return finding["kind"] == one.finding; };
    if (!one.finding.empty()) CHECK(std::ranges::any_of(run["summary"]["findings"], has));
  }
}

TEST_CASE("A message that is on a link that goes down is known to be lost at once", "[property]") {
  const std::string folder = folder_of_cases();
  if (folder.empty()) return;
  std::vector<double> lost;
  for (const auto& one : trace_of(folder + "network/late-news-of-loss.json"))
    if (one["kind"] == "request" && one["outcome"] == "link_down") lost.push_back(one["t_s"]);
  CHECK(lost == std::vector<double>{15});
}

TEST_CASE("A crashed node gets its share of the requests until it is known to be lost", "[property]") {
  const std::string folder = folder_of_cases();
  if (folder.empty()) return;
  // Deployed at 103 s; the node crashes at 500 s, is NotReady at 540 s, and gone from all proxies soon after.
  double sent = 0, failed = 0, others = 0;
  for (const auto& one : trace_of(folder + "kubernetes/crash-endpoints.json")) {
    if (one["kind"] != "request" || one["start_s"] < 103) continue;
    const bool while_unknown = one["start_s"] >= 500 && one["start_s"] < 545;
    const bool fails = one["outcome"] != "done";
    sent += while_unknown;
    failed += while_unknown && fails;
    others += !while_unknown && fails;
  }
  CHECK(failed >= 400);
  CHECK(failed <= 460);
  CHECK(failed / sent == Approx(1 / 3.0).margin(0.05));
  CHECK(others == 0);
}

TEST_CASE("Nodes that are lost at once are evicted one after another, at Kubernetes' rate", "[property]") {
  const std::string folder = folder_of_cases();
  if (folder.empty()) return;
  std::vector<double> begun;  // the first replacement of each node
  for (const auto& one : trace_of(folder + "kubernetes/eviction-rate.json")) {
    if (one["kind"] != "decision" || one["t_s"] < 800 || one["node"].is_null()) continue;
    if (begun.empty() || one["t_s"] > begun.back() + 5) begun.push_back(one["t_s"]);
  }
  REQUIRE(begun.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(begun[i] == Approx(840 + 10 * static_cast<double>(i)).margin(0.1));
}
