#pragma once
#include <map>
#include <string>
#include <vector>
#include "sweep/experiment.hpp"
#include "sweep/journal.hpp"

namespace codecosim {

/// The number of runs by outcome, as write_table() returns it.
struct Tally {
  std::size_t done = 0, failed = 0;
  std::size_t lost = 0;                         ///< Done runs whose directories, which the plan keeps, are missing.
  std::map<std::string, std::size_t> findings;  ///< Number of runs with each kind.
};
/// Writes results.csv, columns.csv and results.sqlite (tables `runs`, `columns` and `experiment`) from the recorded
/// runs, each whole or not at all; throws Error(output). Rows are in the order of the runs' numbers. `imprecise`:
/// points whose runs have that finding.
Tally write_table(const Experiment&, Journals&, const std::vector<std::size_t>& imprecise);

}  // namespace codecosim
