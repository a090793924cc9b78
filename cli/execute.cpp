#include "cli/execute.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <memory>

#include "cli/replay.hpp"
#include "cli/trace.hpp"
#include "policies/external/external.hpp"
#include "policies/learning/model_file.hpp"
#include "sim/base/plugin_call.hpp"

namespace codecosim {

namespace {
double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

/// Writes a file for each learner that has parameters.
void write_models(const OutputDirectory& output, const Simulation& simulation) {
  std::filesystem::create_directory(output.file("models"));
  for (const Learning::Located& one : simulation.learning()->learners()) {
    const char* kind = dynamic_cast<const Recommender*>(one.learner) ? "recommender" : "forecaster";
    if (!one.learner->parameters().empty())
      save_model(output.file(fmt::format("models/{}-{}.model", kind, simulation.name(one.cluster))), *one.learner);
  }
}

std::string digest(const std::string& text) { return fmt::format("{:016x}", Fingerprint::hash(text)); }

/// What was run, by what, and what it took.
Json manifest_of(Simulation& simulation, double build_s, const ExecuteOptions& options, const Executed& done) {
  const Scenario& scenario = simulation.scenario();
  Json manifest{
      {"scenario", scenario.name},
      {"digest", digest(options.scenario)},
      {"seed", scenario.seed},
      {"replication", options.replication},
      {"placement", scenario.placement.name},
      {"scheduler", scenario.scheduler.name},
      {"migration", scenario.migration.name},
      {"control_plane", parameters(scenario.control_plane)},
      {"knowledge", simulation.control_plane().prompt() ? "instantaneous" : "messages"},
      {"interrupted", !done.complete},
      {"simulated_s", now().value},
      {"fingerprint", simulation.trace().fingerprint().text()},
      {"records", simulation.trace().fingerprint().records()},
      {"events", simulation.clock().events()},
      {"build_s", build_s},
      {"deciding_s", simulation.decisions().solver_time()},
      {"questions", simulation.decisions().asked()},
      {"wall_s", done.wall_s},
      {"cpu_s", static_cast<double>(std::clock()) / CLOCKS_PER_SEC},
      {"events_per_second", done.wall_s > 0 ? done.events / done.wall_s : 0},
      {"peak_memory_bytes", peak_memory()},
      {"clusters", simulation.world().federation.cluster_count()},
      {"nodes", simulation.world().federation.node_count()},
      {"versions",
       {{"codecosim", CODECOSIM_VERSION}, {"simgrid", Platform::simgrid_version()}, {"compiler", __VERSION__}}},
  };
  if (const Profile* profile = simulation.clock().profile()) manifest["profile"] = profile_json(*profile);
  return manifest;
}

/// Runs the simulation, and takes down what it took.
Executed timed_run(Simulation& simulation, Seconds horizon) {
  const auto begin = std::chrono::steady_clock::now();
  report_crashes();
  try {
    simulation.run(horizon);
  } catch (const Interrupted&) {
    simulation.clock().stop();
  }
  Executed done;
  done.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  done.events = static_cast<double>(simulation.clock().events());
  done.complete = !simulation.clock().stopped();
  return done;
}

void write_results(const OutputDirectory& output, Simulation& simulation, const Executed& done, bool models) {
  output.write("summary.json", done.summary.dump(2) + "\n");
  if (models && simulation.learning()) write_models(output, simulation);
  output.write("pending.json", pending_json(simulation).dump(2) + "\n");
  output.write("series.csv", series_csv(simulation));
  output.write("distributions.csv", distributions_csv(simulation));
  output.write("manifest.json", done.manifest.dump(2) + "\n");
}
}  // namespace

Executed execute(Simulation& simulation, double build_s, Seconds horizon, const ExecuteOptions& options,
                 OutputDirectory* output) {
  if (output) output->write("scenario.json", options.scenario);
  if (output) open_trace(simulation, options.trace, trace_filter(options.trace), *output);
  std::unique_ptr<Replay> replay;
  if (output && options.frames)
    replay = std::make_unique<Replay>(output->file("replay.zst"), simulation, *options.frames);
  if (options.profile) simulation.clock().start_profile();
  Executed done = timed_run(simulation, horizon);
  done.manifest = manifest_of(simulation, build_s, options, done);
  done.summary = summary_json(simulation);
  done.findings = findings_after(simulation);
  if (options.complete) options.complete(done.manifest, done.findings);
  done.summary["findings"] = findings_json(done.findings);
  if (!output) return done;
  simulation.trace().close(now());
  if (replay) replay->close();
  write_results(*output, simulation, done, options.models);
  output->finish();
  return done;
}

}  // namespace codecosim
