#include <algorithm>
#include <cmath>

#include "scenarios/import/manifest.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace {
/// Removes a decimal number without exponent from the start of `text`; nothing where there is none.
std::optional<double> take_decimal(std::string_view& text) {
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789."));
  const std::optional<double> number = parse_number(digits);
  if (number) text.remove_prefix(digits.size());
  return number;
}

double take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative ? -1 : 1;
}

std::optional<double> finite(double number) { return std::isfinite(number) ? std::optional(number) : std::nullopt; }
}  // namespace

std::optional<double> kubernetes_quantity(std::string_view text) {
  constexpr Unit suffixes[] = {{"", 1},        {"n", 1e-9},    {"u", 1e-6},    {"m", 1e-3},
                               {"k", 1e3},     {"M", 1e6},     {"G", 1e9},     {"T", 1e12},
                               {"P", 1e15},    {"E", 1e18},    {"Ki", 0x1p10}, {"Mi", 0x1p20},
                               {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60}};
  const double sign = take_sign(text);
  const std::string_view all = text;
  const auto number = take_decimal(text);
  if (!number) return std::nullopt;
  for (const Unit& suffix : suffixes)
    if (suffix.name == text) return finite(sign * *number * suffix.factor);
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  const std::optional<double> whole = parse_number(all);
  return whole ? finite(sign * *whole) : std::nullopt;
}

std::optional<double> go_duration(std::string_view text) {
  constexpr Unit units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"μs", 1e-6},
                            {"ms", 1e-3}, {"s", 1},     {"m", 60},    {"h", 3600}};
  const double sign = take_sign(text);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto number = take_decimal(text);
    if (!number) return std::nullopt;
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789.+-"));
    const auto known =
        std::find_if(std::begin(units), std::end(units), [&](const Unit& one) { return one.name == unit; });
    if (known == std::end(units)) return std::nullopt;
    total += *number * known->factor;
    text.remove_prefix(unit.size());
  }
  return finite(sign * total);
}

}  // namespace codecosim
