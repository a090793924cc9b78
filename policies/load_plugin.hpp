#pragma once
#include <string>

#include "models/policy.hpp"

namespace codecosim {

/// Adds the policies of a shared library that was made with CODECOSIM_PLUGIN (policies/plugin.hpp). Throws
/// Error(usage), and leaves `policies` as they were, where the file is no such library, was built for another codecosim
/// or by another kind of compiler, brings a name that is taken, or fails.
void load_plugin(const std::string& path, Policies& policies);

}  // namespace codecosim
