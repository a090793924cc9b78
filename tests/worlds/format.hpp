#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "models/policy.hpp"
#include "sim/base/reader.hpp"

namespace codecosim::test {

/// All policies that this build has.
const Policies& policies();
/// The format's own description.
const Json& schema_of_format();
/// Whether the last parts of a path are these.
bool ends(std::string_view path, std::string_view parts);
/// Whether a key, form of a value (named by its key) or word of a choice does not come up: what this build cannot do,
/// and what takes long or a file.
bool left_out(std::string_view path, const std::string& form);
/// A scenario without what is wrong, and without what is wrong then; nothing where all of it is.
std::optional<Json> mended(Json scenario);
/// Takes away what stands there; false where there is nothing.
bool erase(Json& scenario, const std::string& pointer);

}  // namespace codecosim::test
