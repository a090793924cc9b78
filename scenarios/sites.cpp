#include "scenarios/sites.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "sim/base/number.hpp"

namespace codecosim {

namespace {
constexpr std::size_t most_sites = 100'000;
constexpr std::size_t deepest = 8;

using Values = std::map<std::string, Json>;

std::vector<std::string> names_of(const Values& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

/// A text with the values of the parameters that it names as `${name}`. A text that is nothing else becomes the value.
Json filled_text(const std::string& text, const Values& values, const Reader& at) {
  std::string all;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = text.find("${", i);
    const std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) return all + text.substr(i);
    const std::string name = text.substr(begin + 2, end - begin - 2);
    const auto value = values.find(name);
    if (value == values.end()) {
      at.problem(fmt::format("the module has no parameter \"{}\"{}", name, suggestion(name, names_of(values))));
      return text;
    }
    if (begin == 0 && end + 1 == text.size()) return value->second;
    all += text.substr(i, begin - i);
    all += value->second.is_string() ? value->second.get<std::string>() : value->second.dump();
    i = end + 1;
  }
  return all;
}

/// A module with the values of its parameters in their places.
Json filled(const Json& written, const Values& values, const Reader& at) {
  if (written.is_string()) return filled_text(written.get<std::string>(), values, at);
  Json all = written;
  if (written.is_object())
    for (const auto& [key, value] : written.items()) all[key] = filled(value, values, at.within(key, value));
  if (written.is_array())
    for (std::size_t i = 0; i < written.size(); ++i)
      all[i] = filled(written[i], values, at.within(std::to_string(i), written[i]));
  return all;
}

/// The value of a parameter at each site.
using Draw = std::function<Json(std::uint32_t site, Rng&)>;

Draw constant(const Json& value) {
  return [value](std::uint32_t, Rng&) { return value; };
}

/// `table`: the file of the sites' positions, where there is one.
Draw read_value(Reader r, const std::optional<Csv>& table) {
  const Json& written = r.written();
  if (written.is_object() && written.contains("draw")) {
    const auto law = r.need_one_of<Distribution<double>>("draw", "", laws<double>(Bounds{}));
    const bool whole = r.get<bool>("whole", false, "");
    r.close();
    return [law, whole](std::uint32_t, Rng& rng) {
      const double value = law.sample(rng);
      return whole ? Json(static_cast<std::int64_t>(std::llround(value))) : Json(value);
    };
  }
  if (written.is_object() && written.contains("values")) {
    std::vector<Json> values;
    for (const Reader& one : r.items("values", "", true, "expected at least one value"))
      values.push_back(one.written());
    r.close();
    return [values](std::uint32_t site, Rng&) { return values.empty() ? Json() : values[site % values.size()]; };
  }
  if (written.is_object() && written.contains("column")) {
    const auto name = r.need<std::string>("column", "");
    r.close();
    std::vector<Json> cells;
    if (!table)
      r.problem("a column is of the file of the sites' positions, and these have none");
    else
      guarded(r, [&] {
        const std::size_t column = table->column(name);
        for (std::size_t row = 0; row < table->rows(); ++row) {
          const std::string& text = table->text(row, column);
          const std::optional<double> number = parse_number(text);
          cells.push_back(!number ? Json(text)
                          : *number == std::floor(*number) && std::abs(*number) < 1e15
                              ? Json(static_cast<std::int64_t>(*number))
                              : Json(*number));
        }
      });
    return [cells](std::uint32_t site, Rng&) { return site < cells.size() ? cells[site] : Json(); };
  }
  return constant(written);
}

/// The parameters of a module, with what an entry of `sites` says of them.
struct Arguments {
  std::vector<std::pair<std::string, Draw>> all;
  bool vary = false;  ///< Whether sites differ.
};

Arguments read_arguments(Reader& site, const Json& module, const Reader& at, const std::optional<Csv>& table) {
  Arguments arguments;
  Values declared;
  if (const auto found = module.find("parameters"); found != module.end()) {
    if (found->is_object())
      for (const auto& [name, value] : found->items()) declared[name] = value;
    else
      at.problem_at("parameters", "expected an object of names and default values");
  }
  std::map<std::string, Draw> said;
  for (auto& [name, value] : site.members("parameters", "")) {
    if (!declared.contains(name)) {
      value.problem(fmt::format("the module has no parameter \"{}\"{}", name, suggestion(name, names_of(declared))));
      continue;
    }
    said[name] = read_value(value, table);
    arguments.vary = arguments.vary || value.written().is_object();
  }
  for (const auto& [name, value] : declared) {
    if (value.is_null() && !said.contains(name))
      site.problem_at("parameters", fmt::format("\"{}\" is missing: the module has no default for it", name));
    arguments.all.emplace_back(name, said.contains(name) ? said.at(name) : constant(value));
  }
  return arguments;
}

/// The module of a name, as the scope that asks for it, or one around it, has it, with the place where it is written.
std::optional<Reader> find_module(const Loading& loading, std::size_t scope, const std::string& name,
                                  std::vector<std::string>& known) {
  for (; scope != Scope::none; scope = loading.scopes[scope].parent) {
    const Reader& part = loading.scopes[scope].reader;
    const auto modules = part.written().find("modules");
    if (modules == part.written().end() || !modules->is_object()) continue;
    const auto found = modules->find(name);
    if (found != modules->end()) return part.within("modules", *modules).within(name, *found);
    for (const auto& [key, value] : modules->items()) known.push_back(key);
  }
  return std::nullopt;
}

void read_entry(Reader& r, Loading& loading, std::size_t scope) {
  const std::string name =
      name_at(r, "With `count` or positions from a file, the sites are called name-0, name-1, ...");
  const auto module_name = r.need<std::string>("module", "A name from modules.");
  const auto count = r.maybe<std::uint32_t>("count", "How many.", between(1, most_sites));
  const auto stated = r.maybe_one_of<Positions>(
      "position", "Where each is: what the positions in the module count from; missing: [0 m, 0 m].",
      position_forms(loading));
  if (r.describing()) {
    (void)r.members("parameters",
                    "Values of the module's parameters: a value for all; {\"draw\": LAW} for a number that each site "
                    "draws, with \"whole\": true a whole one; {\"values\": [...]} in turn; {\"column\": NAME} of the "
                    "file of positions.");
    return;
  }
  std::vector<std::string> known;
  const std::optional<Reader> module = find_module(loading, scope, module_name, known);
  if (!module && !module_name.empty())
    r.problem_at("module", fmt::format("there is no module \"{}\"{}", module_name, suggestion(module_name, known)));
  if (module && !module->written().is_object()) {
    module->problem("expected an object: what is at each site");
    return;
  }
  std::optional<Csv> table;
  if (stated && stated->from_file)
    if (auto position = r.find("position"))
      if (const auto file = position->find("csv")) table = csv_at(*file, loading);
  if (!module || name.empty()) return r.close();
  loading.used_modules.insert(module->pointer());
  const Arguments arguments = read_arguments(r, module->written(), *module, table);
  r.close();
  const Positions positions = stated.value_or(Positions{});
  const auto rows = static_cast<std::uint32_t>(positions.given.size());
  if (positions.from_file && count && *count > rows)
    r.problem_at("count", fmt::format("{} sites, but the file has {} rows", *count, rows));
  const std::uint32_t number = positions.from_file ? std::min(rows, count.value_or(rows)) : count.value_or(1);
  if (loading.scopes.size() + number > most_sites) {
    r.problem(fmt::format("with these there are {} sites; at most {} can be simulated", loading.scopes.size() + number,
                          most_sites));
    return;
  }
  const Scope& around = loading.scopes[scope];
  const std::string prefix = around.prefix + name;
  const Position origin = around.origin;
  Rng place = Rng(loading.scenario.seed, 0).stream("positions/sites/" + prefix);
  std::vector<Rng> draws;
  for (const auto& [parameter, draw] : arguments.all)
    draws.push_back(Rng(loading.scenario.seed, 0).stream("sites/" + prefix + "/" + parameter));
  std::optional<Reader> same;
  for (std::uint32_t i = 0; i < number; ++i) {
    if (!same || arguments.vary) {
      Values values;
      for (std::size_t p = 0; p < arguments.all.size(); ++p)
        values[arguments.all[p].first] = arguments.all[p].second(i, draws[p]);
      const std::size_t before = module->problems();
      loading.modules.push_back(arguments.all.empty() ? module->written() : filled(module->written(), values, *module));
      if (module->problems() > before) return;
      same = module->standing_for(loading.modules.back());
    }
    const bool numbered = count || positions.from_file;
    Scope site{*same,
               numbered ? fmt::format("{}-{}/", prefix, i) : prefix + "/",
               around.group + name + (numbered ? "-*/" : "/"),
               {},
               scope,
               module->pointer()};
    const Position own = positions.make            ? positions.make(i, number, place)
                         : positions.from_file     ? positions.given[i]
                         : positions.given.empty() ? Position{}
                                                   : positions.given[0];
    site.on_earth = positions.on_earth;
    site.origin = positions.on_earth ? own : Position{origin.x + own.x, origin.y + own.y, 0};
    loading.scopes.push_back(std::move(site));
  }
}

/// What there may be in a module: the keys of a scenario that say what is there.
void describe_module(Reader& r) {
  (void)r.get<std::string>("description", "", "What it is.");
  (void)r.members("parameters",
                  "Names that stand as \"${name}\" in the module, with default values; null: each site says it.");
  for (const char* key : {"providers", "node_types", "clusters", "wan_links", "data", "applications", "technologies",
                          "cells", "devices", "clients", "faults", "modules", "sites"})
    r.same_as(key, (std::string("#/properties/") + key).c_str(),
              "As in the scenario; names and places are the site's own.");
}
}  // namespace

void read_sites(Loading& loading) {
  Reader& root = loading.scopes.front().reader;
  for (auto& [name, r] : root.members("modules", "Parts that sites are copies of, by name: an object, or a file.")) {
    if (!r.describing()) continue;
    describe_module(r);
  }
  for (std::size_t s = 0; s < loading.scopes.size(); ++s) {
    std::size_t depth = 0;
    for (std::size_t up = s; up != Scope::none; up = loading.scopes[up].parent) ++depth;
    if (depth > deepest) {
      loading.scopes[s].reader.problem(
          fmt::format("sites nest more than {} deep: does the module hold itself?", deepest));
      break;
    }
    loading.scope = s;
    // A deque keeps what it holds in place while it grows.
    Reader& part = loading.scopes[s].reader;
    if (s > 0)
      for (const char* key : {"description", "parameters", "modules"}) (void)part.find(key);
    for (Reader& entry : part.items("sites",
                                    "Copies of modules: what stands at many places alike. The names of what is at a "
                                    "site begin with the site's: `factory-17/hall-0`."))
      read_entry(entry, loading, s);
  }
  loading.scope = 0;
  if (root.describing()) return;
  const auto modules = root.written().find("modules");
  if (modules == root.written().end() || !modules->is_object()) return;
  for (const auto& [name, module] : modules->items()) {
    const Reader at = root.within("modules", *modules).within(name, module);
    if (!loading.used_modules.contains(at.pointer())) at.problem("no site is made of this module");
  }
}

}  // namespace codecosim
