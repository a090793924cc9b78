// The oracle, and CODECO's control plane whose delays, waits and losses are all zero, do the same: they are one engine.
#include <algorithm>
#include <map>

#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using namespace codecosim::test;
using Json = nlohmann::ordered_json;

namespace {
/// CODECO over Open Cluster Management where nothing takes time but the links themselves.
Json prompt() {
  return Json::parse(R"({
    "preset": "as-implemented", "probes": "none", "context": "local",
    "hub": {"service": "0 s", "workers": 1000},
    "acm": {"wait": "0 s", "reconcile": "0 s", "solve": "0 s", "solve_row": "0 s"},
    "ocm": {"local_cluster": true, "apply": "0 s", "watch": true, "lease_jitter": 0},
    "kubernetes": {"scheduler": "1000000000 /s", "set_up": "0 s", "latency": "0 s", "tear_down": "0 s", "stop": "0 s", "grace": "0 s",
                   "toleration": "0 s", "relist": "0 s", "endpoints": "0 s"},
    "mdm": {"process": "0 s"}
  })");
}
struct Outcomes {
  std::vector<std::string> places;  // component and node of each pod, sorted
  std::map<std::string, double> counts;
  auto operator<=>(const Outcomes&) const = default;
};
Outcomes outcomes_of(const Json& scenario) {
  const Played run = play(scenario);
  Outcomes outcomes;
  for (const auto& one : run.records)
    if (one["kind"] == "decision" && !one["pod"].is_null())
      outcomes.places.push_back(one["application"].get<std::string>() + "/" +
                                std::to_string(one["component"].get<int>()) + " on " +
                                (one["node"].is_null() ? "none" : one["node"].get<std::string>()));
  std::sort(outcomes.places.begin(), outcomes.places.end());
  for (const char* name : {"placement.decisions", "placement.infeasible", "placement.refused", "placement.moves",
                           "placement.pending", "scheduling.decisions", "scheduling.infeasible"})
    outcomes.counts[name] = run.value(name);
  return outcomes;
}
}  // namespace

TEST_CASE("Without delays, waits and losses CODECO's control plane places as the oracle does, and counts the same",
          "[property]") {
  // Those that a file beside them, a fleet that is too large for a test, or devices that carry clusters rule out are
  // left out.
  const std::string name = GENERATE("quickstart", "smart-city", "media", "urban-mobility", "agv-factory-static",
                                    "agv-factory", "partition-drill");
  CAPTURE(name);
  Json scenario = Json::parse(contents(std::string(CODECOSIM_SOURCE) + "/scenarios/library/" + name + ".json"));
  // Clusters have joined and told their states by then; nothing fails, and nobody moves what has been placed.
  scenario.erase("faults");
  scenario["duration"] = "330 s";
  scenario["warmup"] = "0 s";
  scenario["series"] = "100 s";
  for (Json& app : scenario["applications"]) app["submit"] = {{"at", "300 s"}};
  if (scenario.contains("policy")) scenario["policy"].erase("migration");
  scenario["control_plane"] = "oracle";
  const Outcomes bound = outcomes_of(scenario);
  scenario["control_plane"] = prompt();
  const Outcomes codeco = outcomes_of(scenario);
  CHECK(bound.places.size() > 5);
  CHECK(codeco.places == bound.places);
  CHECK(codeco.counts == bound.counts);
}
