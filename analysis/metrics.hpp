#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sim/base/reader.hpp"

namespace codecosim {

/// The figures of a summary.json as columns of a table: `request.latency`, then `request.latency.p50` and so on for a
/// distribution; those of one kind of client with its name, `request.latency[cars]`. What was not measured (a
/// distribution of nothing) is missing.
std::vector<std::pair<std::string, double>> metrics_of(const Json& summary);

/// Which way a metric is better; neither where it is not known to be.
enum class Better { lower, higher, neither };
Better better(const std::string& metric);

}  // namespace codecosim
