#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/execute.hpp"
#include "cli/externals.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/scenario_options.hpp"
#include "cli/trace.hpp"
#include "scenarios/load.hpp"

namespace codecosim {

namespace {
/// The options of `codecosim run`.
struct RunOptions {
  ScenarioOptions scenario;
  std::vector<std::string> policies;  ///< [SEAM=]NAME
  std::string out;
  bool no_output = false;
  TraceOptions trace;
  std::string replay;  ///< Interval between the frames of a replay; auto: a 300th of the duration; empty: no replay.
  bool profile = false;
  bool models = false;  ///< Writes the models of the learners.
  std::string until;
  std::string progress = "auto";
  bool run_ahead = true;
  std::string format = "table";
};

Seconds horizon_of(const RunOptions& options, const Scenario& scenario) {
  if (options.until.empty()) return scenario.duration;
  return std::min(parse_option<Seconds>("--until", options.until), scenario.duration);
}

std::optional<Seconds> replay_interval(const RunOptions& options, Seconds horizon) {
  if (options.replay.empty()) return std::nullopt;
  return options.replay == "auto" ? horizon / 300 : parse_option<Seconds>("--replay", options.replay);
}

std::vector<PolicyOption> parse_policies(const std::vector<std::string>& policies) {
  const std::vector<std::string> seams{"placement", "scheduler", "migration"};
  std::vector<PolicyOption> all;
  for (const std::string& policy : policies) {
    const PolicyOption chosen = parse_policy(policy);
    const auto wrong = [&](const std::string& why) {
      throw Error(Failure::usage, fmt::format("--policy {}: {}", policy, why));
    };
    if (std::find(seams.begin(), seams.end(), chosen.seam) == seams.end())
      wrong(fmt::format("there is no seam \"{}\"{}", chosen.seam, suggestion(chosen.seam, seams)));
    if (External::names_one(chosen.name) && chosen.seam == "migration")
      wrong("no other program can decide on migration");
    for (const PolicyOption& other : all) {
      if (other.seam == chosen.seam) wrong(fmt::format("{} has a policy already", chosen.seam));
      if (other.name == "stdio" && chosen.name == "stdio") wrong("standard input and output serve one seam");
    }
    all.push_back(chosen);
  }
  return all;
}

/// The options of the trace, which a replay needs with decisions, as JSON Lines.
TraceOptions trace_of(const RunOptions& options) {
  TraceOptions trace = options.trace;
  if (!options.replay.empty() && trace.level == "none") trace.level = "decisions";
  if (!options.replay.empty() && trace.format != "jsonl")
    throw Error(Failure::usage, "--replay needs the trace as JSON Lines: leave out --trace-format");
  (void)trace_filter(trace);  // checks the options before anything is written
  return trace;
}

/// The policies that the options choose: built-in ones as settings of the scenario, and those of other programs.
struct Chosen {
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<PolicyOption> outside;

  /// Whether one of them owns standard output.
  bool owns_output() const {
    return std::any_of(outside.begin(), outside.end(), [](const PolicyOption& one) { return one.name == "stdio"; });
  }
};

Chosen choose(const RunOptions& options) {
  Chosen chosen;
  for (const PolicyOption& one : parse_policies(options.policies)) {
    if (External::names_one(one.name))
      chosen.outside.push_back(one);
    else
      chosen.settings.emplace_back("/policy/" + one.seam, one.name);
  }
  return chosen;
}

std::unique_ptr<OutputDirectory> make_output(const RunOptions& options, const Scenario& scenario) {
  if (options.no_output) return nullptr;
  return std::make_unique<OutputDirectory>(
      options.out, fmt::format("{}-seed{}-r{}", scenario.name, scenario.seed, options.scenario.replication));
}

/// Has the simulation show its progress, and stop when the process is interrupted.
void watch(Simulation& simulation, Progress& progress) {
  catch_interrupts();
  simulation.clock().on_pulse([&] {
    progress.show(now());
    if (interrupted()) simulation.clock().stop();
  });
}

/// What the run has come to, for people.
std::string text_of(Simulation& simulation, const Executed& done, const Externals& externals) {
  std::string text = fmt::format("{}: {} clusters, {} nodes, {} simulated{} in {:.2f} s ({:.2f} million events/s)\n\n",
                                 simulation.scenario().name, simulation.world().federation.cluster_count(),
                                 simulation.world().federation.node_count(), readable(now()),
                                 done.complete ? "" : " (interrupted)", done.wall_s, done.events / done.wall_s / 1e6);
  text += summary_table(simulation.summary(), simulation.summary_by_client());
  text += pending_table(simulation);
  text += findings_text(done.findings);
  if (done.manifest.contains("profile")) text += profile_table(done.manifest["profile"]);
  for (const auto& [seam, external] : externals) text += external_line(seam, *external);
  return text + fmt::format("\n  fingerprint {}\n", simulation.trace().fingerprint().text());
}

int run(const RunOptions& options, const Policies& policies) {
  const TraceOptions trace = trace_of(options);
  const Chosen chosen = choose(options);
  const Document document = options.scenario.document(chosen.settings);
  Scenario scenario = load(document, policies);
  scenario.futures.limits.stop = interrupted;
  const Seconds horizon = horizon_of(options, scenario);
  const std::optional<Seconds> frames = replay_interval(options, horizon);
  const std::string resolved = document.root().dump(2) + "\n";
  if (!chosen.outside.empty()) catch_interrupts();
  const Externals externals = start(chosen.outside, external_rules(document, policies), policies,
                                    options.scenario.replication, scenario, interrupted);
  const std::unique_ptr<OutputDirectory> output = make_output(options, scenario);

  const auto start = std::chrono::steady_clock::now();
  Simulation simulation(std::move(scenario), options.scenario.replication, policies);
  const double built = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Progress progress(options.progress, horizon);
  simulation.clock().run_ahead(options.run_ahead);
  watch(simulation, progress);
  ExecuteOptions how{options.scenario.replication, resolved, trace, options.models, options.profile, frames, {}};
  how.complete = [&](Json& manifest, std::vector<Finding>& findings) {
    progress.done();
    for (const auto& [seam, external] : externals) manifest["external"][seam] = external_json(external->totals());
    note_failures(externals, findings);
  };
  const Executed done = execute(simulation, built, horizon, how, output.get());
  for (const auto& [seam, external] : externals) external->finish(done.manifest, done.summary);
  // A policy that owns standard output has been told the result.
  if (!chosen.owns_output()) {
    if (options.format == "json") {
      fmt::print("{}\n", Json{{"manifest", done.manifest}, {"summary", done.summary}}.dump(2));
    } else {
      fmt::print("{}", text_of(simulation, done, externals));
      if (output) fmt::print("  results in {}\n", output->path());
    }
    std::fflush(stdout);
  }
  return done.complete ? 0 : exit_interrupted;
}
}  // namespace

Command run_command(const CommandLine& app, const Policies& policies) {
  const auto options = std::make_shared<RunOptions>();
  const CommandLine line = app.subcommand("run", "Simulate a scenario and print a summary");
  options->scenario.add_to(line);
  line.option("--policy", options->policies,
              "[SEAM=]NAME: policy instead of the scenario's, for placement, scheduler or migration; for the "
              "first two also "
              "\"exec:PROGRAM ARGUMENTS\" or stdio")
      .one_value();
  line.option("--out", options->out, "Directory for the results; must not exist");
  line.flag("--no-output", options->no_output, "Write no files");
  line.option("--trace", options->trace.level, "Records to write").one_of({"none", "decisions", "requests", "all"});
  line.option("--trace-format", options->trace.format, "How to write them").one_of({"jsonl", "perfetto", "paje"});
  line.option("--trace-match", options->trace.match,
              "KEY=GLOB: only records whose KEY matches; again for another GLOB of it, or for another KEY, which "
              "must match too")
      .one_value();
  line.option("--trace-sample", options->trace.sample, "Only this share of the requests").between(0.0, 1.0);
  line.option("--trace-from", options->trace.from, "Only records from this simulated time on");
  line.option("--trace-until", options->trace.until, "Only records up to this simulated time");
  line.flag("--replay{auto}", options->replay,
            "Write what the map of a report replays; --replay=INTERVAL, such as 5s: how often it looks");
  line.flag("--profile", options->profile, "Tell where real time goes, by kind of model and by policy");
  line.flag("--models", options->models, "Write what learners have learnt into models/, for other runs to begin with");
  line.option("--until", options->until, "Stop at this simulated time, such as \"30 s\"");
  line.option("--progress", options->progress, "How to show progress").one_of({"auto", "plain", "json", "none"});
  line.option("--format", options->format, "How to print the summary").one_of({"table", "json"});
  line.flag("!--no-run-ahead", options->run_ahead, "").group("");
  return {line, [options, &policies] { return run(*options, policies); }};
}

}  // namespace codecosim
