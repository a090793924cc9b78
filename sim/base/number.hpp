#pragma once
#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>

namespace codecosim {

/// The finite number that a text begins with, in the notation of C and JSON without a plus sign, and what follows it.
struct LeadingNumber {
  double value;
  std::string_view rest;
};
inline std::optional<LeadingNumber> leading_number(std::string_view text) {
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  return LeadingNumber{value, text.substr(static_cast<std::size_t>(rest - text.data()))};
}

/// A whole text as a finite number; nothing where it is none.
inline std::optional<double> parse_number(std::string_view text) {
  const auto number = leading_number(text);
  return number && number->rest.empty() ? std::optional(number->value) : std::nullopt;
}

/// A whole text of decimal digits as a whole number; nothing where it is none or does not fit into T.
template <std::unsigned_integral T>
std::optional<T> parse_whole(std::string_view text) {
  T value = 0;
  // cppcheck-suppress danglingTemporaryLifetime ; the text lives as long as the call
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && rest == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace codecosim
