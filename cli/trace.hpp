#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "models/simulation.hpp"
#include "sim/base/reader.hpp"
#include "sim/trace/filter.hpp"

namespace codecosim {

/// What the command line says of a trace.
struct TraceOptions {
  std::string level = "none";
  std::string format = "jsonl";
  std::vector<std::string> match;  ///< KEY=GLOB
  std::optional<double> sample;    ///< Share of the requests.
  std::string from, until;
};

/// What the command line lets through; throws Error(usage).
TraceFilter trace_filter(const TraceOptions&);

/// Lets a simulation write the trace that the command line asks for, if any.
void open_trace(Simulation&, const TraceOptions&, const TraceFilter&, const OutputDirectory&);

/// The JSON Schema of a line of trace.jsonl: a branch for every kind of record.
Json record_schema();

}  // namespace codecosim
