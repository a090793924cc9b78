#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "analysis/plot/plot.hpp"
#include "analysis/plot/text.hpp"

namespace codecosim {

namespace {
constexpr const char* terminals = R"(
# Each format in the same size and type; text stays text.
if (format eq 'svg') {{ set terminal svg noenhanced size width/2.54*96, height/2.54*96 background rgb 'white' font font.','.size fontscale 96/72. linewidth 96/72. }}
if (format eq 'pdf') {{ set terminal pdfcairo noenhanced size width*1cm, height*1cm font font.','.size fontscale 1 linewidth 1 }}
if (format eq 'png') {{ set terminal pngcairo noenhanced size width/2.54*600, height/2.54*600 font font.','.size fontscale 600/72. linewidth 600/72. pointscale 600/72. }}
)";
/// Places title and legend above the figure, with enough space: gnuplot's own estimate cuts long names.
std::string legend(const Drawing& figure, const PlotOptions& options) {
  constexpr double line = 0.36, character = 0.17, sample = 1.3;  // [cm], generous
  std::size_t longest = 0;
  for (const std::string& name : figure.legend) longest = std::max(longest, name.size());
  const double fit = options.width / (character * static_cast<double>(longest) + sample);
  const std::size_t columns = std::max<std::size_t>(1, static_cast<std::size_t>(fit)),
                    rows = (figure.legend.size() + columns - 1) / columns;
  const double title = options.title.empty() ? 0 : 1.5 * line,
               margin = title + static_cast<double>(rows) * line + 0.9 * line;
  std::string lines = fmt::format("set tmargin at screen {:.4g}\n", 1 - margin / options.height);
  if (!options.title.empty())
    lines += fmt::format("set label 1 {} at screen 0.5, screen {:.4g} center\n", literal(options.title),
                         1 - line / options.height);
  if (rows == 0) return lines + "unset key\n";
  return lines +
         fmt::format(
             "set key at screen 0.5, screen {:.4g} center top horizontal maxcols {} Left reverse samplen 2 width -1\n",
             1 - (title + 0.3 * line) / options.height, columns);
}

/// Sets tics of numeric axes, at round numbers: gnuplot's default tics are so many that their labels touch at this
/// size.
std::string round_tics(const Drawing& figure, const PlotOptions& options) {
  std::string axes;
  for (const auto& [axis, upper, log] : {std::tuple{'x', 'X', options.log_x}, {'y', 'Y', options.log_y}})
    if (!log && figure.settings.find(fmt::format("set {}tics", axis)) == std::string::npos)
      axes += fmt::format("set {0}tics step(GPVAL_{1}_MAX - GPVAL_{1}_MIN)\n", axis, upper);
  if (axes.empty()) return "";
  return "\n# About five tics on an axis, at round numbers.\n"
         "nice(raw) = (e = 10**floor(log10(raw)), m = raw / e, e * (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10))\n"
         "step(span) = span > 0 ? nice(span / 5.) : 1\n"
         "set terminal unknown\n" +
         figure.command + "\n" + axes;
}
}  // namespace

std::string script(const Drawing& figure, const PlotOptions& options, const std::string& name,
                   const std::vector<std::string>& formats) {
  const char* log = options.log_x && options.log_y ? "xy" : options.log_x ? "x" : "y";
  return fmt::format(R"(# Drawn by codecosim. In this folder, gnuplot {0}.gp draws it again, from {0}.csv.
data = '{0}.csv'
width = {1}     # cm
height = {2}
font = 'sans-serif'
size = '7'      # points

set encoding utf8
set datafile separator ','
set datafile columnheaders
# A column of curve k, and nothing where it is empty.
of(k, c) = column('curve') == k && strlen(strcol(c)) > 0 ? column(c) : NaN

# Colours of Okabe and Ito (2008), which the colour-blind can tell apart; dashes and points tell them apart without colours.
set linetype 1 linecolor rgb '#0072B2' linewidth 1.2 dashtype solid pointtype 7 pointsize 0.45
set linetype 2 linecolor rgb '#D55E00' linewidth 1.2 dashtype (8,3) pointtype 5 pointsize 0.45
set linetype 3 linecolor rgb '#009E73' linewidth 1.2 dashtype (3,2) pointtype 9 pointsize 0.55
set linetype 4 linecolor rgb '#CC79A7' linewidth 1.2 dashtype (8,3,2,3) pointtype 13 pointsize 0.55
set linetype 5 linecolor rgb '#E69F00' linewidth 1.2 dashtype (12,4,2,4,2,4) pointtype 11 pointsize 0.55
set linetype 6 linecolor rgb '#56B4E9' linewidth 1.2 dashtype (1.5,1.5) pointtype 6 pointsize 0.45
set linetype 7 linecolor rgb '#000000' linewidth 1.2 dashtype (16,4) pointtype 4 pointsize 0.45
set border 3 linewidth 0.6
set tics nomirror out scale 0.5
{3}{4}{5}{7}
do for [format in '{6}'] {{
)",
                     name, options.width, options.height, legend(figure, options), figure.settings,
                     options.log_x || options.log_y ? fmt::format("set logscale {}\n", log) : "",
                     fmt::join(formats, " "), round_tics(figure, options)) +
         fmt::format(terminals) + fmt::format("set output '{}.'.format\n{}\nunset output\n}}\n", name, figure.command);
}

}  // namespace codecosim
