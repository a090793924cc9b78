#pragma once
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "models/simulation.hpp"
#include "policies/external/external.hpp"
#include "scenarios/document.hpp"
#include "scenarios/names.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

/// A part of a scenario that names and positions are relative to: the scenario itself, or one site.
struct Scope {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  Reader reader;
  std::string prefix{};  ///< Of the names of what is there: `factory-17/`, or nothing.
  std::string group{};   ///< The same for all sites of one entry: `factory-*/`.
  Position origin{};     ///< That positions count from [m].
  std::size_t parent = none;
  std::string module{};          ///< The place of the module that it is made of; empty: the scenario itself.
  bool on_earth = false;         ///< Everything there stands at its origin.
  bool placed_on_plane = false;  ///< Its position, or that of a site around it, is in metres.
  bool varies = false;           ///< Other sites of its entry may have other values of parameters.
  /// A position that is stated in it, in the scenario.
  Position placed(const Position& stated) const {
    return on_earth ? origin : Position{origin.x + stated.x, origin.y + stated.y, stated.z};
  }
};

/// The state that the parts of a scenario share while it is read.
struct Loading {
  const Document* document;  ///< Null while the format is being described.
  const Policies& policies;
  Scenario& scenario;
  std::deque<Scope> scopes{};  ///< The scenario itself, then its sites.
  std::size_t scope = 0;       ///< The one that is being read.
  std::deque<Json> modules{};  ///< With the values of their parameters.
  std::set<std::string> used_modules{}, checked_modules{};
  std::map<std::string, std::size_t> broken_modules{};  ///< The first site of which each has a problem.
  std::set<std::string> domains{};                      ///< Of providers.
  NameTable site_names{}, providers{}, node_types{}, clusters_by_name{}, applications{}, data{}, technologies{},
      cells{}, devices{}, clients{};
  /// A node pool or cluster that names the kind of device which carries it.
  struct Carried {
    Reader at;
    const char* key;
    std::string on;
    std::uint64_t number;
    bool whole;
    std::size_t scope, cluster, pool;  ///< Where the name is, to be completed; `pool` none: the cluster itself.
  };
  std::vector<Carried> carried{};
  bool any_on_earth = false, any_on_plane = false;
  std::map<std::uint32_t, std::vector<std::uint32_t>> wan_targets{};  ///< By cluster: where links lead from it.
  std::uint64_t clusters = 0, nodes = 0, clients_so_far = 0;          ///< Numbers so far.
  std::vector<std::pair<Reader, std::size_t>> unplaced{};  ///< Clusters without a position, and their scopes.
  bool sites_unsure = false;  ///< Some sites have problems, so that what is there has not been read.
  bool names_unsure = false;  ///< Clusters have problems; a missing cluster or node name may only follow from them.

  const Scope& here() const { return scopes[scope]; }
  /// The whole name of what is called so in the scope that is being read.
  std::string full(const std::string& name) const { return name.empty() ? name : here().prefix + name; }
  /// What stands before the names in the scope that is being read, and in those around it.
  std::vector<std::string> prefixes() const {
    std::vector<std::string> all;
    for (std::size_t s = scope; s != Scope::none; s = scopes[s].parent) all.push_back(scopes[s].prefix);
    return all;
  }
  /// Looks for a name in the scope that is being read, and then in those around it: the first that `find` finds.
  template <class Find>
  auto resolve(const std::string& name, const Find& find) const {
    return resolve_from(scope, name, find);
  }
  template <class Find>
  auto resolve_from(std::size_t from, const std::string& name, const Find& find) const {
    auto found = find(scopes[from].prefix + name);
    for (std::size_t s = scopes[from].parent; !found && s != Scope::none; s = scopes[s].parent)
      found = find(scopes[s].prefix + name);
    return found;
  }
  /// Reads the same part of each scope. Where a module has a problem at one site, it is not read at others.
  template <class Read>
  void for_each_scope(const Read& read) {
    for (scope = 0; scope < scopes.size(); ++scope) {
      Scope& one = scopes[scope];
      const auto broken = broken_modules.find(one.module);
      if (broken != broken_modules.end() && broken->second != scope) continue;
      const std::size_t before = one.reader.problems();
      read(one.reader);
      if (one.reader.problems() == before || one.module.empty()) continue;
      if (one.varies)
        one.reader.add_to_problems(before, " (at the site " + one.prefix.substr(0, one.prefix.size() - 1) + ")");
      broken_modules.emplace(one.module, scope);
      names_unsure = true;
    }
    scope = 0;
  }
  /// Whether a list of the scenario may not be left out: it has no sites, which may have it.
  bool required() const {
    const Reader& root = scopes.front().reader;
    return scope == 0 && (root.describing() || !root.has("sites"));
  }
};

constexpr std::uint64_t most_things =
    16'000'000;  ///< Nodes, pods, clients in total: as many as the calendar holds events.
constexpr std::uint32_t most_devices = 10'000'000;

/// The index in `known` of the name under `key`; the size of `known`, and a problem, where it is not there.
std::uint32_t reference(Reader&, const char* key, const std::vector<std::string>& known, const char* what,
                        const char* prose);
/// Likewise of a name in the scope that is being read, or around it.
std::uint32_t reference(Reader&, const char* key, const NameTable& known, const char* what, const char* prose,
                        const Loading&);
/// The cluster of a name in the scope that is being read, or around it.
std::optional<ClusterId> find_cluster(const Loading&, const Federation&, const std::string& name);
/// The whole name of clusters that are called so, with their numbers as {i}: in the first scope, from the one that is
/// being read outwards, that has number 0.
std::optional<std::string> find_clusters(const Loading&, const Federation&, const std::string& name);
/// The whole pattern, likewise: in the first scope where `any` is called so. The ends of a wide-area link may be in
/// different ones. None where nothing is.
std::optional<std::string> whole_pattern(const Loading&, const std::string& pattern,
                                         const std::function<bool(const std::string&)>& any);
/// Reports that the name under `key` is not a cluster's, and suggests existing names.
void no_cluster(const Reader&, const char* key, const std::string& name, const Federation&, const Loading&);
std::string no_cluster(const std::string& name, const Federation&);
/// Reads domains of providers; a problem for each that no provider is in.
std::vector<std::string> read_domains(Reader& parent, const char* prose, const Loading&);
/// The path of a file named at this place; empty, and a problem, when it may not be read.
std::string file_at(Reader, const Loading&);
/// Reads the CSV file named at this place; nothing, and a problem, when it cannot be read.
std::optional<Csv> csv_at(Reader, const Loading&);
/// Runs `read` and turns exceptions about a file's contents into a problem at this place.
bool guarded(Reader, const std::function<void()>& read);
/// Reads a name in Kubernetes' syntax: lower-case letters, digits, '-', '.', at most 63 characters.
std::string name_at(Reader&, const char* prose);
/// Likewise, and takes it down as the whole name of the next entity of its kind; a problem where another has it.
std::string name_at(Reader&, const char* prose, NameTable&, const char* kind, const Loading&);

LinkSpec read_link(Reader);
Labels read_labels(Reader&, const char* key, const char* prose);
std::vector<Taint> read_taints(Reader&);

/// The positions of the nodes, stations or devices of one entry: given, or generated once their number is known.
struct Positions {
  std::vector<Position> given;  // a single one is for all
  std::function<Position(std::uint32_t index, std::uint32_t count, Rng&)> make;
  bool on_earth = false, from_file = false, stated = true;
};
std::vector<Form<Positions>> position_forms(const Loading&);
/// Reads [x, y] on the plane.
Position point_at(Reader);
std::optional<Position> read_point(Reader& parent, const char* key, const char* prose);
Area read_area(Reader&);

/// The number of base units in a quantity; a plain number has none.
template <class Q>
double magnitude(const Q& quantity) {
  if constexpr (std::is_floating_point_v<Q>)
    return quantity;
  else
    return quantity.value;
}

/// The forms of a random quantity; a plain value is constant.
template <class Q>
// NOLINTNEXTLINE(readability-function-size): one table of the laws, each with its parameters.
std::vector<Form<Distribution<Q>>> laws(Bounds bounds) {
  using D = Distribution<Q>;
  const auto one = [](Reader& r, const char* key, const char* prose, Bounds b) {
    return magnitude(r.need<Q>(key, prose, b));
  };
  const Bounds strictly = bounds.low >= 0 ? positive : Bounds{};
  const auto ratio = [](Reader& r, const char* key, const char* prose) { return r.need<double>(key, prose, positive); };
  return {
      {"", "the same every time", [=](Reader r) { return D(Law::constant(magnitude(r.value<Q>(bounds)))); }},
      {"exponential", "exponential with this mean",
       [=](Reader r) { return D(Law::exponential(magnitude(r.value<Q>(strictly)))); }},
      {"uniform", "uniform between two values",
       [=](Reader r) {
         const double low = one(r, "low", "smallest", bounds), high = one(r, "high", "largest", bounds);
         if (high < low) r.problem("\"high\" is below \"low\"");
         r.close();
         return D(Law::uniform(low, high));
       }},
      {"normal", "normal, redrawn while below zero",
       [=](Reader r) {
         const double mean = one(r, "mean", "mean", strictly),
                      deviation = one(r, "deviation", "standard deviation", not_negative);
         r.close();
         return D(Law::normal(mean, deviation, bounds.low));
       }},
      {"lognormal", "lognormal, given by its own mean and standard deviation",
       [=](Reader r) {
         const double mean = one(r, "mean", "mean", positive),
                      deviation = one(r, "deviation", "standard deviation", positive);
         r.close();
         if (mean > 0 && deviation > 1e6 * mean) r.problem("the deviation is more than a million times the mean");
         return r.describing() || mean <= 0 ? D() : D(Law::lognormal(mean, deviation));
       }},
      {"weibull", "Weibull",
       [=](Reader r) {
         const double scale = one(r, "scale", "scale", positive), shape = ratio(r, "shape", "shape");
         r.close();
         return r.describing() || shape <= 0 ? D() : D(Law::weibull(scale, shape));
       }},
      {"pareto", "Pareto of the first kind",
       [=](Reader r) {
         const double minimum = one(r, "minimum", "smallest value", positive), shape = ratio(r, "shape", "tail index");
         r.close();
         return D(Law::pareto(minimum, shape));
       }},
      {"zipf", "a unit times a rank of Zipf's law",
       [=](Reader r) {
         const double unit = one(r, "unit", "value of rank 1", positive), exponent = ratio(r, "exponent", "exponent");
         const auto n = r.need<std::uint32_t>("n", "number of ranks", between(1, 1e6));
         r.close();
         return r.describing() || n == 0 ? D() : D(Law::zipf(unit, n, exponent));
       }},
      {"empirical", "one of these values, each equally likely",
       [=](Reader r) {
         std::vector<double> values;
         for (Reader& element : r.elements(0, "expected at least one value"))
           values.push_back(magnitude(element.value<Q>(bounds)));
         return values.empty() ? D() : D(Law::empirical(std::move(values)));
       }},
  };
}

/// The form of a plug-in by its name, with its default parameters; a problem where there is none of this name.
template <class Seam>
Form<std::optional<typename Registry<Seam>::Choice>> by_name(const Registry<Seam>& registry, const char* noun) {
  using Choice = typename Registry<Seam>::Choice;
  return {"", "a name", [&registry, noun](Reader r) -> std::optional<Choice> {
            const auto name = r.filled_text();
            if (r.describing() || name.empty()) return std::nullopt;
            const auto* entry = registry.find(name);
            if (entry && entry->missing.empty()) return registry.choose(name);
            if (entry)
              r.problem(entry->missing);
            else if (External::names_one(name))  // Files are untrusted.
              r.problem("a file names no program: say it on the command line, with --policy");
            else
              r.problem("there is no " + std::string(noun) + " \"" + name + "\"" + suggestion(name, registry.names()));
            return std::nullopt;
          }};
}

/// Reads a plug-in, by its name, or as {"name": {its parameters}}; nothing where the key is missing or wrong.
template <class Seam>
std::optional<typename Registry<Seam>::Choice> read_choice(Reader& parent, const char* key,
                                                           const Registry<Seam>& registry, const char* noun,
                                                           const char* prose) {
  using Choice = typename Registry<Seam>::Choice;
  std::vector<Form<std::optional<Choice>>> forms{by_name(registry, noun)};
  for (const auto& entry : registry.entries())
    if (entry.parameters)
      forms.push_back({entry.name, entry.prose, [&entry](Reader r) -> std::optional<Choice> {
                         if (!r.describing() && !entry.missing.empty()) r.problem(entry.missing);
                         Choice choice{entry.name, entry.maker(r)};
                         if (!r.describing()) choice.written = r.written().dump();
                         r.close();
                         return choice;
                       }});
  return parent.maybe_one_of<std::optional<Choice>>(key, prose, forms).value_or(std::nullopt);
}

/// What a client, or a channel, says of time-outs, retries and hedges.
CallHandling read_handling(Reader&);

void read_control_plane(Reader&, Loading&);
void read_learning(Reader&, Loading&);
void read_data(Reader&, Loading&, const Federation&);
void read_infrastructure(Loading&);
void read_applications(Reader&, Loading&, const Federation&);
void read_mobility(Loading&, const Federation&);
void read_clients(Reader&, Loading&, const Federation&);
void read_faults(Reader&, Loading&, const Federation&);

}  // namespace codecosim
