#include "analysis/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "analysis/found.hpp"
#include "analysis/readable.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
using Role = Results::Role;

/// Relative rounding error of a sum: smaller differences are none.
constexpr double rounding = 1e-12;

/// The values of sampled factors.
using Draw = std::vector<std::string>;

/// The random inputs of a run: runs of one draw, seed and replication have common random numbers.
struct World {
  Draw draw;
  std::string seed, replication;
  auto operator<=>(const World&) const = default;
};
using Runs = std::map<World, std::size_t>;  // the row of each run

[[noreturn]] void refuse(const std::string& why) { throw Error(Failure::scenario, why); }

std::vector<std::string> names(const Results& results, const std::vector<std::size_t>& columns) {
  std::vector<std::string> all;
  for (const std::size_t column : columns) all.push_back(results.columns()[column].name);
  return all;
}

std::vector<std::string> levels_in(const Results& results, const std::vector<std::size_t>& rows, std::size_t column) {
  std::vector<std::string> all;
  for (const std::size_t row : rows)
    if (std::find(all.begin(), all.end(), results.text(row, column)) == all.end())
      all.push_back(results.text(row, column));
  return all;
}

std::vector<std::size_t> rows_where(const Results& results, const CompareOptions& options) {
  std::vector<std::size_t> rows(results.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  for (const auto& [factor, level] : options.where) {
    const std::size_t column = results.need_factor(factor);
    const std::vector<std::string> levels = results.levels(column);
    if (std::find(levels.begin(), levels.end(), level) == levels.end())
      throw Error(Failure::usage,
                  fmt::format("--where {}={}: no run has it{}", factor, level, suggestion(level, levels)));
    std::erase_if(rows, [&](std::size_t row) { return results.text(row, column) != level; });
  }
  if (rows.empty()) throw Error(Failure::usage, "--where: no run has all of these levels");
  return rows;
}

std::size_t choose_factor(const Results& results, const std::vector<std::size_t>& rows, const std::string& wanted) {
  if (!wanted.empty()) {
    const std::size_t column = results.need(wanted, Role::factor);
    if (levels_in(results, rows, column).size() < 2)
      throw Error(Failure::usage,
                  fmt::format("--factor {}: all runs have the level \"{}\"; there is nothing to compare", wanted,
                              results.text(rows.front(), column)));
    return column;
  }
  std::vector<std::size_t> several;
  for (const std::size_t column : results.factors())
    if (results.columns()[column].name != "run" && levels_in(results, rows, column).size() > 1)
      several.push_back(column);
  if (several.size() == 1) return several.front();
  for (const std::size_t column : several)
    if (is_policy(results.columns()[column].name)) return column;
  if (!several.empty())
    throw Error(Failure::usage,
                fmt::format("--factor says which factor is compared: {}", fmt::join(names(results, several), ", ")));
  if (const auto run = results.find("run"); run && results.columns()[*run].role == Role::factor && rows.size() > 1)
    return *run;
  throw Error(Failure::usage, "there is nothing to compare: no factor has more than one level");
}

/// The factors that must agree. The directory of a run is only its name, so it does not count; where runs themselves
/// are compared, no factor must agree.
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
    World world{{}, seed ? results.text(row, *seed) : "", results.text(row, replication)};
    for (const std::size_t column : results.samples()) world.draw.push_back(results.text(row, column));
    const auto [at, is_new] = cell->levels[results.text(row, factor)].emplace(world, row);
    if (!is_new) {
      const std::size_t run = *results.find("run");
      refuse(fmt::format(
          "the runs {} and {} have the same factors, seed {} and replication {}: they differ in nothing that the table "
          "tells, or one is there twice; compare single runs with --factor run, or leave one out",
          results.text(at->second, run), results.text(row, run), world.seed, world.replication));
    }
  }
  return cells;
}

bool differs(const Results& results, const std::vector<std::size_t>& rows, std::size_t column) {
  std::optional<double> first;
  bool any_missing = false;
  for (const std::size_t row : rows) {
    if (!results.done(row)) continue;
    const auto value = results.number(row, column);
    any_missing = any_missing || !value;
    if (!first) first = value;
    if (value && std::abs(*first - *value) > rounding * std::max(std::abs(*first), std::abs(*value))) return true;
  }
  return first && any_missing;
}

std::vector<std::size_t> choose_metrics(const Results& results, const std::vector<std::size_t>& rows,
                                        const CompareOptions& options, std::vector<std::string>& notes) {
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

std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<std::string>& levels,
                                                          const std::string& reference) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (!reference.empty() && levels[i] != reference) pairs.emplace_back(levels[i], reference);
    if (reference.empty())
      for (std::size_t j = i + 1; j < levels.size(); ++j) pairs.emplace_back(levels[i], levels[j]);
  }
  return pairs;
}

/// The value of a run; none where it is to be left out.
struct Measure {
  const Results& results;
  std::function<std::optional<double>(std::size_t row)> value;
  std::optional<double> operator()(std::size_t row) const { return results.done(row) ? value(row) : std::nullopt; }
};

Measure measure_of(const Results& results, std::size_t metric) {
  return {results, [&results, metric](std::size_t row) { return results.number(row, metric); }};
}

std::map<Draw, Runs> by_draw(const Runs& runs) {
  std::map<Draw, Runs> all;
  for (const auto& [world, row] : runs) all[world.draw].emplace(world, row);
  return all;
}

/// One value per run; or, where there are several draws, one per draw, the mean of its replications.
std::vector<double> values_of(const Runs& runs, const Measure& measure, bool draws) {
  std::vector<double> values;
  if (!draws) {
    for (const auto& [world, row] : runs)
      if (const auto value = measure(row)) values.push_back(*value);
  } else {
    for (const auto& [draw, own] : by_draw(runs))
      if (const auto replications = values_of(own, measure, false); !replications.empty())
        values.push_back(mean_of(replications));
  }
  return values;
}

/// Whether two levels have any pair, whether its runs ended well or not.
template <class T>
bool share_any(const T& a, const T& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& one) { return b.contains(one.first); });
}

/// The values of two levels.
struct Both {
  bool paired = true;
  std::vector<double> a, b;
  Difference::Dropped dropped{};            // pairs of runs left out
  std::size_t fewest = SIZE_MAX, most = 0;  // replications of a draw
};

Both values_of(const Runs& of_a, const Runs& of_b, const Measure& measure) {
  if (!share_any(of_a, of_b)) return {false, values_of(of_a, measure, false), values_of(of_b, measure, false)};
  Both both;
  std::set<World> worlds;
  for (const Runs* runs : {&of_a, &of_b})
    for (const auto& [world, row] : *runs) worlds.insert(world);
  for (const World& world : worlds) {
    const auto in_a = of_a.find(world), in_b = of_b.find(world);
    const auto a = in_a != of_a.end() ? measure(in_a->second) : std::nullopt;
    const auto b = in_b != of_b.end() ? measure(in_b->second) : std::nullopt;
    if (a && b) {
      both.a.push_back(*a);
      both.b.push_back(*b);
    } else if (in_a == of_a.end() || in_b == of_b.end()) {
      ++both.dropped.missing;
    } else if (!measure.results.done(in_a->second) || !measure.results.done(in_b->second)) {
      ++both.dropped.failed;
    } else {
      ++both.dropped.unmeasured;
    }
  }
  return both;
}

/// Values by draw. Replications of one draw are not independent samples of the parameter space: their mean is one
/// value.
Both values_of_draws(const Runs& of_a, const Runs& of_b, const Measure& measure) {
  const std::map<Draw, Runs> draws_a = by_draw(of_a), draws_b = by_draw(of_b);
  if (!share_any(draws_a, draws_b)) return {false, values_of(of_a, measure, true), values_of(of_b, measure, true)};
  Both both;
  for (const auto& [draw, runs_a] : draws_a) {
    const auto found = draws_b.find(draw);
    const Both here =
        found == draws_b.end() ? Both{true, {}, {}, {runs_a.size(), 0, 0}} : values_of(runs_a, found->second, measure);
    both.dropped += here.dropped;
    if (here.a.empty() || here.b.empty()) continue;
    both.a.push_back(mean_of(here.a));
    both.b.push_back(mean_of(here.b));
    both.fewest = std::min({both.fewest, here.a.size(), here.b.size()});
    both.most = std::max({both.most, here.a.size(), here.b.size()});
  }
  for (const auto& [draw, runs_b] : draws_b)
    if (!draws_a.contains(draw)) both.dropped.missing += runs_b.size();
  return both;
}

std::string unit_of(const Both& both) {
  if (both.most < 2) return "draws";
  return both.fewest == both.most ? fmt::format("draws of {} replications each", both.most)
                                  : fmt::format("draws of {} to {} replications each", both.fewest, both.most);
}

Difference difference_of(const Results& results, const Cell& cell, const std::pair<std::string, std::string>& pair,
                         std::size_t metric, double confidence, bool draws) {
  const Measure measure = measure_of(results, metric);
  const Runs &of_a = cell.levels.at(pair.first), &of_b = cell.levels.at(pair.second);
  const Both both = draws ? values_of_draws(of_a, of_b, measure) : values_of(of_a, of_b, measure);
  Difference one = both.paired ? paired_difference(pair.first, both.a, pair.second, both.b,
                                                   results.columns()[metric].better, confidence)
                               : unpaired_difference(pair.first, both.a, pair.second, both.b, confidence);
  one.dropped = both.dropped;
  if (draws) one.unit = unit_of(both);
  return one;
}

Block block_of(const Results& results, const Cell& cell, const std::vector<std::size_t>& others,
               const std::vector<std::string>& levels, const std::string& reference, std::size_t metric,
               double confidence, bool draws) {
  Block block;
  for (std::size_t i = 0; i < others.size(); ++i)
    block.where.emplace_back(results.columns()[others[i]].name, cell.where[i]);
  std::vector<std::string> here;
  for (const std::string& level : levels) {
    const auto runs = cell.levels.find(level);
    if (runs == cell.levels.end()) continue;
    here.push_back(level);
    block.groups.push_back(group_of(level, values_of(runs->second, measure_of(results, metric), draws), confidence));
  }
  const bool has_reference = reference.empty() || std::find(here.begin(), here.end(), reference) != here.end();
  if (has_reference)
    for (const auto& pair : pairs_of(here, reference))
      block.differences.push_back(difference_of(results, cell, pair, metric, confidence, draws));
  return block;
}

/// Throws where not one pair of levels has two pairs of runs that ended well, or unpaired two runs of each.
void need_replications(const Results& results, const std::string& factor, const std::vector<Cell>& cells,
                       const std::vector<std::string>& levels, const std::string& reference, bool draws) {
  const Measure is_done{results, [](std::size_t) { return std::optional(1.0); }};
  std::size_t compared = 0, most = 0;
  for (const Cell& cell : cells)
    for (const auto& [a, b] : pairs_of(levels, reference)) {
      if (!cell.levels.contains(a) || !cell.levels.contains(b)) continue;
      ++compared;
      const Runs &of_a = cell.levels.at(a), &of_b = cell.levels.at(b);
      const Both both = draws ? values_of_draws(of_a, of_b, is_done) : values_of(of_a, of_b, is_done);
      most = std::max(most, std::min(both.a.size(), both.b.size()));
    }
  if (most > 1) return;
  if (compared == 0)
    refuse(
        fmt::format("no two levels of {} have runs that agree in all other factors; choose another --factor", factor));
  for (const std::string& level : levels) {
    std::size_t runs = 0, done = 0;
    std::string reason;
    for (const Cell& cell : cells)
      if (const auto own = cell.levels.find(level); own != cell.levels.end())
        for (const auto& [world, row] : own->second) {
          ++runs;
          done += results.done(row);
          if (const auto why = results.find("reason"); why && reason.empty()) reason = results.text(row, *why);
        }
    if (runs > 0 && done == 0)
      refuse(fmt::format("{} of {} ended well{}",
                         runs == 1 ? "not even the one run" : fmt::format("none of {} runs", runs), level,
                         reason.empty() ? "" : ": " + reason));
  }
  const std::string how =
      "run more replications, five or better ten (--replication 1, 2 and so on), or compare long runs with --batches "
      "20";
  if (most == 1)
    refuse(
        "one replication is too few to conclude from: a single difference may be chance, and without a second nothing "
        "is known of "
        "how much it varies; " +
        how);
  refuse(fmt::format(
      "no two runs at different levels of {} make a pair: that has the same seed and replication, and both have ended "
      "well; {}",
      factor, how));
}

void note_failures(const Results& results, const std::vector<std::size_t>& rows, std::vector<std::string>& notes) {
  std::map<std::string, int> ends;
  int failed = 0;
  for (const std::size_t row : rows)
    if (!results.done(row)) {
      ++failed;
      ++ends[results.text(row, *results.find("status"))];
    }
  if (failed == 0) return;
  std::vector<std::string> how;
  for (const auto& [end, count] : ends) how.push_back(fmt::format("{} {}", count, end.empty() ? "unknown" : end));
  notes.push_back(fmt::format(
      "{} of {} runs did not end well ({}) and are left out together with the runs they would be paired with. "
      "If they failed because of what is compared, the rest is a biased choice.",
      failed, rows.size(), fmt::join(how, ", ")));
}
}  // namespace

bool is_policy(const std::string& factor) { return factor == "policy" || factor == "placement"; }

const std::vector<std::string>& default_metrics() {
  static const std::vector<std::string> all{"request.latency",
                                            "request.latency.p99",
                                            "requests.success",
                                            "requests.in_time",
                                            "energy.nodes",
                                            "carbon",
                                            "cost",
                                            "bytes.egress",
                                            "placement.pending"};
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
  one.a = level_a;
  one.b = level_b;
  one.pairs = one.count_a = one.count_b = a.size();
  if (a.empty()) return one;
  one.mean_a = mean_of(a);
  one.mean_b = mean_of(b);
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
  one.a = level_a;
  one.b = level_b;
  one.paired = false;
  one.count_a = a.size();
  one.count_b = b.size();
  if (!one.any()) return one;
  one.mean_a = mean_of(a);
  one.mean_b = mean_of(b);
  const double largest = std::max(std::abs(one.mean_a), std::abs(one.mean_b));
  if (std::abs(one.mean_a - one.mean_b) > rounding * largest) one.mean = one.mean_a - one.mean_b;
  one.constant = std::max(deviation_of(a), deviation_of(b)) <= rounding * largest;
  if (std::min(a.size(), b.size()) < 2) return one;
  if (one.constant) {
    one.p = one.mean == 0 ? 1 : separation_p(a.size(), b.size());
    return one;
  }
  if (const auto both = welch(a, b, confidence)) {
    one.student = both->interval;
    one.p = both->p;
  }
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
    throw Error(Failure::usage, fmt::format("--reference: {} has no level \"{}\"{}", comparison.factor,
                                            options.reference, suggestion(options.reference, levels)));
  std::vector<std::size_t> others = other_factors(results, factor);
  std::erase_if(others, [&](std::size_t column) { return levels_in(results, rows, column).size() == 1; });
  const std::vector<Cell> cells = cells_of(results, rows, factor, others);
  const std::vector<std::size_t> samples = results.samples();
  const bool draws = std::any_of(samples.begin(), samples.end(),
                                 [&](std::size_t column) { return levels_in(results, rows, column).size() > 1; });
  if (draws) comparison.values_of = "draws";
  need_replications(results, comparison.factor, cells, levels, options.reference, draws);
  for (const std::size_t metric : choose_metrics(results, rows, options, comparison.notes)) {
    const Results::Column& column = results.columns()[metric];
    MetricComparison one{column.name, column.unit, column.better, {}};
    for (const Cell& cell : cells)
      one.blocks.push_back(
          block_of(results, cell, others, levels, options.reference, metric, options.confidence, draws));
    conclude(one, options.confidence, options.smallest);
    comparison.metrics.push_back(std::move(one));
  }
  note_failures(results, rows, comparison.notes);
  for (std::string& note : found_in(results, rows, factor)) comparison.notes.push_back(std::move(note));
  return comparison;
}

}  // namespace codecosim
