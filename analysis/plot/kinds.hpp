#pragma once
#include <string>
#include <vector>

#include "analysis/plot/plot.hpp"
#include "analysis/plot/runs.hpp"

namespace codecosim {

// Each kind of figure has a file of its own.
Drawing draw_cdf(const Results&, const PlotOptions&);
Drawing draw_bars(const Results&, const PlotOptions&);
Drawing draw_series(const Results&, const PlotOptions&);
Drawing draw_pareto(const Results&, const PlotOptions&);
Drawing draw_heatmap(const Results&, const PlotOptions&);
Drawing draw_learning(const Results&, const PlotOptions&);

/// The most curves, or colours, that a reader can distinguish.
constexpr std::size_t most_curves = 7;

/// The only metric of a figure; throws Error(usage) where there is not exactly one.
const std::string& only_metric(const PlotOptions&);
/// The axis title of a metric; the column of a distribution is its mean.
std::string mean_title(const Results&, const std::string& metric);
/// The levels of `by`, as texts of a legend.
std::vector<std::string> legend_of(const Runs&);
/// The legend as an array of gnuplot, one text per curve.
std::string names_of(const Runs&);
/// The title of curve k, where there is more than one.
std::string key_of(const Runs&);

/// A point of a curve with the interval of its mean.
struct CurvePoint {
  std::size_t curve;  ///< Level of `by`.
  double x;
  Mean y;
};
/// An axis of a figure, with its title and base unit.
struct Axis {
  std::string name, title, unit;
};
/// Draws curves of means, one for each level of `by`, with bands of their intervals.
Drawing draw_curves(const Runs&, const std::vector<CurvePoint>&, const Axis& x, const Axis& y, bool points);

/// A value of a column of series.csv. series_of() gives them by level of `by`, run and line. Runs that were not kept
/// are left out with a note.
struct Sample {
  double time, value;
};
std::vector<std::vector<std::vector<Sample>>> series_of(const Results&, Runs&, const std::string& column);
Axis axis_of_series(const std::string& column);

/// Throws the error that no run's directory was kept, with the remedy.
[[noreturn]] void none_kept();

}  // namespace codecosim
