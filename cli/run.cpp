#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/replay.hpp"
#include "policies/external/external.hpp"
#include "policies/learning/model_file.hpp"
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

double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

Detail trace_level(const std::string& name) {
  return name == "decisions"  ? Detail::decisions
         : name == "requests" ? Detail::requests
         : name == "all"      ? Detail::all
                              : Detail::none;
}

Seconds horizon_of(const RunOptions& options, const Scenario& scenario) {
  if (options.until.empty()) return scenario.duration;
  return std::min(parse_option<Seconds>("--until", options.until), scenario.duration);
}

std::optional<Seconds> replay_interval(const RunOptions& options, Seconds horizon) {
  if (options.replay.empty()) return std::nullopt;
  return options.replay == "auto" ? horizon / 300 : parse_option<Seconds>("--replay", options.replay);
}

/// What the command line says of a seam.
struct Chosen {
  std::string seam, name;
};

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

using Externals = std::vector<std::pair<std::string, std::unique_ptr<External>>>;

/// Starts the programs that are to decide, and puts them in the place of the policies that the scenario names, on which they fall
/// back.
Externals start(const std::vector<Chosen>& chosen, const ExternalRules& rules, const Policies& policies, std::uint64_t replication,
                Scenario& scenario) {
  Externals externals;
  if (!chosen.empty()) catch_interrupts();
  for (const auto& [seam, name] : chosen) {
    auto& choice = seam == "scheduler" ? scenario.scheduler : scenario.placement;
    ExternalRules own = rules;
    if (own.fall_back.name.empty()) own.fall_back = choice;
    if (!own.fall_back.make) own.fall_back = policies.placement.choose(own.fall_back.name);
    const protocol::Run run{seam, scenario.name, scenario.seed, replication};
    External* external =
        externals.emplace_back(seam, std::make_unique<External>(name, run, own, [] { return interrupted != 0; })).second.get();
    choice = {name, [external] { return external->policy(); }};
  }
  return externals;
}

/// A file for each learner that has learnt numbers.
void write_models(const OutputDirectory& output, const Simulation& simulation) {
  std::filesystem::create_directory(output.file("models"));
  for (const Learning::Place& one : simulation.learning()->learners()) {
    const char* kind = dynamic_cast<const Recommender*>(one.learner) ? "recommender" : "forecaster";
    if (!one.learner->parameters().empty())
      save_model(output.file(fmt::format("models/{}-{}.model", kind, simulation.name(one.cluster))), *one.learner);
  }
}

std::string digest(const std::string& text) { return fmt::format("{:016x}", Fingerprint::hash(text)); }
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
  const Externals externals = start(outside, external_rules(document, policies), policies, options.replication, scenario);

  std::unique_ptr<OutputDirectory> output;
  if (!options.no_output) {
    output = std::make_unique<OutputDirectory>(options.out,
                                               fmt::format("{}-seed{}-r{}", scenario.name, scenario.seed, options.replication));
    output->write("scenario.json", resolved);
  }

  const auto start = std::chrono::steady_clock::now();
  const std::string name = scenario.name;
  const std::uint64_t seed = scenario.seed;
  Simulation simulation(std::move(scenario), options.replication, policies);
  const double built = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // Without what happened there would be little to replay.
  const std::string trace = options.trace == "none" && frames ? "decisions" : options.trace;
  if (output && trace != "none")
    simulation.trace().write_to(trace_level(trace), std::make_unique<JsonLines>(output->file("trace.jsonl.zst"), simulation));
  std::unique_ptr<Replay> replay;
  if (output && frames) replay = std::make_unique<Replay>(output->file("replay.zst"), simulation, *frames);
  Progress progress(options.progress, horizon);
  simulation.clock().run_ahead(options.run_ahead);
  catch_interrupts();
  simulation.clock().on_pulse([&] {
    progress.show(now());
    if (interrupted) simulation.clock().stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  simulation.run(horizon);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  progress.done();

  const double events = static_cast<double>(simulation.clock().events());
  const bool complete = !simulation.clock().stopped();
  Json manifest = {
      {"scenario", name},
      {"digest", digest(resolved)},
      {"seed", seed},
      {"replication", options.replication},
      {"placement", simulation.scenario().placement.name},
      {"scheduler", simulation.scenario().scheduler.name},
      {"migration", simulation.scenario().migration.name},
      {"control_plane", parameters(simulation.scenario().control_plane)},
      {"interrupted", !complete},
      {"simulated_s", now().value},
      {"fingerprint", simulation.trace().fingerprint().text()},
      {"records", simulation.trace().fingerprint().records()},
      {"events", simulation.clock().events()},
      {"build_s", built},
      {"deciding_s", simulation.decisions().thinking()},
      {"questions", simulation.decisions().asked()},
      {"wall_s", wall},
      {"events_per_second", wall > 0 ? events / wall : 0},
      {"peak_memory_bytes", peak_memory()},
      {"clusters", simulation.world().federation.cluster_count()},
      {"nodes", simulation.world().federation.node_count()},
      {"versions", {{"codecosim", CODECOSIM_VERSION}, {"simgrid", Platform::simgrid_version()}, {"compiler", __VERSION__}}},
  };
  for (const auto& [seam, external] : externals) manifest["external"][seam] = external_json(external->totals());
  const Json summary = summary_json(simulation);
  if (output) {
    simulation.trace().close();
    if (replay) replay->close();
    output->write("summary.json", summary.dump(2) + "\n");
    if (options.models && simulation.learning()) write_models(*output, simulation);
    output->write("pending.json", pending_json(simulation).dump(2) + "\n");
    output->write("series.csv", series_csv(simulation));
    output->write("distributions.csv", distributions_csv(simulation));
    output->write("manifest.json", manifest.dump(2) + "\n");
    output->finish();
  }
  for (const auto& [seam, external] : externals) external->finish(manifest, summary);
  // Then standard output is the policy's, which knows now.
  const bool silent = std::any_of(outside.begin(), outside.end(), [](const Chosen& one) { return one.name == "stdio"; });
  if (silent) return complete ? 0 : exit_interrupted;
  if (options.format == "json") {
    fmt::print("{}\n", Json{{"manifest", manifest}, {"summary", summary}}.dump(2));
  } else {
    fmt::print("{}: {} clusters, {} nodes, {} simulated{} in {:.2f} s ({:.2f} million events/s)\n\n", name,
               simulation.world().federation.cluster_count(), simulation.world().federation.node_count(), readable(now()),
               complete ? "" : " (interrupted)", wall, events / wall / 1e6);
    fmt::print("{}", summary_table(simulation.summary(), simulation.summary_by_client()));
    if (simulation.scenario().warmup >= now())
      fmt::print("\n  nothing was measured: the warm-up lasts {}\n", readable(simulation.scenario().warmup));
    fmt::print("{}", pending_table(simulation));
    for (const auto& [seam, external] : externals) fmt::print("{}", external_line(seam, *external));
    fmt::print("\n  fingerprint {}\n", simulation.trace().fingerprint().text());
    if (output) fmt::print("  results in {}\n", output->path());
  }
  std::fflush(stdout);
  return complete ? 0 : exit_interrupted;
}

}  // namespace codecosim
