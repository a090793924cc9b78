#include "findings/findings.hpp"

#include <algorithm>

namespace codecosim {

void rank(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.weight > b.weight; });
}

std::vector<Finding> Findings::take() {
  rank(all_);
  return std::move(all_);
}

const Figure* Evidence::find(const char* name) const {
  for (const Figure& one : figures)
    if (one.name == name) return &one;
  return nullptr;
}

double Evidence::value(const char* name) const {
  const Figure* found = find(name);
  return found ? found->value.value_or(0) : 0;
}

const std::vector<KindOfFinding>& kinds_of_findings() {
  static const std::vector<KindOfFinding> all = [] {
    std::vector<KindOfFinding> kinds;
    for (const auto& some : {findings_of_outcomes(), findings_of_load(), findings_of_dates(),
                             findings_of_orchestration(), findings_of_mobility()})
      kinds.insert(kinds.end(), some.begin(), some.end());
    return kinds;
  }();
  return all;
}

namespace {
std::vector<Finding> look(const Evidence& evidence, bool before) {
  Findings findings;
  for (const KindOfFinding& kind : kinds_of_findings()) {
    if (before && !kind.before) continue;
    findings.begin(kind.name);
    if (kind.look) kind.look(evidence, findings);
  }
  return findings.take();
}
}  // namespace

std::vector<Finding> findings_before(const Scenario& scenario) {
  const Federation federation(scenario.federation);
  return look({scenario, federation}, true);
}

std::vector<Finding> findings_after(Simulation& run) {
  return look({run.scenario(), run.world().federation, &run, run.summary()}, false);
}

}  // namespace codecosim
