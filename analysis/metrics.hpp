#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/base/figure.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// A column of a table of runs: a figure, or one statistic of a distribution.
struct Measure {
  std::string name;  ///< `request.latency`, `request.latency.p50`, or `request.latency[cars]` for a kind of client.
  std::optional<double> value;  ///< None: not measured, such as the mean of no values.
  std::string unit, meaning;
  Better better = Better::neither;
};

/// Checks the object of a summary.json. Throws Error(scenario), with the file's name, where a member is not a figure.
void check_summary(const Json& summary, const std::string& file);

/// The figures of a checked summary as columns, with their units and meanings.
std::vector<Measure> measures_of(const Json& summary);

/// The direction in which a metric is better, from a file's word; none: the word is unknown.
std::optional<Better> parse_better(std::string_view word);

}  // namespace codecosim
