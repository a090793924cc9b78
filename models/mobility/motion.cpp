#include "models/mobility/motion.hpp"

#include <utility>

namespace codecosim {

Position Area::draw(Rng& rng) const {
  const double x = corner.x + width.value * rng.uniform();
  return {x, corner.y + height.value * rng.uniform(), 0};
}

namespace {
class Stationary : public Motion {
 public:
  explicit Stationary(std::vector<Position> places) : places_(std::move(places)) {}

 private:
  std::optional<Leg> move(State& state, std::uint32_t mover) const override {
    if (state.count > 0) return std::nullopt;
    return Leg::rest(places_[mover % places_.size()], Seconds(0));
  }
  std::vector<Position> places_;
};

class RandomWaypoint : public Motion {
 public:
  RandomWaypoint(Area area, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause)
      : area_(area), speed_(std::move(speed)), pause_(std::move(pause)) {}

 private:
  std::optional<Leg> move(State& state, std::uint32_t) const override {
    if (state.count == 0) state.at = area_.draw(state.rng);
    if (state.count % 2 == 1) return Leg::rest(state.at, state.when, state.when + pause_.sample(state.rng));
    const Position goal = area_.draw(state.rng);
    return Leg::between(state.at, goal, state.when, speed_.sample(state.rng));
  }
  Area area_;
  Distribution<MetresPerSecond> speed_;
  Distribution<Seconds> pause_;
};

class Replay : public Motion {
 public:
  Replay(std::vector<Track> tracks, Beyond beyond) : tracks_(std::move(tracks)), beyond_(beyond) {}
  std::uint32_t known() const override { return static_cast<std::uint32_t>(tracks_.size()); }
  bool leaves() const override { return beyond_ == Beyond::away; }

 private:
  std::optional<Leg> move(State& state, std::uint32_t mover) const override {
    const std::vector<Track::Point>& points = tracks_[mover % tracks_.size()].points;
    if (state.count == 0) return outside(points.front().at, Seconds(0), points.front().when);
    const bool leaves = state.count == points.size() && beyond_ == Beyond::away;
    if (leaves) return outside(points.back().at, state.when, forever);
    if (state.count >= points.size()) return std::nullopt;
    const Track::Point& next = points[state.count];
    return Leg::between(points[state.count - 1].at, next.at, state.when, next.when);
  }
  Leg outside(const Position& at, Seconds start, Seconds end) const {
    Leg leg = Leg::rest(at, start, end);
    leg.away = beyond_ == Beyond::away;
    return leg;
  }
  std::vector<Track> tracks_;
  Beyond beyond_;
};

/// The inner motion knows nothing of the shift.
class Shifted : public Motion {
 public:
  Shifted(std::shared_ptr<const Motion> inner, Position by) : inner_(std::move(inner)), by_(by) {}
  std::uint32_t known() const override { return inner_->known(); }
  bool leaves() const override { return inner_->leaves(); }

 private:
  std::optional<Leg> move(State& state, std::uint32_t mover) const override {
    state.at = {state.at.x - by_.x, state.at.y - by_.y, state.at.z};
    const std::uint64_t count = state.count;
    std::optional<Leg> leg = inner_->next(state, mover);
    state.count = count;
    if (leg) leg->from = {leg->from.x + by_.x, leg->from.y + by_.y, leg->from.z};
    return leg;
  }
  std::shared_ptr<const Motion> inner_;
  Position by_;
};
}  // namespace

std::shared_ptr<const Motion> shifted(std::shared_ptr<const Motion> motion, Position by) {
  return std::make_shared<Shifted>(std::move(motion), by);
}

std::unique_ptr<Motion> stationary(std::vector<Position> places) {
  return std::make_unique<Stationary>(std::move(places));
}
std::unique_ptr<Motion> random_waypoint(Area area, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause) {
  return std::make_unique<RandomWaypoint>(area, std::move(speed), std::move(pause));
}
std::unique_ptr<Motion> replay(std::vector<Track> tracks, Beyond beyond) {
  return std::make_unique<Replay>(std::move(tracks), beyond);
}

}  // namespace codecosim
