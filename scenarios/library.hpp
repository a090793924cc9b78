#pragma once
#include <string>
#include <vector>

namespace codecosim {

/// The shipped scenarios and the starter, as built into the program (scenarios/library).
std::vector<std::string> library_names();
/// The text of a scenario; null when there is none of that name.
const std::string* library_text(const std::string& name);

}  // namespace codecosim
