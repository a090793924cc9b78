#include <fmt/format.h>

#include <algorithm>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

Drawing draw_heatmap(const Results& results, const PlotOptions& options) {
  const std::size_t metric = results.need(only_metric(options), Results::Role::metric);
  Runs runs(results, options, {Runs::Place::x, Runs::Place::by});
  if (!runs.x || !runs.by) throw Error(Failure::usage, "heatmap needs two factors: name them with --x and --by");
  runs.limit(runs.x, 20, "columns");
  runs.limit(runs.by, 20, "rows");

  std::vector<double> sizes;
  std::vector<std::optional<Mean>> cells;
  for (std::size_t y = 0; y < runs.by_levels(); ++y)
    for (std::size_t x = 0; x < runs.x_levels(); ++x) {
      cells.push_back(mean_over(results, runs.at(y, x), metric));
      if (cells.back()) sizes.push_back(cells.back()->mean);
    }
  if (sizes.empty())
    throw Error(Failure::scenario, fmt::format("there is nothing to plot: no run has measured {}", options.metrics[0]));
  const Scale scale = scale_for(results.columns()[metric].unit, largest(sizes));

  const std::string mean = column_name("mean", scale.name);
  DataFile data({"column", "row", mean, "runs", runs.x->name, runs.by->name});
  for (std::size_t y = 0, i = 0; y < runs.by_levels(); ++y)
    for (std::size_t x = 0; x < runs.x_levels(); ++x, ++i)
      data.add({std::to_string(x), std::to_string(y), cells[i] ? cell(cells[i]->mean / scale.factor) : "",
                std::to_string(cells[i] ? cells[i]->runs : 0), runs.x->levels[x], runs.by->levels[y]});

  const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
  const double low = *least / scale.factor, high = *most / scale.factor;
  std::size_t longest = 0;
  for (const std::string& level : runs.x->levels) longest = std::max(longest, label(level).size());
  const double column_cm = (options.width - 3.5) / static_cast<double>(runs.x_levels());
  const double last_row = static_cast<double>(runs.by_levels()) - 0.5;
  // Numbers rise from the bottom; names are listed from the top.
  const std::string rows =
      numbers_of(runs.by->levels) ? fmt::format("[-0.5:{}]", last_row) : fmt::format("[{}:-0.5]", last_row);
  Drawing figure;
  figure.data = data.text();
  figure.settings = fmt::format(
      "set xlabel {}\nset ylabel {}\nset xtics {}{} scale 0\nset ytics {} scale 0\nset xrange [-0.5:{}]\nset yrange "
      "{}\n"
      "set cblabel {}\n{}"
      "# Viridis (van der Walt and Smith, 2015): lightness rises evenly.\n"
      "set palette defined (0 '#440154', 1 '#472c7a', 2 '#3b518b', 3 '#2c718e', 4 '#21908d', 5 '#27ad81', 6 '#5cc863', "
      "7 "
      "'#aadc32', "
      "8 '#fde725')\n"
      "measured(c) = strlen(strcol(c)) > 0 ? column('row') : NaN\n"
      "missing(c) = strlen(strcol(c)) > 0 ? NaN : column('row')\n"
      "ink(c) = column(c) > {:.10g} ? 0x000000 : 0xffffff\n",
      literal(title_of(runs.x->name)), literal(title_of(runs.by->name)), tics(runs.x->levels),
      static_cast<double>(longest + 1) * 0.15 > column_cm ? " rotate by 20 right" : "", tics(runs.by->levels),
      static_cast<double>(runs.x_levels()) - 0.5, rows,
      literal(axis(mean_title(results, options.metrics[0]), scale.name)),
      low < high ? fmt::format("set cbrange [{:.10g}:{:.10g}]\n", low, high) : "", (low + high) / 2);
  const std::string box = "(column('column')-0.5):(column('column')+0.5):(column('row')-0.5):(column('row')+0.5)";
  figure.command = fmt::format(
      "plot data using 'column':(measured({0})):{1}:(column({0})) with boxxyerror linecolor palette "
      "fillstyle solid noborder, \\\n"
      "     data using 'column':(missing({0})):{1} with boxxyerror linecolor rgb '#999999' fillstyle pattern 4 "
      "noborder",
      literal(mean), box);
  if (column_cm >= 0.6)
    figure.command += fmt::format(
        ", \\\n     data using 'column':(measured({0})):(sprintf('%.3g', column({0}))):(ink({0})) with "
        "labels textcolor rgb variable",
        literal(mean));
  figure.notes = runs.notes;
  return figure;
}

}  // namespace codecosim
