#pragma once
#include <string>
#include <utility>
#include <vector>

#include "analysis/results.hpp"

namespace codecosim {

/// The options of a figure. Names are those of a table of results (or, where a kind draws these, of distributions or of
/// columns of series.csv).
struct PlotOptions {
  std::string kind;
  std::vector<std::string> metrics;
  std::string by;  ///< Factor whose levels are curves, colours or rows; may be empty.
  std::string x;   ///< Factor along the x axis; may be empty.
  std::vector<std::pair<std::string, std::string>> where;  ///< Factors and levels: only these runs.
  bool log_x = false, log_y = false;
  double width = 8.5, height = 6;  ///< [cm]
  std::string title;
};

/// A figure as text: the data, gnuplot's settings, and its plot command.
struct Drawing {
  std::string data;                 ///< Comma-separated, with a header line.
  std::string settings;             ///< Lines of gnuplot's language.
  std::string command;              ///< One `plot` command on the file `data`.
  std::vector<std::string> legend;  ///< Texts of the legend, which determine its size.
  std::vector<std::string> notes;   ///< For the user.
};

struct PlotKind {
  const char* name;
  const char* shows;
  Drawing (*draw)(const Results&, const PlotOptions&);
};
const std::vector<PlotKind>& plot_kinds();

/// Draws the figure; throws Error(usage) where the options name something that does not exist or cannot be read,
/// Error(scenario) where the results have no data for it.
Drawing draw(const Results&, const PlotOptions&);

/// The script of a figure called `name`, which reads `name`.csv and writes `name`.FORMAT for each of svg, pdf and png
/// that is asked for.
std::string script(const Drawing&, const PlotOptions&, const std::string& name,
                   const std::vector<std::string>& formats);

/// Writes `base`.csv, `base`.gp and gnuplot's output, all or nothing, and returns their paths. Throws Error(output),
/// also where one of them exists.
std::vector<std::string> write_figure(const Drawing&, const PlotOptions&, const std::string& base,
                                      const std::vector<std::string>& formats);

}  // namespace codecosim
