#pragma once
#include <string>
#include <vector>

#include "analysis/plot/plot.hpp"
#include "analysis/plot/runs.hpp"

namespace codecosim {

// One file each.
Drawing draw_cdf(const Results&, const PlotOptions&);
Drawing draw_bars(const Results&, const PlotOptions&);
Drawing draw_series(const Results&, const PlotOptions&);
Drawing draw_pareto(const Results&, const PlotOptions&);
Drawing draw_heatmap(const Results&, const PlotOptions&);
Drawing draw_learning(const Results&, const PlotOptions&);

/// As many curves, or colours, as can be told apart.
constexpr std::size_t most_curves = 7;

/// The one metric of a figure; throws Error(usage) where it is not one.
const std::string& only_metric(const PlotOptions&);
/// What an axis calls a metric: of a distribution its column is the mean.
std::string mean_title(const Results&, const std::string& metric);
/// The levels of `by` as a legend says them.
std::vector<std::string> legend_of(const Runs&);
/// The same as an array of gnuplot's, for each curve.
std::string names_of(const Runs&);
/// The title of curve k, where there is more than one.
std::string key_of(const Runs&);

/// A point of a curve with the interval of its mean.
struct CurvePoint {
  std::size_t curve;  ///< Level of `by`.
  double x;
  Mean y;
};
/// Curves of means, a level of `by` each, in bands of their intervals. `x` and `y` are titles of axes in base units.
struct Axis {
  std::string name, title, unit;
};
Drawing draw_curves(const Runs&, const std::vector<CurvePoint>&, const Axis& x, const Axis& y, bool points);

/// Column of series.csv by level of `by`, run and line; x in `time`. Runs that were not kept are left out with a note.
struct Sample {
  double time, value;
};
std::vector<std::vector<std::vector<Sample>>> series_of(const Results&, Runs&, const std::string& column);
Axis axis_of_series(const std::string& column);

/// That no run's directory was kept, with what to do about it.
[[noreturn]] void none_kept();

}  // namespace codecosim
