#pragma once
#include <map>
#include <string>
#include <vector>
#include "sweep/experiment.hpp"
#include "sweep/journal.hpp"

namespace codecosim {

/// Writes results.csv, columns.csv and results.sqlite (tables `runs`, `columns` and `experiment`) of what is recorded,
/// each whole or not at all; throws Error(output). Rows are in the order of the runs' numbers. Returns how many are
/// done and how many are not.
struct Tally {
  std::size_t done = 0, failed = 0;
  std::size_t lost = 0;                         ///< Done, and their directories, which the plan keeps, are gone.
  std::map<std::string, std::size_t> findings;  ///< By kind: how many runs have it.
};
/// `imprecise`: points whose runs have that finding.
Tally write_table(const Experiment&, Journals&, const std::vector<std::size_t>& imprecise);

}  // namespace codecosim
