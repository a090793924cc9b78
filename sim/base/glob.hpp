#pragma once
#include <string_view>

namespace codecosim {

/// Whether `name` matches a shell pattern with `*` and `?`.
bool matches(std::string_view pattern, std::string_view name);
/// The same for names with slashes: `*` and `?` stand for no slash, `**` for any text (as in a shell with globstar).
bool matches_path(std::string_view pattern, std::string_view name);

}  // namespace codecosim
