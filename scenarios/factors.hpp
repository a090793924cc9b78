#pragma once
#include <optional>
#include <string>
#include <vector>

#include "scenarios/plan.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// How the values of sampled factors are drawn: `latin_hypercube` cuts each range into as many parts of equal
/// probability as there are points and takes one value of each (McKay, Beckman, Conover: "A comparison of three methods
/// ...", Technometrics 21, 1979).
struct Sampling {
  bool latin_hypercube = true;
  std::uint32_t points = 0;
  std::uint64_t seed = 1;
};

/// The factors of a plan, and for each of its levels the place in the file that says it.
struct PlannedFactor {
  Factor factor;
  bool sampled = false;
  std::vector<std::string> places;
};

std::vector<PlannedFactor> read_factors(Reader& plan, const std::optional<Sampling>&);
/// Pointers into the scenario and their values: the members of the object under `key`.
Settings read_settings(Reader& parent, const char* key, const char* prose);

}  // namespace codecosim
