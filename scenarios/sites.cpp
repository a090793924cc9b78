#include "scenarios/sites.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <utility>

#include "sim/base/number.hpp"

namespace codecosim {

namespace {
constexpr std::size_t most_sites = 100'000;
constexpr std::size_t deepest = 8;
/// Parameters that every module has: the whole name of the site, and its number among those of its entry.
constexpr auto given = std::to_array<const char*>({"site", "number"});

using Values = std::map<std::string, Json>;

std::vector<std::string> names_of(const Values& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name);
  return names;
}

std::string placeholder(const std::string& name) { return "${" + name + "}"; }

/// The parameters that a module declares, with their defaults.
Values declared(const Json& module) {
  Values all;
  const auto found = module.find("parameters");
  if (found != module.end() && found->is_object())
    for (const auto& [name, value] : found->items()) all[name] = value;
  return all;
}

/// Puts the values of parameters in the places of a module that name them, as `${name}`.
class Filling {
 public:
  explicit Filling(Values values) : values_(std::move(values)) {}
  /// A module, and those in it. A parameter that one of those declares is its own.
  Json module(const Json& written, const Reader& at) {
    Json all = Json::object();
    for (const auto& [key, value] : written.items()) {
      const Reader here = at.within(key, value);
      if (key == "parameters")
        all[key] = value;
      else if (key == "modules" && value.is_object())
        all[key] = modules(value, here);
      else
        all[key_text(key, here)] = this->value(value, here);
    }
    return all;
  }
  /// The parameters that were named.
  const std::set<std::string>& used() const { return used_; }

 private:
  Json modules(const Json& written, const Reader& at) {
    Json all = Json::object();
    for (const auto& [name, module] : written.items()) {
      const Reader here = at.within(name, module);
      Values inner = values_;
      for (const auto& [own, unused] : declared(module)) inner[own] = placeholder(own);
      for (const char* own : given) inner[own] = placeholder(own);
      Filling filling(std::move(inner));
      all[name] = module.is_object() ? filling.module(module, here) : module;
      if (module.is_object() && module.contains("parameters"))
        all[name]["parameters"] = value(module["parameters"], here.within("parameters", module["parameters"]));
      for (const std::string& one : filling.used())
        if (filling.values_.at(one) != placeholder(one)) used_.insert(one);
    }
    return all;
  }
  Json value(const Json& written, const Reader& at) {
    if (written.is_string()) return text(written.get<std::string>(), at);
    Json all = written;
    if (written.is_object()) {
      all = Json::object();
      for (const auto& [key, value] : written.items()) {
        const Reader here = at.within(key, value);
        all[key_text(key, here)] = this->value(value, here);
      }
    }
    if (written.is_array())
      for (std::size_t i = 0; i < written.size(); ++i)
        all[i] = value(written[i], at.within(std::to_string(i), written[i]));
    return all;
  }
  std::string key_text(const std::string& key, const Reader& at) {
    const Json filled = text(key, at);
    return filled.is_string() ? filled.get<std::string>() : filled.dump();
  }
  /// A text that is nothing but the name of a parameter becomes its value.
  Json text(const std::string& written, const Reader& at) {
    std::string all;
    for (std::size_t i = 0; i < written.size();) {
      const std::size_t begin = written.find("${", i), end = written.find('}', std::min(begin, written.size()));
      if (begin == std::string::npos) return all + written.substr(i);
      if (end == std::string::npos) {
        at.problem("\"${\" begins the name of a parameter, and no \"}\" ends it");
        return written;
      }
      const std::string name = written.substr(begin + 2, end - begin - 2);
      const auto value = values_.find(name);
      if (value == values_.end()) {
        at.problem(fmt::format("the module has no parameter \"{}\"{}", name, suggestion(name, names_of(values_))));
        return written;
      }
      used_.insert(name);
      if (begin == 0 && end + 1 == written.size()) return value->second;
      all += written.substr(i, begin - i);
      all += value->second.is_string() ? value->second.get<std::string>() : value->second.dump();
      i = end + 1;
    }
    return all;
  }

  Values values_;
  std::set<std::string> used_;
};

/// The value of a parameter at each site.
using Draw = std::function<Json(std::uint32_t site, Rng&)>;

Draw constant(const Json& value) {
  return [value](std::uint32_t, Rng&) { return value; };
}

/// A cell as a number where it is one as a number is written: not 01067.
Json cell_value(const std::string& text) {
  const std::optional<double> number = parse_number(text);
  const bool padded = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
  if (!number || padded || text[0] == '+') return text;
  const bool whole = *number == std::floor(*number) && std::abs(*number) < 1e15;
  return whole ? Json(static_cast<std::int64_t>(*number)) : Json(*number);
}

Draw read_draw(Reader& r) {
  const auto law = r.need_one_of<Distribution<double>>("draw", "", laws<double>(Bounds{}));
  const bool whole = r.get<bool>("whole", false, "");
  r.close();
  return [law, whole](std::uint32_t, Rng& rng) {
    const double value = law.sample(rng);
    return whole ? Json(static_cast<std::int64_t>(std::llround(value))) : Json(value);
  };
}

Draw read_values(Reader& r) {
  std::vector<Json> values;
  for (const Reader& one : r.items("values", "", true, "expected at least one value")) values.push_back(one.written());
  r.close();
  return [values](std::uint32_t site, Rng&) { return values.empty() ? Json() : values[site % values.size()]; };
}

Draw read_column(Reader& r, const std::optional<Csv>& table) {
  const auto name = r.need<std::string>("column", "");
  r.close();
  std::vector<Json> cells;
  if (!table)
    r.problem("a column is of the file of the sites' positions, and these have none");
  else
    guarded(r, [&] {
      const std::size_t column = table->column(name);
      for (std::size_t row = 0; row < table->rows(); ++row) cells.push_back(cell_value(table->text(row, column)));
    });
  return [cells](std::uint32_t site, Rng&) { return site < cells.size() ? cells[site] : Json(); };
}

/// `table`: the file of the sites' positions, where there is one. `usual`: the default.
Draw read_value(Reader r, const Json& usual, const std::optional<Csv>& table) {
  const Json& written = r.written();
  if (written.is_object()) {
    if (written.contains("draw")) return read_draw(r);
    if (written.contains("values")) return read_values(r);
    if (written.contains("column")) return read_column(r, table);
    if (!usual.is_object()) r.problem("expected a value, or an object with \"draw\", \"values\" or \"column\"");
  }
  if (written.is_string() && written.get<std::string>().find("${") != std::string::npos)
    r.problem("names a parameter, and there are none outside of a module");
  return constant(written);
}

/// The parameters of a module, with what an entry of `sites` says of them.
struct Arguments {
  std::vector<std::pair<std::string, Draw>> all;
  bool vary = false;  ///< Whether sites differ.
};

Arguments read_arguments(Reader& site, const Json& module, const Reader& at, const std::optional<Csv>& table) {
  Arguments arguments;
  const Values usual = declared(module);
  if (const auto found = module.find("parameters"); found != module.end() && !found->is_object())
    at.problem_at("parameters", "expected an object of names and default values");
  std::map<std::string, Draw> said;
  for (auto& [name, value] : site.members("parameters", "")) {
    if (!usual.contains(name)) {
      value.problem(fmt::format("the module has no parameter \"{}\"{}", name, suggestion(name, names_of(usual))));
      continue;
    }
    said[name] = read_value(value, usual.at(name), table);
    arguments.vary = arguments.vary || value.written().is_object();
  }
  for (const auto& [name, value] : usual) {
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

/// Where the sites of an entry are.
struct Ground {
  Positions positions;
  std::optional<Csv> table;  // of the positions
  std::uint32_t number = 0;
  bool numbered = false;
};

/// None where the sites' positions are wrong.
std::optional<Ground> read_ground(Reader& r, Loading& loading, const Scope& around) {
  Ground ground;
  const auto count = r.maybe<std::uint32_t>("count", "How many.", between(1, most_sites));
  const std::size_t before = r.problems();
  const auto stated = r.maybe_one_of<Positions>(
      "position", "Where each is: what the positions in the module count from; missing: [0 m, 0 m].",
      position_forms(loading));
  if (r.describing() || r.problems() > before) return std::nullopt;
  ground.positions = stated.value_or(Positions{});
  ground.positions.stated = stated.has_value();
  const bool from_file = ground.positions.from_file;
  if (from_file)
    if (auto position = r.find("position"))
      if (const auto file = position->find("csv")) ground.table = csv_at(*file, loading);
  const auto rows = static_cast<std::uint32_t>(ground.positions.given.size());
  if (from_file && count && *count > rows)
    r.problem_at("count", fmt::format("{} sites, but the file has {} rows", *count, rows));
  ground.numbered = count || from_file;
  ground.number = from_file ? std::min(rows, count.value_or(rows)) : count.value_or(1);
  if (stated && around.on_earth)
    r.problem_at("position", "all that is at a site on the Earth stands where the site does");
  if (stated && ground.positions.on_earth && around.placed_on_plane)
    r.problem_at("position",
                 "positions in metres and positions on the Earth do not mix: the site around is on a plane");
  if (stated) (ground.positions.on_earth ? loading.any_on_earth : loading.any_on_plane) = true;
  return ground;
}

/// A copy of a module: the i-th of an entry that is called `name`.
Scope site(const Loading& loading, std::size_t around, const std::string& name, const Ground& ground, std::uint32_t i,
           Rng& place, const Reader& content) {
  const Scope& outer = loading.scopes[around];
  Scope site{content};
  site.prefix = outer.prefix + name + (ground.numbered ? fmt::format("-{}/", i) : "/");
  site.group = outer.group + name + (ground.numbered ? "-*/" : "/");
  site.parent = around;
  site.module = content.pointer();
  const Positions& positions = ground.positions;
  const Position own = positions.make            ? positions.make(i, ground.number, place)
                       : positions.from_file     ? positions.given[i]
                       : positions.given.empty() ? Position{}
                                                 : positions.given[0];
  site.on_earth = positions.on_earth || outer.on_earth;
  site.placed_on_plane = outer.placed_on_plane || (positions.stated && !positions.on_earth);
  site.origin = outer.on_earth       ? outer.origin
                : positions.on_earth ? own
                                     : Position{outer.origin.x + own.x, outer.origin.y + own.y, 0};
  return site;
}

/// What is at one place more than once must be at different places, where anything depends on places.
void check_spread(Reader& r, const Json& module, const Ground& ground) {
  const bool depends = module.contains("cells") || module.contains("devices");
  if (ground.number > 1 && depends && !r.has("position"))
    r.problem(
        fmt::format("\"position\" is missing: the cells and devices of {} sites would be at one place", ground.number));
}

void check_use(const Json& module, const Reader& at, const std::set<std::string>& used) {
  for (const auto& [name, unused] : declared(module))
    if (!used.contains(name))
      at.within("parameters", module["parameters"])
          .problem_at(name.c_str(), fmt::format("nothing in the module names \"{}\"", placeholder(name)));
}

/// Adds a scope for each site of an entry. Ends at the first problem with the module.
void add_sites(Loading& loading, std::size_t around, const std::string& name, const Reader& module,
               const Ground& ground, const Arguments& arguments) {
  const std::string prefix = loading.scopes[around].prefix + name;
  Rng place = Rng(loading.scenario.seed, 0).stream("positions/sites/" + prefix);
  std::vector<Rng> draws;
  for (const auto& [parameter, draw] : arguments.all)
    draws.push_back(Rng(loading.scenario.seed, 0).stream("sites/" + prefix + "/" + parameter));
  const std::size_t before = module.problems();
  std::optional<Reader> same;
  bool names_itself = true;
  for (std::uint32_t i = 0; i < ground.number; ++i) {
    if (!same || arguments.vary || names_itself) {
      Values values;
      values["site"] = ground.numbered ? fmt::format("{}-{}", prefix, i) : prefix;
      values["number"] = i;
      for (std::size_t p = 0; p < arguments.all.size(); ++p)
        values[arguments.all[p].first] = arguments.all[p].second(i, draws[p]);
      Filling filling(std::move(values));
      loading.modules.push_back(filling.module(module.written(), module));
      names_itself = filling.used().contains("site") || filling.used().contains("number");
      if (loading.checked_modules.insert(module.pointer()).second) check_use(module.written(), module, filling.used());
      if (module.problems() > before) return;
      same = module.standing_for(loading.modules.back());
    }
    loading.scopes.push_back(site(loading, around, name, ground, i, place, *same));
    loading.scopes.back().varies = arguments.vary;
  }
}

void read_entry(Reader& r, Loading& loading, std::size_t around) {
  const std::size_t before = r.problems();
  const std::string name =
      name_at(r, "With `count` or positions from a file, the sites are called name-0, name-1, ...");
  const auto module_name = r.need<std::string>("module", "A name from modules.");
  const std::optional<Ground> ground = read_ground(r, loading, loading.scopes[around]);
  if (r.describing()) {
    (void)r.members("parameters",
                    "Values of the module's parameters: a value for all; {\"draw\": LAW} for a number that each site "
                    "draws, with \"whole\": true a whole one; {\"values\": [...]} in turn; {\"column\": NAME} of the "
                    "file of positions.");
    return;
  }
  if (!loading.site_names.add(loading.scopes[around].prefix + name))
    r.problem_at("name", fmt::format("\"{}\" names two entries of sites", name));
  std::vector<std::string> known;
  const std::optional<Reader> module = find_module(loading, around, module_name, known);
  if (!module && !module_name.empty())
    r.problem_at("module", fmt::format("there is no module \"{}\"{}", module_name, suggestion(module_name, known)));
  if (module) loading.used_modules.insert(module->pointer());
  for (std::size_t up = around; module && up != Scope::none; up = loading.scopes[up].parent)
    if (loading.scopes[up].module == module->pointer()) {
      r.problem_at("module", fmt::format("the module \"{}\" holds itself", module_name));
      return;
    }
  if (module && !module->written().is_object()) {
    module->problem("expected an object: what is at each site");
    return;
  }
  if (!module || !ground) {
    (void)r.find("parameters");
    return r.close();
  }
  const Json& content = module->written();
  const Arguments arguments = read_arguments(r, content, *module, ground->table);
  r.close();
  check_spread(r, content, *ground);
  if (r.problems() > before) return;
  if (loading.scopes.size() + ground->number > most_sites + 1) {
    r.problem(fmt::format("with these there are {} sites; at most {} can be simulated",
                          loading.scopes.size() - 1 + ground->number, most_sites));
    return;
  }
  add_sites(loading, around, name, *module, *ground, arguments);
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

/// Modules of which there is no site: in the scenario itself, and in modules that are used.
void check_modules(const Reader& part, const Loading& loading) {
  const auto modules = part.written().find("modules");
  if (modules == part.written().end() || !modules->is_object()) return;
  for (const auto& [name, module] : modules->items()) {
    const Reader at = part.within("modules", *modules).within(name, module);
    if (!loading.used_modules.contains(at.pointer()))
      at.problem("no site is made of this module");
    else if (module.is_object())
      check_modules(at, loading);
  }
}
}  // namespace

void read_sites(Loading& loading) {
  Reader& root = loading.scopes.front().reader;
  for (auto& [name, r] : root.members("modules", "Parts that sites are copies of, by name: an object, or a file.")) {
    if (!r.describing()) continue;
    describe_module(r);
  }
  const std::size_t before = root.problems();
  for (std::size_t s = 0; s < loading.scopes.size(); ++s) {
    loading.scope = s;
    // A deque keeps what it holds in place while it grows.
    Reader& part = loading.scopes[s].reader;
    if (s > 0)
      for (const char* key : {"$schema", "description", "parameters", "modules"}) (void)part.find(key);
    const std::vector<Reader> entries =
        part.items("sites",
                   "Copies of modules: what stands at many places alike. The names of what is at a site begin with the "
                   "site's: `factory-17/hall-0`.");
    // One problem of sites is enough: the same module may be at many.
    if (root.problems() > before && s > 0) continue;
    if (!entries.empty() && loading.prefixes().size() > deepest) {
      part.problem_at("sites", fmt::format("sites nest more than {} deep", deepest));
      continue;
    }
    for (Reader entry : entries) read_entry(entry, loading, s);
  }
  loading.scope = 0;
  if (root.describing()) return;
  if (root.problems() > before)
    loading.names_unsure = loading.sites_unsure = true;
  else
    check_modules(root, loading);
}

}  // namespace codecosim
