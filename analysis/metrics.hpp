#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/base/figure.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// A column of a table of runs: a figure, or one part of a distribution.
struct Measure {
  std::string name;  ///< `request.latency`, its `request.latency.p50`, `request.latency[cars]` of a kind of client.
  std::optional<double> value;  ///< None: not measured, as the mean of nothing.
  std::string unit, meaning;
  Better better = Better::neither;
};

/// Throws Error(scenario) naming the file where something in what it holds, the object of a summary.json, is no figure.
void check_summary(const Json& summary, const std::string& file);

/// The figures of a summary that has been checked, or made here, as columns, which say of themselves what it says of
/// them.
std::vector<Measure> measures_of(const Json& summary);

/// Which way a file says that a metric is better; none: it is no such word.
std::optional<Better> parse_better(std::string_view word);

}  // namespace codecosim
