#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
/// A distribution function: it has the value `second` at `first`.
using Steps = std::vector<std::pair<double, double>>;

double share_at(const Steps& steps, double value) {
  const auto above =
      std::upper_bound(steps.begin(), steps.end(), value, [](double v, const auto& step) { return v < step.first; });
  return above == steps.begin() ? 0 : std::prev(above)->second;
}

Steps read_steps(const std::string& folder, const std::string& distribution, std::set<std::string>& known) {
  const Csv csv(folder + "/distributions.csv");
  const std::size_t name = csv.column("distribution"), value = csv.column("value"), share = csv.column("share");
  Steps steps;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    known.insert(csv.text(row, name));
    if (csv.text(row, name) == distribution) steps.emplace_back(csv.number(row, value), csv.number(row, share));
    if (steps.size() > 1 && *std::prev(steps.end(), 2) > steps.back())
      csv.fail(row, "a distribution function does not fall");
  }
  return steps;
}

/// The distribution functions of the runs that were kept and measured something, by level of `by`.
std::vector<std::vector<Steps>> read_distributions(const Results& results, Runs& runs, const std::string& metric) {
  std::set<std::string> known;
  std::vector<std::vector<Steps>> all(runs.by_levels());
  std::size_t kept = 0, empty = 0;
  for (std::size_t level = 0; level < all.size(); ++level)
    for (const std::size_t row : runs.at(level)) {
      if (results.folder(row).empty()) continue;
      ++kept;
      Steps steps = read_steps(results.folder(row), metric, known);
      steps.empty() ? void(++empty) : all[level].push_back(std::move(steps));
    }
  note_kept(runs, kept);
  if (empty == kept)
    throw Error(Failure::usage, fmt::format("there is no distribution \"{}\"{}", metric,
                                            suggestion(metric, {known.begin(), known.end()})));
  if (empty > 0)
    runs.notes.push_back(
        fmt::format("left out {} in which nothing of \"{}\" was measured", counted(empty, "run"), metric));
  return all;
}

Scale scale_of(const Results& results, const std::vector<std::vector<Steps>>& all, const std::string& metric) {
  std::vector<double> medians;
  for (const auto& level : all)
    for (const Steps& steps : level) {
      const auto half = std::ranges::find_if(steps, [](const auto& step) { return step.second >= 0.5; });
      medians.push_back(half == steps.end() ? steps.back().first : half->first);
    }
  const auto column = results.find(metric.substr(0, metric.find('[')));
  return scale_for(column ? results.columns()[*column].unit : "", largest(medians));
}

/// The mean of these distribution functions, each with the same weight, at each value where one of them rises.
std::vector<std::pair<double, Mean>> mean_curve(const std::vector<Steps>& all) {
  std::set<double> values;
  for (const Steps& steps : all)
    for (const auto& step : steps) values.insert(step.first);
  std::vector<std::pair<double, Mean>> curve;
  if (!values.empty()) curve.push_back({*values.begin(), {0, {}, all.size()}});  // it begins to rise here
  for (const double at : values) {
    std::vector<double> shares;
    for (const Steps& steps : all) shares.push_back(share_at(steps, at));
    curve.emplace_back(at, mean_over(shares));
  }
  return curve;
}

DataFile data_of(const std::vector<std::vector<Steps>>& all, const Runs& runs, const Scale& scale) {
  std::vector<std::string> header{"curve", column_name("value", scale.name), "share", "low", "high", "runs"};
  if (runs.by) header.push_back(runs.by->name);
  DataFile data(header);
  for (std::size_t level = 0; level < all.size(); ++level)
    for (const auto& [at, mean] : mean_curve(all[level])) {
      std::vector<std::string> line{std::to_string(level + 1),
                                    cell(at / scale.factor),
                                    cell(mean.mean),
                                    mean.interval ? cell(std::max(0.0, mean.interval->low)) : "",
                                    mean.interval ? cell(std::min(1.0, mean.interval->high)) : "",
                                    std::to_string(mean.runs)};
      if (runs.by) line.push_back(runs.by->levels[level]);
      data.add(line);
    }
  return data;
}
}  // namespace

Drawing draw_cdf(const Results& results, const PlotOptions& options) {
  const std::string& metric = only_metric(options);
  Runs runs(results, options, {Runs::Place::by});
  runs.limit(runs.by, most_curves, "curves");

  const std::vector<std::vector<Steps>> all = read_distributions(results, runs, metric);
  const Scale scale = scale_of(results, all, metric);
  std::vector<Mean> ends;
  for (const auto& level : all)
    if (!level.empty()) ends.push_back({1, {}, level.size()});

  Drawing figure = drawing_of(data_of(all, runs, scale), runs, ends);
  figure.settings = fmt::format("{}set xlabel {}\nset ylabel 'Cumulative share'\nset yrange [0:1]\n", names_of(runs),
                                literal(axis(title_of(metric), scale.name)));
  figure.command = fmt::format(
      "plot for [k=1:{0}] data using (of(k,{1})):(of(k,'low')):(of(k,'high')) with filledcurves linetype k fillstyle "
      "transparent "
      "solid 0.2 noborder notitle, \\\n"
      "     for [k=1:{0}] data using (of(k,{1})):(of(k,'share')) with steps linetype k {2}",
      runs.by_levels(), literal(column_name("value", scale.name)), key_of(runs));
  return figure;
}

}  // namespace codecosim
