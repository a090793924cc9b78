#pragma once
#include <string_view>

namespace codecosim {

/// Whether `name` matches a shell pattern with `*` and `?`.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace codecosim
