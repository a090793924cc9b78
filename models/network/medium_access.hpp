#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/bounds.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// IEEE 802.11's distributed coordination function (CSMA/CA with acknowledgements).
///
/// Claim: a turn of a station is a space, a back-off, a frame or an aggregate of frames, and its acknowledgement; all
/// stations with a backlog win turns equally often, whatever their rates; stations that begin in the same slot collide.
/// The collision probability with n of them is the fixed point of G. Bianchi, "Performance analysis of the IEEE 802.11
/// distributed coordination function", IEEE JSAC 18(3), 2000, doi 10.1109/49.840210; with `sends_again` it has the
/// correction of G. Bianchi, I. Tinnirello, "Remarks on IEEE 802.11 DCF performance analysis", IEEE Comm. Letters 9(8),
/// 2005. Valid for: n that changes slowly against a turn; all stations hear each other; the retry limit is never
/// reached. Checked by: tests/conformance/contention_test.cpp.
struct Contention {
  std::string standard;  ///< One of standards().
  Seconds slot, sifs, difs;
  std::uint32_t cw_min = 15, cw_max = 1023;  ///< At least 1.
  /// DCF: a station that has just succeeded may send again at once when it draws 0, since the others count down only in
  /// idle slots. With EDCA (802.11n on) they count down at the end of the space too.
  bool sends_again = false;
  bool eifs = true;          ///< Whether all wait after a collision as long as an acknowledgement would take.
  Seconds preamble, symbol;  ///< Times of data frames, which fill whole symbols. A symbol of 0 s: there are none.
  Seconds control_preamble, control_symbol;  ///< Times of acknowledgements.
  BytesPerSecond base;                       ///< Rate of data at BPSK 1/2, the most robust.
  std::array<BytesPerSecond, 3> control;     ///< Rates of acknowledgements, for data at base, 2 base and 4 base on.
  Bytes header;                              ///< Header of a frame: MAC, its check sequence, LLC.
  Bytes delimiter;  ///< Delimiter between the frames of an aggregate; their padding to 4 B is left out.
  Bytes acknowledgement, block_acknowledgement;
  std::uint32_t most_frames = 1;  ///< Most frames of an aggregate.
  Bytes most_bytes;               ///< Most bytes of an aggregate.
  Seconds longest;                ///< Longest airtime of an aggregate.
  Bytes frame{1500};              ///< Most payload of a frame.
  template <class V>
  void fields(V&& v) {
    v("base_rate", base, "Of BPSK 1/2, from which the rates of acknowledgements follow; missing: of the first tier.",
      positive);
    v("cw_min", cw_min, "First window of the back-off [slots].", between(1, 32767));
    v("cw_max", cw_max, "Last window of the back-off [slots].", between(1, 32767));
    v("aggregation", most_frames, "Frames of 1500 B in one turn, at most; 1: none.", between(1, 1024));
    v("eifs", eifs, "Whether all wait after a collision as for an acknowledgement.");
  }

  /// The names of the known standards, and the parameters of one of them, which must exist. Sources: see
  /// medium_access.cpp.
  static std::vector<std::string> standards();
  static Contention of(const std::string& standard);

  /// Time of a turn without its back-off [s]: when it succeeds, and when it collides.
  struct Turn {
    double success = 0, collision = 0;
  };
  /// The turn of `frames` frames with `payload` in all, at a rate.
  Turn turn(std::uint64_t frames, Bytes payload, BytesPerSecond rate) const;
  /// The number of full frames that an aggregate holds at this rate; at least one.
  std::uint64_t aggregate(BytesPerSecond rate) const;
  /// The number of frames of a message.
  std::uint64_t frames(Bytes message) const;
  BytesPerSecond control_rate(BytesPerSecond rate_of_data) const;
  /// Whether these frames fit into one turn.
  bool fits(std::uint64_t frames, Bytes payload, BytesPerSecond rate) const;

  /// Probability that a station sends in a slot, when `stations` have a backlog.
  double attempts(std::size_t stations) const;
  /// The overhead of a turn besides its success, with these stations: idle slots, and collisions [s]. `collisions` has
  /// the time that a collision of each station costs [s]; it is sorted here.
  double overhead(std::vector<double>& collisions) const;

 private:
  mutable std::vector<double> attempts_;  // by number of stations
};

/// A base station that grants turns: LTE, NR.
///
/// Claim: a transmission ends with a slot of its direction: the last of as many slots as its airtime fills, from the
/// first one that begins when it may be sent. A device with no transmission under way sends a scheduling request first:
/// in the first uplink slot from its next opportunity on, which come each `request_period`; its transmission begins
/// `processing` later. While a transmission is under way, or waits for a grant, the device asks along with that.
/// Source: 3GPP TR 36.881 V14.0.0, 5.2. Valid for: no semi-persistent nor configured grants, no retransmission; the
/// share of a slot that a message takes is its size. Checked by: tests/physics/grants_test.cpp.
struct Grants {
  Seconds slot;
  std::string pattern;  ///< Repeating slots: D down, S down with the change to up, U up; empty: both in each.
  Seconds request_period;
  Seconds processing;  ///< From the request to the first slot that may carry the data.
  template <class V>
  void fields(V&& v) {
    v("slot", slot, "What is sent ends with one.", between(1e-6, 1));
    v("request_period", request_period, "Between two opportunities of a device to ask; 0 s: at any time.",
      between(0, 10));
    v("processing", processing, "From the request to the first slot that it allows.", between(0, 10));
  }

  /// End of the slots of a direction that a transmission fills; it takes `takes` at the mean rate of this direction.
  /// The first slot is the first that begins at `from` or later.
  Seconds end_of_slots(bool up, Seconds from, Seconds takes) const;
  /// The date at which a device with no transmission under way may send, with its opportunities at `phase` of the
  /// period.
  Seconds granted(Seconds asks, double phase) const;

 private:
  std::size_t in_pattern(bool up) const;
  /// The number of the first slot of a direction that begins at this date or later.
  double first_slot(bool up, Seconds from) const;
};

/// The medium access of messages; ideal: at once, as a scheduler of short slots shares the airtime.
using MediumAccess = std::variant<std::monostate, Contention, Grants>;

}  // namespace codecosim
