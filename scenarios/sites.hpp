#pragma once
#include "scenarios/parts.hpp"

namespace codecosim {

/// Reads the modules and sites of the scenario and adds a scope for each instance, nested ones after those that hold
/// them.
void read_sites(Loading&);

}  // namespace codecosim
