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

struct Scenario;

// The subcommands, each in a file of its own; describe.cpp has those on the program itself.
Command run_command(const CommandLine&, const Policies&);
/// `plugins`: the shared libraries that were loaded.
Command sweep_command(const CommandLine&, const Policies&, const std::vector<std::string>& plugins);
Command branch_command(const CommandLine&, const Policies&);
Command compare_command(const CommandLine&);
Command plot_command(const CommandLine&);
Command report_command(const CommandLine&);
Command check_command(const CommandLine&, const Policies&);
Command describe_command(const CommandLine&, const Policies&);
Command init_command(const CommandLine&);
Command import_command(const CommandLine&, const Policies&);

/// The smallest scenario whose summary has every figure.
Scenario scenario_of_every_figure(const Policies&);

/// Parses a quantity above zero from the command line; throws Error(usage).
template <class Q>
Q parse_option(const char* option, const std::string& text) {
  std::string why;
  const auto value = parse_quantity(text, notation<Q>(), why);
  if (!value) throw Error(Failure::usage, std::string(option) + ": " + why);
  if (*value <= 0) throw Error(Failure::usage, std::string(option) + ": must be above zero");
  return Q(*value);
}

}  // namespace codecosim
