#pragma once
#include "models/policy.hpp"

namespace codecosim {

/// Registers every built-in placement policy. A new one is one file, one factory in placement/policies.hpp and one line
/// here.
void add_policies(Policies& policies);

}  // namespace codecosim
