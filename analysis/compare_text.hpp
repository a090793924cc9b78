#pragma once
#include <string>

#include "analysis/compare.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// For a terminal: a block a metric, aligned. Control characters of names are shown escaped.
std::string compare_table(const Comparison&);
/// For papers: the same figures as tables of GitHub's Markdown. What has a meaning in Markdown or HTML is escaped.
std::string compare_markdown(const Comparison&);
/// A row a comparison, in base units; empty where there is none (RFC 4180).
std::string compare_csv(const Comparison&);
/// All figures, in base units; null where there is none.
Json compare_json(const Comparison&);

}  // namespace codecosim
