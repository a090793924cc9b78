#pragma once
#include "models/infrastructure/geometry.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// A straight line segment on the plane, travelled with constant acceleration: s(t) = v t + a t^2 / 2. A rest is a leg
/// of no length. Crossings are solved in the arc length s, which does not depend on the speed; reaches() gives the
/// date.
struct Leg {
  Position from;
  double ux = 1, uy = 0;  ///< Direction, a unit vector.
  Metres length;
  Seconds start, end = forever;
  MetresPerSecond speed;  ///< Speed at the start.
  MetresPerSecondSquared acceleration;
  bool away = false;  ///< Whether the device is absent: no cell can serve it, and what it carries is silent.

  static Leg rest(const Position& at, Seconds start, Seconds end = forever);
  /// A leg from one position to another at constant speed; a rest until `start` where they are the same.
  static Leg between(const Position& from, const Position& to, Seconds start, MetresPerSecond speed);
  /// The same, with the arrival at `end`.
  static Leg between(const Position& from, const Position& to, Seconds start, Seconds end);
  /// A leg of `length` in a direction, from one speed to another, not both zero.
  static Leg ramp(const Position& from, double ux, double uy, Metres length, Seconds start, MetresPerSecond begin,
                  MetresPerSecond end);

  Metres travelled(Seconds when) const;
  Seconds reaches(Metres) const;
  Position at(Metres s) const { return {from.x + ux * s.value, from.y + uy * s.value, 0}; }
  Position at(Seconds when) const { return at(travelled(when)); }
  MetresPerSecond speed_at(Seconds when) const;
};

}  // namespace codecosim
