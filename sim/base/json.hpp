#pragma once
#include <string>
#include <string_view>

#include "sim/base/reader.hpp"

namespace codecosim {

/// The deepest nesting that is accepted, which is deeper than anything that codecosim writes. Functions that walk
/// through a value, as dump() does, take stack for each level.
inline constexpr int most_json_levels = 64;

/// A text as JSON; discarded (Json::is_discarded) where the text is not JSON. Throws Error(scenario) naming `file`
/// where it has more than 64 levels of nesting.
Json parse_json(std::string_view text, const std::string& file);

}  // namespace codecosim
