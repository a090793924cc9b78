#pragma once
#include <string>

#include "analysis/compare.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// A comparison for a terminal, aligned, with one block per metric. Control characters of names are shown escaped.
std::string compare_table(const Comparison&);
/// A comparison for papers, as tables of GitHub's Markdown. Characters with a meaning in Markdown or HTML are escaped.
std::string compare_markdown(const Comparison&);
/// A comparison as CSV (RFC 4180), one row per difference, in base units; a missing figure is an empty cell.
std::string compare_csv(const Comparison&);
/// A comparison as JSON: all figures, in base units; null where there is none.
Json compare_json(const Comparison&);

}  // namespace codecosim
