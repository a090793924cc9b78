#include <fmt/format.h>

#include <algorithm>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
struct Point {
  std::size_t by, x;      ///< Levels.
  Mean across, up;        ///< Metrics along x and y.
  bool is_front = false;  ///< Not dominated: on the Pareto front.
};

/// 1 where lower is better, -1 where higher is.
double direction(const Results& results, std::size_t metric, std::vector<std::string>& notes) {
  const Results::Column& column = results.columns()[metric];
  if (column.better == Better::neither)
    notes.push_back(fmt::format("{} is neither better low nor high; the front takes lower for better", column.name));
  return column.better == Better::higher ? -1 : 1;
}
}  // namespace

Drawing draw_pareto(const Results& results, const PlotOptions& options) {
  if (options.metrics.size() != 2)
    throw Error(Failure::usage, "pareto shows two metrics: --metric twice, first that of the x axis");
  const std::size_t across = results.need(options.metrics[0], Results::Role::metric),
                    up = results.need(options.metrics[1], Results::Role::metric);
  Runs runs(results, options, {Runs::Place::by, Runs::Place::x});
  runs.limit(runs.by, most_curves, "colours");
  runs.limit(runs.x, 50, "points of a colour");
  const double across_sign = direction(results, across, runs.notes), up_sign = direction(results, up, runs.notes);

  std::vector<Point> points;
  for (std::size_t by = 0; by < runs.by_levels(); ++by)
    for (std::size_t x = 0; x < runs.x_levels(); ++x) {
      const auto one = mean_over(results, runs.at(by, x), across), other = mean_over(results, runs.at(by, x), up);
      if (one && other) points.push_back({by, x, *one, *other});
    }
  if (points.empty())
    throw Error(Failure::scenario, fmt::format("there is nothing to plot: no run has measured {} and {}",
                                               options.metrics[0], options.metrics[1]));
  for (Point& point : points)
    point.is_front = std::none_of(points.begin(), points.end(), [&](const Point& other) {
      const double a = across_sign * (other.across.mean - point.across.mean),
                   b = up_sign * (other.up.mean - point.up.mean);
      return a <= 0 && b <= 0 && (a < 0 || b < 0);
    });
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return a.is_front != b.is_front ? a.is_front : a.across.mean < b.across.mean;
  });

  std::vector<double> xs, ys;
  std::vector<Mean> means;
  for (const Point& point : points) {
    xs.push_back(point.across.mean);
    ys.push_back(point.up.mean);
    means.push_back(point.across);
  }
  const Scale wide = scale_for(results.columns()[across].unit, largest(xs)),
              high = scale_for(results.columns()[up].unit, largest(ys));
  std::vector<std::string> header{"curve", "front", "runs"}, columns;
  for (const auto& [axis_name, scale] : {std::pair{"x", wide}, std::pair{"y", high}})
    for (const char* part : {"", "_low", "_high"}) {
      header.push_back(column_name(std::string(axis_name) + part, scale.name));
      columns.push_back(literal(header.back()));
    }
  for (const auto* factor : {&runs.by, &runs.x})
    if (*factor) header.push_back((*factor)->name);
  DataFile data(header);
  for (const Point& point : points) {
    std::vector<std::string> line{std::to_string(point.by + 1), point.is_front ? "1" : "0",
                                  std::to_string(point.across.runs)};
    for (const auto& [mean, scale] : {std::pair{point.across, wide}, std::pair{point.up, high}}) {
      line.push_back(cell(mean.mean / scale.factor));
      line.push_back(mean.interval ? cell(mean.interval->low / scale.factor) : "");
      line.push_back(mean.interval ? cell(mean.interval->high / scale.factor) : "");
    }
    if (runs.by) line.push_back(runs.by->levels[point.by]);
    if (runs.x) line.push_back(runs.x->levels[point.x]);
    data.add(line);
  }

  Drawing figure;
  figure.data = data.text();
  figure.settings =
      names_of(runs) + fmt::format(
                           "set xlabel {}\nset ylabel {}\nset offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05\n"
                           "at_front(c) = column('front') == 1 ? column(c) : NaN\n",
                           literal(axis(mean_title(results, options.metrics[0]), wide.name)),
                           literal(axis(mean_title(results, options.metrics[1]), high.name)));
  // The border of the dominated region.
  figure.command = fmt::format(
      "plot data using (at_front({0})):(at_front({3})) with {6} linecolor rgb '#888888' dashtype (4,3) title 'Pareto "
      "front', \\\n"
      "     for [k=1:{7}] data using (of(k,{1})):(of(k,{3})):(of(k,{2})-of(k,{1})):(0) with vectors heads size graph "
      "0.012,90 "
      "linetype k "
      "dashtype solid linewidth 0.8 notitle, \\\n"
      "     for [k=1:{7}] data using (of(k,{0})):(of(k,{4})):(0):(of(k,{5})-of(k,{4})) with vectors heads size graph "
      "0.012,90 "
      "linetype k "
      "dashtype solid linewidth 0.8 notitle, \\\n"
      "     for [k=1:{7}] data using (of(k,{0})):(of(k,{3})) with points linetype k {8}",
      columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], across_sign > 0 ? "steps" : "fsteps",
      runs.by_levels(), key_of(runs));
  figure.legend = legend_of(runs);
  figure.legend.emplace_back("Pareto front");
  figure.notes = runs.notes;
  note_single(figure.notes, means);
  return figure;
}

}  // namespace codecosim
