// Figures: the numbers beside them by hand, the files that gnuplot makes of them, and names that try to get out of
// their quotes.
#include "analysis/plot/plot.hpp"

#include <pugixml.hpp>

#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "analysis/plot/text.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {
namespace {

namespace fs = std::filesystem;

const std::string columns =
    "column,role,unit,meaning,better\nrun,id,,,\nplacement,factor,,,\nrate,factor,,,\nreplication,id,,,\nstatus,status,"
    ",,\n"
    "request.latency,metric,s,,lower\nenergy.nodes,metric,J,,lower\nrequests.success,metric,1,,higher\nevents,metric,1,"
    ",\n";

/// A sweep of two policies at two rates, two replications each; one cell has failed.
std::string sweep(const Scratch& scratch, const std::string& first = "near", const std::string& second = "far") {
  scratch.write("columns.csv", columns);
  std::string table = "run,placement,rate,replication,status,request.latency,energy.nodes,requests.success,events\n";
  const auto row = [&](const char* run, const std::string& policy, const char* rest) {
    table += std::string(run) + "," + csv_cell(policy) + "," + rest + "\n";
  };
  row("0", first, "4 /s,0,done,0.020,100,0.9,1");
  row("1", first, "4 /s,1,done,0.024,100,0.9,1");
  row("2", first, "20 /s,0,done,0.040,120,0.8,1");
  row("3", first, "20 /s,1,done,0.044,124,0.8,1");
  row("4", second, "4 /s,0,done,0.010,200,0.7,1");
  row("5", second, "4 /s,1,done,0.012,200,0.7,1");
  row("6", second, "20 /s,0,failed,,,,");
  row("7", second, "20 /s,1,failed,,,,");
  scratch.write("results.csv", table);
  const auto keep = [&](const std::string& run, const std::string& steps, const std::string& series) {
    fs::create_directories(scratch / ("runs/" + run));
    scratch.write("runs/" + run + "/summary.json", "{}");
    scratch.write("runs/" + run + "/distributions.csv", "distribution,value,share\n" + steps);
    scratch.write("runs/" + run + "/series.csv", "time_s,mean_latency_s,power_w\n" + series);
  };
  keep("0", "request.latency,0.01,0.5\nrequest.latency,0.03,1\n", "1,0.01,5\n2,,7\n3,0.03,9\n");
  keep("1", "request.latency,0.02,0.25\nrequest.latency,0.03,1\n", "1,0.02,7\n2,0.02,7\n3,0.05,9\n");
  keep("4", "request.latency,0.005,1\n", "1,0.001,1\n2,0.002,1\n3,0.003,1\n");
  return scratch.path();
}

PlotOptions options(const std::string& kind, std::vector<std::string> metrics) {
  PlotOptions all;
  all.kind = kind;
  all.metrics = std::move(metrics);
  return all;
}

std::string first_lines(const std::string& text, int count) {
  std::istringstream in(text);
  std::string out, line;
  while (count-- > 0 && std::getline(in, line)) out += line + "\n";
  return out;
}

std::string failure(const Results& results, const PlotOptions& asked) {
  try {
    (void)draw(results, asked);
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.failure)) + " " + error.what();
  }
  return "";
}

bool has_gnuplot() {
  if (std::system("gnuplot --version >/dev/null 2>&1") == 0) return true;
  WARN("gnuplot is not installed: skipped");
  return false;
}

/// Whether two PDFs are alike but for the date at which they were made. Cairo 1.18 compresses it with other things.
bool alike(std::string first, std::string second) {
  for (std::string* pdf : {&first, &second}) {
    const std::size_t at = pdf->find("/CreationDate");
    if (at == std::string::npos) return std::abs(std::ssize(first) - std::ssize(second)) < 100;
    pdf->erase(at, pdf->find('\n', at) - at);
  }
  return first == second;
}

}  // namespace

TEST_CASE("bars are means with Student's intervals") {
  const Scratch scratch;
  const Results results({sweep(scratch)});
  // Of 20 and 24 ms: mean 22, deviation sqrt(8), and t(1, 0.975) = tan(0.475 pi) = 12.7062: half width 12.7062 sqrt(8)
  // / sqrt(2).
  const Drawing figure = draw(results, options("bars", {"request.latency"}));
  CHECK(first_lines(figure.data, 2) ==
        "curve,at,mean_ms,low_ms,high_ms,runs,placement,rate\n1,-0.2,22,-3.412409472,47.41240947,2,near,4 /s\n");
  CHECK(Csv(scratch.write("data.csv", figure.data)).rows() == 3);
  CHECK(figure.notes == std::vector<std::string>{"left out 2 of 8 runs, which did not end well"});

  PlotOptions one = options("bars", {"request.latency"});
  one.where = {{"rate", "20 /s"}};
  CHECK(draw(results, one).data == "curve,at,mean_ms,low_ms,high_ms,runs\n1,0,42,16.58759053,67.41240947,2\n");
}

TEST_CASE("the distribution function of several replications is their mean") {
  const Scratch scratch;
  PlotOptions asked = options("cdf", {"request.latency"});
  asked.where = {{"rate", "4 /s"}};
  const Drawing figure = draw(Results({sweep(scratch)}), asked);
  // At 10 ms 0.5 and 0, at 20 ms 0.5 and 0.25; the intervals of two such shares reach beyond 0 and 1, and are cut
  // there.
  CHECK(figure.data ==
        "curve,value_ms,share,low,high,runs,placement\n"
        "1,10,0,,,2,near\n1,10,0.25,0,1,2,near\n1,20,0.375,0,1,2,near\n1,30,1,,,2,near\n"
        "2,5,0,,,1,far\n2,5,1,,,1,far\n");
  CHECK(figure.notes ==
        std::vector<std::string>{"left out 1 run that was not kept",
                                 "1 of 2 means is of one run and has no interval; more replications give it one"});
}

TEST_CASE("a series is the mean over replications at each time, and no latency is not one of zero") {
  const Scratch scratch;
  PlotOptions asked = options("series", {"mean_latency_s"});
  asked.where = {{"rate", "4 /s"}, {"placement", "near"}};
  const Results results({sweep(scratch)});
  CHECK(draw(results, asked).data ==
        "curve,time_s,mean_ms,low_ms,high_ms,runs\n1,1,15,-48.53102368,78.53102368,2\n1,2,20,,,1\n"
        "1,3,40,-87.06204736,167.0620474,2\n");
  asked.metrics = {"power_w"};
  CHECK(first_lines(draw(results, asked).data, 2) ==
        "curve,time_s,mean_W,low_W,high_W,runs\n1,1,6,-6.706204736,18.70620474,2\n");
}

TEST_CASE("learning is over windows of time, or over a factor that is a number") {
  const Scratch scratch;
  const Results results({sweep(scratch)});
  PlotOptions asked = options("learning", {"power_w"});
  asked.where = {{"rate", "4 /s"}, {"placement", "near"}};
  // Three samples until 3 s, in the windows that end at 1.05, 2.1 and 3 s.
  CHECK(draw(results, asked).data ==
        "curve,time_s,mean_W,low_W,high_W,runs\n1,0.975,6,-6.706204736,18.70620474,2\n1,2.025,7,,,2\n1,2.925,9,,,2\n");
  asked = options("learning", {"request.latency"});
  asked.x = "rate";
  const Csv csv(scratch.write("data.csv", draw(results, asked).data));
  REQUIRE(csv.rows() == 3);
  CHECK(csv.number(0, csv.column("rate__s")) == 4);
  CHECK(csv.number(1, csv.column("rate__s")) == 20);
  CHECK(csv.number(1, csv.column("mean_ms")) == 42);
  asked.x = "placement";
  CHECK(failure(results, asked) == "2 the levels of placement are not numbers of one unit; bars can show them");
}

TEST_CASE("the Pareto front is what nothing beats, whichever way is better") {
  const Scratch scratch;
  const Results results({sweep(scratch)});
  const auto front = [&](const std::string& x, const std::string& y) {
    const Csv csv(scratch.write("data.csv", draw(results, options("pareto", {x, y})).data));
    std::set<std::string> names;
    for (std::size_t row = 0; row < csv.rows(); ++row)
      if (csv.text(row, csv.column("front")) == "1")
        names.insert(csv.text(row, csv.column("placement")) + " " + csv.text(row, csv.column("rate")));
    return names;
  };
  // Latency 22, 42, 11 ms; energy 100, 122, 200 J; success 0.9, 0.8, 0.7.
  CHECK(front("request.latency", "energy.nodes") == std::set<std::string>{"near 4 /s", "far 4 /s"});
  CHECK(front("energy.nodes", "requests.success") == std::set<std::string>{"near 4 /s"});
  CHECK(front("requests.success", "request.latency") == std::set<std::string>{"near 4 /s", "far 4 /s"});
  CHECK(draw(results, options("pareto", {"events", "energy.nodes"})).notes.at(1) ==
        "events is neither better low nor high; the front takes lower for better");
  CHECK(failure(results, options("pareto", {"events"})) ==
        "2 pareto shows two metrics: --metric twice, first that of the x axis");
}

TEST_CASE("a heat map has a cell for each pair of levels, measured or not") {
  const Scratch scratch;
  CHECK(draw(Results({sweep(scratch)}), options("heatmap", {"energy.nodes"})).data ==
        "column,row,mean_J,runs,placement,rate\n0,0,100,2,near,4 /s\n1,0,200,2,far,4 /s\n0,1,122,2,near,20 "
        "/s\n1,1,,0,far,20 /s\n");
}

TEST_CASE("what cannot be plotted is said") {
  const Scratch scratch;
  const Results results({sweep(scratch)});
  CHECK(failure(results, options("pie", {"events"})).starts_with("2 there is no kind of figure \"pie\""));
  CHECK(failure(results, options("bars", {"request.latencie"})) ==
        "2 there is no metric \"request.latencie\"; did you mean \"request.latency\"?");
  PlotOptions asked = options("bars", {"events"});
  asked.by = "plaecment";
  CHECK(failure(results, asked) == "2 there is no factor \"plaecment\"; did you mean \"placement\"?");
  CHECK(failure(results, options("series", {"power_w"})) ==
        "2 the runs differ in rate too, which no mean may mix: choose a level with --where rate=LEVEL, such as \"4 "
        "/s\", or name the "
        "factors of the figure with --by or --x");
  asked = options("cdf", {"request.latency"});
  asked.where = {{"rate", "20 /s"}};
  CHECK(failure(results, asked) ==
        "3 there is nothing to plot: this needs the directories of the runs, which were not kept; let the sweep keep "
        "them with "
        "\"keep\": \"runs\" in its plan, or plot directories of single runs");
  asked.where.emplace_back("placement", "far");
  CHECK(failure(results, asked) == "3 there is nothing to plot: of 2 runs that --where chooses none ended well");
  asked.where = {{"rate", "4 /s"}};
  asked.metrics = {"request.latenzy"};
  CHECK(failure(results, asked) == "2 there is no distribution \"request.latenzy\"; did you mean \"request.latency\"?");
}

TEST_CASE("too many curves are refused, and the same replication twice") {
  const Scratch scratch;
  scratch.write("columns.csv", columns);
  std::string table = "run,placement,rate,replication,status,request.latency,energy.nodes,requests.success,events\n";
  for (int level = 0; level < 8; ++level) table += "r,p" + std::to_string(level) + ",4,0,done,1,1,1,1\n";
  scratch.write("results.csv", table);
  CHECK(failure(Results({scratch.path()}), options("series", {"power_w"})) ==
        "2 placement has 8 levels, and a figure is readable with up to 7 curves: choose some with --where, or another "
        "factor");
  scratch.write("results.csv", table + "s,p0,4,0,done,1,1,1,1\n");
  CHECK(failure(Results({scratch.path()}), options("bars", {"events"}))
            .starts_with("2 the runs r and s are the same replication"));
}

TEST_CASE("numbers are written in units for people") {
  CHECK(scale_for("s", 0.0281).name == "ms");
  CHECK(scale_for("s", 4e-5).name == "µs");
  CHECK(scale_for("s", 7200).name == "min");
  CHECK(scale_for("B", 2.5e6).factor == 1e6);
  CHECK(scale_for("J", 7.2e6).name == "kWh");
  CHECK(scale_for("1", 5e9).name.empty());
  CHECK(title_of("request.latency.p99[cars]") == "Request latency, p99 of cars");
  CHECK(column_name("mean", "1/s") == "mean_per_s");
}

TEST_CASE("every kind makes SVG, PDF and PNG, and its script makes them again") {
  if (!has_gnuplot()) return;
  const Scratch scratch;
  const std::string results = sweep(scratch);
  const std::map<std::string, std::string> kinds{
      {"cdf", "--metric request.latency --where 'rate=4 /s'"},
      {"bars", "--metric request.latency"},
      {"series", "--metric power_w --where 'rate=4 /s' --title 'Power & <time>'"},
      {"pareto", "--metric request.latency --metric energy.nodes"},
      {"heatmap", "--metric request.latency"},
      {"learning", "--metric request.latency --x rate --log x"}};
  for (const auto& [kind, arguments] : kinds) {
    INFO(kind);
    const std::string base = scratch / ("figures/" + kind);
    const Ran ran = codecosim("plot " + kind + " " + results + " " + arguments + " --out " + base);
    INFO(ran.err);
    REQUIRE(ran.status == 0);
    CHECK(ran.out == base + ".csv\n" + base + ".gp\n" + base + ".svg\n" + base + ".pdf\n" + base + ".png\n");
    const std::string svg = contents(base + ".svg"), pdf = contents(base + ".pdf"), png = contents(base + ".png");
    pugi::xml_document document;
    CHECK(document.load_string(svg.c_str()));
    for (const char* label : {"near", "far"}) CHECK(svg.find(label) != std::string::npos);
    CHECK(pdf.starts_with("%PDF"));
    CHECK(pdf.find("/FontFile") != std::string::npos);  // fonts are embedded
    CHECK(png.substr(1, 3) == "PNG");
    CHECK(png.size() > 10000);

    const Scratch again;
    for (const char* file : {".csv", ".gp"}) fs::copy_file(base + file, again / (kind + file));
    REQUIRE(std::system(("cd " + again.path() + " && gnuplot " + kind + ".gp 2>err").c_str()) == 0);
    CHECK(contents(again / (kind + ".svg")) == svg);
    CHECK(alike(contents(again / (kind + ".pdf")), pdf));
    const bool same_png = contents(again / (kind + ".png")) == png;
    CHECK(same_png);
    const Ran twice = codecosim("plot " + kind + " " + results + " " + arguments + " --out " + base);
    CHECK(twice.status == 5);
    CHECK(twice.err.find(kind + ".csv exists already") != std::string::npos);
  }
  // Nothing else was left behind.
  CHECK(std::distance(fs::directory_iterator(scratch / "figures"), fs::directory_iterator()) == 30);
}

TEST_CASE("names run nothing and stay in their place") {
  if (!has_gnuplot()) return;
  const Scratch scratch;
  const std::string worst = "`touch pwned` '; system(\"touch pwned\") #\n!touch pwned\n%s%d \\";
  const std::string other = "$(touch pwned)' . system('touch pwned') . ' <b>&\xff{/Symbol a}_x @name";
  const Results results({sweep(scratch, worst, other)});
  for (const char* kind : {"cdf", "bars", "series", "pareto", "heatmap", "learning"}) {
    INFO(kind);
    PlotOptions asked = options(kind, {"request.latency"});
    asked.title = worst;
    if (std::string(kind) == "pareto") asked.metrics.push_back("energy.nodes");
    if (std::string(kind) == "series") asked.metrics = {"power_w"};
    if (std::string(kind) == "learning") asked.x = "rate";
    if (std::string(kind) == "cdf" || std::string(kind) == "series") asked.where = {{"rate", "4 /s"}};
    const Drawing figure = draw(results, asked);
    (void)write_figure(figure, asked, scratch / ("figures/" + std::string(kind)), {"svg", "pdf", "png"});
    pugi::xml_document document;
    const std::string svg = contents(scratch / ("figures/" + std::string(kind) + ".svg"));
    CHECK(document.load_string(svg.c_str()));
    CHECK(svg.find("`touch pwned` '; system(\"touch pwned\")") != std::string::npos);
    CHECK(svg.find("$(touch pwned)' . system(") != std::string::npos);
  }
  for (const auto& entry : fs::recursive_directory_iterator(scratch.path())) CHECK(entry.path().filename() != "pwned");
  CHECK_FALSE(fs::exists("pwned"));
  CHECK(literal("it's `a`\n$(b)") == "'it''s `a` $(b)'");
  for (const char* name : {"|touch pwned", "-e", "a b", "a'b"})
    CHECK_THROWS_AS(write_figure({}, {}, scratch / name, {"svg"}), Error);
}

TEST_CASE("without gnuplot a figure is refused, with its package, and nothing is left") {
  const Scratch scratch;
  const Ran ran = codecosim("plot bars " + sweep(scratch) + " --metric request.latency --out " + (scratch / "new/bars"),
                            "PATH=/nowhere");
  CHECK(ran.status == 5);
  CHECK(ran.err == "figures need gnuplot, which is not installed: apt-get install gnuplot-nox\n");
  CHECK_FALSE(fs::exists(scratch / "new"));
}

TEST_CASE("gnuplot's own complaint is shown with the script's name") {
  if (!has_gnuplot()) return;
  const Scratch scratch;
  Drawing broken;
  broken.data = "a\n1\n";
  broken.command = "plot nonsense";
  try {
    (void)write_figure(broken, {}, scratch / "broken", {"svg"});
    FAIL("it was drawn");
  } catch (const Error& error) {
    CHECK(error.failure == Failure::output);
    CHECK(std::string(error.what()).starts_with("gnuplot cannot draw " + (scratch / "broken") + ".gp (status "));
    CHECK(std::string(error.what()).find("undefined variable: nonsense") != std::string::npos);
  }
  CHECK(fs::is_empty(scratch.path()));
}

}  // namespace codecosim::test
