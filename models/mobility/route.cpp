#include <algorithm>
#include <cmath>
#include <utility>

#include "models/mobility/motion.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

Metres Route::length() const {
  Metres all;
  for (std::size_t i = 1; i < points.size(); ++i) all += distance(points[i - 1], points[i], false);
  return loop ? all + distance(points.back(), points.front(), false) : all;
}

namespace {
class Following : public Motion {
 public:
  Following(Route route, Distribution<MetresPerSecond> speed, Metres spread)
      : route_(std::move(route)), speed_(std::move(speed)), spread_(spread), length_(route_.length()) {}

 private:
  std::optional<Leg> move(State& state, std::uint32_t mover) const override {
    const std::size_t points = route_.points.size();
    if (state.count == 0) begin(state, mover * spread_);
    if (state.heading == points && !route_.loop)
      return state.count == 0 ? std::optional(Leg::rest(state.at, state.when)) : std::nullopt;
    const Position& next = route_.points[state.heading % points];
    state.heading = static_cast<std::uint32_t>(route_.loop ? (state.heading + 1) % points : state.heading + 1);
    return Leg::between(state.at, next, state.when, speed_.sample(state.rng));
  }
  /// Begins on the segment at this distance along the route.
  void begin(State& state, Metres along) const {
    const std::vector<Position>& points = route_.points;
    if (route_.loop) along = Metres(std::fmod(along.value, length_.value));
    for (state.heading = 1; state.heading < points.size() + (route_.loop ? 1 : 0); ++state.heading) {
      const Leg stretch = Leg::between(points[state.heading - 1], points[state.heading % points.size()], Seconds(0),
                                       MetresPerSecond(1));
      state.at = stretch.at(std::min(along, stretch.length));
      if (along < stretch.length) return;
      along -= stretch.length;
    }
  }
  Route route_;
  Distribution<MetresPerSecond> speed_;
  Metres spread_, length_;
};
}  // namespace

std::unique_ptr<Motion> follow(Route route, Distribution<MetresPerSecond> speed, Metres spread) {
  ensure(route.points.size() >= 2 && route.length() > Metres(0), "a route has a length");
  return std::make_unique<Following>(std::move(route), std::move(speed), spread);
}

}  // namespace codecosim
