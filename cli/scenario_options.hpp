#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.hpp"
#include "scenarios/load.hpp"

namespace codecosim {

/// The scenario options of a command that runs one scenario.
struct ScenarioOptions {
  std::string scenario;
  std::optional<std::uint64_t> seed;
  std::uint64_t replication = 0;
  std::vector<std::string> settings;  ///< /pointer=value
  bool allow_outside = false;

  void add_to(const CommandLine&);
  /// The scenario with the settings of the command line, and with `more` pairs of pointer and value. Throws as
  /// parse_settings and Document do.
  Document document(const std::vector<std::pair<std::string, std::string>>& more = {}) const;
};

/// Parses `/pointer=value` texts into pairs; throws Error(usage).
std::vector<std::pair<std::string, std::string>> parse_settings(const std::vector<std::string>&);

/// The name of a policy on a command line.
struct PolicyOption {
  std::string seam, name;
};
/// Parses `SEAM=NAME`, or the `NAME` of a placement policy.
PolicyOption parse_policy(const std::string&);

}  // namespace codecosim
