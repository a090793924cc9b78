#pragma once
#include <string>

#include "models/policy.hpp"

namespace codecosim {

/// Adds the policies of a shared library that was made with CODECOSIM_PLUGIN (policies/plugin.hpp). Throws
/// Error(usage), and leaves `policies` unchanged, where the file is not such a library, was built for another codecosim
/// or with an incompatible compiler, adds a name that is taken, or throws.
void load_plugin(const std::string& path, Policies& policies);

}  // namespace codecosim
