#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "findings/finding.hpp"
#include "models/simulation.hpp"

namespace codecosim {

/// What a kind of finding is found by: everything there is, which nobody in the simulated world knows.
struct Evidence {
  const Scenario& scenario;
  const Federation& federation;
  Simulation* run = nullptr;      ///< Null before it.
  std::vector<Figure> figures{};  ///< Of its summary.

  /// Until when it is, or was, to be simulated.
  Seconds end() const { return run && !run->clock().stopped() ? now() : scenario.duration; }
  /// Since when figures count, and for how long they did: in a copy that branch has made, from the parting on.
  Seconds since() const { return std::max(scenario.warmup, run->world().network.measured_since()); }
  Seconds measured() const { return now() - run->world().network.measured_since(); }
  /// A figure of the summary; 0 where there is none of this name, or nothing was measured.
  double value(const char* name) const;
  const Figure* find(const char* name) const;
};

/// One thing that may be wrong with a run.
struct KindOfFinding {
  const char* name;
  const char* meaning;
  bool before;                               ///< It needs no run: `codecosim check` tells it.
  void (*look)(const Evidence&, Findings&);  ///< Null: who runs it tells.
};
/// All of them, in the order of the documentation.
const std::vector<KindOfFinding>& kinds_of_findings();

/// Of a policy that is another program: so many of the questions were not answered by it.
Finding policy_failed(const std::string& seam, std::uint64_t asked, std::uint64_t unanswered, std::uint64_t fallen_back,
                      const std::string& trouble);

/// What is found in a scenario before it is run.
std::vector<Finding> findings_before(const Scenario&);
/// What is found after a run, or what there was of it; with what needs none.
std::vector<Finding> findings_after(Simulation&);

// Kinds, by what they look at.
std::vector<KindOfFinding> findings_of_load();
std::vector<KindOfFinding> findings_of_dates();
std::vector<KindOfFinding> findings_of_outcomes();
std::vector<KindOfFinding> findings_of_orchestration();
std::vector<KindOfFinding> findings_of_mobility();

}  // namespace codecosim
