#pragma once
#include <optional>
#include <string>
#include <vector>

#include "analysis/results.hpp"

namespace codecosim {

/// How many of these runs have each finding, by the levels of a factor where one is named: a sentence a kind, those of
/// most runs first. None where no run has any, or the table does not tell.
std::vector<std::string> found_in(const Results&, const std::vector<std::size_t>& rows,
                                  std::optional<std::size_t> factor = std::nullopt);

}  // namespace codecosim
