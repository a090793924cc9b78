#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/metrics.hpp"
#include "analysis/results.hpp"
#include "analysis/statistics.hpp"

namespace codecosim {

/// Default of the smallest difference that matters, as a share of the mean.
inline constexpr double smallest_of_interest = 0.01;

struct CompareOptions {
  std::string factor;     ///< Factor whose levels are compared; empty: the only one with several, or the policy.
  std::string reference;  ///< Level that all others are compared with; empty: each with each.
  std::vector<std::string> metrics;  ///< Empty: those of default_metrics that differ; {"all"}: all.
  std::vector<std::pair<std::string, std::string>> where;  ///< Only runs with this level of this factor.
  double confidence = 0.95;
  double smallest = smallest_of_interest;  ///< Smallest difference that matters, as a share of the reference mean.
};

/// The result of the first level against the second. `tie`: no significant difference, which does not show equality.
/// `immaterial`: a significant difference that is too small to matter. `higher` and `lower`: for metrics where neither
/// is better. `none`: too few values.
enum class Verdict { win, tie, loss, higher, lower, immaterial, none };
const char* name_of(Verdict);

/// A metric at one level of the factor, over its replications.
struct Group {
  std::string level;
  std::size_t count = 0;
  double mean = 0, deviation = 0;
  std::optional<Interval> interval;  ///< Student's.
};

/// The difference of a metric between two levels, over pairs of runs with common random numbers; or, where no two runs
/// have them, of independent samples.
struct Difference {
  std::string a, b;
  bool paired = true;
  std::size_t pairs = 0;                 ///< 0 where not paired.
  std::size_t count_a = 0, count_b = 0;  ///< Values of each level that are compared.
  std::string unit = "replications";     ///< Kind of the values: replications, batches or draws.
  /// Pairs that are left out, by reason: one level has no run with these random numbers, a run failed, or it did not
  /// measure this.
  struct Dropped {
    std::size_t missing = 0, failed = 0, unmeasured = 0;
    std::size_t all() const { return missing + failed + unmeasured; }
    Dropped& operator+=(const Dropped& other) {
      missing += other.missing;
      failed += other.failed;
      unmeasured += other.unmeasured;
      return *this;
    }
  } dropped;
  double mean_a = 0, mean_b = 0;         ///< Means of the values compared.
  double mean = 0, deviation = 0;        ///< Mean and deviation of a - b; no deviation where not paired.
  std::optional<Interval> student, bca;  ///< Student's, or Welch's where not paired; bootstrap for pairs only.
  /// p value of Student's or Welch's test, or where nothing varies of the sign test or the exact permutation test; and
  /// the same after Holm's correction over all comparisons of this metric.
  std::optional<double> p, adjusted;
  bool constant = false;         ///< All differences are the same; not paired: neither level varies.
  std::optional<double> effect;  ///< Hedges' g_z, or g where not paired.
  std::size_t wins = 0, ties = 0,
              losses = 0;  ///< Pairs in which a is better, equal, worse; where neither is better: higher, equal, lower.
  bool any() const { return count_a > 0 && count_b > 0; }
  Verdict verdict = Verdict::none;
  std::string sentence;            ///< The result in plain words.
  std::vector<std::string> notes;  ///< Caveats.
};

/// A block: one combination of the other factors' levels. Runs are compared within it.
struct Block {
  std::vector<std::pair<std::string, std::string>> where;
  std::vector<Group> groups;
  std::vector<Difference> differences;
};

struct MetricComparison {
  std::string metric, unit;
  Better better = Better::neither;
  std::vector<Block> blocks;
};

/// All figures of a comparison, ready to be shown.
struct Comparison {
  std::string name, factor;
  double confidence = 0.95;
  std::string values_of = "replications";  ///< Or batches, each of one long run.
  std::vector<MetricComparison> metrics;
  std::vector<std::string> notes;
};

/// Compares the levels of a factor. Runs that agree in all other factors, in seed and in replication are paired: they
/// have common random numbers. Two levels without such runs, as in a plan with independent random numbers, are compared
/// as independent samples, by Welch's test. Several draws of sampled factors are not blocks but pairs: the mean of a
/// draw's replications is one value. Throws Error(usage) where the options fit no factor, level or metric, and
/// Error(scenario) where nothing can be concluded, such as from one replication.
Comparison compare(const Results&, const CompareOptions&);

/// Whether a factor is the policy, which is compared by default where several factors have several levels.
bool is_policy(const std::string& factor);

/// The metrics that are compared unless others are asked for.
const std::vector<std::string>& default_metrics();

/// Compares samples of two levels, `a[i]` with `b[i]`. The correction, the verdict and the sentence are left to
/// conclude(), which needs all comparisons of the metric.
Difference paired_difference(const std::string& level_a, const std::vector<double>& a, const std::string& level_b,
                             const std::vector<double>& b, Better, double confidence);
/// Compares independent samples of two levels, of any sizes.
Difference unpaired_difference(const std::string& level_a, const std::vector<double>& a, const std::string& level_b,
                               const std::vector<double>& b, double confidence);
Group group_of(const std::string& level, const std::vector<double>& values, double confidence);
/// Adds the correction, the verdicts and the sentences to all comparisons of a metric. `smallest`: as in
/// CompareOptions.
void conclude(MetricComparison&, double confidence, double smallest = smallest_of_interest);

}  // namespace codecosim
