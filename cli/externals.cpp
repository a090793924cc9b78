#include "cli/externals.hpp"

namespace codecosim {

Externals start(const std::vector<PolicyOption>& chosen, const ExternalRules& rules, const Policies& policies,
                std::uint64_t replication, Scenario& scenario, const std::function<bool()>& interrupted) {
  Externals externals;
  for (const auto& [seam, name] : chosen) {
    auto& choice = seam == "scheduler" ? scenario.scheduler : scenario.placement;
    ExternalRules own = rules;
    if (own.fall_back.name.empty()) own.fall_back = choice;
    if (!own.fall_back.make) own.fall_back = policies.placement.choose(own.fall_back.name);
    const protocol::Run run{seam, scenario.name, scenario.seed, replication};
    External* external =
        externals.emplace_back(seam, std::make_unique<External>(name, run, own, interrupted)).second.get();
    choice = {name, [external] { return external->policy(); }};
  }
  return externals;
}

void note_failures(const Externals& externals, std::vector<Finding>& findings) {
  for (const auto& [seam, external] : externals) {
    const ExternalTotals& totals = external->totals();
    if (totals.answered < totals.asked)
      // This finding goes first: it may be the cause of the others.
      findings.insert(findings.begin(), policy_failed(seam, totals.asked, totals.asked - totals.answered,
                                                      totals.fallen_back, external->last_error()));
  }
  rank(findings);
}

}  // namespace codecosim
