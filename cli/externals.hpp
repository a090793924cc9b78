#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/scenario_options.hpp"
#include "findings/findings.hpp"
#include "models/simulation.hpp"
#include "policies/external/external.hpp"

namespace codecosim {

/// External programs that decide, by seam.
using Externals = std::vector<std::pair<std::string, std::unique_ptr<External>>>;

/// Starts the external programs, and replaces the policies that the scenario names by them; those policies are the
/// fall-back.
Externals start(const std::vector<PolicyOption>&, const ExternalRules&, const Policies&, std::uint64_t replication,
                Scenario&, const std::function<bool()>& interrupted);
/// Adds a finding for each program that did not answer all questions.
void note_failures(const Externals&, std::vector<Finding>&);

}  // namespace codecosim
