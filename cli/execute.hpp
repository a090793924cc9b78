#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "cli/trace.hpp"
#include "findings/findings.hpp"
#include "models/simulation.hpp"

namespace codecosim {

/// The options of one run.
struct ExecuteOptions {
  std::uint64_t replication = 0;
  std::string scenario;  ///< The resolved scenario, as text.
  TraceOptions trace;
  bool models = false;            ///< Writes the models of the learners.
  bool profile = false;           ///< Tells where real time goes.
  std::optional<Seconds> frames;  ///< Interval between the frames of a replay; nothing: no replay.
  /// Adds to the manifest and the findings before they are written.
  std::function<void(Json& manifest, std::vector<Finding>&)> complete;
};

/// The result of a run.
struct Executed {
  Json manifest, summary;
  std::vector<Finding> findings;
  double wall_s = 0, events = 0;
  bool complete = true;
};

/// Runs a simulation, which took `build_s` to build, until `horizon`, and writes its results into `output`, if given.
Executed execute(Simulation&, double build_s, Seconds horizon, const ExecuteOptions&, OutputDirectory* output);

}  // namespace codecosim
