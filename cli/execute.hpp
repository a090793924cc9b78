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

/// How one run is made.
struct ExecuteOptions {
  std::uint64_t replication = 0;
  std::string scenario;  ///< The resolved scenario, as text.
  TraceOptions trace;
  bool models = false;            ///< Write what learners have learnt.
  std::optional<Seconds> frames;  ///< Interval between the frames of a replay; nothing: there is none.
  /// Adds to the manifest and the findings before they are written.
  std::function<void(Json& manifest, std::vector<Finding>&)> complete;
};

/// What came of it.
struct Executed {
  Json manifest, summary;
  std::vector<Finding> findings;
  double wall_s = 0, events = 0;
  bool complete = true;
};

/// Runs a simulation that has been built in `build_s` until `horizon`, and writes what it leaves into `output`, if
/// there is one.
Executed execute(Simulation&, double build_s, Seconds horizon, const ExecuteOptions&, OutputDirectory* output);

}  // namespace codecosim
