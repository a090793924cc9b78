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

/// The metric along one of the axes.
struct Side {
  std::size_t metric;
  double sign;  ///< 1 where lower is better, -1 where higher is.
};

Side side_of(const Results& results, std::size_t metric, std::vector<std::string>& notes) {
  const Results::Column& column = results.columns()[metric];
  if (column.better == Better::neither)
    notes.push_back(fmt::format("{} is neither better low nor high; the front takes lower for better", column.name));
  return {metric, column.better == Better::higher ? -1.0 : 1.0};
}

std::vector<Point> points_of(const Results& results, const Runs& runs, const Side& across, const Side& up) {
  const MeanGrid xs = means_by_level(results, runs, across.metric), ys = means_by_level(results, runs, up.metric);
  std::vector<Point> points;
  for (std::size_t by = 0; by < runs.by_levels(); ++by)
    for (std::size_t x = 0; x < runs.x_levels(); ++x)
      if (xs[by][x] && ys[by][x]) points.push_back({by, x, *xs[by][x], *ys[by][x]});
  if (points.empty())
    none_measured(fmt::format("{} and {}", results.columns()[across.metric].name, results.columns()[up.metric].name));
  return points;
}

/// Marks the points of the front, and puts them first, from left to right.
void find_front(std::vector<Point>& points, const Side& across, const Side& up) {
  for (Point& point : points)
    point.is_front = std::none_of(points.begin(), points.end(), [&](const Point& other) {
      const double a = across.sign * (other.across.mean - point.across.mean),
                   b = up.sign * (other.up.mean - point.up.mean);
      return a <= 0 && b <= 0 && (a < 0 || b < 0);
    });
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return a.is_front != b.is_front ? a.is_front : a.across.mean < b.across.mean;
  });
}

struct Scales {
  Scale across, up;
};

Scales scales_of(const Results& results, const std::vector<Point>& points, const Side& across, const Side& up) {
  std::vector<double> xs, ys;
  for (const Point& point : points) {
    xs.push_back(point.across.mean);
    ys.push_back(point.up.mean);
  }
  return {scale_for(results.columns()[across.metric].unit, largest(xs)),
          scale_for(results.columns()[up.metric].unit, largest(ys))};
}

/// The names of the columns with the two means and the ends of their intervals.
std::vector<std::string> columns_of(const Scales& scales) {
  std::vector<std::string> names;
  for (const auto& [axis_name, scale] : {std::pair{"x", scales.across}, std::pair{"y", scales.up}})
    for (const char* part : {"", "_low", "_high"})
      names.push_back(column_name(std::string(axis_name) + part, scale.name));
  return names;
}

DataFile data_of(const std::vector<Point>& points, const Runs& runs, const Scales& scales) {
  std::vector<std::string> header{"curve", "front", "runs"};
  for (std::string& name : columns_of(scales)) header.push_back(std::move(name));
  for (const auto* factor : {&runs.by, &runs.x})
    if (*factor) header.push_back((*factor)->name);
  DataFile data(header);
  for (const Point& point : points) {
    std::vector<std::string> line{std::to_string(point.by + 1), point.is_front ? "1" : "0",
                                  std::to_string(point.across.runs)};
    for (std::string& one : cells_of(point.across, scales.across)) line.push_back(std::move(one));
    for (std::string& one : cells_of(point.up, scales.up)) line.push_back(std::move(one));
    if (runs.by) line.push_back(runs.by->levels[point.by]);
    if (runs.x) line.push_back(runs.x->levels[point.x]);
    data.add(line);
  }
  return data;
}

/// `border`: gnuplot's style of the border of the dominated region.
std::string command_of(const Runs& runs, const Scales& scales, const char* border) {
  std::vector<std::string> columns;
  for (const std::string& name : columns_of(scales)) columns.push_back(literal(name));
  return fmt::format(
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
      columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], border, runs.by_levels(), key_of(runs));
}
}  // namespace

Drawing draw_pareto(const Results& results, const PlotOptions& options) {
  if (options.metrics.size() != 2)
    throw Error(Failure::usage, "pareto shows two metrics: --metric twice, first that of the x axis");
  const std::size_t first = results.need(options.metrics[0], Results::Role::metric),
                    second = results.need(options.metrics[1], Results::Role::metric);
  Runs runs(results, options, {Runs::Place::by, Runs::Place::x});
  runs.limit(runs.by, most_curves, "colours");
  runs.limit(runs.x, 50, "points of a colour");
  const Side across = side_of(results, first, runs.notes), up = side_of(results, second, runs.notes);

  std::vector<Point> points = points_of(results, runs, across, up);
  find_front(points, across, up);
  std::vector<Mean> means;
  for (const Point& point : points) means.push_back(point.across);
  const Scales scales = scales_of(results, points, across, up);

  Drawing figure = drawing_of(data_of(points, runs, scales), runs, means);
  figure.settings =
      names_of(runs) + fmt::format(
                           "set xlabel {}\nset ylabel {}\nset offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05\n"
                           "at_front(c) = column('front') == 1 ? column(c) : NaN\n",
                           mean_axis(results, options.metrics[0], scales.across),
                           mean_axis(results, options.metrics[1], scales.up));
  figure.command = command_of(runs, scales, across.sign > 0 ? "steps" : "fsteps");
  figure.legend.emplace_back("Pareto front");
  return figure;
}

}  // namespace codecosim
