#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/network/radio/technology.hpp"
#include "sim/base/portable_math.hpp"

namespace codecosim {

namespace {
constexpr double light = 299792458.0;  // [m/s]
double log10(double x) { return portable::log(x) / 2.302585092994046; }

/// PL = a + b log10(d) + c log10(f / GHz), spread `deviation`.
struct Row {
  double a, b, c, deviation;
};
constexpr Row umi_sight{32.4, 21, 20, 4}, umi_none{22.4, 35.3, 21.3, 7.82};
constexpr Row factory_sight{31.84, 21.5, 19, 4.3};
constexpr std::array<Row, 4> factory_none{Row{33, 25.5, 20, 5.7}, Row{18.6, 35.7, 20, 7.2}, Row{32.4, 23, 20, 5.9},
                                          Row{33.63, 21.9, 20, 4.0}};

Propagation::Law law_of(const Row& row, double ghz) { return {row.a + row.c * log10(ghz), row.b, row.deviation}; }
}  // namespace

Propagation::Curves::Curves(const Propagation& propagation, Hertz carrier, Metres cell_height, Metres device_height)
    : environment_(propagation.environment) {
  const double ghz = carrier.value / 1e9, rise = (cell_height - device_height).value;
  rise_squared_ = rise * rise;
  brink_ = std::numeric_limits<double>::infinity();
  double deviation = 0;
  if (environment_ == Environment::log_distance) {
    const double free_space = 20 * log10(4 * 3.141592653589793 * carrier.value / light);
    near_ = {propagation.loss_at_1m.value > 0 ? propagation.loss_at_1m.value : free_space, 10 * propagation.exponent,
             0};
  } else if (environment_ == Environment::urban_micro) {
    near_ = far_ = law_of(umi_sight, ghz);
    // Effective heights are a metre less (note 1 of table 7.4.1-1).
    const double brink = 4 * (cell_height.value - 1) * (device_height.value - 1) * carrier.value / light;
    if (brink > 0) {
      brink_ = brink;
      far_ = {32.4 + 20 * log10(ghz) - 9.5 * log10(brink * brink + rise_squared_), 40, umi_sight.deviation};
    }
    hidden_ = law_of(umi_none, ghz);
    hidden_.at_1m -= 0.3 * (device_height.value - 1.5);
    deviation = umi_none.deviation;
  } else {
    const auto kind =
        static_cast<std::size_t>(environment_) - static_cast<std::size_t>(Environment::factory_sparse_low);
    near_ = law_of(factory_sight, ghz);
    hidden_ = law_of(factory_none[kind], ghz);
    deviation = hidden_.deviation;
    two_hidden_ = environment_ == Environment::factory_dense_low;  // it is not better than InF-SL
    other_ = law_of(factory_none[0], ghz);
    fading_ = -propagation.clutter_size.value / portable::log(1 - propagation.clutter_density);
    if (environment_ == Environment::factory_sparse_high || environment_ == Environment::factory_dense_high)
      fading_ *= (cell_height - device_height) / (propagation.clutter_height - device_height);
  }
  near_hidden_ = near_;
  far_hidden_ = far_;
  for (Law* one : {&hidden_, &other_, &near_hidden_, &far_hidden_}) one->deviation = deviation;
  if (propagation.shadowing.value >= 0)
    for (Law* one : {&near_, &far_, &hidden_, &other_, &near_hidden_, &far_hidden_})
      one->deviation = propagation.shadowing.value;
}

double Propagation::Curves::log_distance(double flat) const {
  return 0.5 * log10(std::max(1.0, flat * flat + rise_squared_));
}

const Propagation::Law& Propagation::Curves::law(double flat, double log_distance, bool in_sight) const {
  if (in_sight || environment_ == Environment::log_distance) return flat > brink_ ? far_ : near_;
  const Law* worst = flat > brink_ ? &far_hidden_ : &near_hidden_;
  const auto consider = [&](const Law& law) {
    if (law.at_1m + law.per_decade * log_distance > worst->at_1m + worst->per_decade * log_distance) worst = &law;
  };
  consider(hidden_);
  if (two_hidden_) consider(other_);
  return *worst;
}

double Propagation::Curves::sight(double flat) const {
  if (environment_ == Environment::log_distance) return 1;
  if (environment_ == Environment::urban_micro)
    return flat <= 18 ? 1 : 18 / flat + portable::exp(-flat / 36) * (1 - 18 / flat);
  return portable::exp(-flat / fading_);
}

Propagation::Law Propagation::law(Hertz carrier, Metres distance, Metres cell_height, Metres device_height,
                                  bool in_sight) const {
  const Curves curves(*this, carrier, cell_height, device_height);
  return curves.law(distance.value, curves.log_distance(distance.value), in_sight);
}

double Propagation::sight(Metres distance, Metres cell_height, Metres device_height) const {
  return Curves(*this, Hertz(1e9), cell_height, device_height).sight(distance.value);
}

}  // namespace codecosim
