#pragma once
#include <string>
#include <vector>

#include "analysis/compare.hpp"

namespace codecosim {

struct BatchOptions {
  std::size_t batches = 20;
  std::string warmup = "mser5";      ///< mser5, none, or a duration such as "5 min".
  std::vector<std::string> columns;  ///< Columns of series.csv; empty: mean_latency_s, busy_cores and power_w.
  double confidence = 0.95;
  double smallest = smallest_of_interest;  ///< As in CompareOptions.
};

/// Compares single long runs by batch means of their series.csv, after removing the longest warm-up of any run, so that
/// all cover the same times. Batches are paired where two runs have the same seed, replication and times; else Welch's
/// test takes them as independent. Throws Error(usage) where the options fit no column, and Error(scenario) where the
/// series are too short or broken.
Comparison compare_batches(const Results&, const BatchOptions&);

}  // namespace codecosim
