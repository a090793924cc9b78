#pragma once
#include <string>
#include <string_view>

#include "sim/base/reader.hpp"

namespace codecosim {

/// A self-contained HTML file with this data: it loads nothing and sends nothing, and only the scripts embedded in the
/// program run in it, for any data (Content Security Policy, by hash). `replay` is for the map; empty: there is none.
std::string page(const std::string& title, Json data, std::string_view replay = {});

}  // namespace codecosim
