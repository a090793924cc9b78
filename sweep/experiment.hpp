#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/metrics.hpp"
#include "scenarios/plan.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// One run of an experiment.
struct Run {
  std::size_t number, point;
  std::uint64_t replication;
};

/// A plan and the directory of its results.
///
/// `sweep.json` in it identifies plan, scenario and program by digests; `journal/` holds the records of each process
/// that ran part of it; `runs/KEY` are the directories of runs that are kept. A run's key identifies all inputs of the
/// run except the program, so runs that an extended plan shares with the old one need not run again.
class Experiment {
 public:
  struct Provenance {
    std::string program;   ///< Digest.
    std::string programs;  ///< Digest of the external programs that decide, names and command lines.
    Json versions;
  };
  enum class Existing { refuse, resume, extend };

  /// Makes the directory, or continues in an existing one. Throws Error(output) where it exists against `Existing`, or
  /// cannot be written; Error(scenario) where it is another experiment's and is not to be extended.
  Experiment(Plan plan, std::vector<Measure> metrics, Provenance, const std::string& directory, Existing);

  /// An experiment without a directory, to estimate its cost.
  Experiment(Plan plan, std::vector<Measure> metrics, Provenance);

  const Plan& plan() const { return plan_; }
  const std::string& directory() const { return directory_; }
  std::string file(const std::string& name) const { return directory_ + "/" + name; }
  const Provenance& provenance() const { return provenance_; }
  const std::string& scenario_digest() const { return scenario_digest_; }
  /// The metrics that runs may have, without values.
  const std::vector<Measure>& metrics() const { return metrics_; }

  std::size_t runs() const { return plan_.points() * plan_.replications.at_most; }
  Run run(std::size_t number) const;
  /// The seed of a run: the scenario's, where the plan does not vary it.
  std::uint64_t seed(const Run&) const;
  std::string key(const Run&) const;

 private:
  Json about() const;
  void check(const Json& found, Existing) const;

  Plan plan_;
  std::vector<Measure> metrics_;
  Provenance provenance_;
  std::string directory_, scenario_digest_;
  std::vector<std::vector<std::string>> level_digests_;  ///< Digests by axis and level.
};

}  // namespace codecosim
