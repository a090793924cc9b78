#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "analysis/batches.hpp"
#include "analysis/compare.hpp"
#include "analysis/compare_text.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace {
struct Options {
  std::vector<std::string> results, where;
  CompareOptions compare;
  BatchOptions batch;
  std::string format = "table";
};

void print(const Comparison& comparison, const std::string& format) {
  if (format == "json")
    fmt::print("{}\n", compare_json(comparison).dump(2, ' ', false, Json::error_handler_t::replace));
  else
    fmt::print("{}", format == "csv"        ? compare_csv(comparison)
                     : format == "markdown" ? compare_markdown(comparison)
                                            : compare_table(comparison));
}

int compare_results(Options& options, bool batches) {
  for (const std::string& one : options.where) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos) throw Error(Failure::usage, fmt::format("--where {}: expected FACTOR=LEVEL", one));
    options.compare.where.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  const Results results(options.results);
  if (!batches) {
    print(compare(results, options.compare), options.format);
    return 0;
  }
  if (!options.compare.where.empty() || !options.compare.factor.empty() || !options.compare.reference.empty())
    throw Error(
        Failure::usage,
        "--batches compares the runs that are named, each with each: without --where, --factor and --reference");
  options.batch.columns = options.compare.metrics;
  options.batch.confidence = options.compare.confidence;
  options.batch.smallest = options.compare.smallest;
  print(compare_batches(results, options.batch), options.format);
  return 0;
}
}  // namespace

Command compare_command(const CommandLine& app) {
  const auto options = std::make_shared<Options>();
  const CommandLine line = app.subcommand("compare", "Compare policies, or other levels of a factor, by paired runs");
  line.option("results", options->results, "Directory or results.csv of a sweep, or directories of runs").required();
  line.option("--factor", options->compare.factor,
              "Whose levels are compared; the policy if not given, or what else differs");
  line.option("--reference", options->compare.reference,
              "Level that all others are compared with, instead of each with each");
  line.option("--metric", options->compare.metrics,
              "Metric to compare, or all; several are allowed. With --batches a column of series.csv")
      .one_value();
  line.option("--where", options->where, "FACTOR=LEVEL: only runs with it").one_value();
  line.option("--confidence", options->compare.confidence, "Of intervals and verdicts").between(0.5, 0.9999);
  line.option("--smallest", options->compare.smallest,
              "Smallest difference that matters, as a share of the mean compared with; 0.01 if not given")
      .check([](const std::string& text) {
        const std::optional<double> share = parse_number(text);
        return share && *share >= 0 && *share <= 10 ? std::string() : "a share from 0 to 10 is expected, not " + text;
      });
  const Option batches = line.option("--batches", options->batch.batches,
                                     "Compare single long runs by so many batches of their series.csv");
  line.option("--warmup", options->batch.warmup, "What to remove before: mser5, none, or a duration such as \"5 min\"")
      .needs(batches);
  line.option("--format", options->format, "How to print it").one_of({"table", "markdown", "csv", "json"});
  return {line, [options, batches] { return compare_results(*options, batches.given()); }};
}

}  // namespace codecosim
