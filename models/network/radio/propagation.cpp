#include <algorithm>
#include <array>
#include <cmath>

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
double loss(const Propagation::Law& law, double d) { return law.at_1m + law.per_decade * log10(d); }
}  // namespace

Propagation::Law Propagation::law(Hertz carrier, Metres distance, Metres cell_height, Metres device_height, bool in_sight) const {
  const double ghz = carrier.value / 1e9, rise = (cell_height - device_height).value;
  const double d = std::max(1.0, std::sqrt(distance.value * distance.value + rise * rise));
  Law result{};
  if (environment == Environment::log_distance) {
    const double free_space = 20 * log10(4 * 3.141592653589793 * carrier.value / light);
    result = {loss_at_1m.value > 0 ? loss_at_1m.value : free_space, 10 * exponent, 0};
  } else if (environment == Environment::urban_micro) {
    result = law_of(umi_sight, ghz);
    // Effective heights are a metre less (note 1 of table 7.4.1-1).
    const double brink = 4 * (cell_height.value - 1) * (device_height.value - 1) * carrier.value / light;
    if (distance.value > brink && brink > 0)
      result = {32.4 + 20 * log10(ghz) - 9.5 * log10(brink * brink + rise * rise), 40, umi_sight.deviation};
    if (!in_sight) {
      Law hidden = law_of(umi_none, ghz);
      hidden.at_1m -= 0.3 * (device_height.value - 1.5);
      if (loss(hidden, d) > loss(result, d)) result = hidden;
      result.deviation = umi_none.deviation;
    }
  } else {
    result = law_of(factory_sight, ghz);
    const auto kind = static_cast<std::size_t>(environment) - static_cast<std::size_t>(Environment::factory_sparse_low);
    if (!in_sight) {
      const auto hide = [&](std::size_t k) {
        const Law hidden = law_of(factory_none[k], ghz);
        if (loss(hidden, d) > loss(result, d)) result = hidden;
      };
      hide(kind);
      if (kind == 1) hide(0);  // InF-DL is not better than InF-SL
      result.deviation = factory_none[kind].deviation;
    }
  }
  if (shadowing.value >= 0) result.deviation = shadowing.value;
  return result;
}

double Propagation::sight(Metres distance, Metres cell_height, Metres device_height) const {
  const double d = distance.value;
  if (environment == Environment::log_distance) return 1;
  if (environment == Environment::urban_micro) return d <= 18 ? 1 : 18 / d + portable::exp(-d / 36) * (1 - 18 / d);
  double k = -clutter_size.value / portable::log(1 - clutter_density);
  if (environment == Environment::factory_sparse_high || environment == Environment::factory_dense_high)
    k *= (cell_height - device_height) / (clutter_height - device_height);
  return portable::exp(-d / k);
}

}  // namespace codecosim
