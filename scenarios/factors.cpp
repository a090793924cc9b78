#include "scenarios/factors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "sim/base/number.hpp"
#include "sim/base/portable_math.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

namespace {
constexpr std::size_t most_levels = 100'000;

std::string label_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string pointer_at(Reader& r) {
  const auto pointer =
      r.need<std::string>("at", "JSON pointer to what is varied; members of arrays by number or name.");
  if (!pointer.empty() && pointer.front() != '/')
    r.problem_at("at",
                 fmt::format("\"{}\" is no JSON pointer: it begins with \"/\", as in \"/policy/placement\"", pointer));
  return pointer;
}

/// A number with the text behind it, its unit: "2.5 ms".
struct Amount {
  double number = 0;
  std::string unit;
};

std::string trimmed(const std::string& unit) { return unit.substr(std::min(unit.size(), unit.find_first_not_of(' '))); }

std::optional<Amount> amount_at(Reader& r, const char* key, const char* prose) {
  auto at = r.find(key, prose);
  if (!at) {
    r.problem_at(key, "missing");
    return std::nullopt;
  }
  const std::string text = at->scalar();
  const std::optional<LeadingNumber> leading = leading_number(text);
  if (!leading) {
    if (!text.empty()) at->problem(fmt::format("expected a number, with its unit if it has one, found \"{}\"", text));
    return std::nullopt;
  }
  return Amount{leading->value, std::string(leading->rest)};
}

/// A range from `low` to `high`, linear or logarithmic.
struct Range {
  double low = 0, high = 0;
  bool logarithmic = false, whole = false;
  std::string unit;

  /// The value at the share `u` of the range, 0 <= u <= 1; exact at the ends, rounded to `digits` digits between them.
  Json at(double u, int digits) const {
    double value = u <= 0        ? low
                   : u >= 1      ? high
                   : logarithmic ? low * portable::pow(high / low, u)
                                 : low + u * (high - low);
    if (whole && u > 0 && u < 1)
      value = logarithmic ? std::round(value) : std::min(high, low + std::floor(u * (high - low + 1)));
    if (whole && unit.empty()) return static_cast<std::int64_t>(value);
    if (!whole && u > 0 && u < 1)
      value = std::clamp(parse_number(fmt::format("{:.{}g}", value, digits)).value(), low, high);
    return unit.empty() ? Json(value) : Json(fmt::format("{}", value) + unit);
  }
};

std::optional<Range> read_range(Reader& r, const char* low_key, const char* high_key) {
  const auto low = amount_at(r, low_key, "Lowest value, with its unit."),
             high = amount_at(r, high_key, "Highest value.");
  Range range;
  range.logarithmic =
      r.choice<int>("scale", 0, {"linear", "log"}, "Whether values lie evenly, or by equal ratios.") == 1;
  range.whole = r.get<bool>("whole", false, "Whether only whole numbers make sense.");
  if (!low || !high) return std::nullopt;
  range.low = low->number;
  range.high = high->number;
  range.unit = low->unit;
  const std::size_t before = r.problems();
  if (low->unit != high->unit)
    r.problem(fmt::format("\"{}\" and \"{}\" need the same unit, found \"{}\" and \"{}\"", low_key, high_key,
                          trimmed(low->unit), trimmed(high->unit)));
  else if (!(range.low < range.high))
    r.problem_at(high_key, fmt::format("must be above \"{}\"", low_key));
  if (range.whole && (range.low != std::floor(range.low) || range.high != std::floor(range.high)))
    r.problem_at("whole", fmt::format("\"{}\" and \"{}\" must be whole numbers then", low_key, high_key));
  if (range.logarithmic && range.low <= 0) r.problem_at(low_key, "must be above zero on a logarithmic scale");
  if (r.problems() > before) return std::nullopt;
  return range;
}

/// The level of a factor at one pointer.
void add_level(PlannedFactor& planned, const std::string& pointer, const Json& value, const std::string& place) {
  planned.factor.labels.push_back(label_of(value));
  planned.factor.levels.push_back({{pointer, value}});
  planned.places.push_back(place);
}

PlannedFactor read_list(Reader r) {
  PlannedFactor planned;
  const std::string pointer = pointer_at(r);
  for (Reader& value : r.items("values", "Its values, any JSON.", true, "a factor without values varies nothing"))
    if (!r.describing()) add_level(planned, pointer, value.written(), value.place());
  if (auto labels =
          r.maybe<std::vector<std::string>>("labels", "What the table calls them; missing: the values themselves.")) {
    if (!r.describing() && labels->size() != planned.factor.labels.size())
      r.problem_at("labels", fmt::format("{} labels for {} values", labels->size(), planned.factor.labels.size()));
    else
      planned.factor.labels = *labels;
  }
  r.close();
  return planned;
}

PlannedFactor read_steps(Reader r) {
  PlannedFactor planned;
  const std::string pointer = pointer_at(r);
  const auto range = read_range(r, "from", "to");
  const auto steps = r.need<std::uint32_t>("steps", "Number of values, both ends included.", between(2, most_levels));
  r.close();
  if (r.describing() || !range) return planned;
  std::set<std::string> seen;
  for (std::uint32_t i = 0; i < steps; ++i) {
    const Json value = range->at(static_cast<double>(i) / (steps - 1), 12);
    if (seen.insert(label_of(value)).second) add_level(planned, pointer, value, r.place());
  }
  return planned;
}

/// Reads a factor whose levels are drawn from a range, in random order.
PlannedFactor read_sampled(Reader r, const std::string& name, const std::optional<Sampling>& sampling) {
  PlannedFactor planned;
  planned.sampled = true;
  const std::string pointer = pointer_at(r);
  const auto range = read_range(r, "low", "high");
  r.close();
  if (r.describing() || !range) return planned;
  if (!sampling) {
    r.problem("a range is drawn from: \"sample\" of the plan says how often, such as {\"points\": 20}");
    return planned;
  }
  Rng rng = Rng(sampling->seed, 0).stream("plan/" + name);
  std::vector<std::uint32_t> strata(sampling->points);
  std::iota(strata.begin(), strata.end(), 0U);
  for (std::size_t i = strata.size(); i > 1; --i) std::swap(strata[i - 1], strata[rng.below(i)]);
  for (const std::uint32_t stratum : strata) {
    const double u = sampling->latin_hypercube ? (stratum + rng.uniform()) / sampling->points : rng.uniform();
    add_level(planned, pointer, range->at(u, 6), r.place());
  }
  return planned;
}

/// The members of an object, pointers and values.
Settings settings_in(const Reader& object) {
  Settings settings;
  for (const auto& [pointer, value] : object.written().items()) {
    if (!pointer.starts_with('/'))
      object.problem(fmt::format("\"{}\" is no JSON pointer: it begins with \"/\"", pointer));
    settings.emplace_back(pointer, value);
  }
  return settings;
}

PlannedFactor read_named(Reader r) {
  PlannedFactor planned;
  for (auto& [name, level] : r.members("levels", "Each level by name, with what it sets: pointers and values.", true)) {
    if (r.describing()) continue;
    if (!level.written().is_object() || level.written().empty()) {
      level.problem("a level is an object of pointers and values, such as {\"/policy/placement\": \"nearest\"}");
      continue;
    }
    planned.factor.labels.push_back(name);
    planned.factor.levels.push_back(settings_in(level));
    planned.places.push_back(level.place());
  }
  if (!r.describing() && r.written()["levels"].empty())
    r.problem_at("levels", "a factor without levels varies nothing");
  r.close();
  return planned;
}

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}
}  // namespace

Settings read_settings(Reader& parent, const char* key, const char* prose) {
  const auto object = parent.object(key, prose);
  return object && !parent.describing() ? settings_in(*object) : Settings();
}

std::vector<PlannedFactor> read_factors(Reader& plan, const std::optional<Sampling>& sampling) {
  // Columns that every table has; in a database, letter case makes no difference.
  std::set<std::string> taken{
      "run",        "key",       "point",       "replication",     "seed",    "status",     "reason",
      "host",       "started",   "fingerprint", "wall_s",          "build_s", "deciding_s", "peak_memory_bytes",
      "program",    "codecosim", "simgrid",     "scenario_digest", "carbon",  "cost",       "availability",
      "migrations", "events"};
  std::vector<PlannedFactor> all;
  for (auto& [name, r] : plan.members("factors", "What is varied, by name: columns of the table.")) {
    if (!r.describing() && !is_name(name)) r.problem("a factor's name consists of letters, digits, \"_\" and \"-\"");
    if (!r.describing() && !taken.insert(lower(name)).second)
      r.problem(fmt::format("\"{}\" is a column of the table already: choose another name", name));
    const std::string& called = name;
    PlannedFactor planned = r.one_of<PlannedFactor>({
        {"values", "Values one by one.", [](Reader at) { return read_list(at); }, true},
        {"from", "Values at regular steps.", [](Reader at) { return read_steps(at); }, true},
        {"low", "A range that is drawn from.", [&](Reader at) { return read_sampled(at, called, sampling); }, true},
        {"levels", "Levels that set several things each.", [](Reader at) { return read_named(at); }, true},
    });
    if (r.describing()) continue;
    planned.factor.name = name;
    std::set<std::string> labels;
    for (const std::string& label : planned.factor.labels)
      if (!planned.sampled && !labels.insert(label).second)
        r.problem(fmt::format("the level \"{}\" occurs twice", label));
    std::map<std::string, std::string> same;  // settings, label
    for (std::size_t level = 0;
         !planned.sampled && level < std::min(planned.factor.levels.size(), planned.factor.labels.size()); ++level)
      if (const auto [found, is_new] =
              same.emplace(Json(planned.factor.levels[level]).dump(), planned.factor.labels[level]);
          !is_new)
        r.problem(
            fmt::format("the levels \"{}\" and \"{}\" set the same", found->second, planned.factor.labels[level]));
    all.push_back(std::move(planned));
  }
  return all;
}

}  // namespace codecosim
