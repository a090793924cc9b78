#include "analysis/plot/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

const std::vector<PlotKind>& plot_kinds() {
  static const std::vector<PlotKind> kinds{
      {"cdf", "distribution function, a curve a level", draw_cdf},
      {"bars", "means with their intervals", draw_bars},
      {"series", "means over time, with bands", draw_series},
      {"pareto", "two metrics against each other, with what nothing beats in both", draw_pareto},
      {"heatmap", "means over two factors", draw_heatmap},
      {"learning", "means over windows of time, or against a factor that is a number", draw_learning}};
  return kinds;
}

Drawing draw(const Results& results, const PlotOptions& options) {
  std::vector<std::string> known;
  for (const PlotKind& kind : plot_kinds()) {
    if (kind.name == options.kind) return kind.draw(results, options);
    known.emplace_back(kind.name);
  }
  throw Error(Failure::usage,
              fmt::format("there is no kind of figure \"{}\"{}", options.kind, suggestion(options.kind, known)));
}

const std::string& only_metric(const PlotOptions& options) {
  if (options.metrics.size() != 1) throw Error(Failure::usage, fmt::format("{} shows one --metric", options.kind));
  return options.metrics.front();
}

std::string mean_title(const Results& results, const std::string& metric) {
  const std::size_t client = std::min(metric.find('['), metric.size());
  std::string title = title_of(metric);
  if (results.find(metric.substr(0, client) + ".p50" + metric.substr(client))) {
    title[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(title[0])));
    title = "Mean " + title;
  }
  return title;
}

std::string mean_axis(const Results& results, const std::string& metric, const Scale& scale) {
  return literal(axis(mean_title(results, metric), scale.name));
}

std::vector<std::string> legend_of(const Runs& runs) {
  std::vector<std::string> names;
  if (runs.by)
    for (const std::string& level : runs.by->levels) names.push_back(label(level));
  return names;
}

std::string names_of(const Runs& runs) {
  std::vector<std::string> names;
  for (const std::string& name : legend_of(runs)) names.push_back(literal(name));
  return names.empty() ? "" : fmt::format("array name_of[{}] = [{}]\n", names.size(), fmt::join(names, ", "));
}

std::string key_of(const Runs& runs) { return runs.by ? "title name_of[k]" : "notitle"; }

MeanGrid means_by_level(const Results& results, const Runs& runs, std::size_t metric) {
  MeanGrid means(runs.by_levels());
  for (std::size_t by = 0; by < means.size(); ++by)
    for (std::size_t x = 0; x < runs.x_levels(); ++x) means[by].push_back(mean_over(results, runs.at(by, x), metric));
  return means;
}

void none_measured(const std::string& what) {
  throw Error(Failure::scenario, fmt::format("there is nothing to plot: no run has measured {}", what));
}

std::array<std::string, 3> cells_of(const Mean& mean, const Scale& scale) {
  const auto& interval = mean.interval;
  return {cell(mean.mean / scale.factor), interval ? cell(interval->low / scale.factor) : "",
          interval ? cell(interval->high / scale.factor) : ""};
}

Drawing drawing_of(const DataFile& data, const Runs& runs, const std::vector<Mean>& means) {
  Drawing figure;
  figure.data = data.text();
  figure.legend = legend_of(runs);
  figure.notes = runs.notes;
  note_single(figure.notes, means);
  return figure;
}

Drawing draw_curves(const Runs& runs, const std::vector<CurvePoint>& points, const Axis& x, const Axis& y,
                    bool marked) {
  std::vector<double> xs, ys;
  std::vector<Mean> means;
  for (const CurvePoint& point : points) {
    xs.push_back(point.x);
    ys.push_back(point.y.mean);
    means.push_back(point.y);
  }
  const Scale across = scale_for(x.unit, largest(xs)), up = scale_for(y.unit, largest(ys));
  const std::string at = column_name(x.name, across.name), mean = column_name("mean", up.name),
                    low = column_name("low", up.name), high = column_name("high", up.name);
  std::vector<std::string> header{"curve", at, mean, low, high, "runs"};
  if (runs.by) header.push_back(runs.by->name);
  DataFile data(header);
  for (const CurvePoint& point : points) {
    std::vector<std::string> line{std::to_string(point.curve + 1), cell(point.x / across.factor)};
    for (std::string& one : cells_of(point.y, up)) line.push_back(std::move(one));
    line.push_back(std::to_string(point.y.runs));
    if (runs.by) line.push_back(runs.by->levels[point.curve]);
    data.add(line);
  }
  Drawing figure = drawing_of(data, runs, means);
  figure.settings = fmt::format("{}set xlabel {}\nset ylabel {}\n", names_of(runs), literal(axis(x.title, across.name)),
                                literal(axis(y.title, up.name)));
  figure.command = fmt::format(
      "plot for [k=1:{0}] data using (of(k,{1})):(of(k,{3})):(of(k,{4})) with filledcurves linetype k fillstyle "
      "transparent solid "
      "0.2 "
      "noborder notitle, \\\n"
      "     for [k=1:{0}] data using (of(k,{1})):(of(k,{2})) with {5} linetype k {6}",
      runs.by_levels(), literal(at), literal(mean), literal(low), literal(high), marked ? "linespoints" : "lines",
      key_of(runs));
  return figure;
}

void note_kept(Runs& runs, std::size_t kept) {
  if (kept == 0)
    throw Error(Failure::scenario,
                "there is nothing to plot: this needs the directories of the runs, which were not kept; let the sweep "
                "keep them with "
                "\"keep\": \"runs\" in its plan, or plot directories of single runs");
  if (const std::size_t lost = runs.all().size() - kept; lost > 0)
    runs.notes.push_back(fmt::format("left out {} that {} not kept", counted(lost, "run"), lost == 1 ? "was" : "were"));
}

}  // namespace codecosim
