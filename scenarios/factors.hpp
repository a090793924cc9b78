#pragma once
#include <optional>
#include <string>
#include <vector>

#include "scenarios/plan.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// The design by which the values of sampled factors are drawn. `latin_hypercube` divides each range into as many parts
/// of equal probability as there are points and takes one value of each (McKay, Beckman, Conover: "A comparison of
/// three methods ...", Technometrics 21, 1979).
struct Sampling {
  bool latin_hypercube = true;
  std::uint32_t points = 0;
  std::uint64_t seed = 1;
};

/// A factor of a plan, and for each of its levels its place in the file.
struct PlannedFactor {
  Factor factor;
  bool sampled = false;
  std::vector<std::string> places;
};

std::vector<PlannedFactor> read_factors(Reader& plan, const std::optional<Sampling>&);
/// Reads the object under `key`: pointers into the scenario and their values.
Settings read_settings(Reader& parent, const char* key, const char* prose);

}  // namespace codecosim
