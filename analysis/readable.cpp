#include "analysis/readable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace codecosim {

namespace {
struct Step {
  double from;
  const char* unit;
  double factor;
};

/// Display units of base units, with the least value for each.
const std::vector<Step>& steps_of(const std::string& unit) {
  static const std::map<std::string, std::vector<Step>> all{
      {"s",
       {{7200, "h", 3600}, {120, "min", 60}, {1, "s", 1}, {1e-3, "ms", 1e-3}, {1e-6, "us", 1e-6}, {0, "ns", 1e-9}}},
      {"B",
       {{1e15, "PB", 1e15}, {1e12, "TB", 1e12}, {1e9, "GB", 1e9}, {1e6, "MB", 1e6}, {1e3, "kB", 1e3}, {0, "B", 1}}},
      {"J", {{3.6e9, "MWh", 3.6e9}, {3.6e5, "kWh", 3.6e6}, {1000, "kJ", 1000}, {0, "J", 1}}},
      {"g", {{1e6, "t", 1e6}, {1000, "kg", 1000}, {0, "g", 1}}}};
  static const std::vector<Step> none;
  const auto found = all.find(unit);
  return found == all.end() ? none : found->second;
}
}  // namespace

Scale::Scale(const std::string& unit, double largest, double finest) : unit_(unit == "1" ? "" : unit) {
  for (const Step& step : steps_of(unit))
    if (std::abs(largest) >= step.from && largest != 0) {
      unit_ = step.unit;
      factor_ = step.factor;
      break;
    }
  constexpr int digits_of_double = 15;
  const double size = std::abs(largest) / factor_, fine = std::abs(finest) / factor_;
  const int first = size > 0 && std::isfinite(size) ? static_cast<int>(std::floor(std::log10(size))) : 0;
  const int last = fine > 0 && std::isfinite(fine) ? static_cast<int>(std::floor(std::log10(fine))) - 1 : first - 2;
  decimals_ = std::max(0, -std::max(last, first - digits_of_double + 1));
}

std::string Scale::number(double value) const {
  const double scaled = value / factor_;
  if (std::abs(scaled) >= 1e15 || (scaled != 0 && std::abs(scaled) < 1e-9)) return fmt::format("{:.3g}", scaled);
  const std::string text = fmt::format("{:.{}f}", scaled, decimals_);
  return text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-') ? text.substr(1) : text;
}

std::string Scale::digits(double value) const {
  const double scaled = value / factor_;
  return std::abs(scaled) >= 1e4 && std::abs(scaled) < 1e15 ? fmt::format("{:.0f}", scaled)
                                                            : fmt::format("{:.4g}", scaled);
}

std::string Scale::text(double value) const { return unit_.empty() ? number(value) : number(value) + " " + unit_; }

std::string p_text(double p) {
  if (p < 1e-99) return "< 1e-99";
  return p >= 0.0001 ? fmt::format("{:.2g}", p) : fmt::format("{:.0e}", p);
}

}  // namespace codecosim
