#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace codecosim {

/// The names of the values of an enumeration in files, in their order.
template <class Enumeration>
inline constexpr std::array<std::string_view, 0> words_of{};
template <class Enumeration>
  requires(!words_of<Enumeration>.empty())
constexpr std::string_view name(Enumeration value) {
  const auto& words = words_of<Enumeration>;
  return words[static_cast<std::size_t>(value)];
}
/// The names of all values.
template <class Enumeration>
std::vector<std::string> words() {
  return {words_of<Enumeration>.begin(), words_of<Enumeration>.end()};
}

}  // namespace codecosim
