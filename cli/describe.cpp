#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/scenario_options.hpp"
#include "cli/trace.hpp"
#include "findings/findings.hpp"
#include "policies/external/protocol.hpp"
#include "scenarios/library.hpp"
#include "scenarios/load.hpp"
#include "scenarios/plan.hpp"
#include "sim/base/file.hpp"

namespace codecosim {

namespace {
int check(const std::vector<std::string>& scenarios, const std::vector<std::string>& settings, bool allow_outside,
          const Policies& policies) {
  bool good = true;
  for (const std::string& file : scenarios) {
    try {
      const Scenario scenario = load(Document(file, parse_settings(settings), allow_outside), policies);
      fmt::print("{}: ok\n", file);
      for (const Finding& one : findings_before(scenario)) fmt::print("{}", finding_text(one));
    } catch (const ScenarioError& wrong) {
      good = false;
      fmt::print(stderr, "{}\n", wrong.what());
    }
  }
  return good ? 0 : static_cast<int>(Failure::scenario);
}

}  // namespace

Scenario scenario_of_every_figure(const Policies& policies) {
  // The smallest federation that has a control plane, radio access, a fleet and migration, so that their figures are
  // listed too.
  Scenario smallest;
  smallest.duration = Seconds(1);
  smallest.control_plane.name = "as-implemented";
  smallest.decisions.judged = 1;
  smallest.federation.providers.emplace_back();
  smallest.federation.node_types.emplace_back().power = linear_power(Watts(0), Watts(0));
  ClusterSpec& cluster = smallest.federation.clusters.emplace_back();
  cluster.pools.emplace_back();
  cluster.positions.emplace_back();
  cluster.lan.bandwidth = cluster.uplink.bandwidth = BytesPerSecond(1);
  smallest.data.emplace_back().source = {0};
  smallest.mobility.technologies.push_back(technology("wifi-ft"));
  smallest.mobility.cells.push_back({"cell", false, 0, 1, {{}}, {{0}}});
  auto fleet = std::make_shared<FleetSpec>();
  fleet->graph.stations = {{"a", {}, true, 0}, {"b", {1, 0, 0}, true, 0}};
  fleet->graph.lanes = {{0, 1, false}};
  DeviceSpec& device = smallest.mobility.devices.emplace_back();
  device.fleet = fleet;
  device.technologies = {0};
  smallest.migration = policies.migration.choose("follow-user");
  LearningSpec& learning = smallest.learning.emplace();
  learning.exchange.clip = learning.exchange.noise = 1;
  return smallest;
}

namespace {
void describe_metrics(const Policies& policies) {
  for (const Figure& figure : Simulation(scenario_of_every_figure(policies), 0, policies).summary())
    fmt::print("{:<32}{:<6}{:<8}{}{}\n", figure.name, figure.unit,
               figure.better == Better::neither ? "-" : name(figure.better), figure.meaning,
               figure.distribution ? " Distribution." : "");
}

void describe_records() {
  for_each_record([](const auto& record) {
    fmt::print("{}: {}\n    t_s, kind", record.kind, record.prose);
    record.fields([](std::string_view key, const auto&) { fmt::print(", {}", key); });
    fmt::print("\n    written from --trace {} on\n", record.detail == Detail::decisions  ? "decisions"
                                                     : record.detail == Detail::requests ? "requests"
                                                                                         : "all");
  });
}
template <class Seam>
void describe_seam(const char* seam, const Registry<Seam>& registry) {
  if (registry.entries().empty()) return;
  fmt::print("{}:\n", seam);
  for (const auto& entry : registry.entries())
    fmt::print("  {:<22}{}{}\n", entry.name, entry.prose,
               entry.missing.empty() ? "" : " Not in this build: " + entry.missing);
}

int describe(const std::string& topic, bool json_schema, const Policies& policies) {
  if (json_schema && topic == "records") {
    fmt::print("{}\n", record_schema().dump(2));
  } else if (topic == "schema" || (json_schema && (topic.empty() || topic == "scenarios"))) {
    fmt::print("{}\n", schema_for_editors(scenario_schema(policies)).dump(2));
  } else if (topic == "scenarios") {
    fmt::print("{}", scenario_reference(scenario_schema(policies)));
  } else if (topic == "plans") {
    if (json_schema)
      fmt::print("{}\n", plan_schema().dump(2));
    else
      fmt::print("{}", plan_reference());
  } else if (topic == "policies") {
    describe_seam("placement and scheduler (policy/placement, policy/scheduler)", policies.placement);
    describe_seam("cost (policy/cost)", policies.cost);
    describe_seam("migration (policy/migration)", policies.migration);
    describe_seam("partition (control_plane/neighbourhood/partition)", policies.partition);
    describe_seam("routing (applications/components/routing)", policies.routing);
    describe_seam("recommender", policies.recommender);
    describe_seam("forecaster", policies.forecaster);
  } else if (topic == "metrics") {
    describe_metrics(policies);
  } else if (topic == "findings") {
    for (const KindOfFinding& one : kinds_of_findings())
      fmt::print("{:<24}{:<7}{}\n", one.name, one.before ? "check" : "run", one.meaning);
  } else if (topic == "records") {
    describe_records();
  } else if (topic == "external") {
    fmt::print("{}\n", protocol::schema().dump(2));
  } else if (topic.empty()) {
    fmt::print(
        "codecosim describe TOPIC\n"
        "\n"
        "  scenarios   the scenario format\n"
        "  schema      the same as JSON Schema, for editors\n"
        "  plans       the format of plans for sweeps; with --json-schema as JSON Schema\n"
        "  policies    who can decide, by what is decided\n"
        "  metrics     what summary.json holds\n"
        "  findings    what a reader must know of a run, and what finds it: check, or the run\n"
        "  records     what a trace holds; with --json-schema as JSON Schema\n"
        "  external    what a program that decides is sent and answers, as JSON Schema\n"
        "\n"
        "shipped scenarios: {}\n",
        fmt::join(library_names(), ", "));
  } else {
    throw Error(Failure::usage, fmt::format("no topic \"{}\"{}", topic,
                                            suggestion(topic, {"scenarios", "schema", "plans", "policies", "metrics",
                                                               "findings", "records", "external"})));
  }
  return 0;
}

int init(const std::string& name, const std::string& file) {
  const std::string* text = library_text(name);
  if (!text) throw Error(Failure::usage, fmt::format("no template \"{}\"{}", name, suggestion(name, library_names())));
  if (file.empty()) {
    fmt::print("{}", *text);
    return 0;
  }
  if (!write_new(file, *text)) throw Error(Failure::output, fmt::format("{} exists already", file));
  fmt::print("wrote {}; run it with: codecosim run {}\n", file, file);
  return 0;
}
}  // namespace

Command check_command(const CommandLine& app, const Policies& policies) {
  struct Options {
    std::vector<std::string> scenarios, settings;
    bool allow_outside = false;
  };
  const auto options = std::make_shared<Options>();
  const CommandLine line = app.subcommand("check", "Report every problem of scenario files");
  line.option("scenarios", options->scenarios, "Scenario files").required();
  line.option("--set", options->settings, "Override: /pointer=value");
  line.flag("--allow-outside", options->allow_outside, "Let the scenarios read files outside their folder");
  return {line, [options, &policies] {
            return check(options->scenarios, options->settings, options->allow_outside, policies);
          }};
}

Command describe_command(const CommandLine& app, const Policies& policies) {
  struct Options {
    std::string topic;
    bool schema = false;
  };
  const auto options = std::make_shared<Options>();
  const CommandLine line = app.subcommand("describe", "Print the reference");
  line.option("topic", options->topic, "scenarios, plans, policies, metrics, findings, records, external or schema");
  line.flag("--json-schema", options->schema,
            "The JSON Schema of scenario files; after plans, of these; after records, of a line of a trace");
  return {line, [options, &policies] { return describe(options->topic, options->schema, policies); }};
}

Command init_command(const CommandLine& app) {
  struct Options {
    std::string name = "starter", file;
  };
  const auto options = std::make_shared<Options>();
  const CommandLine line = app.subcommand("init", "Write a starter scenario");
  line.option("template", options->name, "A shipped scenario, or starter");
  line.option("--out", options->file, "File to write; standard output when missing");
  return {line, [options] { return init(options->name, options->file); }};
}

}  // namespace codecosim
