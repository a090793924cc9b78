#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "models/metrics.hpp"
#include "models/policy.hpp"
#include "sim/base/error.hpp"
#include "sim/base/quantity_text.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// What the command line says of a trace.
struct TraceOptions {
  std::string level = "none";
  std::string format = "jsonl";
  std::vector<std::string> match;  ///< KEY=GLOB
  std::optional<double> sample;    ///< Share of the requests.
  std::string from, until;
};

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
  std::string replay;   ///< Interval between the frames of a replay; auto: a 300th of the duration; empty: there is none.
  bool models = false;  ///< Write what learners have learnt.
  std::string until;
  std::string progress = "auto";
  bool allow_outside = false;
  bool run_ahead = true;
  std::string format = "table";
};

/// What the command line says of futures to compare.
struct BranchOptions {
  std::string scenario;
  std::optional<std::uint64_t> seed;
  std::uint64_t replication = 0;
  std::vector<std::string> settings;
  bool allow_outside = false;
  std::string at;                     ///< Where futures part.
  std::vector<std::string> policies;  ///< One a future.
  std::uint32_t regret = 0;           ///< Decisions of which the regret is measured.
  std::uint32_t best = 0;             ///< Most promising alternatives that are played; 0: all.
  std::string horizon = "60 s";
  std::string figure = "request.latency";
  std::uint32_t jobs = 2;
  std::string time = "10 min";
  std::string memory = "2 GB";
  std::string format = "table";
};

/// What the command line says of an import.
struct ImportOptions {
  std::vector<std::string> files;
  std::string into;
  std::string out;
  bool lenient = false;
  bool allow_outside = false;
};

// Each command returns the exit status; what goes wrong is thrown as Error.
int run(const RunOptions&, const Policies&);
int branch(const BranchOptions&, const Policies&);
int check(const std::vector<std::string>& scenarios, const std::vector<std::string>& settings, bool allow_outside, const Policies&);
int describe(const std::string& topic, bool json_schema, const Policies&);
int init(const std::string& name, const std::string& file);
int import(const ImportOptions&, const Policies&);

// Those that have their part of the command line with them.
/// `plugins`: the shared libraries that were loaded.
Command sweep_command(CLI::App&, const Policies&, const std::vector<std::string>& plugins);
Command compare_command(CLI::App&);
Command plot_command(CLI::App&);
Command report_command(CLI::App&, const Policies&);

/// Every figure that a summary can hold, of no run in particular.
std::vector<Figure> every_figure(const Policies&);

/// A quantity from the command line, above zero; throws Error(usage).
template <class Q>
Q parse_option(const char* option, const std::string& text) {
  std::string why;
  const auto value = parse_quantity(text, notation<Q>(), why);
  if (!value) throw Error(Failure::usage, std::string(option) + ": " + why);
  if (*value <= 0) throw Error(Failure::usage, std::string(option) + ": must be above zero");
  return Q(*value);
}

/// Writes a file that must not exist, and leaves no part of it where that fails; throws Error(output).
void write_new(const std::string& file, const std::string& text);

/// `/pointer=value`, as a pair; throws Error(usage).
std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>&);

}  // namespace codecosim
