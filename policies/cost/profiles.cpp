#include "policies/cost/profiles.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

using Row = PlacementProblem::Row;
using Term = Profile::Term;
constexpr auto lower = Metric::Better::lower, higher = Metric::Better::higher;

/// Adds one term to the costs of the rows.
void add(std::vector<double>& costs, const Term& term, double share, std::span<const Row> rows,
         Normalisation normalisation) {
  std::vector<double> values;
  double least = forever.value, most = 0;
  for (const Row& row : rows) {
    values.push_back(term.value(row));
    if (values.back() >= forever.value) continue;
    least = std::min(least, values.back());
    most = std::max(most, values.back());
  }
  if (normalisation == Normalisation::maximum) least = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] >= forever.value) {
      costs[i] += term.better == lower ? share : 0;
    } else if (most > least) {
      const double normal = std::clamp((values[i] - least) / (most - least), 0.0, 1.0);
      costs[i] += share * (term.better == lower ? normal : 1 - normal);
    }
  }
}

std::vector<Term> of(std::initializer_list<const char*> names) {
  std::vector<Term> terms;
  for (const char* name : names) {
    const auto metric =
        std::ranges::find(metrics(), std::string_view(name), [](const Metric& m) { return std::string_view(m.name); });
    ensure(metric != metrics().end(), "a profile asks for a metric that there is not");
    terms.push_back({1, metric->better, metric->value});
  }
  return terms;
}

/// The terms of all parts; each part has the same total weight.
std::vector<Term> mean_of(std::initializer_list<std::vector<Term>> parts) {
  std::vector<Term> all;
  for (const std::vector<Term>& part : parts) {
    double sum = 0;
    for (const Term& term : part) sum += term.weight;
    for (Term term : part) {
      term.weight /= sum;
      all.push_back(std::move(term));
    }
  }
  return all;
}

// Means of the values that CODECO's code draws for each node: 0.01 + U(0.01, 0.03) a core, 0.0001 + U(0.0001, 0.0003) a
// gigabyte.
constexpr double cpu_potency = 0.03;
constexpr double ram_potency = 0.0003;
constexpr double gigabyte = 1e9;

double energy_in_rl_code(const Row& row) {
  const double ram = std::max(0.0, (row.memory - row.memory_free).value) / gigabyte;
  return (cpu_potency * row.cpu_busy.value + ram_potency * ram) * row.monitored.link_energy.value *
         row.monitored.node_degree;
}

double resilience(const Row& row) {
  const Monitored& seen = row.monitored;
  return seen.node_degree / (1 + seen.node_failures) / (1 + seen.link_failures);
}

std::vector<Profile> make_profiles() {
  const std::vector<Term> green = of({"node_energy", "node_net_energy"});
  const std::vector<Term> resilient = {{1, higher, resilience}};
  const std::vector<Term> fast = of({"client_latency", "latency", "ebw", "ibw", "cpu_free", "mem"});
  const std::vector<Term> cheap = of({"cpu_price"});
  return {
      {"green-compute", "Power of its nodes.", of({"node_energy"})},
      {"green-composite-a", "Power of its nodes, and of what its links carry.", green},
      {"green-composite-b",
       "Its links that are up x power of what they carry.",
       {{1, lower, [](const Row& r) { return r.monitored.node_degree * r.monitored.net_energy.value; }}}},
      {"green-rl",
       "As CODECO's learning agent reckons energy: (cores x 0.03 + GB x 0.0003) x energy of its links x their number.",
       {{1, lower, energy_in_rl_code}}},
      {"greenness", "The same as green-composite-a.", green},
      {"resilience",
       "Its links that are up / (1 + failures of its nodes) / (1 + failures of its links): the less, the dearer.",
       resilient},
      {"performance", "Latency to clients and of its links, bandwidth out and in, cores and memory that are free.",
       fast},
      {"cost", "Price of its cores.", cheap},
      {"balanced", "Greenness, resilience, performance and cost, each a quarter.",
       mean_of({green, resilient, fast, cheap})},
  };
}

bool same(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::ranges::equal(a, b, {}, small, small);
}

}  // namespace

Normalisation read_normalisation(Reader& reader) {
  return reader.choice<Normalisation>(
      "normalisation", Normalisation::maximum, {"maximum", "min-max"},
      "Of a metric over all targets: value / maximum, or (value - minimum) / (maximum - minimum).");
}

std::vector<double> Profile::costs(std::span<const PlacementProblem::Row> rows, Normalisation normalisation) const {
  std::vector<double> costs(rows.size(), 0);
  double weights = 0;
  for (const Term& term : terms) weights += term.weight;
  for (const Term& term : terms)
    if (term.weight > 0) add(costs, term, term.weight / weights, rows, normalisation);
  for (double& cost : costs) cost = std::min(cost, 1.0);  // Rounding may push the sum above 1.
  return costs;
}

std::span<const Profile> profiles() {
  static const std::vector<Profile> all = make_profiles();
  return all;
}

const Profile* find_profile(std::string_view name) {
  const auto found = std::ranges::find_if(profiles(), [&](const Profile& each) { return same(each.name, name); });
  return found == profiles().end() ? nullptr : &*found;
}

}  // namespace codecosim
