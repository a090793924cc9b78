#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/mobility/leg.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

/// The mobility model of one kind of device, leg by leg, which does not depend on the simulated world. One object
/// serves all devices of a kind; the State is per device. Checked by: tests/physics/motion_test.cpp.
class Motion {
 public:
  struct State {
    Rng rng;
    Position at;                       ///< End position of the last leg.
    Seconds when;                      ///< End date of the last leg.
    std::uint64_t count = 0;           ///< Legs so far.
    std::uint32_t heading = 0;         ///< Streets: the direction; route: the next point.
    std::uint32_t home = 0, work = 0;  ///< Commute: indices of sites.
  };
  virtual ~Motion() = default;
  /// The number of devices whose movement it knows; zero: as many as there are.
  virtual std::uint32_t known() const { return 0; }
  /// Whether devices may be absent for a while.
  virtual bool leaves() const { return false; }
  /// The next leg, which begins where and when the last one ended; the first one begins at date zero, at a position
  /// that the model chooses. None: the device rests for good. `mover` is its number among its kind.
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

/// The same motion at another place.
std::shared_ptr<const Motion> shifted(std::shared_ptr<const Motion>, Position by);

/// A rectangle of the plane.
struct Area {
  Position corner;  ///< South-west corner.
  Metres width, height;
  Position draw(Rng&) const;
};

/// Each device stays at its position; positions are assigned in turn.
std::unique_ptr<Motion> stationary(std::vector<Position> places);
/// Random waypoint (Johnson, Maltz: "Dynamic source routing in ad hoc wireless networks", 1996): straight to a position
/// drawn uniformly, at a speed drawn anew, then a pause; the start is drawn uniformly too. Its mean speed settles below
/// that of the law (Yoon, Liu, Noble: "Random waypoint considered harmful", 2003), so the law must stay away from zero.
std::unique_ptr<Motion> random_waypoint(Area, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause);

/// Straight streets that bound `columns` x `rows` blocks; all of them meet at crossings.
struct Streets {
  Position corner;       ///< South-west crossing.
  Metres width, height;  ///< Size of a block, from crossing to crossing.
  std::uint32_t columns = 1, rows = 1;
};
/// Manhattan (ETSI TR 101 112 V3.2.0, UMTS 30.03, annex B, without its changes of speed within a block): along streets,
/// one leg a block. At each crossing straight on with probability 1/2, left 1/4, right 1/4, drawn again while that
/// leads out of the grid, so no device turns round. It begins at a crossing, as if come from a direction, both drawn
/// uniformly. A speed drawn for each block, a pause for each crossing.
std::unique_ptr<Motion> manhattan(Streets, Distribution<MetresPerSecond> speed, Distribution<Seconds> pause);

/// A commute between two sites. Every draw is new each day, except the sites.
struct Commute {
  std::vector<Position> sites;          ///< At least two.
  Distribution<Seconds> leaves;         ///< Date of leaving home, after the day has begun [s].
  Distribution<Seconds> stays;          ///< Duration of the stay at work [s].
  Distribution<MetresPerSecond> speed;  ///< One draw for each direction.
  Seconds day{86400};
};
/// Commute between home and work: two different sites, drawn uniformly for each device. Day d begins at d x day. The
/// device leaves home `leaves` after that, or when it comes home if that is later, goes straight to work, stays, and
/// goes straight home. No day is left out.
std::unique_ptr<Motion> commute(Commute);

/// A route from point to point; with `loop` it leads from the last back to the first.
struct Route {
  std::vector<Position> points;  ///< At least two.
  bool loop = true;
  /// Length of the route; of a loop, once round it.
  Metres length() const;
};
/// Along a route, at a speed drawn for each segment between two points; round a loop for ever, else to the end. Device
/// i begins i x `spread` along the route: on a loop, modulo its length; beyond the end, at the end.
std::unique_ptr<Motion> follow(Route, Distribution<MetresPerSecond> speed, Metres spread);

/// The recorded positions of one device, by rising time; between two points it moves straight at constant speed.
struct Track {
  struct Point {
    Seconds when;
    Position at;
  };
  std::vector<Point> points;
};
/// The state of a device before its track begins and after it ends: it rests at the end point, or is absent.
enum class Beyond : std::uint8_t { rests, away };
/// Replay: the track of device i is `tracks[i % tracks.size()]`.
std::unique_ptr<Motion> replay(std::vector<Track> tracks, Beyond = Beyond::rests);

}  // namespace codecosim
