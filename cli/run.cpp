#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/execute.hpp"
#include "cli/externals.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/trace.hpp"
#include "scenarios/load.hpp"

namespace codecosim {

namespace {
/// What the command line says of a run.
struct RunOptions {
  std::string scenario;
  std::optional<std::uint64_t> seed;
  std::uint64_t replication = 0;
  std::vector<std::string> settings;  ///< /pointer=value
  std::vector<std::string> policies;  ///< [SEAM=]NAME
  std::string out;
  bool no_output = false;
  TraceOptions trace;
  std::string
      replay;  ///< Interval between the frames of a replay; auto: a 300th of the duration; empty: there is none.
  bool models = false;  ///< Write what learners have learnt.
  std::string until;
  std::string progress = "auto";
  bool allow_outside = false;
  bool run_ahead = true;
  std::string format = "table";
};

volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }
void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

constexpr int exit_interrupted = 130;  // as a shell reports SIGINT

Seconds horizon_of(const RunOptions& options, const Scenario& scenario) {
  if (options.until.empty()) return scenario.duration;
  return std::min(parse_option<Seconds>("--until", options.until), scenario.duration);
}

std::optional<Seconds> replay_interval(const RunOptions& options, Seconds horizon) {
  if (options.replay.empty()) return std::nullopt;
  return options.replay == "auto" ? horizon / 300 : parse_option<Seconds>("--replay", options.replay);
}

std::vector<Chosen> parse_policies(const std::vector<std::string>& policies) {
  const std::vector<std::string> seams{"placement", "scheduler", "migration"};
  std::vector<Chosen> all;
  for (const std::string& policy : policies) {
    const std::size_t word = policy.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    const bool named = word != std::string::npos && policy[word] == '=';
    const Chosen chosen = named ? Chosen{policy.substr(0, word), policy.substr(word + 1)} : Chosen{"placement", policy};
    const auto wrong = [&](const std::string& why) {
      throw Error(Failure::usage, fmt::format("--policy {}: {}", policy, why));
    };
    if (std::find(seams.begin(), seams.end(), chosen.seam) == seams.end())
      wrong(fmt::format("there is no seam \"{}\"{}", chosen.seam, suggestion(chosen.seam, seams)));
    if (External::names_one(chosen.name) && chosen.seam == "migration")
      wrong("no other program can decide on migration");
    for (const Chosen& other : all) {
      if (other.seam == chosen.seam) wrong(fmt::format("{} has a policy already", chosen.seam));
      if (other.name == "stdio" && chosen.name == "stdio") wrong("standard input and output serve one seam");
    }
    all.push_back(chosen);
  }
  return all;
}

int run(const RunOptions& options, const Policies& policies) {
  TraceOptions trace = options.trace;
  if (!options.replay.empty() && trace.level == "none")
    trace.level = "decisions";  // without them there is little to replay
  if (!options.replay.empty() && trace.format != "jsonl")
    throw Error(Failure::usage, "--replay needs the trace as JSON Lines: leave out --trace-format");
  (void)trace_filter(trace);  // before anything is written
  auto settings = parse_settings(options.settings);
  if (options.seed) settings.emplace_back("/seed", std::to_string(*options.seed));
  std::vector<Chosen> outside;
  for (const Chosen& chosen : parse_policies(options.policies)) {
    if (External::names_one(chosen.name))
      outside.push_back(chosen);
    else
      settings.emplace_back("/policy/" + chosen.seam, chosen.name);
  }
  const Document document(options.scenario, settings, options.allow_outside);
  Scenario scenario = load(document, policies);
  scenario.futures.limits.stop = [] { return interrupted != 0; };
  const Seconds horizon = horizon_of(options, scenario);
  const std::optional<Seconds> frames = replay_interval(options, horizon);
  const std::string resolved = document.root().dump(2) + "\n";
  if (!outside.empty()) catch_interrupts();
  const Externals externals = start(outside, external_rules(document, policies), policies, options.replication,
                                    scenario, [] { return interrupted != 0; });

  std::unique_ptr<OutputDirectory> output;
  if (!options.no_output)
    output = std::make_unique<OutputDirectory>(
        options.out, fmt::format("{}-seed{}-r{}", scenario.name, scenario.seed, options.replication));

  const auto start = std::chrono::steady_clock::now();
  const std::string name = scenario.name;
  Simulation simulation(std::move(scenario), options.replication, policies);
  const double built = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Progress progress(options.progress, horizon);
  simulation.clock().run_ahead(options.run_ahead);
  catch_interrupts();
  simulation.clock().on_pulse([&] {
    progress.show(now());
    if (interrupted) simulation.clock().stop();
  });
  ExecuteOptions how{options.replication, resolved, trace, options.models, frames, {}};
  how.complete = [&](Json& manifest, std::vector<Finding>& findings) {
    progress.done();
    for (const auto& [seam, external] : externals) manifest["external"][seam] = external_json(external->totals());
    note_failures(externals, findings);
  };
  const Executed done = execute(simulation, built, horizon, how, output.get());
  for (const auto& [seam, external] : externals) external->finish(done.manifest, done.summary);
  // Then standard output is the policy's, which knows now.
  const bool silent =
      std::any_of(outside.begin(), outside.end(), [](const Chosen& one) { return one.name == "stdio"; });
  if (silent) return done.complete ? 0 : exit_interrupted;
  if (options.format == "json") {
    fmt::print("{}\n", Json{{"manifest", done.manifest}, {"summary", done.summary}}.dump(2));
  } else {
    fmt::print("{}: {} clusters, {} nodes, {} simulated{} in {:.2f} s ({:.2f} million events/s)\n\n", name,
               simulation.world().federation.cluster_count(), simulation.world().federation.node_count(),
               readable(now()), done.complete ? "" : " (interrupted)", done.wall_s, done.events / done.wall_s / 1e6);
    fmt::print("{}", summary_table(simulation.summary(), simulation.summary_by_client()));
    fmt::print("{}", pending_table(simulation));
    fmt::print("{}", findings_text(done.findings));
    for (const auto& [seam, external] : externals) fmt::print("{}", external_line(seam, *external));
    fmt::print("\n  fingerprint {}\n", simulation.trace().fingerprint().text());
    if (output) fmt::print("  results in {}\n", output->path());
  }
  std::fflush(stdout);
  return done.complete ? 0 : exit_interrupted;
}
}  // namespace

std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>& settings) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      throw Error(Failure::usage, fmt::format("--set {}: expected /pointer=value", setting));
    pairs.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return pairs;
}

Command run_command(CLI::App& app, const Policies& policies) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* line = app.add_subcommand("run", "Simulate a scenario and print a summary");
  line->add_option("scenario", options->scenario, "Scenario file")->required();
  line->add_option("--seed", options->seed, "Seed of all random streams, instead of the scenario's")
      ->check(CLI::NonNegativeNumber);
  line->add_option("--replication", options->replication, "Replication: other draws, same scenario")
      ->check(CLI::NonNegativeNumber);
  line->add_option("--set", options->settings, "Override: /pointer=value; members of arrays by number or name");
  line->add_option("--policy", options->policies,
                   "[SEAM=]NAME: policy instead of the scenario's, for placement, scheduler or migration; for the "
                   "first two also "
                   "\"exec:PROGRAM ARGUMENTS\" or stdio")
      ->allow_extra_args(false);
  line->add_option("--out", options->out, "Directory for the results; must not exist");
  line->add_flag("--no-output", options->no_output, "Write no files");
  line->add_option("--trace", options->trace.level, "Records to write")
      ->check(CLI::IsMember({"none", "decisions", "requests", "all"}));
  line->add_option("--trace-format", options->trace.format, "How to write them")
      ->check(CLI::IsMember({"jsonl", "perfetto", "paje"}));
  line->add_option("--trace-match", options->trace.match,
                   "KEY=GLOB: only records whose KEY matches; again for another GLOB of it, or for another KEY, which "
                   "must match too")
      ->allow_extra_args(false);
  line->add_option("--trace-sample", options->trace.sample, "Only this share of the requests")
      ->check(CLI::Range(0.0, 1.0));
  line->add_option("--trace-from", options->trace.from, "Only records from this simulated time on");
  line->add_option("--trace-until", options->trace.until, "Only records up to this simulated time");
  line->add_flag("--replay{auto}", options->replay,
                 "Write what the map of a report replays; --replay=INTERVAL, such as 5s: how often it looks");
  line->add_flag("--models", options->models,
                 "Write what learners have learnt into models/, for other runs to begin with");
  line->add_option("--until", options->until, "Stop at this simulated time, such as \"30 s\"");
  line->add_option("--progress", options->progress, "How to show progress")
      ->check(CLI::IsMember({"auto", "plain", "json", "none"}));
  line->add_option("--format", options->format, "How to print the summary")->check(CLI::IsMember({"table", "json"}));
  line->add_flag("--allow-outside", options->allow_outside, "Let the scenario read files outside its folder");
  line->add_flag("!--no-run-ahead", options->run_ahead, "")->group("");
  return {line, [options, &policies] { return run(*options, policies); }};
}

}  // namespace codecosim
