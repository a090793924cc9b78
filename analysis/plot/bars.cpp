#include <fmt/format.h>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"

namespace codecosim {

namespace {
struct Bar {
  std::size_t x, by;
  Mean mean;
};

/// The bars from left to right.
std::vector<Bar> bars_of(const Results& results, const Runs& runs, std::size_t metric) {
  const MeanGrid means = means_by_level(results, runs, metric);
  std::vector<Bar> bars;
  for (std::size_t x = 0; x < runs.x_levels(); ++x)
    for (std::size_t by = 0; by < means.size(); ++by)
      if (means[by][x]) bars.push_back({x, by, *means[by][x]});
  if (bars.empty()) none_measured(results.columns()[metric].name);
  return bars;
}

/// The distance between the middles of two bars of a group, where that of two groups is 1.
double pitch_of(const Runs& runs) { return 0.8 / static_cast<double>(runs.by_levels()); }

DataFile data_of(const std::vector<Bar>& bars, const Runs& runs, const Scale& scale) {
  std::vector<std::string> header{"curve", "at"};
  for (const char* one : {"mean", "low", "high"}) header.push_back(column_name(one, scale.name));
  header.emplace_back("runs");
  for (const auto* factor : {&runs.x, &runs.by})
    if (*factor) header.push_back((*factor)->name);
  DataFile data(header);
  const double middle = (static_cast<double>(runs.by_levels()) - 1) / 2;
  for (const Bar& bar : bars) {
    const double at = static_cast<double>(bar.x) + (static_cast<double>(bar.by) - middle) * pitch_of(runs);
    std::vector<std::string> line{std::to_string(bar.by + 1), cell(at)};
    for (std::string& one : cells_of(bar.mean, scale)) line.push_back(std::move(one));
    line.push_back(std::to_string(bar.mean.runs));
    if (runs.x) line.push_back(runs.x->levels[bar.x]);
    if (runs.by) line.push_back(runs.by->levels[bar.by]);
    data.add(line);
  }
  return data;
}

std::string settings_of(const Runs& runs, const PlotOptions& options, const std::string& y_axis) {
  const std::vector<std::string> names = runs.x ? runs.x->levels : std::vector<std::string>{""};
  // The bars take the whole width but 2 cm.
  const std::string settings =
      names_of(runs) +
      fmt::format("set xtics {} scale 0\nset xrange [-0.6:{}]\n{}set ylabel {}\n{}set boxwidth {:.4g}\n",
                  tics_across(names, options.width - 2), static_cast<double>(names.size()) - 0.4,
                  runs.x ? fmt::format("set xlabel {}\n", literal(title_of(runs.x->name))) : "", y_axis,
                  options.log_y ? "" : "set yrange [*<0:*]\n", pitch_of(runs) * (runs.by_levels() > 1 ? 0.9 : 0.75));
  // Every second bar has a pattern, so that neighbours differ in print without colours.
  return settings + "array fill[7] = [3, 0, 4, 2, 5, 1, 6]\n";
}

std::string command_of(const Runs& runs, const Scale& scale) {
  return fmt::format(
      "plot for [k=1:{0}] data using (of(k,'at')):(of(k,{1})) with boxes linetype k dashtype solid fillstyle {2} {3}, "
      "\\\n"
      "     data using 'at':{4}:(0):(column({5})-column({4})) with vectors heads size graph 0.012,90 linecolor rgb "
      "'black' "
      "dashtype "
      "solid linewidth 1 notitle",
      runs.by_levels(), literal(column_name("mean", scale.name)),
      runs.by ? "pattern fill[k] border" : "solid 0.6 border", key_of(runs), literal(column_name("low", scale.name)),
      literal(column_name("high", scale.name)));
}
}  // namespace

Drawing draw_bars(const Results& results, const PlotOptions& options) {
  const std::size_t metric = results.need(only_metric(options), Results::Role::metric);
  Runs runs(results, options, {Runs::Place::x, Runs::Place::by});
  if (!runs.x) runs.x.swap(runs.by);  // groups of one bar are single bars
  runs.limit(runs.x, 24, "groups of bars");
  runs.limit(runs.by, most_curves, "bars in a group");

  const std::vector<Bar> bars = bars_of(results, runs, metric);
  std::vector<Mean> means;
  std::vector<double> sizes;
  for (const Bar& bar : bars) {
    means.push_back(bar.mean);
    sizes.push_back(bar.mean.mean);
  }
  const Scale scale = scale_for(results.columns()[metric].unit, largest(sizes));

  Drawing figure = drawing_of(data_of(bars, runs, scale), runs, means);
  figure.settings = settings_of(runs, options, mean_axis(results, options.metrics[0], scale));
  figure.command = command_of(runs, scale);
  return figure;
}

}  // namespace codecosim
