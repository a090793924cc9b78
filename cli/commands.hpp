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

// The subcommands, a file each; describe.cpp has what tells of the program itself.
Command run_command(CLI::App&, const Policies&);
/// `plugins`: the shared libraries that were loaded.
Command sweep_command(CLI::App&, const Policies&, const std::vector<std::string>& plugins);
Command branch_command(CLI::App&, const Policies&);
Command compare_command(CLI::App&);
Command plot_command(CLI::App&);
Command report_command(CLI::App&);
Command check_command(CLI::App&, const Policies&);
Command describe_command(CLI::App&, const Policies&);
Command init_command(CLI::App&);
Command import_command(CLI::App&, const Policies&);

/// The smallest world whose summary has every figure that there is.
Scenario scenario_of_every_figure(const Policies&);

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
