#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "analysis/plot/plot.hpp"
#include "analysis/plot/runs.hpp"
#include "analysis/plot/text.hpp"

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
/// The same with the unit of the scale, as a literal of gnuplot.
std::string mean_axis(const Results&, const std::string& metric, const Scale&);
/// The levels of `by`, as texts of a legend.
std::vector<std::string> legend_of(const Runs&);
/// The legend as an array of gnuplot, one text per curve.
std::string names_of(const Runs&);
/// The title of curve k, where there is more than one.
std::string key_of(const Runs&);

/// The mean of a metric by level of `by` and level of `x`; none where no run measured it.
using MeanGrid = std::vector<std::vector<std::optional<Mean>>>;
MeanGrid means_by_level(const Results&, const Runs&, std::size_t metric);
/// Throws the error that no run measured what is to be shown.
[[noreturn]] void none_measured(const std::string& what);

/// The cells of a data file for a mean and the two ends of its interval, which are empty where there is none.
std::array<std::string, 3> cells_of(const Mean&, const Scale&);
/// A figure of these data, as yet without settings and command. `means` are those that are shown with their intervals.
Drawing drawing_of(const DataFile&, const Runs&, const std::vector<Mean>& means);

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
Drawing draw_curves(const Runs&, const std::vector<CurvePoint>&, const Axis& x, const Axis& y, bool marked);

/// A value of a column of series.csv. series_of() gives them by level of `by`, run and line. Runs that were not kept
/// are left out with a note.
struct Sample {
  double time, value;
};
std::vector<std::vector<std::vector<Sample>>> series_of(const Results&, Runs&, const std::string& column);
Axis axis_of_series(const std::string& column);

/// Notes how many runs of the figure were left out, as only so many directories were kept. Where there is none, it
/// throws Error(scenario) with the remedy.
void note_kept(Runs&, std::size_t kept);

}  // namespace codecosim
