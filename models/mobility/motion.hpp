#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/mobility/leg.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// How things of one kind move: a source that cannot see the world, leg by leg. One object serves all things of a kind; what is a
/// thing's own is in its State.
class Motion {
 public:
  struct State {
    Rng rng;
    Position at;              ///< Where the last leg ended.
    Seconds when;             ///< And when.
    std::uint64_t count = 0;  ///< Legs so far.
    int heading = 0;          ///< Of who follows streets.
  };
  virtual ~Motion() = default;
  /// The next leg, which begins where and when the last one ended; the first one begins at zero, wherever it likes. None: it rests
  /// for good. `mover` is its number among its kind.
  std::optional<Leg> next(State& state, std::uint32_t mover) const {
    std::optional<Leg> leg = move(state, mover);
    if (!leg) return leg;
    state.at = leg->at(leg->length), state.when = leg->end, ++state.count;
    return leg;
  }

 private:
  virtual std::optional<Leg> move(State& state, std::uint32_t mover) const = 0;
};

/// A rectangle of the plane.
struct Area {
  Position corner;  ///< South-west.
  Metres width, height;
  Position draw(Rng&) const;
};

/// Each stays at its place; they are dealt out in turn.
std::unique_ptr<Motion> stationary(std::vector<Position> places);
/// Random waypoint (Johnson, Maltz: "Dynamic source routing in ad hoc wireless networks", 1996): straight to a place drawn
/// uniformly, at a speed drawn anew, then a pause; from a place drawn uniformly. Its mean speed settles below that of the law
/// (Yoon, Liu, Noble: "Random waypoint considered harmful", 2003), so the law must stay away from zero.
std::unique_ptr<Motion> random_waypoint(Area, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause);

/// Where one thing is known to have been, by rising time; between two points it moves straight and evenly, before the first and
/// after the last it rests.
struct Track {
  struct Point {
    Seconds when;
    Position at;
  };
  std::vector<Point> points;
};
/// The track of thing i is `tracks[i % tracks.size()]`.
std::unique_ptr<Motion> replay(std::vector<Track> tracks);

}  // namespace codecosim
