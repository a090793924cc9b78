#include <array>
#include <cmath>
#include <utility>

#include "models/mobility/motion.hpp"

namespace codecosim {

namespace {
class Manhattan : public Motion {
 public:
  Manhattan(Streets streets, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause)
      : streets_(streets), speed_(std::move(speed)), pause_(std::move(pause)), pauses_(pause_.law().mean() > 0) {}

 private:
  /// A crossing by its numbers: columns from the west, rows from the south.
  struct Crossing {
    std::int64_t column, row;
  };

  std::optional<Leg> move(State& state, std::uint32_t) const override {
    if (state.count == 0) {
      state.at = place(any(state.rng));
      state.heading = static_cast<std::uint32_t>(state.rng.below(4));
    }
    if (pauses_ && state.count % 2 == 1) return Leg::rest(state.at, state.when, state.when + pause_.sample(state.rng));
    const Crossing here = nearest(state.at);
    std::uint32_t way = turned(state.heading, state.rng);
    while (!exists(beyond(here, way))) way = turned(state.heading, state.rng);
    state.heading = way;
    return Leg::between(place(here), place(beyond(here, way)), state.when, speed_.sample(state.rng));
  }

  Crossing any(Rng& rng) const {
    const auto column = static_cast<std::int64_t>(rng.below(streets_.columns + std::uint64_t{1}));
    return {column, static_cast<std::int64_t>(rng.below(streets_.rows + std::uint64_t{1}))};
  }
  Position place(const Crossing& at) const {
    return {streets_.corner.x + static_cast<double>(at.column) * streets_.width.value,
            streets_.corner.y + static_cast<double>(at.row) * streets_.height.value, 0};
  }
  Crossing nearest(const Position& at) const {
    return {std::llround((at.x - streets_.corner.x) / streets_.width.value),
            std::llround((at.y - streets_.corner.y) / streets_.height.value)};
  }
  bool exists(const Crossing& at) const {
    return at.column >= 0 && at.column <= streets_.columns && at.row >= 0 && at.row <= streets_.rows;
  }

  // Directions, each a quarter turn to the left of the one before: 0 east, 1 north, 2 west, 3 south.
  static Crossing beyond(const Crossing& at, std::uint32_t direction) {
    constexpr std::array<Crossing, 4> steps{Crossing{1, 0}, Crossing{0, 1}, Crossing{-1, 0}, Crossing{0, -1}};
    return {at.column + steps[direction].column, at.row + steps[direction].row};
  }
  static std::uint32_t turned(std::uint32_t direction, Rng& rng) {
    constexpr std::array<std::uint32_t, 4> turns{0, 0, 1, 3};  // straight on twice, left, right
    return (direction + turns[rng.below(turns.size())]) % 4;
  }

  Streets streets_;
  Distribution<MetresPerSecond> speed_;
  Distribution<Seconds> pause_;
  bool pauses_;
};
}  // namespace

std::unique_ptr<Motion> manhattan(Streets streets, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause) {
  return std::make_unique<Manhattan>(streets, std::move(speed), std::move(pause));
}

}  // namespace codecosim
