#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/metrics.hpp"
#include "analysis/results.hpp"
#include "analysis/statistics.hpp"

namespace codecosim {

/// Of what a difference must be at least, to matter, where nothing else is said.
inline constexpr double smallest_of_interest = 0.01;

struct CompareOptions {
  std::string factor;                ///< Whose levels are compared; empty: the only one with several, or the policy.
  std::string reference;             ///< The level that all others are compared with; empty: each with each.
  std::vector<std::string> metrics;  ///< Empty: those of default_metrics that differ; {"all"}: all.
  std::vector<std::pair<std::string, std::string>> where;  ///< Only runs with this level of this factor.
  double confidence = 0.95;
  double smallest = smallest_of_interest;  ///< Difference that matters, as a share of the mean compared with.
};

/// How the first level does against the second. `tie`: no difference is shown, which does not say that there is none.
/// `immaterial`: one is shown, and is smaller than what matters. `higher` and `lower` are of metrics that are not
/// better either way. `none`: too little to judge from.
enum class Verdict { win, tie, loss, higher, lower, immaterial, none };
const char* name_of(Verdict);

/// A metric at one level of the factor, over its replications.
struct Group {
  std::string level;
  std::size_t count = 0;
  double mean = 0, deviation = 0;
  std::optional<Interval> interval;  ///< Student's.
};

/// A metric at two levels, in pairs of runs that faced the same world; or, where no run of one faced a world of the
/// other's, of independent samples.
struct Difference {
  std::string a, b;
  bool paired = true;
  std::size_t pairs = 0;                 ///< 0 where not paired.
  std::size_t count_a = 0, count_b = 0;  ///< Values of each level that are compared.
  std::string unit = "replications";     ///< What the values are of: or batches, or draws.
  /// Pairs that are left out, by why: one level has no run in this world, a run failed, or did not measure this.
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
  double mean_a = 0, mean_b = 0;         ///< Of the values compared.
  double mean = 0, deviation = 0;        ///< Of a - b; there is no deviation where not paired.
  std::optional<Interval> student, bca;  ///< Student's, or Welch's where not paired; the bootstrap's is of pairs only.
  /// Of Student's or Welch's test, or where nothing varies of the sign test or the exact permutation test; and after
  /// Holm's correction over all comparisons of this metric.
  std::optional<double> p, adjusted;
  bool constant = false;         ///< All differences are the same; not paired: neither level varies.
  std::optional<double> effect;  ///< Hedges' g_z, or g where not paired.
  std::size_t wins = 0, ties = 0,
              losses = 0;  ///< Pairs in which a is better, the same, worse; higher for better where neither is.
  bool any() const { return count_a > 0 && count_b > 0; }
  Verdict verdict = Verdict::none;
  std::string sentence;            ///< The result in plain words.
  std::vector<std::string> notes;  ///< What to keep in mind with it.
};

/// One combination of the other factors' levels: runs are compared within it.
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
  std::string values_of = "replications";  ///< Or batches, of one long run each.
  std::vector<MetricComparison> metrics;
  std::vector<std::string> notes;
};

/// Compares the levels of a factor. Runs are paired that agree in all other factors, in seed and in replication: these
/// face the same draws of the world. Two levels of which no runs do, as of a plan with independent random numbers, are
/// compared as independent samples, by Welch's test. Several draws of sampled factors are no conditions but pairs: the
/// mean of a draw's replications is one value. Throws Error(usage) where the options fit no factor, level or metric,
/// and Error(scenario) where nothing can be concluded, such as from one replication.
Comparison compare(const Results&, const CompareOptions&);

/// Whether a factor is the one that is compared where several have levels and none is named.
bool is_policy(const std::string& factor);

/// The metrics that are compared unless others are asked for.
const std::vector<std::string>& default_metrics();

/// Turns samples of two levels into their comparison, `a[i]` with `b[i]`, but for the correction, the verdict and the
/// sentence, which conclude() adds when all comparisons of the metric are known.
Difference paired_difference(const std::string& level_a, const std::vector<double>& a, const std::string& level_b,
                             const std::vector<double>& b, Better, double confidence);
/// The same for samples that are independent, of any two sizes.
Difference unpaired_difference(const std::string& level_a, const std::vector<double>& a, const std::string& level_b,
                               const std::vector<double>& b, double confidence);
Group group_of(const std::string& level, const std::vector<double>& values, double confidence);
/// `smallest`: as in CompareOptions.
void conclude(MetricComparison&, double confidence, double smallest = smallest_of_interest);

}  // namespace codecosim
