#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/mobility/leg.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// How things of one kind move: a source that cannot see the world, leg by leg. One object serves all things of a kind;
/// what is a thing's own is in its State. Checked by: tests/physics/motion_test.cpp.
class Motion {
 public:
  struct State {
    Rng rng;
    Position at;                ///< Where the last leg ended.
    Seconds when;               ///< And when.
    std::uint64_t count = 0;    ///< Legs so far.
    std::uint32_t heading = 0;  ///< Of who follows streets, a direction; of who follows a route, the point ahead.
    std::uint32_t home = 0, work = 0;  ///< Of who commutes: sites.
  };
  virtual ~Motion() = default;
  /// Of how many things it knows the ways; zero: of as many as there are.
  virtual std::uint32_t known() const { return 0; }
  /// Whether things may be away for a while.
  virtual bool leaves() const { return false; }
  /// The next leg, which begins where and when the last one ended; the first one begins at zero, wherever it likes.
  /// None: it rests for good. `mover` is its number among its kind.
  std::optional<Leg> next(State& state, std::uint32_t mover) const {
    std::optional<Leg> leg = move(state, mover);
    if (!leg) return leg;
    state.at = leg->at(leg->length);
    state.when = leg->end;
    ++state.count;
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
/// Random waypoint (Johnson, Maltz: "Dynamic source routing in ad hoc wireless networks", 1996): straight to a place
/// drawn uniformly, at a speed drawn anew, then a pause; from a place drawn uniformly. Its mean speed settles below
/// that of the law (Yoon, Liu, Noble: "Random waypoint considered harmful", 2003), so the law must stay away from zero.
std::unique_ptr<Motion> random_waypoint(Area, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause);

/// Straight streets that bound `columns` x `rows` blocks; all of them meet at crossings.
struct Streets {
  Position corner;       ///< South-west crossing.
  Metres width, height;  ///< Of a block, from crossing to crossing.
  std::uint32_t columns = 1, rows = 1;
};
/// Manhattan (ETSI TR 101 112 V3.2.0, UMTS 30.03, annex B, without its changes of speed within a block): along streets,
/// one leg a block. At each crossing straight on with probability 1/2, left 1/4, right 1/4, drawn again while that
/// leads out of the grid, so nobody turns round. It begins at a crossing, as if come from a direction, both drawn
/// uniformly. A speed drawn for each block, a pause for each crossing.
std::unique_ptr<Motion> manhattan(Streets, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause);

/// When who commutes goes where. Every draw is anew but the sites.
struct Commute {
  std::vector<Position> sites;          ///< At least two.
  Distribution<Seconds> leaves;         ///< Home, after a day has begun [s].
  Distribution<Seconds> stays;          ///< At work [s].
  Distribution<MetresPerSecond> speed;  ///< One draw a way.
  Seconds day{86400};
};
/// Between home and work: two different sites, drawn uniformly for each thing. Day d begins at d x day; it leaves home
/// then plus `leaves`, or when it comes home if that is later, goes straight to work, stays, and goes straight home. No
/// day is left out.
std::unique_ptr<Motion> commute(Commute);

/// A way from point to point, and whether it leads from the last back to the first.
struct Route {
  std::vector<Position> points;  ///< At least two.
  bool loop = true;
  /// To its end; of a loop: round it once.
  Metres length() const;
};
/// Along a route, at a speed drawn for each stretch between two points; round a loop for ever, else to the end. Thing i
/// begins i x `spread` along it; of a loop, modulo its length; beyond the end, at the end.
std::unique_ptr<Motion> follow(Route, Distribution<MetresPerSecond> speed, Metres spread);

/// Where one thing is known to have been, by rising time; between two points it moves straight and evenly.
struct Track {
  struct Point {
    Seconds when;
    Position at;
  };
  std::vector<Point> points;
};
/// What a thing does before its track begins and after it ends, there where it begins and ends.
enum class Beyond : std::uint8_t { rests, away };
/// The track of thing i is `tracks[i % tracks.size()]`.
std::unique_ptr<Motion> replay(std::vector<Track> tracks, Beyond = Beyond::rests);

}  // namespace codecosim
