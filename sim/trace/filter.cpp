#include "sim/trace/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "sim/base/error.hpp"
#include "sim/base/glob.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

namespace {
/// Every key that a record can be matched by.
std::vector<std::string> known_keys() {
  std::vector<std::string> keys{"kind", "app"};
  keys.insert(keys.end(), words_of<EntityKind>.begin(), words_of<EntityKind>.end());
  for_each_record([&](const auto& record) {
    record.fields([&](std::string_view key, const auto&) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.emplace_back(key);
    });
  });
  return keys;
}

std::string plain(const TraceValue& value, const Names& names) {
  if (const Entity* entity = std::get_if<Entity>(&value)) return names.name_of(*entity);
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* number = std::get_if<std::uint32_t>(&value)) return fmt::to_string(*number);
  if (const double* number = std::get_if<double>(&value)) return fmt::to_string(*number);
  return std::string(std::get<std::string_view>(value));
}

/// A uniform draw in (0, 1). Each request has a stream of its own, which disturbs none of the model's.
double uniform_of(const TraceEntry& request) {
  const double start = std::get<double>(*request.find("start_s"));
  return Rng(std::bit_cast<std::uint64_t>(start), std::get<Entity>(*request.find("client")).index).uniform();
}
}  // namespace

void TraceFilter::match(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(Failure::usage, fmt::format("--trace-match {}: expected KEY=GLOB, such as app=inspection-3", text));
  const std::string key = text.substr(0, equals);
  const std::vector<std::string> known = known_keys();
  if (std::find(known.begin(), known.end(), key) == known.end())
    throw Error(Failure::usage,
                fmt::format("--trace-match {}: no record has a \"{}\"{}", text, key, suggestion(key, known)));
  patterns[key == "app" ? "application" : key].push_back(text.substr(equals + 1));
}

bool TraceFilter::passes(const TraceEntry& entry, const Names& names) const {
  if (entry.time < from || entry.time > until) return false;
  if (share < 1 && entry.kind == RequestDone::kind && uniform_of(entry) >= share) return false;
  return std::all_of(patterns.begin(), patterns.end(), [&](const auto& one) {
    const auto& [key, globs] = one;
    const auto wanted = [&](std::string_view text) {
      return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return matches(glob, text); });
    };
    if (key == "kind") return wanted(entry.kind);
    const bool by_kind =
        std::find(words_of<EntityKind>.begin(), words_of<EntityKind>.end(), key) != words_of<EntityKind>.end();
    return std::any_of(entry.fields.begin(), entry.fields.end(), [&](const TraceField& field) {
      const Entity* entity = std::get_if<Entity>(&field.value);
      if (!by_kind) return field.key == key && (!entity || *entity) && wanted(plain(field.value, names));
      if (!entity || !*entity) return false;
      for (Entity of = *entity; of; of = names.owner(of))
        if (name(of.kind) == key && wanted(names.name_of(of))) return true;
      return false;
    });
  });
}

}  // namespace codecosim
