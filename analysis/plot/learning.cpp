#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
/// Learning curves: the mean of each run over every twentieth of its time, then the mean of these over replications.
std::vector<CurvePoint> over_windows(const std::vector<std::vector<std::vector<Sample>>>& series) {
  constexpr int windows = 20;
  double end = 0;
  for (const auto& level : series)
    for (const auto& run : level)
      for (const Sample& sample : run) end = std::max(end, sample.time);
  std::vector<CurvePoint> points;
  for (std::size_t level = 0; level < series.size(); ++level)
    for (int window = 0; window < windows; ++window) {
      std::vector<double> means;
      for (const auto& run : series[level]) {
        double sum = 0, count = 0;
        for (const Sample& sample : run)
          if (std::clamp(static_cast<int>(std::ceil(sample.time / end * windows)) - 1, 0, windows - 1) == window) {
            sum += sample.value;
            ++count;
          }
        if (count > 0) means.push_back(sum / count);
      }
      if (!means.empty()) points.push_back({level, end * (window + 0.5) / windows, mean_over(means)});
    }
  return points;
}
}  // namespace

Drawing draw_learning(const Results& results, const PlotOptions& options) {
  const std::string& metric = only_metric(options);
  Runs runs(results, options, {Runs::Place::by});
  runs.limit(runs.by, most_curves, "curves");
  if (!runs.x) {
    if (results.find(metric))
      throw Error(Failure::usage,
                  fmt::format("{} is one number a run: name the factor to plot it against with --x, or a column of "
                              "series.csv with --metric",
                              metric));
    return draw_curves(runs, over_windows(series_of(results, runs, metric)), {"time", "Time", "s"},
                       axis_of_series(metric), true);
  }
  const std::size_t column = results.need(metric, Results::Role::metric);
  const auto numbers = numbers_of(runs.x->levels);
  if (!numbers)
    throw Error(Failure::usage,
                fmt::format("the levels of {} are not numbers of one unit; bars can show them", runs.x->name));
  std::vector<CurvePoint> points;
  const MeanGrid means = means_by_level(results, runs, column);
  for (std::size_t by = 0; by < means.size(); ++by)
    for (std::size_t x = 0; x < means[by].size(); ++x)
      if (means[by][x]) points.push_back({by, numbers->values[x], *means[by][x]});
  if (points.empty()) none_measured(metric);
  Drawing figure = draw_curves(runs, points, {runs.x->name, title_of(runs.x->name), numbers->unit},
                               {"", mean_title(results, metric), results.columns()[column].unit}, true);
  if (options.log_x) {  // tics at the levels: few decades have enough tics of their own
    const double factor = scale_for(numbers->unit, largest(numbers->values)).factor;
    std::vector<double> tics;
    for (const double value : numbers->values) tics.push_back(value / factor);
    figure.settings += fmt::format("set xtics ({:.10g})\nset xrange [{:.10g}:{:.10g}]\nunset mxtics\n",
                                   fmt::join(tics, ", "), tics.front() / 1.1, tics.back() * 1.1);
  }
  return figure;
}

}  // namespace codecosim
