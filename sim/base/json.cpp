#include "sim/base/json.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"

namespace codecosim {

Json parse_json(std::string_view text, const std::string& file) {
  const auto watch = [&](int depth, Json::parse_event_t event, Json&) {
    const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= most_json_levels)
      throw Error(Failure::scenario, fmt::format("{}: more than {} levels of nesting", file, most_json_levels));
    return true;
  };
  return Json::parse(text.begin(), text.end(), watch, false);
}

}  // namespace codecosim
