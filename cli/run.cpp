#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "scenarios/load.hpp"

namespace codecosim {

namespace {
volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

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
  if (!options.policy.empty()) settings.emplace_back("/policy/placement", options.policy);
  const Document document(options.scenario, settings, options.allow_outside);
  Scenario scenario = load(document, policies);
  const Seconds horizon = horizon_of(options, scenario);
  const std::string resolved = document.root().dump(2) + "\n";

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
  if (output && options.trace != "none")
    simulation.trace().write_to(trace_level(options.trace),
                                std::make_unique<JsonLines>(output->file("trace.jsonl.zst"), simulation));
  Progress progress(options.progress, horizon);
  simulation.clock().run_ahead(options.run_ahead);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
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
  const Json manifest = {
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
  const Json summary = summary_json(simulation);
  if (output) {
    simulation.trace().close();
    output->write("summary.json", summary.dump(2) + "\n");
    output->write("pending.json", pending_json(simulation).dump(2) + "\n");
    output->write("series.csv", series_csv(simulation));
    output->write("manifest.json", manifest.dump(2) + "\n");
    output->finish();
  }
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
    fmt::print("\n  fingerprint {}\n", simulation.trace().fingerprint().text());
    if (output) fmt::print("  results in {}\n", output->path());
  }
  std::fflush(stdout);
  return complete ? 0 : exit_interrupted;
}

}  // namespace codecosim
