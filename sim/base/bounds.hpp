#pragma once
#include <limits>

namespace codecosim {

/// Limits of a number read from a file, in base units.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
};
inline constexpr Bounds positive{0, std::numeric_limits<double>::infinity(), true};
inline constexpr Bounds not_negative{0};
constexpr Bounds between(double low, double high) { return {low, high}; }
constexpr Bounds at_least(double low) { return {low}; }

}  // namespace codecosim
