#pragma once
#include "sweep/experiment.hpp"
#include "sweep/journal.hpp"

namespace codecosim {

/// Writes results.csv, columns.csv and results.sqlite (tables `runs`, `columns` and `experiment`) of what is recorded,
/// each whole or not at all; throws Error(output). Rows are in the order of the runs' numbers. Returns how many are
/// done and how many are not.
struct Tally {
  std::size_t done = 0, failed = 0;
};
Tally write_table(const Experiment&, Journals&);

}  // namespace codecosim
