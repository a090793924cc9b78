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
  keys.insert(keys.end(), words_of<Sort>.begin(), words_of<Sort>.end());
  for_each_record([&]<class Record>() {
    Record{}.fields([&](std::string_view key, const auto&) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.emplace_back(key);
    });
  });
  return keys;
}

std::string plain(const TraceValue& value, const Names& names) {
  if (const Thing* thing = std::get_if<Thing>(&value)) return names.called(*thing);
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* number = std::get_if<std::uint32_t>(&value)) return fmt::to_string(*number);
  if (const double* number = std::get_if<double>(&value)) return fmt::to_string(*number);
  return std::string(std::get<std::string_view>(value));
}

/// Between 0 and 1, evenly. A stream of its own for each request, which disturbs none of the model's.
double lot_of(const TraceEntry& request) {
  const double start = std::get<double>(*request.find("start_s"));
  return Rng(std::bit_cast<std::uint64_t>(start), std::get<Thing>(*request.find("client")).index).uniform();
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
  if (share < 1 && entry.kind == RequestDone::kind && lot_of(entry) >= share) return false;
  return std::all_of(patterns.begin(), patterns.end(), [&](const auto& one) {
    const auto& [key, globs] = one;
    const auto wanted = [&](std::string_view text) {
      return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return matches(glob, text); });
    };
    if (key == "kind") return wanted(entry.kind);
    const bool by_sort = std::find(words_of<Sort>.begin(), words_of<Sort>.end(), key) != words_of<Sort>.end();
    return std::any_of(entry.fields.begin(), entry.fields.end(), [&](const TraceField& field) {
      const Thing* thing = std::get_if<Thing>(&field.value);
      if (!by_sort) return field.key == key && (!thing || *thing) && wanted(plain(field.value, names));
      if (!thing || !*thing) return false;
      for (Thing of = *thing; of; of = names.owner(of))
        if (name(of.sort) == key && wanted(names.called(of))) return true;
      return false;
    });
  });
}

}  // namespace codecosim
