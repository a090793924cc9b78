#include <fmt/format.h>

#include <algorithm>

#include "analysis/plot/kinds.hpp"
#include "analysis/plot/text.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

namespace {
/// The range of the means, from the least to the largest.
struct Range {
  double low, high;
};

Range range_of(const MeanGrid& means, const std::string& metric) {
  std::vector<double> all;
  for (const auto& row : means)
    for (const auto& mean : row)
      if (mean) all.push_back(mean->mean);
  if (all.empty()) none_measured(metric);
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  return {*least, *most};
}

DataFile data_of(const MeanGrid& means, const Runs& runs, const Scale& scale) {
  DataFile data({"column", "row", column_name("mean", scale.name), "runs", runs.x->name, runs.by->name});
  for (std::size_t y = 0; y < means.size(); ++y)
    for (std::size_t x = 0; x < means[y].size(); ++x) {
      const std::optional<Mean>& mean = means[y][x];
      data.add({std::to_string(x), std::to_string(y), mean ? cell(mean->mean / scale.factor) : "",
                std::to_string(mean ? mean->runs : 0), runs.x->levels[x], runs.by->levels[y]});
    }
  return data;
}

/// The width of the columns together: the rest is for the names of the rows, and for the colours' key [cm].
double width_of_columns(const PlotOptions& options) { return options.width - 3.5; }

std::string axes_of(const Runs& runs, const PlotOptions& options) {
  const double last_row = static_cast<double>(runs.by_levels()) - 0.5;
  // Numbers rise from the bottom; names are listed from the top.
  const std::string rows =
      numbers_of(runs.by->levels) ? fmt::format("[-0.5:{}]", last_row) : fmt::format("[{}:-0.5]", last_row);
  return fmt::format(
      "set xlabel {}\nset ylabel {}\nset xtics {} scale 0\nset ytics {} scale 0\nset xrange [-0.5:{}]\nset yrange {}\n",
      literal(title_of(runs.x->name)), literal(title_of(runs.by->name)),
      tics_across(runs.x->levels, width_of_columns(options)), tics(runs.by->levels),
      static_cast<double>(runs.x_levels()) - 0.5, rows);
}

/// The colours of values in this range, and the ink in which a number can be read on them.
std::string colours_of(const Range& range, const std::string& title) {
  return fmt::format(
      "set cblabel {}\n{}"
      "# Viridis (van der Walt and Smith, 2015): lightness rises evenly.\n"
      "set palette defined (0 '#440154', 1 '#472c7a', 2 '#3b518b', 3 '#2c718e', 4 '#21908d', 5 '#27ad81', 6 '#5cc863', "
      "7 "
      "'#aadc32', "
      "8 '#fde725')\n"
      "measured(c) = strlen(strcol(c)) > 0 ? column('row') : NaN\n"
      "missing(c) = strlen(strcol(c)) > 0 ? NaN : column('row')\n"
      "ink(c) = column(c) > {:.10g} ? 0x000000 : 0xffffff\n",
      title, range.low < range.high ? fmt::format("set cbrange [{:.10g}:{:.10g}]\n", range.low, range.high) : "",
      (range.low + range.high) / 2);
}

/// `numbered`: whether there is room for a number in each cell.
std::string command_of(const std::string& mean, bool numbered) {
  const std::string box = "(column('column')-0.5):(column('column')+0.5):(column('row')-0.5):(column('row')+0.5)";
  std::string command = fmt::format(
      "plot data using 'column':(measured({0})):{1}:(column({0})) with boxxyerror linecolor palette "
      "fillstyle solid noborder, \\\n"
      "     data using 'column':(missing({0})):{1} with boxxyerror linecolor rgb '#999999' fillstyle pattern 4 "
      "noborder",
      mean, box);
  if (numbered)
    command += fmt::format(
        ", \\\n     data using 'column':(measured({0})):(sprintf('%.3g', column({0}))):(ink({0})) with "
        "labels textcolor rgb variable",
        mean);
  return command;
}
}  // namespace

Drawing draw_heatmap(const Results& results, const PlotOptions& options) {
  const std::size_t metric = results.need(only_metric(options), Results::Role::metric);
  const Runs runs(results, options, {Runs::Place::x, Runs::Place::by});
  if (!runs.x || !runs.by) throw Error(Failure::usage, "heatmap needs two factors: name them with --x and --by");
  runs.limit(runs.x, 20, "columns");
  runs.limit(runs.by, 20, "rows");

  const MeanGrid means = means_by_level(results, runs, metric);
  const Range range = range_of(means, options.metrics[0]);
  const double sizes[] = {range.low, range.high};
  const Scale scale = scale_for(results.columns()[metric].unit, largest(sizes));

  Drawing figure;
  figure.data = data_of(means, runs, scale).text();
  figure.settings = axes_of(runs, options) + colours_of({range.low / scale.factor, range.high / scale.factor},
                                                        mean_axis(results, options.metrics[0], scale));
  constexpr double least_for_number = 0.6;  // [cm]
  const bool numbered = width_of_columns(options) / static_cast<double>(runs.x_levels()) >= least_for_number;
  figure.command = command_of(literal(column_name("mean", scale.name)), numbered);
  figure.notes = runs.notes;
  return figure;
}

}  // namespace codecosim
