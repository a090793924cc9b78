#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "findings/finding.hpp"
#include "models/simulation.hpp"

namespace codecosim {

/// The input of every kind of finding: the whole state of the simulation, which no one in the simulated world knows.
struct Evidence {
  const Scenario& scenario;
  const Federation& federation;
  Simulation* run = nullptr;      ///< Null before the run.
  std::vector<Figure> figures{};  ///< Figures of its summary.

  /// The end of the simulated time, planned or reached.
  Seconds end() const { return run && !run->clock().stopped() ? now() : scenario.duration; }
  /// The start and the length of the measured time; in a copy that branch has made, it starts at the branching.
  Seconds since() const { return std::max(scenario.warmup, run->world().network.measured_since()); }
  Seconds measured() const { return now() - run->world().network.measured_since(); }
  /// A figure of the summary; 0 where there is none of this name, or nothing was measured.
  double value(const char* name) const;
  const Figure* find(const char* name) const;
};

/// A kind of finding: one possible defect of a run.
struct KindOfFinding {
  const char* name;
  const char* meaning;
  bool before;                               ///< It needs no run: `codecosim check` shows it.
  void (*look)(const Evidence&, Findings&);  ///< Null: the caller of the run adds it.
};
/// All kinds, in the order of the documentation.
const std::vector<KindOfFinding>& kinds_of_findings();

/// The finding that an external policy did not answer `unanswered` of its questions.
Finding policy_failed(const std::string& seam, std::uint64_t asked, std::uint64_t unanswered, std::uint64_t fallen_back,
                      const std::string& trouble);

/// The findings on a scenario before it is run.
std::vector<Finding> findings_before(const Scenario&);
/// The findings on a run, complete or not, including those that need no run.
std::vector<Finding> findings_after(Simulation&);

// The kinds, by subject.
std::vector<KindOfFinding> findings_of_load();
std::vector<KindOfFinding> findings_of_dates();
std::vector<KindOfFinding> findings_of_outcomes();
std::vector<KindOfFinding> findings_of_orchestration();
std::vector<KindOfFinding> findings_of_mobility();

}  // namespace codecosim
