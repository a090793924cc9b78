#include <fmt/format.h>

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
    const auto wrong = [&](const std::string& why) { throw Error(Failure::usage, fmt::format("--policy {}: {}", policy, why)); };
    if (std::find(seams.begin(), seams.end(), chosen.seam) == seams.end())
      wrong(fmt::format("there is no seam \"{}\"{}", chosen.seam, suggestion(chosen.seam, seams)));
    if (External::names_one(chosen.name) && chosen.seam == "migration") wrong("no other program can decide on migration");
    for (const Chosen& other : all) {
      if (other.seam == chosen.seam) wrong(fmt::format("{} has a policy already", chosen.seam));
      if (other.name == "stdio" && chosen.name == "stdio") wrong("standard input and output serve one seam");
    }
    all.push_back(chosen);
  }
  return all;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>& settings) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) throw Error(Failure::usage, fmt::format("--set {}: expected /pointer=value", setting));
    pairs.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return pairs;
}

int run(const RunOptions& options, const Policies& policies) {
  TraceOptions trace = options.trace;
  if (!options.replay.empty() && trace.level == "none") trace.level = "decisions";  // without them there is little to replay
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
  const Externals externals =
      start(outside, external_rules(document, policies), policies, options.replication, scenario, [] { return interrupted != 0; });

  std::unique_ptr<OutputDirectory> output;
  if (!options.no_output)
    output = std::make_unique<OutputDirectory>(options.out,
                                               fmt::format("{}-seed{}-r{}", scenario.name, scenario.seed, options.replication));

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
  how.complete = [&](Json& manifest) {
    progress.done();
    for (const auto& [seam, external] : externals) manifest["external"][seam] = external_json(external->totals());
  };
  const Executed done = execute(simulation, built, horizon, how, output.get());
  for (const auto& [seam, external] : externals) external->finish(done.manifest, done.summary);
  // Then standard output is the policy's, which knows now.
  const bool silent = std::any_of(outside.begin(), outside.end(), [](const Chosen& one) { return one.name == "stdio"; });
  if (silent) return done.complete ? 0 : exit_interrupted;
  if (options.format == "json") {
    fmt::print("{}\n", Json{{"manifest", done.manifest}, {"summary", done.summary}}.dump(2));
  } else {
    fmt::print("{}: {} clusters, {} nodes, {} simulated{} in {:.2f} s ({:.2f} million events/s)\n\n", name,
               simulation.world().federation.cluster_count(), simulation.world().federation.node_count(), readable(now()),
               done.complete ? "" : " (interrupted)", done.wall_s, done.events / done.wall_s / 1e6);
    fmt::print("{}", summary_table(simulation.summary(), simulation.summary_by_client()));
    if (simulation.scenario().warmup >= now())
      fmt::print("\n  nothing was measured: the warm-up lasts {}\n", readable(simulation.scenario().warmup));
    fmt::print("{}", pending_table(simulation));
    for (const auto& [seam, external] : externals) fmt::print("{}", external_line(seam, *external));
    fmt::print("\n  fingerprint {}\n", simulation.trace().fingerprint().text());
    if (output) fmt::print("  results in {}\n", output->path());
  }
  std::fflush(stdout);
  return done.complete ? 0 : exit_interrupted;
}

}  // namespace codecosim
