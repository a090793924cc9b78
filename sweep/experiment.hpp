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

/// A plan and the directory where its results are.
///
/// `sweep.json` in it says, by digests, of which plan, scenario and program it is; `journal/` holds what each process
/// that ran part of it has recorded; `runs/KEY` the directories of runs that are kept. A run's key stands for all that
/// decides what it does but the program, so what an extended plan shares with the old one need not run again.
class Experiment {
 public:
  struct Provenance {
    std::string program;   ///< Digest.
    std::string programs;  ///< Those that decide for it, names and command lines: digest.
    Json versions;
  };
  enum class Existing { refuse, resume, extend };

  /// Makes the directory, or goes on with one that is there. Throws Error(output) where it is there and shall not be,
  /// or cannot be written; Error(scenario) where it is another experiment's and shall not be extended.
  Experiment(Plan plan, std::vector<Measure> metrics, Provenance, const std::string& directory, Existing);

  /// One without a directory, to find out what it would take.
  Experiment(Plan plan, std::vector<Measure> metrics, Provenance);

  const Plan& plan() const { return plan_; }
  const std::string& directory() const { return directory_; }
  std::string file(const std::string& name) const { return directory_ + "/" + name; }
  const Provenance& provenance() const { return provenance_; }
  const std::string& scenario_digest() const { return scenario_digest_; }
  /// Those that runs may tell, without their values.
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
  std::vector<std::vector<std::string>> level_digests_;  ///< By axis and level.
};

/// Writes a file under another name and then gives it its own; throws Error(output).
void write_whole(const std::string& path, const std::string& text);
/// `HOST-PID-NANOSECONDS`: no other process has or had it.
std::string unique_name();

}  // namespace codecosim
