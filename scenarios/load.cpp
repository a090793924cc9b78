#include "scenarios/load.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/parts.hpp"

namespace codecosim {

std::uint32_t reference(Reader& r, const char* key, const std::vector<std::string>& known, const char* what, const char* prose) {
  const auto name = r.need<std::string>(key, prose);
  const auto found = std::find(known.begin(), known.end(), name);
  if (found != known.end()) return static_cast<std::uint32_t>(found - known.begin());
  if (!r.describing() && !name.empty()) r.problem_at(key, fmt::format("there is no {} \"{}\"{}", what, name, suggestion(name, known)));
  return 0;
}

std::optional<Csv> csv_at(Reader r, const Loading& loading) {
  const auto name = r.value<std::string>();
  if (r.describing()) return std::nullopt;
  std::string why;
  const std::string path = loading.document->resolve(r.pointer(), name, why);
  if (path.empty()) {
    r.problem(why.empty() ? "expected a file name" : why);
    return std::nullopt;
  }
  std::optional<Csv> csv;
  guarded(r, [&] { csv.emplace(path); });
  return csv;
}

bool guarded(Reader r, const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const Error& wrong) {
    r.problem(wrong.what());
    return false;
  }
}

std::string name_at(Reader& r, const char* prose) {
  const auto name = r.need<std::string>("name", prose);
  const bool good = !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (!good && !r.describing() && r.has("name") && !name.empty())
    r.problem_at("name", fmt::format("\"{}\" is no name in Kubernetes' sense: at most 63 of a-z, 0-9, '-' and '.'", name.substr(0, 80)));
  return name;
}

namespace {
void read_policies(Reader& root, Loading& loading) {
  auto r = root.object("policy", "Who decides.");
  if (!r) return;
  Scenario& scenario = loading.scenario;
  const auto policy = [&](const char* key, std::string& name, const char* prose) {
    name = r->get<std::string>(key, name, prose);
    if (!r->describing() && loading.policies.find(name) == nullptr)
      r->problem_at(key, fmt::format("there is no placement policy \"{}\"{}", name, suggestion(name, loading.policies.names())));
  };
  policy("placement", scenario.placement, "Which cluster gets a component. `codecosim describe policies` lists them.");
  policy("scheduler", scenario.scheduler, "Which node of the cluster gets it: any of the same policies.");
  r->close();
}

void read_scenario(Reader& root, Loading& loading) {
  Scenario& scenario = loading.scenario;
  scenario.name = name_at(root, "Of the scenario.");
  scenario.description = root.get<std::string>("description", "", "What it is about.");
  if (root.describing()) {
    (void)root.get<std::string>("$schema", "", "For editors; ignored.");
    (void)root.maybe_one_of<int>("import", "Files that this one builds on and overrides key by key; paths are relative to it.",
        {{"", "", [](Reader r) { return r.value<std::string>(), 0; }}, {"", "", [](Reader r) { return r.value<std::vector<std::string>>(), 0; }}});
  } else if (root.has("$schema")) {
    (void)root.get<std::string>("$schema", "", "");
  }
  scenario.duration = root.need<Seconds>("duration", "Simulated time.", Bounds{0, 1e9, true});
  scenario.warmup = root.get<Seconds>("warmup", Seconds(0), "Measurement starts after it.", not_negative);
  if (scenario.warmup >= scenario.duration && scenario.duration > Seconds(0)) root.problem_at("warmup", "must be shorter than the duration");
  scenario.seed = root.get<std::uint64_t>("seed", 1, "Of all random streams.", not_negative);
  scenario.series_interval = root.get<Seconds>("series", Seconds(0), "Between two lines of series.csv; 0 s: a hundredth of the duration.", not_negative);

  read_infrastructure(root, loading);
  const Federation federation(scenario.federation);
  if (federation.cluster_count() > 0) scenario.registry = federation.hub();
  const auto registry = root.get<std::string>("registry", "", "Cluster that images are pulled from; missing: the hub.");
  if (!registry.empty()) {
    const auto found = federation.find_cluster(registry);
    if (found) scenario.registry = *found;
    else root.problem_at("registry", fmt::format("there is no cluster \"{}\"", registry));
  }
  read_applications(root, loading, federation);
  read_clients(root, loading, federation);
  read_faults(root, loading, federation);
  enum class ControlPlane { oracle };
  (void)root.choice<ControlPlane>("control_plane", ControlPlane::oracle, {"oracle"}, "oracle: knows everything at once and acts in no time.");
  read_policies(root, loading);
  root.close();
}
}  // namespace

Scenario load(const Document& document, const PlacementPolicies& policies) {
  Scenario scenario;
  Reader::Log log;
  log.place = [&](const std::string& pointer) { return document.place(pointer); };
  Reader root(document.root(), log);
  Loading loading{&document, policies, scenario, {}, {}, {}, false, false};
  read_scenario(root, loading);
  if (!log.problems.empty()) throw ScenarioError(std::move(log.problems));
  return scenario;
}

Json scenario_schema(const PlacementPolicies& policies) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "codecosim scenario"}};
  Scenario scenario;
  Reader root(schema);
  Loading loading{nullptr, policies, scenario, {}, {}, {}, false, false};
  read_scenario(root, loading);
  return schema;
}

}  // namespace codecosim
