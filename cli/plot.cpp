#include "analysis/plot/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"

namespace codecosim {

namespace {
struct Line {
  PlotOptions figure;
  std::vector<std::string> results, where, log, formats{"svg", "pdf", "png"};
  std::string out;
};

/// The first free name of plots/KIND-METRIC, plots/KIND-METRIC-2, ...
std::string free_name(const Line& line) {
  std::string name = line.figure.kind;
  for (const std::string& metric : line.figure.metrics) name += "-" + metric;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c) && c != '.' && c != '_'; }, '-');
  std::string base = "plots/" + name;
  for (int n = 2; std::filesystem::exists(base + ".gp") || std::filesystem::exists(base + ".csv"); ++n)
    base = fmt::format("plots/{}-{}", name, n);
  return base;
}

int plot(Line line) {
  for (const std::string& one : line.where) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(Failure::usage, fmt::format("--where: \"{}\" is not FACTOR=LEVEL", one));
    line.figure.where.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  line.figure.log_x = std::find(line.log.begin(), line.log.end(), "x") != line.log.end();
  line.figure.log_y = std::find(line.log.begin(), line.log.end(), "y") != line.log.end();
  const Drawing figure = draw(Results(line.results), line.figure);
  const std::vector<std::string> files =
      write_figure(figure, line.figure, line.out.empty() ? free_name(line) : line.out, line.formats);
  for (const std::string& note : figure.notes) fmt::print(stderr, "note: {}\n", note);
  for (const std::string& file : files) fmt::print("{}\n", file);
  return 0;
}
}  // namespace

Command plot_command(const CommandLine& app) {
  const auto line = std::make_shared<Line>();
  const CommandLine command =
      app.subcommand("plot", "Write a figure as SVG, PDF and PNG, with its data and its gnuplot script");
  std::string kinds;
  for (const PlotKind& kind : plot_kinds())
    kinds += fmt::format("{}{} ({})", kinds.empty() ? "" : ", ", kind.name, kind.shows);
  command.option("kind", line->figure.kind, kinds).required();
  command.option("results", line->results, "A sweep's directory or its results.csv; or directories of runs").required();
  command.option("--metric", line->figure.metrics, "What to plot; for pareto twice, first that of the x axis")
      .required()
      .one_value();
  command.option("--by", line->figure.by, "Factor whose levels are curves, colours or rows");
  command.option("--x", line->figure.x, "Factor along the x axis");
  command.option("--where", line->where, "FACTOR=LEVEL: only these runs").one_value();
  command.option("--out", line->out, "Where to write, without an ending; plots/KIND-METRIC when missing");
  command.option("--format", line->formats, "Formats to write, separated by commas")
      .separated_by(',')
      .one_value()
      .one_of({"svg", "pdf", "png"});
  command.option("--log", line->log, "Axis with a logarithmic scale").separated_by(',').one_value().one_of({"x", "y"});
  command.option("--width", line->figure.width, "Width [cm]").between(3.0, 100.0);
  command.option("--height", line->figure.height, "Height [cm]").between(3.0, 100.0);
  command.option("--title", line->figure.title, "Title above the figure");
  return {command, [line] { return plot(*line); }};
}

}  // namespace codecosim
