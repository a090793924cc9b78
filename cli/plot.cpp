#include "analysis/plot/plot.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
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

/// The first of plots/KIND-METRIC, plots/KIND-METRIC-2, ... of which there is nothing.
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

Command plot_command(CLI::App& app) {
  const auto line = std::make_shared<Line>();
  CLI::App* command =
      app.add_subcommand("plot", "Write a figure as SVG, PDF and PNG, with its data and its gnuplot script");
  std::string kinds;
  for (const PlotKind& kind : plot_kinds())
    kinds += fmt::format("{}{} ({})", kinds.empty() ? "" : ", ", kind.name, kind.shows);
  command->add_option("kind", line->figure.kind, kinds)->required();
  command->add_option("results", line->results, "A sweep's directory or its results.csv; or directories of runs")
      ->required();
  command->add_option("--metric", line->figure.metrics, "What to plot; for pareto twice, first that of the x axis")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--by", line->figure.by, "Factor whose levels are curves, colours or rows");
  command->add_option("--x", line->figure.x, "Factor along the x axis");
  command->add_option("--where", line->where, "FACTOR=LEVEL: only these runs")->allow_extra_args(false);
  command->add_option("--out", line->out, "Where to write, without an ending; plots/KIND-METRIC when missing");
  command->add_option("--format", line->formats, "Formats to write, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"svg", "pdf", "png"}));
  command->add_option("--log", line->log, "Axis with a logarithmic scale")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"x", "y"}));
  command->add_option("--width", line->figure.width, "Width [cm]")->check(CLI::Range(3.0, 100.0));
  command->add_option("--height", line->figure.height, "Height [cm]")->check(CLI::Range(3.0, 100.0));
  command->add_option("--title", line->figure.title, "Title above the figure");
  return {command, [line] { return plot(*line); }};
}

}  // namespace codecosim
