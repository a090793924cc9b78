#include "sim/base/distinct.hpp"
#include "tests/worlds.hpp"
#include "tests/worlds/format.hpp"

namespace codecosim::test {

namespace {
void places_in(const Json& schema, const std::string& path, std::vector<std::string>& places) {
  if (schema.contains("anyOf"))
    for (const Json& form : schema["anyOf"]) places_in(form, path, places);
  if (schema.contains("items")) places_in(schema["items"], path + "/#", places);
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object())
    places_in(schema["additionalProperties"], path + "/*", places);
  if (!schema.contains("properties")) return;
  for (const auto& [key, inside] : schema["properties"].items()) {
    places.push_back(path + "/" + key);
    places_in(inside, path + "/" + key, places);
  }
}

void note(const Json& schema, const Json& value, const std::string& path, std::vector<std::string>& places) {
  if (schema.contains("anyOf"))
    for (const Json& form : schema["anyOf"]) note(form, value, path, places);
  if (schema.contains("items") && value.is_array())
    for (const Json& element : value) note(schema["items"], element, path + "/#", places);
  if (!value.is_object()) return;
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object())
    for (const auto& [key, inside] : value.items()) note(schema["additionalProperties"], inside, path + "/*", places);
  if (!schema.contains("properties")) return;
  for (const auto& [key, inside] : schema["properties"].items()) {
    if (!value.contains(key)) continue;
    places.push_back(path + "/" + key);
    note(inside, value[key], path + "/" + key, places);
  }
}

}  // namespace

bool comes_up(const std::string& place) {
  for (std::size_t start = 1; start <= place.size();) {
    const std::size_t end = std::min(place.find('/', start), place.size());
    if (left_out(place.substr(1, start > 1 ? start - 2 : 0), place.substr(start, end - start))) return false;
    start = end + 1;
  }
  return true;
}

std::vector<std::string> places_of_format() {
  std::vector<std::string> all;
  places_in(schema_of_format(), "", all);
  make_distinct(all);
  return all;
}

void note_places(const Json& scenario, std::vector<std::string>& places) {
  // What is at sites is written as in the scenario itself.
  Json itself = scenario;
  for (const char* key : {"modules", "sites"}) itself.erase(key);
  note(schema_of_format(), itself, "", places);
  if (scenario.contains("modules"))
    for (const auto& [name, module] : scenario["modules"].items()) note(schema_of_format(), module, "", places);
  make_distinct(places);
}

}  // namespace codecosim::test
