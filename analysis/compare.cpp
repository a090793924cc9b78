#include "analysis/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "analysis/readable.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
using Role = Results::Role;

/// What separates two sums of the same values in another order, and no two models.
constexpr double rounding = 1e-12;

/// Runs of one seed and replication face the same draws.
using World = std::pair<std::string, std::string>;
using Runs = std::map<World, std::size_t>;  // the row of each

[[noreturn]] void refuse(const std::string& why) { throw Error(Failure::scenario, why); }

std::vector<std::string> names(const Results& results, const std::vector<std::size_t>& columns) {
  std::vector<std::string> all;
  for (const std::size_t column : columns) all.push_back(results.columns()[column].name);
  return all;
}

std::vector<std::string> levels_in(const Results& results, const std::vector<std::size_t>& rows, std::size_t column) {
  std::vector<std::string> all;
  for (const std::size_t row : rows)
    if (std::find(all.begin(), all.end(), results.text(row, column)) == all.end()) all.push_back(results.text(row, column));
  return all;
}

std::vector<std::size_t> rows_where(const Results& results, const CompareOptions& options) {
  std::vector<std::size_t> rows(results.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  for (const auto& [factor, level] : options.where) {
    const std::size_t column = results.need(factor, Role::factor);
    const std::vector<std::string> levels = results.levels(column);
    if (std::find(levels.begin(), levels.end(), level) == levels.end())
      throw Error(Failure::usage, fmt::format("--where {}={}: no run has it{}", factor, level, suggestion(level, levels)));
    std::erase_if(rows, [&](std::size_t row) { return results.text(row, column) != level; });
  }
  if (rows.empty()) throw Error(Failure::usage, "--where: no run has all of these levels");
  return rows;
}

std::size_t choose_factor(const Results& results, const std::vector<std::size_t>& rows, const std::string& wanted) {
  if (!wanted.empty()) {
    const std::size_t column = results.need(wanted, Role::factor);
    if (levels_in(results, rows, column).size() < 2)
      throw Error(Failure::usage, fmt::format("--factor {}: all runs have the level \"{}\"; there is nothing to compare", wanted,
                                              results.text(rows.front(), column)));
    return column;
  }
  std::vector<std::size_t> several;
  for (const std::size_t column : results.factors())
    if (results.columns()[column].name != "run" && levels_in(results, rows, column).size() > 1) several.push_back(column);
  if (several.size() == 1) return several.front();
  for (const std::size_t column : several)
    if (const std::string& name = results.columns()[column].name; name == "policy" || name == "placement") return column;
  if (!several.empty())
    throw Error(Failure::usage,
                fmt::format("--factor says which factor is compared: {}", fmt::join(names(results, several), ", ")));
  if (const auto run = results.find("run"); run && results.columns()[*run].role == Role::factor && rows.size() > 1) return *run;
  throw Error(Failure::usage, "there is nothing to compare: no factor has more than one level");
}

/// What else must agree. The directory of a run is its name and says nothing of the run; where runs themselves are compared, each
/// has its own everything.
std::vector<std::size_t> other_factors(const Results& results, std::size_t factor) {
  std::vector<std::size_t> all = results.factors();
  const auto is_run = [&](std::size_t column) { return results.columns()[column].name == "run"; };
  if (is_run(factor)) return {};
  std::erase_if(all, [&](std::size_t column) { return column == factor || is_run(column); });
  return all;
}

struct Cell {
  std::vector<std::string> where;
  std::map<std::string, Runs> levels;
};

std::vector<Cell> cells_of(const Results& results, const std::vector<std::size_t>& rows, std::size_t factor,
                           const std::vector<std::size_t>& others) {
  const std::size_t replication = *results.find("replication");
  const auto seed = results.find("seed");
  std::vector<Cell> cells;
  for (const std::size_t row : rows) {
    std::vector<std::string> where;
    for (const std::size_t column : others) where.push_back(results.text(row, column));
    auto cell = std::find_if(cells.begin(), cells.end(), [&](const Cell& one) { return one.where == where; });
    if (cell == cells.end()) cell = cells.insert(cells.end(), {where, {}});
    const World world{seed ? results.text(row, *seed) : "", results.text(row, replication)};
    const auto [at, is_new] = cell->levels[results.text(row, factor)].emplace(world, row);
    if (!is_new) {
      const std::size_t run = *results.find("run");
      refuse(
          fmt::format("the runs {} and {} have the same factors, seed {} and replication {}: they differ in nothing that the table "
                      "tells, or one is there twice; compare single runs with --factor run, or leave one out",
                      results.text(at->second, run), results.text(row, run), world.first, world.second));
    }
  }
  return cells;
}

bool differs(const Results& results, const std::vector<std::size_t>& rows, std::size_t column) {
  std::optional<double> first;
  for (const std::size_t row : rows)
    if (const auto value = results.done(row) ? results.number(row, column) : std::nullopt; value) {
      if (!first) first = value;
      if (std::abs(*first - *value) > rounding * std::max(std::abs(*first), std::abs(*value))) return true;
    }
  return false;
}

std::vector<std::size_t> choose_metrics(const Results& results, const std::vector<std::size_t>& rows, const CompareOptions& options,
                                        std::vector<std::string>& notes) {
  std::vector<std::size_t> chosen;
  const bool all = options.metrics == std::vector<std::string>{"all"};
  if (!options.metrics.empty() && !all) {
    for (const std::string& metric : options.metrics) chosen.push_back(results.need(metric, Role::metric));
    return chosen;
  }
  if (all) {
    for (std::size_t column = 0; column < results.columns().size(); ++column)
      if (results.columns()[column].role == Role::metric) chosen.push_back(column);
  } else {
    for (const std::string& metric : default_metrics())
      if (const auto column = results.find(metric); column && results.columns()[*column].role == Role::metric)
        chosen.push_back(*column);
  }
  std::vector<std::size_t> same;
  std::copy_if(chosen.begin(), chosen.end(), std::back_inserter(same),
               [&](std::size_t column) { return !differs(results, rows, column); });
  std::erase_if(chosen, [&](std::size_t column) { return std::find(same.begin(), same.end(), column) != same.end(); });
  if (!same.empty()) notes.push_back(fmt::format("The same in all runs: {}.", fmt::join(names(results, same), ", ")));
  return chosen;
}

std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<std::string>& levels, const std::string& reference) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (!reference.empty() && levels[i] != reference) pairs.emplace_back(levels[i], reference);
    if (reference.empty())
      for (std::size_t j = i + 1; j < levels.size(); ++j) pairs.emplace_back(levels[i], levels[j]);
  }
  return pairs;
}

std::optional<double> measured(const Results& results, const Runs& runs, const World& world, std::size_t metric) {
  const auto run = runs.find(world);
  if (run == runs.end() || !results.done(run->second)) return std::nullopt;
  return results.number(run->second, metric);
}

/// Whether two levels could be paired at all, had every run ended well.
bool share_worlds(const Runs& a, const Runs& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& run) { return b.contains(run.first); });
}

Difference difference_of(const Results& results, const Cell& cell, const std::pair<std::string, std::string>& pair,
                         std::size_t metric, double confidence) {
  const Runs &runs_a = cell.levels.at(pair.first), &runs_b = cell.levels.at(pair.second);
  std::vector<double> a, b;
  if (!share_worlds(runs_a, runs_b)) {
    for (const auto& [runs, values] : {std::pair{&runs_a, &a}, std::pair{&runs_b, &b}})
      for (const auto& [world, row] : *runs)
        if (const auto value = measured(results, *runs, world, metric)) values->push_back(*value);
    return unpaired_difference(pair.first, a, pair.second, b, confidence);
  }
  std::map<World, bool> worlds;
  for (const Runs* runs : {&runs_a, &runs_b})
    for (const auto& [world, row] : *runs) worlds[world] = true;
  for (const auto& [world, is] : worlds) {
    const auto of_a = measured(results, runs_a, world, metric), of_b = measured(results, runs_b, world, metric);
    if (of_a && of_b) a.push_back(*of_a), b.push_back(*of_b);
  }
  Difference one = paired_difference(pair.first, a, pair.second, b, results.columns()[metric].better, confidence);
  one.dropped = worlds.size() - a.size();
  return one;
}

Block block_of(const Results& results, const Cell& cell, const std::vector<std::size_t>& others,
               const std::vector<std::string>& levels, const std::string& reference, std::size_t metric, double confidence) {
  Block block;
  for (std::size_t i = 0; i < others.size(); ++i) block.where.emplace_back(results.columns()[others[i]].name, cell.where[i]);
  std::vector<std::string> here;
  for (const std::string& level : levels) {
    const auto runs = cell.levels.find(level);
    if (runs == cell.levels.end()) continue;
    here.push_back(level);
    std::vector<double> values;
    for (const auto& [world, row] : runs->second)
      if (const auto value = measured(results, runs->second, world, metric)) values.push_back(*value);
    block.groups.push_back(group_of(level, values, confidence));
  }
  const bool has_reference = reference.empty() || std::find(here.begin(), here.end(), reference) != here.end();
  if (has_reference)
    for (const auto& pair : pairs_of(here, reference))
      block.differences.push_back(difference_of(results, cell, pair, metric, confidence));
  return block;
}

/// Throws where not one pair of levels has two pairs of runs that ended well, or unpaired two runs of each.
void need_replications(const Results& results, const std::string& factor, const std::vector<Cell>& cells,
                       const std::vector<std::string>& levels, const std::string& reference) {
  std::size_t compared = 0, most = 0;
  for (const Cell& cell : cells)
    for (const auto& [a, b] : pairs_of(levels, reference)) {
      if (!cell.levels.contains(a) || !cell.levels.contains(b)) continue;
      ++compared;
      const Runs &runs = cell.levels.at(a), &others = cell.levels.at(b);
      const auto is_done = [&](const auto& run) { return results.done(run.second); };
      const auto is_pair = [&](const auto& run) {
        const auto other = others.find(run.first);
        return other != others.end() && is_done(run) && is_done(*other);
      };
      const auto values = share_worlds(runs, others) ? std::count_if(runs.begin(), runs.end(), is_pair)
                                                     : std::min(std::count_if(runs.begin(), runs.end(), is_done),
                                                                std::count_if(others.begin(), others.end(), is_done));
      most = std::max(most, static_cast<std::size_t>(values));
    }
  if (most > 1) return;
  if (compared == 0)
    refuse(fmt::format("no two levels of {} have runs that agree in all other factors; choose another --factor", factor));
  const std::string how =
      "run more replications, five or better ten (--replication 1, 2 and so on), or compare long runs with --batches 20";
  if (most == 1)
    refuse(
        "one replication is too few to conclude from: a single difference may be chance, and without a second nothing is known of "
        "how much it varies; " +
        how);
  refuse(
      fmt::format("no two runs at different levels of {} make a pair: that has the same seed and replication, and both have ended "
                  "well; {}",
                  factor, how));
}

void note_failures(const Results& results, const std::vector<std::size_t>& rows, std::vector<std::string>& notes) {
  std::map<std::string, int> ends;
  int failed = 0;
  for (const std::size_t row : rows)
    if (!results.done(row)) ++failed, ++ends[results.text(row, *results.find("status"))];
  if (failed == 0) return;
  std::vector<std::string> how;
  for (const auto& [end, count] : ends) how.push_back(fmt::format("{} {}", count, end.empty() ? "unknown" : end));
  notes.push_back(
      fmt::format("{} of {} runs did not end well ({}) and are left out together with the runs they would be paired with. "
                  "If they failed because of what is compared, the rest is a biased choice.",
                  failed, rows.size(), fmt::join(how, ", ")));
}
}  // namespace

const std::vector<std::string>& default_metrics() {
  static const std::vector<std::string> all{
      "request.latency", "request.latency.p99", "requests.success", "requests.in_time", "energy.nodes", "carbon", "cost",
      "bytes.egress",    "placement.pending"};
  return all;
}

Group group_of(const std::string& level, const std::vector<double>& values, double confidence) {
  Group group{level, values.size(), 0, 0, {}};
  if (values.empty()) return group;
  group.mean = mean_of(values);
  group.deviation = deviation_of(values);
  if (group.deviation <= rounding * std::abs(group.mean)) {
    group.deviation = 0;
    return group;
  }
  group.interval = student_interval(values, confidence);
  return group;
}

Difference paired_difference(const std::string& level_a, const std::vector<double>& a, const std::string& level_b,
                             const std::vector<double>& b, Better better, double confidence) {
  Difference one;
  one.a = level_a, one.b = level_b;
  one.pairs = one.count_a = one.count_b = a.size();
  if (a.empty()) return one;
  one.mean_a = mean_of(a), one.mean_b = mean_of(b);
  std::vector<double> differences;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double size = std::max(std::abs(a[i]), std::abs(b[i])), difference = a[i] - b[i];
    largest = std::max(largest, size);
    differences.push_back(std::abs(difference) <= rounding * size ? 0 : difference);
    const double gain = better == Better::lower ? -differences.back() : differences.back();
    ++(gain > 0 ? one.wins : gain < 0 ? one.losses : one.ties);
  }
  one.mean = mean_of(differences);
  one.deviation = deviation_of(differences);
  one.constant = one.deviation <= rounding * largest;
  if (one.pairs < 2) return one;
  if (one.constant) {
    one.p = sign_p(differences);
    return one;
  }
  one.student = student_interval(differences, confidence);
  one.bca = bca_interval(differences, confidence);
  one.p = student_p(differences);
  one.effect = hedges_gz(differences);
  return one;
}

Difference unpaired_difference(const std::string& level_a, const std::vector<double>& a, const std::string& level_b,
                               const std::vector<double>& b, double confidence) {
  Difference one;
  one.a = level_a, one.b = level_b;
  one.paired = false;
  one.count_a = a.size(), one.count_b = b.size();
  if (!one.any()) return one;
  one.mean_a = mean_of(a), one.mean_b = mean_of(b);
  const double largest = std::max(std::abs(one.mean_a), std::abs(one.mean_b));
  if (std::abs(one.mean_a - one.mean_b) > rounding * largest) one.mean = one.mean_a - one.mean_b;
  one.constant = std::max(deviation_of(a), deviation_of(b)) <= rounding * largest;
  if (std::min(a.size(), b.size()) < 2) return one;
  if (one.constant) {
    one.p = one.mean == 0 ? 1 : separation_p(a.size(), b.size());
    return one;
  }
  if (const auto both = welch(a, b, confidence)) one.student = both->interval, one.p = both->p;
  one.effect = hedges_g(a, b);
  return one;
}

Comparison compare(const Results& results, const CompareOptions& options) {
  Comparison comparison;
  comparison.name = results.name();
  comparison.confidence = options.confidence;
  const std::vector<std::size_t> rows = rows_where(results, options);
  const std::size_t factor = choose_factor(results, rows, options.factor);
  comparison.factor = results.columns()[factor].name;
  const std::vector<std::string> levels = levels_in(results, rows, factor);
  if (!options.reference.empty() && std::find(levels.begin(), levels.end(), options.reference) == levels.end())
    throw Error(Failure::usage, fmt::format("--reference: {} has no level \"{}\"{}", comparison.factor, options.reference,
                                            suggestion(options.reference, levels)));
  std::vector<std::size_t> others = other_factors(results, factor);
  std::erase_if(others, [&](std::size_t column) { return levels_in(results, rows, column).size() == 1; });
  const std::vector<Cell> cells = cells_of(results, rows, factor, others);
  need_replications(results, comparison.factor, cells, levels, options.reference);
  for (const std::size_t metric : choose_metrics(results, rows, options, comparison.notes)) {
    const Results::Column& column = results.columns()[metric];
    MetricComparison one{column.name, column.unit, column.better, {}};
    for (const Cell& cell : cells)
      one.blocks.push_back(block_of(results, cell, others, levels, options.reference, metric, options.confidence));
    conclude(one, options.confidence);
    comparison.metrics.push_back(std::move(one));
  }
  note_failures(results, rows, comparison.notes);
  return comparison;
}

}  // namespace codecosim
