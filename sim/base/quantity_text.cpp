#include "sim/base/quantity_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <vector>

#include "sim/base/number.hpp"

namespace codecosim {

namespace {
constexpr double minute = 60, hour = 3600, day = 86400, kwh = 3.6e6;
constexpr std::array time_units{Unit{"ns", 1e-9},    Unit{"us", 1e-6}, Unit{"ms", 1e-3}, Unit{"s", 1.0},
                                Unit{"min", minute}, Unit{"h", hour},  Unit{"d", day}};
constexpr std::array byte_units{Unit{"B", 1.0},      Unit{"kB", 1e3},     Unit{"MB", 1e6},     Unit{"GB", 1e9},
                                Unit{"TB", 1e12},    Unit{"KiB", 1024.0}, Unit{"MiB", 0x1p20}, Unit{"GiB", 0x1p30},
                                Unit{"TiB", 0x1p40}, Unit{"Ki", 1024.0},  Unit{"Mi", 0x1p20},  Unit{"Gi", 0x1p30},
                                Unit{"Ti", 0x1p40},  Unit{"k", 1e3},      Unit{"M", 1e6},      Unit{"G", 1e9}};
constexpr std::array rate_units{Unit{"bit/s", 1.0 / 8},  Unit{"kbit/s", 1e3 / 8},  Unit{"Mbit/s", 1e6 / 8},
                                Unit{"Gbit/s", 1e9 / 8}, Unit{"Tbit/s", 1e12 / 8}, Unit{"B/s", 1.0},
                                Unit{"kB/s", 1e3},       Unit{"MB/s", 1e6},        Unit{"GB/s", 1e9}};
constexpr std::array core_units{Unit{"m", 1e-3}, Unit{"cores", 1.0}, Unit{"core", 1.0}};
constexpr std::array watt_units{Unit{"mW", 1e-3}, Unit{"W", 1.0}, Unit{"kW", 1e3}, Unit{"MW", 1e6}};
constexpr std::array metre_units{Unit{"mm", 1e-3}, Unit{"m", 1.0}, Unit{"km", 1e3}};
constexpr std::array hertz_units{Unit{"/s", 1.0}, Unit{"/min", 1 / minute}, Unit{"/h", 1 / hour}, Unit{"/d", 1 / day},
                                 Unit{"Hz", 1.0}, Unit{"kHz", 1e3},         Unit{"MHz", 1e6},     Unit{"GHz", 1e9}};
constexpr std::array speed_units{Unit{"m/s", 1.0}, Unit{"km/h", 1 / 3.6}};
constexpr std::array acceleration_units{Unit{"m/s2", 1.0}};
constexpr std::array decibel_units{Unit{"dB", 1.0}};
constexpr std::array decibel_milliwatt_units{Unit{"dBm", 1.0}};
constexpr std::array joule_units{Unit{"J", 1.0}, Unit{"kJ", 1e3}, Unit{"Wh", hour}, Unit{"kWh", kwh}};
constexpr std::array joule_per_byte_units{Unit{"nJ/bit", 8e-9},     Unit{"uJ/bit", 8e-6}, Unit{"nJ/B", 1e-9},
                                          Unit{"uJ/B", 1e-6},       Unit{"J/B", 1.0},     Unit{"J/MB", 1e-6},
                                          Unit{"kWh/GB", kwh / 1e9}};
constexpr std::array carbon_units{Unit{"g/kWh", 1 / kwh}, Unit{"kg/MWh", 1 / kwh}, Unit{"g/J", 1.0}};
constexpr std::array price_byte_units{Unit{"EUR/GB", 1e-9}, Unit{"EUR/TB", 1e-12}, Unit{"EUR/MB", 1e-6}};
constexpr std::array price_core_units{Unit{"EUR/core/h", 1 / hour}, Unit{"EUR/core/d", 1 / day},
                                      Unit{"EUR/core/s", 1.0}};
constexpr std::array price_energy_units{Unit{"EUR/kWh", 1 / kwh}, Unit{"EUR/MWh", 1e-3 / kwh}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}
}  // namespace

#define NOTATION(type, ...)                \
  template <>                              \
  const Notation& notation<type>() {       \
    static const Notation it{__VA_ARGS__}; \
    return it;                             \
  }
NOTATION(Seconds, "a duration", "20 ms", time_units)
NOTATION(Bytes, "a size", "4 GiB", byte_units)
NOTATION(BytesPerSecond, "a rate", "100 Mbit/s", rate_units)
NOTATION(Cores, "a Kubernetes CPU quantity", "500m", core_units, true)
NOTATION(CoreSeconds, "a CPU time on one reference core", "40 ms", time_units)
NOTATION(Watts, "a power", "6.4 W", watt_units)
NOTATION(Metres, "a length", "20 km", metre_units)
NOTATION(Hertz, "a frequency", "8 /s", hertz_units)
NOTATION(MetresPerSecond, "a speed", "1.4 m/s", speed_units)
NOTATION(MetresPerSecondSquared, "an acceleration", "0.6 m/s2", acceleration_units)
NOTATION(Decibels, "a ratio", "3 dB", decibel_units)
NOTATION(DecibelMilliwatts, "a power on the logarithmic scale", "23 dBm", decibel_milliwatt_units)
NOTATION(Joules, "an energy", "1.2 kWh", joule_units)
NOTATION(JoulesPerByte, "an energy per amount of data", "10 nJ/bit", joule_per_byte_units)
NOTATION(GramsPerJoule, "a carbon intensity", "250 g/kWh", carbon_units)
NOTATION(EurosPerByte, "a price of data", "0.05 EUR/GB", price_byte_units)
NOTATION(EurosPerCoreSecond, "a price of computing", "0.048 EUR/core/h", price_core_units)
NOTATION(EurosPerJoule, "a price of energy", "0.30 EUR/kWh", price_energy_units)
#undef NOTATION

std::optional<double> parse_quantity(std::string_view text, const Notation& notation, std::string& problem) {
  const std::string_view all = trim(text);
  const std::optional<LeadingNumber> leading = leading_number(all);
  if (!leading) {
    problem = fmt::format("\"{}\" is not {} such as \"{}\"", text, notation.noun, notation.example);
    return std::nullopt;
  }
  const double number = leading->value;
  const std::string_view unit = trim(leading->rest);
  if (unit.empty() && notation.bare) return number;
  for (const Unit& known : notation.units) {
    if (known.name != unit) continue;
    if (std::isfinite(number * known.factor)) return number * known.factor;
    problem = fmt::format("\"{}\" is too large", text);
    return std::nullopt;
  }
  std::vector<std::string_view> names;
  for (const Unit& known : notation.units) names.push_back(known.name);
  problem = unit.empty()
                ? fmt::format("\"{}\" needs a unit: one of {}", text, fmt::join(names, ", "))
                : fmt::format("\"{}\" has the unknown unit \"{}\": use one of {}", text, unit, fmt::join(names, ", "));
  return std::nullopt;
}

std::string exact(double value, const Notation& notation) {
  const Unit* unit = &notation.units.front();
  for (const Unit& one : notation.units)
    if (one.factor == 1) unit = &one;
  return fmt::format("{} {}", value / unit->factor, unit->name);
}

std::string readable(Seconds duration) {
  const double s = duration.value, size = std::abs(s);
  if (size >= hour)
    return fmt::format("{:.0f} h {:.0f} min", std::floor(s / hour), std::floor(std::fmod(s, hour) / minute));
  if (size >= 2 * minute) return fmt::format("{:.0f} min {:.0f} s", std::floor(s / minute), std::fmod(s, minute));
  if (size >= 1) return fmt::format("{:.3g} s", s);
  if (size >= 1e-3) return fmt::format("{:.3g} ms", s * 1e3);
  if (size >= 1e-6) return fmt::format("{:.3g} us", s * 1e6);
  return size == 0 ? "0 s" : fmt::format("{:.3g} ns", s * 1e9);
}

std::string readable(Bytes size) {
  double b = size.value;
  for (const char* unit : {"B", "kB", "MB", "GB", "TB"}) {
    if (std::abs(b) < 1000) return fmt::format("{:.3g} {}", b, unit);
    b /= 1000;
  }
  return fmt::format("{:.3g} PB", b);
}

}  // namespace codecosim
