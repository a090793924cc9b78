#include <map>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/csv.hpp"

namespace codecosim {

std::vector<std::vector<std::vector<Sample>>> series_of(const Results& results, Runs& runs, const std::string& column) {
  std::vector<std::vector<std::vector<Sample>>> all(runs.by_levels());
  std::size_t kept = 0;
  for (std::size_t level = 0; level < all.size(); ++level)
    for (const std::size_t row : runs.at(level)) {
      if (results.folder(row).empty()) continue;
      ++kept;
      const Csv csv(results.folder(row) + "/series.csv");
      const std::size_t time = csv.column("time_s"), value = csv.column(column);
      std::vector<Sample>& samples = all[level].emplace_back();
      for (std::size_t line = 0; line < csv.rows(); ++line) {
        if (!csv.text(line, value).empty()) samples.push_back({csv.number(line, time), csv.number(line, value)});
      }
    }
  note_kept(runs, kept);
  return all;
}

Axis axis_of_series(const std::string& column) {
  if (column.ends_with("_s")) return {"", title_of(column.substr(0, column.size() - 2)), "s"};
  if (column.ends_with("_w")) return {"", title_of(column.substr(0, column.size() - 2)), "W"};
  return {"", title_of(column), ""};
}

Drawing draw_series(const Results& results, const PlotOptions& options) {
  const std::string& column = only_metric(options);
  Runs runs(results, options, {Runs::Place::by});
  runs.limit(runs.by, most_curves, "curves");
  const auto series = series_of(results, runs, column);
  std::vector<CurvePoint> points;
  for (std::size_t level = 0; level < series.size(); ++level) {
    std::map<double, std::vector<double>> at;
    for (const auto& run : series[level])
      for (const Sample& sample : run) at[sample.time].push_back(sample.value);
    for (const auto& [time, values] : at) points.push_back({level, time, mean_over(values)});
  }
  return draw_curves(runs, points, {"time", "Time", "s"}, axis_of_series(column), false);
}

}  // namespace codecosim
