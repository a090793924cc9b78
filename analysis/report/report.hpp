#pragma once
#include <map>
#include <string>

namespace codecosim {

/// What metrics are, by name, where their files do not say it.
using Meanings = std::map<std::string, std::string>;

/// The report of a run, or of a sweep, whose directory is `path`, as an HTML file (see page()). Throws Error(scenario)
/// naming the file where something is missing or malformed.
std::string report(const std::string& path, const Meanings&);

}  // namespace codecosim
