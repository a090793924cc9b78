#include "models/mobility/leg.hpp"

#include <algorithm>
#include <cmath>

namespace codecosim {

Leg Leg::rest(const Position& at, Seconds start, Seconds end) {
  Leg leg;
  leg.from = at;
  leg.start = start;
  leg.end = end;
  return leg;
}

Leg Leg::between(const Position& from, const Position& to, Seconds start, MetresPerSecond speed) {
  return between(from, to, start, start + distance(from, to, false) / speed);
}

Leg Leg::between(const Position& from, const Position& to, Seconds start, Seconds end) {
  Leg leg = rest(from, start, end);
  const Metres far = distance(from, to, false);
  if (far <= Metres(0) || end <= start) return leg;
  leg.length = far;
  leg.ux = (to.x - from.x) / far.value;
  leg.uy = (to.y - from.y) / far.value;
  leg.speed = far / (end - start);
  return leg;
}

Leg Leg::ramp(const Position& from, double ux, double uy, Metres length, Seconds start, MetresPerSecond begin,
              MetresPerSecond end) {
  Leg leg = rest(from, start, start + 2 * length.value / (begin + end).value * Seconds(1));
  leg.ux = ux;
  leg.uy = uy;
  leg.length = length;
  leg.speed = begin;
  if (leg.end > start) leg.acceleration = (end - begin) / (leg.end - start);
  return leg;
}

Metres Leg::travelled(Seconds when) const {
  if (when >= end) return length;
  const Seconds gone = std::max(when, start) - start;
  return std::clamp(speed * gone + 0.5 * (acceleration * gone) * gone, Metres(0), length);
}

Seconds Leg::reaches(Metres s) const {
  if (s <= Metres(0)) return start;
  if (s >= length) return end;
  // The form of the root without cancellation: t = 2 s / (v + sqrt(v^2 + 2 a s)).
  const double root = std::sqrt(std::max(0.0, speed.value * speed.value + 2 * acceleration.value * s.value));
  return std::min(start + Seconds(2 * s.value / (speed.value + root)), end);
}

MetresPerSecond Leg::speed_at(Seconds when) const {
  if (length <= Metres(0)) return MetresPerSecond(0);
  return speed + acceleration * (std::clamp(when, start, end) - start);
}

}  // namespace codecosim
