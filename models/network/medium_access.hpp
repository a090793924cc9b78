#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/units.hpp"

namespace codecosim {

/// Stations that take turns by listening, waiting and acknowledging: IEEE 802.11's distributed coordination (CSMA/CA).
///
/// Claim: a turn of a station is a space, a back-off, a frame or an aggregate of frames, and its acknowledgement; all
/// stations that have something to send win turns equally often, whatever their rates; several that begin in the same
/// slot collide. How often that happens with n of them is the fixed point of G. Bianchi, "Performance analysis of the
/// IEEE 802.11 distributed coordination function", IEEE JSAC 18(3), 2000, doi 10.1109/49.840210; with `sends_again` it
/// has the correction of G. Bianchi, I. Tinnirello, "Remarks on IEEE 802.11 DCF performance analysis", IEEE Comm.
/// Letters 9(8), 2005. Valid for: n that changes slowly against a turn; all stations hear each other; the retry limit
/// is never reached. Checked by: tests/conformance/contention_test.cpp.
struct Contention {
  std::string standard;  ///< One of standards().
  Seconds slot, sifs, difs;
  std::uint32_t cw_min = 15, cw_max = 1023;  ///< At least 1.
  /// Who has just succeeded may send again at once when it draws 0, since others count down only in idle slots: DCF.
  /// With EDCA (802.11n on) they count down at the end of the space too.
  bool sends_again = false;
  bool eifs = true;                          ///< After a collision all wait as long as an acknowledgement would take.
  Seconds preamble, symbol;                  ///< Of data; a frame fills whole symbols. 0 s: there are none.
  Seconds control_preamble, control_symbol;  ///< Of acknowledgements.
  BytesPerSecond base;                       ///< Rate of data at BPSK 1/2, the most robust.
  std::array<BytesPerSecond, 3> control;     ///< Of acknowledgements, for data at base, 2 base and 4 base on.
  Bytes header;                              ///< Of a frame: MAC, its check sequence, LLC.
  Bytes delimiter;                           ///< Between the frames of an aggregate; their padding to 4 B is left out.
  Bytes acknowledgement, block_acknowledgement;
  std::uint32_t most_frames = 1;  ///< Of an aggregate.
  Bytes most_bytes;               ///< Likewise.
  Seconds longest;                ///< Likewise, on the air.
  Bytes frame{1500};              ///< That a frame carries at most.

  /// Names of the standards that are known; facts of one of them, which must exist. Sources: see medium_access.cpp.
  static std::vector<std::string> standards();
  static Contention of(const std::string& standard);

  /// Time of a turn without its back-off [s]: when it succeeds, and when it collides.
  struct Turn {
    double success = 0, collision = 0;
  };
  /// `frames` of `payload` in all, at a rate.
  Turn turn(std::uint64_t frames, Bytes payload, BytesPerSecond rate) const;
  /// Full frames that an aggregate holds at this rate; at least one.
  std::uint64_t aggregate(BytesPerSecond rate) const;
  /// Frames that a message takes.
  std::uint64_t frames(Bytes message) const;
  BytesPerSecond control_rate(BytesPerSecond rate_of_data) const;
  /// Whether these go in one turn.
  bool fits(std::uint64_t frames, Bytes payload, BytesPerSecond rate) const;

  /// Probability that a station sends in a slot, when `stations` have something to send.
  double attempts(std::size_t stations) const;
  /// What a turn of each of these stations costs the cell besides its success: slots in which nobody sends, and
  /// collisions [s]. `collisions`: what a collision of each costs [s]; sorted here.
  double overhead(std::vector<double>& collisions) const;

 private:
  mutable std::vector<double> attempts_;  // by number of stations
};

/// A base station that grants turns: LTE, NR.
///
/// Claim: what is sent ends with a slot of its direction: the last of as many as its airtime fills, from the first on
/// that begins when it may be sent. A device that has nothing under way asks first: with the first slot up from the
/// next of its opportunities on, which come each `request_period`; what it sends begins `processing` later. While it
/// has something under way, or waits for a grant, it asks along with that. Source: 3GPP TR 36.881 V14.0.0, 5.2. Valid
/// for: no semi-persistent nor configured grants, no retransmission; the share of a slot that a message takes is its
/// size. Checked by: tests/physics/grants_test.cpp.
struct Grants {
  Seconds slot;
  std::string pattern;  ///< Slots that repeat: D down, S down with the change to up, U up; empty: both ways in each.
  Seconds request_period;
  Seconds processing;  ///< From the request to the first slot that may carry the data.

  /// End of the slots of a direction, the first that begins at `from` or later being one, that what takes so long at
  /// the mean rate of this direction fills.
  Seconds end_of_slots(bool up, Seconds from, Seconds takes) const;
  /// When a device may send that has nothing under way, with its opportunities at `phase` of the period.
  Seconds granted(Seconds asks, double phase) const;

 private:
  std::size_t in_pattern(bool up) const;
  /// Number of the first slot of a direction that begins at this date or later.
  double first_slot(bool up, Seconds from) const;
};

/// How messages come to their airtime; ideal: at once, as a scheduler of short slots shares it.
using MediumAccess = std::variant<std::monostate, Contention, Grants>;

}  // namespace codecosim
