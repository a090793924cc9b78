#pragma once
#include <string>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "models/network/medium_access.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// How a signal weakens with distance, and how it varies from place to place.
///
/// Claim: the loss between a cell and a device is that of 3GPP TR 38.901 V17 (tables 7.4.1-1 to 7.4.2-1), or A + 10 n
/// log10(d) with parameters of one's own. Shadowing is drawn once for each cell and each place, a square whose side is
/// the decorrelation distance, and line of sight for squares of its own (table 7.6.3.1-2: 50 m in streets); both hold
/// all over their square. Shadowing is lognormal, cut at three standard deviations, so that a cell has an end. The
/// break point of the line-of-sight law and its maximum with the other law are decided at the middle of the place.
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
  double exponent = 3;     ///< Of log_distance.
  Decibels loss_at_1m;     ///< Of log_distance; zero: of free space.
  Decibels shadowing{-1};  ///< Standard deviation; below zero: that of the environment, without and with line of sight.
  Metres place{10};        ///< Side of a place.
  Metres sight_place{10};  ///< Side of the squares that have one draw of line of sight; a multiple of `place`.
  double clutter_density = 0.2;  ///< Of a factory: share of the floor.
  Metres clutter_size{10}, clutter_height{2};

  /// A law A + B log10(d / 1 m) of the distance in space, with its spread.
  struct Law {
    double at_1m, per_decade;  // [dB]
    double deviation;          // [dB]
  };
  /// The laws of one carrier and two heights, worked out once.
  class Curves {
   public:
    Curves(const Propagation&, Hertz carrier, Metres cell_height, Metres device_height);
    /// That which holds around a horizontal distance; `log_distance` is the decimal logarithm of the distance in space.
    const Law& law(double flat, double log_distance, bool in_sight) const;
    /// Decimal logarithm of the distance in space [m], at least a metre.
    double log_distance(double flat) const;
    /// Probability of line of sight.
    double sight(double flat) const;

   private:
    Environment environment_;
    double rise_squared_ = 0, brink_ = 0, fading_ = 0;  // fading: of the probability of sight, with distance [m]
    Law near_, far_, hidden_, other_;
    bool two_hidden_ = false;
    // Without sight, where that is no better than with it.
    Law near_hidden_, far_hidden_;
  };
  /// That which holds around a horizontal distance.
  Law law(Hertz carrier, Metres distance, Metres cell_height, Metres device_height, bool in_sight) const;
  /// Probability of line of sight.
  double sight(Metres distance, Metres cell_height, Metres device_height) const;
};

/// What a radio technology is, and how its handover goes.
struct Technology {
  /// At what rate a device sends from this ratio of signal to noise and interference on, alone in the cell; where
  /// stations contend, the rate of a frame's bits.
  struct Tier {
    Decibels ratio;
    BytesPerSecond down, up;
  };
  std::string name;
  Hertz carrier, bandwidth;
  DecibelMilliwatts cell_power, device_power;  ///< Radiated, antenna gains included.
  Decibels cell_noise, device_noise;           ///< Noise figures.
  Metres cell_height{3}, device_height{1.5};
  Propagation propagation;
  /// A cell farther away is neither heard nor disturbs, as one that is on nobody's list of neighbours; zero: as far as
  /// its luckiest signal serves.
  Metres reach;
  std::vector<Tier> tiers;      ///< By rising ratio; below the first there is no coverage.
  bool shared_airtime = false;  ///< Both directions use the same airtime.
  MediumAccess access;
  double activity = 0;   ///< Share of its time that each other cell on the same channel is taken to send.
  Decibels uplink_rise;  ///< Of the noise at the cell, by devices of other cells.
  LinkSpec link;  ///< Over the air: latency, residual loss, buffer, energy, share of ASSURED, and whether what is in
                  ///< flight at a handover waits for the new cell.

  // Handover: 3GPP TS 38.331 5.5.4.4, event A3. A neighbour that is better than the serving cell by offset +
  // hysteresis, and does not fall below offset - hysteresis for the time to trigger, is taken.
  Decibels offset{3}, hysteresis{1};
  Seconds time_to_trigger;
  Distribution<Seconds> interruption;
  Seconds gives_up_after{1};  ///< Below the last tier; 3GPP's T310. Meanwhile nothing passes.
};

/// What is known of four kinds of access; see the sources beside each figure.
std::vector<std::string> technology_names();
/// One of them; it must exist.
Technology technology(const std::string& name);

}  // namespace codecosim
