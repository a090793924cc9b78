#include "analysis/plot/runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "analysis/found.hpp"
#include "sim/base/error.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace {
Factor factor_of(const Results& results, const std::vector<std::size_t>& rows, std::size_t column) {
  Factor factor{column, results.columns()[column].name, {}};
  for (const std::string& level : results.levels(column))
    if (std::any_of(rows.begin(), rows.end(), [&](std::size_t row) { return results.text(row, column) == level; }))
      factor.levels.push_back(level);
  if (const auto numbers = numbers_of(factor.levels)) {
    std::vector<std::size_t> order(factor.levels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return numbers->values[a] < numbers->values[b]; });
    std::vector<std::string> sorted;
    for (const std::size_t i : order) sorted.push_back(factor.levels[i]);
    factor.levels = std::move(sorted);
  }
  return factor;
}
}  // namespace

Runs::Runs(const Results& results, const PlotOptions& options, const std::vector<Place>& places) : results_(results) {
  select(options.where);
  for (std::string& note : found_in(results, rows_)) notes.push_back(std::move(note));
  set_factors(options, places);
  refuse_twins();
}

void Runs::select(const std::vector<std::pair<std::string, std::string>>& where) {
  std::vector<std::pair<std::size_t, std::string>> wanted;
  for (const auto& [name, level] : where) {
    const std::size_t column = results_.need_factor(name);
    const std::vector<std::string> known = results_.levels(column);
    if (std::find(known.begin(), known.end(), level) == known.end())
      throw Error(Failure::usage,
                  fmt::format("--where: {} has no level \"{}\"{}", name, level, suggestion(level, known)));
    wanted.emplace_back(column, level);
  }
  std::size_t chosen = 0;
  for (std::size_t row = 0; row < results_.rows(); ++row) {
    if (!std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& one) { return results_.text(row, one.first) == one.second; }))
      continue;
    ++chosen;
    if (results_.done(row)) rows_.push_back(row);
  }
  if (rows_.empty())
    throw Error(Failure::scenario, fmt::format("there is nothing to plot: of {}{} none ended well",
                                               counted(chosen, "run"), where.empty() ? "" : " that --where chooses"));
  if (rows_.size() < chosen)
    notes.push_back(
        fmt::format("left out {} of {}, which did not end well", chosen - rows_.size(), counted(chosen, "run")));
}

void Runs::set_factors(const PlotOptions& options, const std::vector<Place>& places) {
  if (!options.by.empty()) by = factor_of(results_, rows_, results_.need_factor(options.by));
  if (!options.x.empty()) x = factor_of(results_, rows_, results_.need_factor(options.x));
  if (by && x && by->column == x->column) throw Error(Failure::usage, "--by and --x name the same factor");
  std::vector<Factor> left;
  for (const std::size_t column : results_.factors()) {
    // Directories of single runs are a factor only where the options name it.
    if (results_.columns()[column].name == "run" || (by && by->column == column) || (x && x->column == column))
      continue;
    if (Factor factor = factor_of(results_, rows_, column); factor.levels.size() > 1) left.push_back(std::move(factor));
  }
  auto next = left.begin();
  for (const Place place : places)
    if (std::optional<Factor>& open = place == Place::by ? by : x; !open && next != left.end()) open = *next++;
  if (next != left.end() && !(by && by->name == "run"))
    throw Error(Failure::usage,
                fmt::format("the runs differ in {} too, which no mean may mix: choose a level with --where {}=LEVEL, "
                            "such as \"{}\", or name the factors of the figure with --by or --x",
                            next->name, next->name, next->levels.front()));
}

void Runs::refuse_twins() const {
  std::map<std::vector<std::string>, std::size_t> seen;
  const std::size_t replication = *results_.find("replication");
  const auto seed = results_.find("seed"), run = results_.find("run");
  for (const std::size_t row : rows_) {
    std::vector<std::string> key{results_.text(row, replication), seed ? results_.text(row, *seed) : ""};
    for (const auto* factor : {&by, &x})
      if (*factor) key.push_back(results_.text(row, (*factor)->column));
    for (const std::size_t column : results_.samples()) key.push_back(results_.text(row, column));
    const auto [first, is_new] = seen.emplace(std::move(key), row);
    if (!is_new)
      throw Error(Failure::usage,
                  fmt::format("the runs {} and {} are the same replication at the same levels: name what they differ "
                              "in with --by, such as --by run, or choose between them with --where",
                              results_.text(first->second, *run), results_.text(row, *run)));
  }
}

std::vector<std::size_t> Runs::at(std::size_t by_level, std::size_t x_level) const {
  std::vector<std::size_t> rows;
  for (const std::size_t row : rows_)
    if ((!by || results_.text(row, by->column) == by->levels[by_level]) &&
        (!x || results_.text(row, x->column) == x->levels[x_level]))
      rows.push_back(row);
  return rows;
}

void Runs::limit(const std::optional<Factor>& factor, std::size_t most, const char* what) const {
  if (factor && factor->levels.size() > most)
    throw Error(Failure::usage,
                fmt::format("{} has {} levels, and a figure is readable with up to {} {}: choose some with --where, "
                            "or another factor",
                            factor->name, factor->levels.size(), most, what));
}

std::string counted(std::size_t count, const std::string& thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

Mean mean_over(std::span<const double> values) {
  return {mean_of(values), student_interval(values, 0.95), values.size()};
}

std::optional<Mean> mean_over(const Results& results, const std::vector<std::size_t>& rows, std::size_t metric) {
  std::map<std::vector<std::string>, std::vector<double>> draws;
  for (const std::size_t row : rows) {
    const auto value = results.number(row, metric);
    if (!value) continue;
    std::vector<std::string> draw;
    for (const std::size_t column : results.samples()) draw.push_back(results.text(row, column));
    draws[draw].push_back(*value);
  }
  if (draws.empty()) return std::nullopt;
  if (draws.size() == 1) return mean_over(draws.begin()->second);
  std::vector<double> means;
  for (const auto& [draw, replications] : draws) means.push_back(mean_of(replications));
  return mean_over(means);
}

void note_single(std::vector<std::string>& notes, const std::vector<Mean>& means) {
  const auto single = std::count_if(means.begin(), means.end(), [](const Mean& mean) { return mean.runs == 1; });
  if (single > 0)
    notes.push_back(fmt::format("{} of {} means {} of one run and {} no interval; more replications give {} one",
                                single, means.size(), single == 1 ? "is" : "are", single == 1 ? "has" : "have",
                                single == 1 ? "it" : "them"));
}

std::optional<Numbers> numbers_of(const std::vector<std::string>& levels) {
  Numbers numbers;
  for (const std::string& level : levels) {
    const std::optional<LeadingNumber> leading = leading_number(level);
    if (!leading) return std::nullopt;
    std::string unit(leading->rest);
    if (unit.starts_with(' ')) unit.erase(0, 1);
    if (!numbers.values.empty() && unit != numbers.unit) return std::nullopt;
    numbers.unit = unit;
    numbers.values.push_back(leading->value);
  }
  return numbers.values.empty() ? std::nullopt : std::optional(numbers);
}

}  // namespace codecosim
