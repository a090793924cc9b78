#pragma once
#include <string>

namespace codecosim {

/// The report of a run, or of a sweep, whose directory is `path`, as an HTML file (see page()). Throws Error(scenario)
/// naming the file where something is missing or malformed.
std::string report(const std::string& path);

}  // namespace codecosim
