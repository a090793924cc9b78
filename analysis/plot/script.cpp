#include <fmt/format.h>

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
}  // namespace

std::string script(const Figure& figure, const PlotOptions& options, const std::string& name,
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
set key {3} left horizontal Left reverse samplen 2.5 width 1 height 0.3
set errorbars 0.6
{4}{5}{6}
do for [format in '{7}'] {{
)",
                     name, options.width, options.height, options.title.empty() ? "above" : "below",
                     options.title.empty() ? "" : fmt::format("set title {}\n", literal(options.title)), figure.settings,
                     options.log_x || options.log_y ? fmt::format("set logscale {}\n", log) : "", fmt::join(formats, " ")) +
         fmt::format(terminals) + fmt::format("set output '{}.'.format\n{}\nunset output\n}}\n", name, figure.command);
}

}  // namespace codecosim
