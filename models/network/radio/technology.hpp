#pragma once
#include <string>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "models/network/medium_access.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/units.hpp"
#include "sim/base/words.hpp"

namespace codecosim {

/// The path loss of a signal with distance, and its shadowing from place to place.
///
/// Claim: the loss between a cell and a device is that of 3GPP TR 38.901 V17 (tables 7.4.1-1 to 7.4.2-1), or A + 10 n
/// log10(d) with parameters of the scenario. Shadowing is drawn once for each cell and each place, a square whose side
/// is the decorrelation distance, and line of sight for squares of its own (table 7.6.3.1-2: 50 m in streets); both
/// hold all over their square. Shadowing is lognormal, cut at three standard deviations, so that a cell has a finite
/// reach. The break point of the line-of-sight law and its maximum with the other law are decided at the middle of the
/// place.
/// Valid for: distances well above the side of a place; one height for all devices. Checked by:
/// tests/physics/radio_test.cpp.
struct Propagation {
  enum class Environment : std::uint8_t {
    log_distance,
    urban_micro,          ///< UMi street canyon, 0.5-100 GHz, 10 m-5 km.
    factory_sparse_low,   ///< InF-SL: sparse clutter, low base station; 1-600 m.
    factory_dense_low,    ///< InF-DL
    factory_sparse_high,  ///< InF-SH
    factory_dense_high    ///< InF-DH
  };
  Environment environment = Environment::log_distance;
  double exponent = 3;     ///< Path loss exponent of log_distance.
  Decibels loss_at_1m;     ///< Path loss at 1 m of log_distance; zero: that of free space.
  Decibels shadowing{-1};  ///< Standard deviation; below zero: that of the environment, without and with line of sight.
  Metres place{10};        ///< Side of a place.
  Metres sight_place{10};  ///< Side of the squares with one draw of line of sight; a multiple of `place`.
  double clutter_density = 0.2;  ///< Factory: share of the floor that clutter covers.
  Metres clutter_size{10}, clutter_height{2};
  template <class V>
  void fields(V&& v);

  /// A path loss law A + B log10(d / 1 m) of the distance in space, with its standard deviation.
  struct Law {
    double at_1m, per_decade;  // [dB]
    double deviation;          // [dB]
  };
  /// The laws of one carrier and two heights, computed once.
  class Curves {
   public:
    Curves(const Propagation&, Hertz carrier, Metres cell_height, Metres device_height);
    /// The law that holds around a horizontal distance; `log_distance` is the decimal logarithm of the distance in
    /// space.
    const Law& law(double flat, double log_distance, bool in_sight) const;
    /// Decimal logarithm of the distance in space [m], at least a metre.
    double log_distance(double flat) const;
    /// Probability of line of sight.
    double sight(double flat) const;

   private:
    Environment environment_;
    double rise_squared_ = 0, brink_ = 0, fading_ = 0;  // fading: decay length of the probability of sight [m]
    Law near_, far_, hidden_, other_;
    bool two_hidden_ = false;
    // Without line of sight, where that law is no better than the one with it.
    Law near_hidden_, far_hidden_;
  };
  /// The law that holds around a horizontal distance.
  Law law(Hertz carrier, Metres distance, Metres cell_height, Metres device_height, bool in_sight) const;
  /// Probability of line of sight.
  double sight(Metres distance, Metres cell_height, Metres device_height) const;
};

/// A radio technology, with its handover parameters.
struct Technology {
  /// The rates of a device from this ratio of signal to noise and interference on, alone in the cell; where stations
  /// contend, the rate of a frame's bits.
  struct Tier {
    Decibels ratio;
    BytesPerSecond down, up;
    template <class V>
    void fields(V&& v) {
      v.need("ratio", ratio, "Signal to noise and interference.", between(-30, 60));
      v.need("down", down, "To the device.", positive);
      v.need("up", up, "From the device.", positive);
    }
  };
  std::string name;
  Hertz carrier, bandwidth;
  DecibelMilliwatts cell_power, device_power;  ///< Radiated powers, antenna gains included.
  Decibels cell_noise, device_noise;           ///< Noise figures.
  Metres cell_height{3}, device_height{1.5};
  Propagation propagation;
  /// A cell farther away is neither received nor interferes, like one that is on no neighbour list; zero: as far as its
  /// best signal serves.
  Metres reach;
  std::vector<Tier> tiers;      ///< By rising ratio; below the first there is no coverage.
  bool shared_airtime = false;  ///< Both directions use the same airtime.
  MediumAccess access;
  double activity = 0;   ///< Assumed share of time in which each other cell on the same channel sends.
  Decibels uplink_rise;  ///< Rise of the noise at the cell by devices of other cells.
  LinkSpec link;  ///< Over the air: latency, residual loss, buffer, energy, share of ASSURED, and whether messages in
                  ///< transit at a handover wait for the new cell.

  // Handover: 3GPP TS 38.331 5.5.4.4, event A3. A neighbour that is better than the serving cell by offset +
  // hysteresis, and does not fall below offset - hysteresis for the time to trigger, is taken.
  Decibels offset{3}, hysteresis{1};
  Seconds time_to_trigger;
  Distribution<Seconds> interruption;
  Seconds gives_up_after{1};  ///< Time below the last tier; 3GPP's T310. Meanwhile nothing passes.
  template <class V>
  void fields(V&& v);
  template <class V>
  void handover_fields(V&& v);
};

template <>
inline constexpr auto words_of<Propagation::Environment> =
    std::to_array<std::string_view>({"log-distance", "urban-micro", "factory-sparse-low", "factory-dense-low",
                                     "factory-sparse-high", "factory-dense-high"});
template <class V>
void Propagation::fields(V&& v) {
  v.choice("environment", environment,
           "3GPP TR 38.901: UMi street canyon, InF-SL, InF-DL, InF-SH, InF-DH; or a law of one's own.");
  v("exponent", exponent, "Of log-distance: 10 times this for each tenfold distance, in dB.", between(1, 10));
  v("loss_at_1m", loss_at_1m, "Of log-distance; 0 dB: of free space.", not_negative);
  v("shadowing", shadowing, "Standard deviation from place to place; -1 dB: that of the environment.", between(-1, 30));
  v("place", place, "Side of the squares that have one draw: the decorrelation distance of shadowing.",
    between(0.1, 1e5));
  v("sight_place", sight_place, "Side of the squares that have one draw of line of sight; at least `place`.",
    between(0.1, 1e5));
  v("clutter_density", clutter_density, "Of a factory: share of the floor.", between(0.01, 0.99));
  v("clutter_size", clutter_size, "Of a factory: of what stands about.", positive);
  v("clutter_height", clutter_height, "Of a factory: above the devices.", positive);
}

template <class V>
void Technology::fields(V&& v) {
  v("carrier", carrier, "Frequency.", between(0.5e9, 100e9));
  v("bandwidth", bandwidth, "That noise comes in by; rates are those of `tiers`.", positive);
  v("cell_power", cell_power, "Of a cell, antenna gain included.", between(-30, 80));
  v("device_power", device_power, "Of a device, antenna gain included.", between(-30, 80));
  v("cell_noise", cell_noise, "Noise figure of a cell.", between(0, 30));
  v("device_noise", device_noise, "Noise figure of a device.", between(0, 30));
  v("cell_height", cell_height, "Of a cell's antenna.", between(0, 1000));
  v("device_height", device_height, "Of a device's antenna.", between(0, 1000));
  v("activity", activity, "Share of the time that other cells of a channel disturb.", between(0, 1));
  v("uplink_rise", uplink_rise, "Of the noise at a cell, by devices of others.", between(0, 30));
  v("reach", reach, "Cells farther away are neither heard nor disturb; 0 m: as far as they could serve.", not_negative);
  v("shared_airtime", shared_airtime, "Whether both directions use the same airtime.");
  v("latency", link.latency, "Over the air, one way, besides airtime and what medium_access takes.", not_negative);
  v("loss", link.loss, "Probability that a message is lost in the air.", between(0, 1));
  v("buffer", link.buffer, "Messages of a class in the air of a cell; who finds it full is dropped.", not_negative);
  v("energy", link.energy, "Of sending.", not_negative);
  v("assured", link.assured_share, "Share guaranteed to the class ASSURED when both send.", between(0.01, 0.99));
}

template <class V>
void Technology::handover_fields(V&& v) {
  v("offset", offset, "That a neighbour must be better by.", between(-15, 15));
  v("hysteresis", hysteresis, "And more to begin with; and less to stop.", between(0, 15));
  v("time_to_trigger", time_to_trigger, "For which it must last.", not_negative);
  v.law("interruption", interruption, "Without any cell, on the way to the next.", not_negative);
  v("gives_up_after", gives_up_after, "Without any rate, before it looks for another cell: 3GPP's T310.", not_negative);
  v("forwards", link.forwards, "Whether what is on its way waits for the next cell and follows; else it is lost.");
}

/// The names of four built-in technologies; see the sources beside each figure.
std::vector<std::string> technology_names();
/// The built-in technology of a name, which must exist.
Technology technology(const std::string& name);

}  // namespace codecosim
