#include "analysis/batches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/statistics.hpp"
#include "sim/base/csv.hpp"
#include "sim/base/error.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
constexpr std::size_t fewest_batches = 10;  // Schmeiser (Operations Research 30, 1982): 10 to 30 batches are enough
constexpr double alarm = 0.05;              // significance level of von Neumann's test

struct Series {
  std::string run, world;
  std::vector<double> times, values;
};

/// Whether the column is a counter, which grows for the whole run: its mean over time has no meaning.
bool is_count(const std::string& column) {
  return column == "time_s" || column == "requests_completed" || column == "requests_failed";
}

Series read_series(const Results& results, std::size_t row, const std::string& column) {
  const std::string& run = results.text(row, *results.find("run"));
  if (results.folder(row).empty())
    throw Error(Failure::scenario, fmt::format("run {}: its files were not kept, so there is no series.csv", run));
  const Csv table(results.folder(row) + "/series.csv");
  if (is_count(column))
    throw Error(Failure::usage,
                fmt::format("--metric {}: it only grows, so that its mean over time says nothing", column));
  const std::size_t time = table.column("time_s"), value = table.column(column);
  Series series{run, "", {}, {}};
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const bool measured = !table.text(i, value).empty();
    const double at = table.number(i, time), one = measured ? table.number(i, value) : 0;
    if (!series.times.empty() && at <= series.times.back()) table.fail(i, "time_s does not grow");
    if (!measured) {
      // No request is counted during the scenario's own warm-up.
      if (series.times.empty()) continue;
      table.fail(i, fmt::format("no request was completed since the line before, so there is no {}; let `series` of "
                                "the scenario be longer",
                                column));
    }
    series.times.push_back(at);
    series.values.push_back(one);
  }
  for (const char* key : {"seed", "replication"})
    if (const auto id = results.find(key)) series.world += results.text(row, *id) + "/";
  return series;
}

std::string unit_of(const std::string& column) {
  return column.ends_with("_s") ? "s" : column.ends_with("_w") ? "W" : "1";
}

Better better_series(const std::string& column) {
  if (column == "mean_latency_s" || column == "power_w") return Better::lower;
  if (column == "pods_ready" || column == "nodes_up") return Better::higher;
  return Better::neither;
}

/// The end of a run's warm-up.
double start_of(const Series& series, const std::string& column, const std::string& warmup,
                std::vector<std::string>& notes) {
  if (series.times.empty())
    throw Error(Failure::scenario, fmt::format("{}: series.csv has no values of {}", series.run, column));
  if (warmup == "none") return series.times.front();
  if (warmup != "mser5") {
    std::string why;
    const auto time = parse_quantity(warmup, notation<Seconds>(), why);
    if (!time || *time < 0)
      throw Error(Failure::usage, "--warmup: mser5, none, or a duration" + (why.empty() ? why : "; " + why));
    return *time;
  }
  const Transient transient = mser5(series.values);
  const double start = series.times[transient.length];
  notes.push_back(fmt::format("{}, {}: MSER-5 removes the first {} of {} values, up to {}.{}", series.run, column,
                              transient.length, series.values.size(), readable(Seconds(start)),
                              transient.ended
                                  ? ""
                                  : " This is the most that it may, or all it can see: the run is too short to tell "
                                    "where its transient ends."));
  return start;
}

void keep_from(Series& series, double start) {
  const auto first = std::lower_bound(series.times.begin(), series.times.end(), start) - series.times.begin();
  series.times.erase(series.times.begin(), series.times.begin() + first);
  series.values.erase(series.values.begin(), series.values.begin() + first);
}

std::string correlation_note(const std::string& what, const std::vector<double>& means) {
  const auto correlation = serial_correlation(means);
  if (!correlation) return fmt::format("{}: batches do not vary.", what);
  return fmt::format(
      "{}: correlation of a batch with the next {:.2f}{}", what, correlation->lag1,
      correlation->p < alarm
          ? fmt::format(" (p = {:.2g}): too correlated, intervals are too short; take fewer batches or a longer run.",
                        correlation->p)
          : ".");
}

Difference difference_of(const Series& a, const std::vector<double>& of_a, const Series& b,
                         const std::vector<double>& of_b, Better way, double confidence) {
  if (a.world == b.world && a.times == b.times) {
    Difference one = paired_difference(a.run, of_a, b.run, of_b, way, confidence);
    std::vector<double> differences;
    for (std::size_t i = 0; i < of_a.size(); ++i) differences.push_back(of_a[i] - of_b[i]);
    one.notes.push_back(correlation_note("Differences", differences));
    one.unit = "batches";
    return one;
  }
  Difference one = unpaired_difference(a.run, of_a, b.run, of_b, confidence);
  one.unit = "batches";
  return one;
}
}  // namespace

Comparison compare_batches(const Results& results, const BatchOptions& options) {
  if (results.rows() < 2) throw Error(Failure::usage, "--batches: name two runs or more");
  if (options.batches < 2) throw Error(Failure::usage, "--batches: two or more are needed for a variance");
  Comparison comparison;
  comparison.name = results.name();
  comparison.factor = "run";
  comparison.confidence = options.confidence;
  comparison.values_of = "batches";
  std::vector<std::string> columns = options.columns;
  if (columns.empty()) columns = {"mean_latency_s", "busy_cores", "power_w"};
  for (const std::string& column : columns) {
    MetricComparison metric{column, unit_of(column), better_series(column), {{}}};
    Block& block = metric.blocks.front();
    std::vector<Series> runs;
    double start = 0;
    for (std::size_t row = 0; row < results.rows(); ++row) {
      runs.push_back(read_series(results, row, column));
      start = std::max(start, start_of(runs.back(), column, options.warmup, comparison.notes));
    }
    std::vector<std::vector<double>> means;
    for (Series& run : runs) {
      keep_from(run, start);
      means.push_back(batch_means(run.values, options.batches));
      if (means.back().empty())
        throw Error(Failure::scenario,
                    fmt::format("{}: {} values of {} from {} on are too few for {} batches; let the run be longer, "
                                "or `series` of the scenario shorter",
                                run.run, run.values.size(), column, readable(Seconds(start)), options.batches));
      comparison.notes.push_back(
          correlation_note(fmt::format("{}, {}, {} batches of {} values from {} on", run.run, column, options.batches,
                                       run.values.size() / options.batches, readable(Seconds(start))),
                           means.back()));
      block.groups.push_back(group_of(run.run, means.back(), options.confidence));
    }
    for (std::size_t a = 0; a < runs.size(); ++a)
      for (std::size_t b = a + 1; b < runs.size(); ++b)
        block.differences.push_back(
            difference_of(runs[a], means[a], runs[b], means[b], metric.better, options.confidence));
    conclude(metric, options.confidence, options.smallest);
    comparison.metrics.push_back(std::move(metric));
  }
  if (options.batches < fewest_batches)
    comparison.notes.push_back(
        fmt::format("Only {} batches: the check of their correlation sees little.", options.batches));
  comparison.notes.push_back(
      "Batches of one run tell how it varies over time, not how it would with other draws of the world.");
  return comparison;
}

}  // namespace codecosim
