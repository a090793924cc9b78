#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "findings/findings.hpp"
#include "models/simulation.hpp"
#include "policies/external/external.hpp"

namespace codecosim {

/// What the command line says of a seam.
struct Chosen {
  std::string seam, name;
};

/// The programs that decide, by seam.
using Externals = std::vector<std::pair<std::string, std::unique_ptr<External>>>;

/// Starts the programs that are to decide, and puts them in the place of the policies that the scenario names, on which
/// they fall back.
Externals start(const std::vector<Chosen>&, const ExternalRules&, const Policies&, std::uint64_t replication, Scenario&,
                const std::function<bool()>& interrupted);
/// Adds what a reader must know of programs that did not answer all that they were asked.
void note_failures(const Externals&, std::vector<Finding>&);

}  // namespace codecosim
