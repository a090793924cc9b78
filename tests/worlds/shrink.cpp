#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "tests/worlds.hpp"
#include "tests/worlds/format.hpp"

namespace codecosim::test {

namespace {
/// Everything in a value, what holds much before what is in it.
std::vector<std::string> pointers_in(const Json& value) {
  std::vector<std::string> all{""};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string at = all[i];
    const Json& inside = value[Json::json_pointer(at)];
    if (inside.is_array())
      for (std::size_t k = inside.size(); k > 0; --k) all.push_back(fmt::format("{}/{}", at, k - 1));
    else if (inside.is_object())
      for (const auto& [key, ignored] : inside.items()) all.push_back(at + "/" + escaped(key));
  }
  all.erase(all.begin());
  return all;
}

/// Half of a number, or of a text that begins with one; null for everything else, and where little is left.
Json half(const Json& value) {
  if (value.is_number_integer())
    return value.get<std::int64_t>() >= 2 ? Json(value.get<std::int64_t>() / 2) : Json(nullptr);
  if (!value.is_string()) return nullptr;
  const auto& text = value.get_ref<const std::string&>();
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 2) return nullptr;
  return fmt::format("{}{}", std::floor(number / 2), std::string(rest, text.data() + text.size()));
}
}  // namespace

Json shrink(Json failing, const std::function<bool(const Json&)>& fails, int most) {
  const auto accept = [&](const std::optional<Json>& smaller) {
    if (most <= 0 || !smaller || *smaller == failing) return false;
    --most;
    if (!fails(*smaller)) return false;
    failing = *smaller;
    return true;
  };
  const auto halve = [&](const std::string& pointer) {
    Json smaller = failing;
    const Json::json_pointer at(pointer);
    const Json value = smaller.contains(at) ? half(smaller[at]) : Json(nullptr);
    if (value.is_null()) return false;
    smaller[at] = value;
    return problems_of(smaller).empty() && accept(smaller);
  };
  const auto without = [&](const std::string& pointer) {
    Json smaller = failing;
    if (!erase(smaller, pointer)) return false;
    auto valid = mended(std::move(smaller));
    return (!valid || valid->dump().size() < failing.dump().size()) && accept(valid);
  };
  while (halve("/duration")) {}  // all that follows is quicker then
  for (bool smaller = true; smaller && most > 0;) {
    smaller = false;
    std::vector<std::string> pointers = pointers_in(failing);
    for (std::size_t i = 0; i < pointers.size() && most > 0;) {
      if (without(pointers[i])) {
        smaller = true;
        pointers = pointers_in(failing);
      } else {
        ++i;
      }
    }
  }
  for (const std::string& pointer : pointers_in(failing))
    while (pointer != "/seed" && halve(pointer)) {}
  return failing;
}

}  // namespace codecosim::test
