#include <fmt/format.h>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

Drawing draw_bars(const Results& results, const PlotOptions& options) {
  const std::size_t metric = results.need(only_metric(options), Results::Role::metric);
  Runs runs(results, options, {Runs::Place::x, Runs::Place::by});
  if (!runs.x) runs.x.swap(runs.by);  // groups of one bar are single bars
  runs.limit(runs.x, 24, "groups of bars");
  runs.limit(runs.by, most_curves, "bars in a group");

  struct Bar {
    std::size_t x, by;
    Mean mean;
  };
  std::vector<Bar> bars;
  std::vector<Mean> means;
  std::vector<double> sizes;
  for (std::size_t x = 0; x < runs.x_levels(); ++x)
    for (std::size_t by = 0; by < runs.by_levels(); ++by)
      if (const auto mean = mean_over(results, runs.at(by, x), metric)) {
        bars.push_back({x, by, *mean});
        means.push_back(*mean);
        sizes.push_back(mean->mean);
      }
  if (bars.empty())
    throw Error(Failure::scenario, fmt::format("there is nothing to plot: no run has measured {}", options.metrics[0]));

  const Scale scale = scale_for(results.columns()[metric].unit, largest(sizes));
  const std::string mean = column_name("mean", scale.name), low = column_name("low", scale.name),
                    high = column_name("high", scale.name);
  std::vector<std::string> header{"curve", "at", mean, low, high, "runs"};
  for (const auto* factor : {&runs.x, &runs.by})
    if (*factor) header.push_back((*factor)->name);
  DataFile data(header);
  const double groups = static_cast<double>(runs.by_levels()), width = 0.8 / groups;
  for (const Bar& bar : bars) {
    const double at = static_cast<double>(bar.x) + (static_cast<double>(bar.by) - (groups - 1) / 2) * width;
    const auto& interval = bar.mean.interval;
    std::vector<std::string> line{std::to_string(bar.by + 1),
                                  cell(at),
                                  cell(bar.mean.mean / scale.factor),
                                  interval ? cell(interval->low / scale.factor) : "",
                                  interval ? cell(interval->high / scale.factor) : "",
                                  std::to_string(bar.mean.runs)};
    if (runs.x) line.push_back(runs.x->levels[bar.x]);
    if (runs.by) line.push_back(runs.by->levels[bar.by]);
    data.add(line);
  }

  Drawing figure;
  figure.data = data.text();
  const std::vector<std::string> names = runs.x ? runs.x->levels : std::vector<std::string>{""};
  std::size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, label(name).size());
  // A character is about 0.15 cm wide, and the bars take the whole width but 2 cm.
  const bool slanted =
      static_cast<double>(longest + 1) * 0.15 > (options.width - 2) / static_cast<double>(names.size());
  figure.settings =
      names_of(runs) +
      fmt::format("set xtics {}{} scale 0\nset xrange [-0.6:{}]\n{}set ylabel {}\n{}set boxwidth {:.4g}\n", tics(names),
                  slanted ? " rotate by 20 right" : "", static_cast<double>(names.size()) - 0.4,
                  runs.x ? fmt::format("set xlabel {}\n", literal(title_of(runs.x->name))) : "",
                  literal(axis(mean_title(results, options.metrics[0]), scale.name)),
                  options.log_y ? "" : "set yrange [*<0:*]\n", width * (groups > 1 ? 0.9 : 0.75));
  // Every second bar has a pattern, so that neighbours differ in print without colours.
  figure.settings += "array fill[7] = [3, 0, 4, 2, 5, 1, 6]\n";
  figure.command = fmt::format(
      "plot for [k=1:{0}] data using (of(k,'at')):(of(k,{1})) with boxes linetype k dashtype solid fillstyle {2} {3}, "
      "\\\n"
      "     data using 'at':{4}:(0):(column({5})-column({4})) with vectors heads size graph 0.012,90 linecolor rgb "
      "'black' "
      "dashtype "
      "solid linewidth 1 notitle",
      runs.by_levels(), literal(mean), runs.by ? "pattern fill[k] border" : "solid 0.6 border", key_of(runs),
      literal(low), literal(high));
  figure.legend = legend_of(runs);
  figure.notes = runs.notes;
  note_single(figure.notes, means);
  return figure;
}

}  // namespace codecosim
