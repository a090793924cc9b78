#include "scenarios/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenarios/fields.hpp"
#include "scenarios/sites.hpp"

namespace codecosim {

std::uint32_t reference(Reader& r, const char* key, const std::vector<std::string>& known, const char* what,
                        const char* prose) {
  const auto name = r.need<std::string>(key, prose);
  const auto found = std::find(known.begin(), known.end(), name);
  if (found != known.end()) return static_cast<std::uint32_t>(found - known.begin());
  if (!r.describing() && !name.empty())
    r.problem_at(key, fmt::format("there is no {} \"{}\"{}", what, name, suggestion(name, known)));
  return static_cast<std::uint32_t>(known.size());
}

std::uint32_t reference(Reader& r, const char* key, const NameTable& known, const char* what, const char* prose,
                        const Loading& loading) {
  const auto name = r.need<std::string>(key, prose);
  const auto found = loading.resolve(name, [&](const std::string& full) { return known.find(full); });
  // What is at a site with a problem may not have been read.
  const bool unsure = (loading.sites_unsure || !loading.broken_modules.empty()) && name.find('/') != std::string::npos;
  if (!found && !r.describing() && !name.empty() && !unsure)
    r.problem_at(key, fmt::format("there is no {} \"{}\"{}", what, name, suggestion(name, known.all())));
  return found.value_or(known.size());
}

std::optional<ClusterId> find_cluster(const Loading& loading, const Federation& federation, const std::string& name) {
  return loading.resolve(name, [&](const std::string& full) { return federation.find_cluster(full); });
}

std::optional<std::string> find_clusters(const Loading& loading, const Federation& federation,
                                         const std::string& name) {
  return loading.resolve(name, [&](const std::string& full) {
    return federation.find_cluster(numbered(full, 0)) ? std::optional(full) : std::nullopt;
  });
}

std::optional<std::string> whole_pattern(const Loading& loading, const std::string& pattern,
                                         const std::function<bool(const std::string&)>& any) {
  const std::size_t way = pattern.find('>');
  for (const std::string& first : loading.prefixes()) {
    if (way == std::string::npos) {
      if (any(first + pattern)) return first + pattern;
      continue;
    }
    for (const std::string& second : loading.prefixes()) {
      std::string whole = first + pattern.substr(0, way + 1) + second + pattern.substr(way + 1);
      if (any(whole)) return whole;
    }
  }
  return std::nullopt;
}

void no_cluster(const Reader& r, const char* key, const std::string& name, const Federation& federation,
                const Loading& loading) {
  if (!loading.names_unsure) r.problem_at(key, no_cluster(name, federation));
}

std::string no_cluster(const std::string& name, const Federation& federation) {
  std::vector<std::string> known;
  for (const ClusterSpec& one : federation.spec().clusters) {
    if (known.size() == 16) break;
    const std::size_t count = one.positions.size();
    if (one.numbered && count > 1)
      known.push_back(fmt::format("{0}-0 to {0}-{1}", one.name, count - 1));
    else if (count > 0)
      known.push_back(one.name + (one.numbered ? "-0" : ""));
  }
  return fmt::format("there is no cluster \"{}\"; there are {}{}", name, fmt::join(known, ", "),
                     federation.spec().clusters.size() > known.size() ? ", ..." : "");
}

std::vector<std::string> read_domains(Reader& parent, const char* prose, const Loading& loading) {
  std::vector<std::string> all;
  for (Reader& r : parent.items("allowed_domains", prose)) {
    const std::string domain = r.filled_text();
    all.push_back(domain);
    if (!domain.empty() && !loading.domains.contains(domain))
      r.problem(fmt::format("no provider is in the domain \"{}\"{}", domain,
                            suggestion(domain, {loading.domains.begin(), loading.domains.end()})));
  }
  return all;
}

std::string file_at(Reader r, const Loading& loading) {
  const auto name = r.filled_text();
  if (r.describing() || name.empty()) return {};
  std::string why;
  const std::string path = loading.document->resolve(r.pointer(), name, why);
  if (path.empty()) r.problem(why.empty() ? "expected a file name" : why);
  return path;
}

std::optional<Csv> csv_at(Reader r, const Loading& loading) {
  const std::string path = file_at(r, loading);
  std::optional<Csv> csv;
  if (!path.empty()) guarded(r, [&] { csv.emplace(path); });
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
  if (r.describing() || name.empty()) return name;
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool good =
      name.size() <= 63 && alphanumeric(name.front()) && alphanumeric(name.back()) &&
      std::all_of(name.begin(), name.end(), [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
  if (!good)
    r.problem_at("name", fmt::format("\"{}\" is no name in Kubernetes' sense: at most 63 of a-z, 0-9, '-' and '.', "
                                     "first and last a letter or digit",
                                     name));
  return name;
}

std::string name_at(Reader& r, const char* prose, NameTable& names, const char* kind, const Loading& loading) {
  const std::string name = loading.full(name_at(r, prose));
  if (!names.add(name)) r.problem_at("name", fmt::format("\"{}\" names two {}", name, kind));
  return name;
}

namespace {
ExternalRules read_external(Reader& policy, const Policies& policies) {
  ExternalRules rules;
  auto r = policy.object("external",
                         "Of policies that are other programs, which only the command line can say: see external.md.");
  if (!r) return rules;
  rules.timeout =
      r->maybe<Seconds>("timeout", "Real time for an answer; missing: 5 s for exec:, no limit for stdio.", positive);
  rules.grace = r->get<Seconds>(
      "grace", rules.grace, "Real time that a program has to say hello at the beginning, and to finish after the end.",
      positive);
  rules.on_failure =
      r->choice<OnFailure>("on_failure", rules.on_failure, {"fall-back", "refuse", "stop"},
                           "What becomes of a question that gets no answer that can be used: the run ends (the "
                           "default), another policy answers it, or nothing is placed.");
  using Choice = Registry<PlacementPolicy>::Choice;
  const auto fall_back = r->maybe_one_of<std::optional<Choice>>(
      "fall_back", "The policy that answers then; missing: the one that the scenario names in the program's place.",
      {by_name(policies.placement, "placement policy")});
  if (fall_back && *fall_back) rules.fall_back = **fall_back;
  rules.path_rows =
      r->get<std::uint32_t>("path_rows", rules.path_rows,
                            "Latencies between all rows are told where there are at most so many.", between(0, 1000));
  r->close();
  return rules;
}

void read_policies(Reader& root, Loading& loading) {
  auto r = root.object("policy", "Who decides.");
  if (!r) return;
  Scenario& scenario = loading.scenario;
  const auto policy = [&](const char* key, auto& choice, const char* prose) {
    if (const auto chosen = read_choice(*r, key, loading.policies.placement, "placement policy", prose))
      choice = *chosen;
  };
  policy("placement", scenario.placement, "Which cluster gets a component. `codecosim describe policies` lists them.");
  policy("scheduler", scenario.scheduler, "Which node of the cluster gets it: any of the same policies.");
  if (const auto chosen = read_choice(*r, "migration", loading.policies.migration, "migration policy",
                                      "When replicas move after their clients; missing: never."))
    scenario.migration = *chosen;
  read_fields(*r, scenario.decisions);
  (void)read_external(*r, loading.policies);
  if (const auto chosen = read_choice(*r, "cost", loading.policies.cost, "cost policy",
                                      "PDLC-CA: what each target costs, for policies that ask; missing: none."))
    scenario.decisions.cost = *chosen;
  r->close();
}

void check_link_kinds(Reader& root, const Scenario& scenario) {
  std::set<LinkSpec> kinds;
  for (const ClusterSpec& cluster : scenario.federation.clusters) {
    kinds.insert(cluster.lan);
    kinds.insert(cluster.uplink);
  }
  for (const WanLinkSpec& wan : scenario.federation.wan_links) kinds.insert(wan.link);
  for (const ClientSpec& client : scenario.clients) kinds.insert(client.access);
  constexpr std::size_t most = 65'000;  // cells have a few more
  if (kinds.size() > most)
    root.problem(fmt::format("clusters, wan_links and clients have links of {} kinds; at most {} can be simulated",
                             kinds.size(), most));
}

void read_scenario(Reader& root, Loading& loading) {
  Scenario& scenario = loading.scenario;
  scenario.name = name_at(root, "Of the scenario.");
  read_fields(root, scenario);
  if (root.describing()) {
    (void)root.get<std::string>("$schema", "", "For editors; ignored.");
    (void)root.maybe_one_of<int>("import",
                                 "Files that this one builds on and overrides key by key; paths are relative to it.",
                                 {{"", "",
                                   [](Reader r) {
                                     (void)r.value<std::string>();
                                     return 0;
                                   }},
                                  {"", "", [](Reader r) {
                                     (void)r.value<std::vector<std::string>>();
                                     return 0;
                                   }}});
  } else if (root.has("$schema")) {
    (void)root.get<std::string>("$schema", "", "");
  }
  if (scenario.warmup >= scenario.duration && scenario.duration > Seconds(0))
    root.problem_at("warmup", "must be shorter than the duration");
  constexpr double most_lines = 1e6;
  if (scenario.series_interval > Seconds(0) && scenario.duration / scenario.series_interval > most_lines)
    root.problem_at("series", "series.csv would have more than a million lines: choose a longer interval");

  read_sites(loading);
  read_infrastructure(loading);
  const Federation federation(scenario.federation);
  if (federation.cluster_count() > 0) scenario.registry = federation.hub();
  const auto registry = root.get<std::string>("registry", "", "Cluster that images are pulled from; missing: the hub.");
  if (!registry.empty()) {
    const auto found = find_cluster(loading, federation, registry);
    if (found)
      scenario.registry = *found;
    else
      no_cluster(root, "registry", registry, federation, loading);
  }
  loading.for_each_scope([&](Reader& part) { read_data(part, loading, federation); });
  loading.for_each_scope([&](Reader& part) { read_applications(part, loading, federation); });
  read_mobility(loading, federation);
  loading.for_each_scope([&](Reader& part) { read_clients(part, loading, federation); });
  loading.for_each_scope([&](Reader& part) { read_faults(part, loading, federation); });
  check_link_kinds(root, scenario);
  read_control_plane(root, loading);
  read_policies(root, loading);
  read_learning(root, loading);
  loading.for_each_scope([&](Reader& part) { part.close(); });
  // Without sites, the lists themselves are asked for.
  if (root.describing() || root.problems() > 0 || !root.has("sites")) return;
  for (const char* list : {"applications", "clients"})
    if (std::none_of(loading.scopes.begin(), loading.scopes.end(),
                     [&](const Scope& scope) { return scope.reader.has(list); }))
      root.problem(fmt::format("there are no {}, here or at a site", list));
}
}  // namespace

Scenario load(const Document& document, const Policies& policies) {
  if (document.root().contains("scenario") && !document.root().contains("clusters"))
    throw ScenarioError({{document.place(""), "this is a plan, not a scenario: `codecosim sweep` makes its runs"}});
  Scenario scenario;
  Reader::Log log;
  log.place = [&](const std::string& pointer) { return document.place(pointer); };
  Loading loading{&document, policies, scenario};
  loading.scopes.push_back({Reader(document.root(), log)});
  read_scenario(loading.scopes.front().reader, loading);
  std::vector<Problem> problems = document.problems();
  const std::vector<Problem> sorted = in_file_order(log, document.root());
  problems.insert(problems.end(), sorted.begin(), sorted.end());
  if (!problems.empty()) throw ScenarioError(std::move(problems));
  return scenario;
}

ExternalRules external_rules(const Document& document, const Policies& policies) {
  Reader::Log log;
  Reader root(document.root(), log);
  auto policy = root.object("policy", "");
  return policy ? read_external(*policy, policies) : ExternalRules();
}

Json scenario_schema(const Policies& policies) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "codecosim scenario"}};
  Scenario scenario;
  Loading loading{nullptr, policies, scenario};
  loading.scopes.push_back({Reader(schema)});
  read_scenario(loading.scopes.front().reader, loading);
  return schema;
}

namespace {
/// Lets a text with a parameter stand for any number, word or text.
void allow_parameters(Json& schema) {
  if (schema.is_array())
    for (Json& one : schema) allow_parameters(one);
  if (!schema.is_object()) return;
  for (auto& [key, one] : schema.items())
    if (key != "default" && key != "enum" && key != "examples") allow_parameters(one);
  const char* const named = R"(\$\{.+\})";
  const auto type = schema.find("type");
  if (type == schema.end() || !type->is_string() || *type == "object" || *type == "array") return;
  if (schema.contains("enum")) {
    const Json words = schema["enum"];
    schema.erase("enum");
    schema["anyOf"] = Json::array({Json{{"enum", words}}, Json{{"pattern", named}}});
  } else if (*type != "string") {
    *type = Json::array({*type, "string"});
    schema["pattern"] = named;
  } else if (schema.contains("pattern")) {
    schema["pattern"] = schema["pattern"].get<std::string>() + "|" + named;
  }
}
}  // namespace

Json schema_for_editors(Json schema) {
  allow_parameters(schema["properties"]);
  Json& module = schema["properties"]["modules"]["additionalProperties"];
  module = Json{{"anyOf", Json::array({module, Json{{"type", "string"}, {"description", "A file with one."}}})}};
  Json always = Json::array(), here = Json::array();
  for (const Json& key : schema["required"]) (key == "name" || key == "duration" ? always : here).push_back(key);
  schema["required"] = std::move(always);
  schema["anyOf"] = {{{"required", std::move(here)}}, {{"required", {"modules", "sites"}}}};
  return schema;
}

}  // namespace codecosim
