#pragma once
#include <cmath>

#include "sim/base/portable_math.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// A position: metres on a plane or, made by `on_earth`, a point on a sphere of the Earth's mean radius. The two do not
/// mix.
struct Position {
  double x = 0, y = 0, z = 0;  // [m]; on a plane z is zero

  static constexpr double earth_radius = 6371008.8;  // [m], IUGG mean radius R1
  static Position on_earth(double latitude, double longitude) {
    constexpr double degree = 0.017453292519943295;
    const double lat = latitude * degree, lon = longitude * degree;
    return {earth_radius * portable::cos(lat) * portable::cos(lon),
            earth_radius * portable::cos(lat) * portable::sin(lon), earth_radius * portable::sin(lat)};
  }
};

/// Straight line on the plane; on the sphere the great circle 2 R asin(chord / 2R) over the surface.
inline Metres distance(const Position& a, const Position& b, bool on_earth) {
  const double dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
  const double chord = std::sqrt(dx * dx + dy * dy + dz * dz);
  if (!on_earth) return Metres(chord);
  const double half = chord / (2 * Position::earth_radius);
  return Metres(2 * Position::earth_radius * portable::asin(half < 1 ? half : 1));
}

/// Speed of light in fibre: c / 1.468, the group index of ITU-T G.652 fibre at 1550 nm (Corning SMF-28 data sheet).
inline constexpr MetresPerSecond speed_in_fibre{299792458.0 / 1.468};

}  // namespace codecosim
