#pragma once
#include <string>
#include <string_view>

#include "sim/base/reader.hpp"

namespace codecosim {

/// Deeper than anything that we write; what walks through a value, as dump() does, takes stack for each.
inline constexpr int most_json_levels = 64;

/// A text as JSON; discarded (Json::is_discarded) where it is none. Throws Error(scenario) naming `file` where it has
/// more than 64 levels of nesting.
Json parse_json(std::string_view text, const std::string& file);

}  // namespace codecosim
