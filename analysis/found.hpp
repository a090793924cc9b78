#pragma once
#include <optional>
#include <string>
#include <vector>

#include "analysis/results.hpp"

namespace codecosim {

/// Sentences on the number of these runs with each kind of finding, by the levels of a factor where one is named; the
/// most frequent kind first. Empty where no run has any, or the table has no findings.
std::vector<std::string> found_in(const Results&, const std::vector<std::size_t>& rows,
                                  std::optional<std::size_t> factor = std::nullopt);

}  // namespace codecosim
