#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "models/simulation.hpp"
#include "sim/base/reader.hpp"
#include "sim/trace/filter.hpp"

namespace codecosim {

/// The trace options of the command line.
struct TraceOptions {
  std::string level = "none";
  std::string format = "jsonl";
  std::vector<std::string> match;  ///< KEY=GLOB
  std::optional<double> sample;    ///< Share of the requests.
  std::string from, until;
};

/// The filter that the options define; throws Error(usage).
TraceFilter trace_filter(const TraceOptions&);

/// Makes a simulation write the trace that the options ask for, if any.
void open_trace(Simulation&, const TraceOptions&, const TraceFilter&, const OutputDirectory&);

/// The JSON Schema of a line of trace.jsonl, with a branch for every kind of record.
Json record_schema();

}  // namespace codecosim
