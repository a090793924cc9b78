#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace codecosim {

/// A closed interval.
struct Interval {
  double low = 0, high = 0;
  bool contains(double value) const { return low <= value && value <= high; }
};

/// Arithmetic mean, with compensated summation (Neumaier 1974); of one value or more.
double mean_of(std::span<const double> values);

/// Standard deviation of the sample, s = sqrt(sum (x - mean)^2 / (n - 1)), in two passes with the correction of Chan,
/// Golub and LeVeque ("Algorithms for computing the sample variance", The American Statistician 37, 1983, eq. 1.7). 0
/// for fewer than two values.
double deviation_of(std::span<const double> values);

/// Student's t interval of the mean, mean +- t(n - 1, (1 + confidence) / 2) s / sqrt(n) (Student 1908). Exact where the
/// values are independent and normal. None for fewer than two values or where all are equal: then their variance is
/// unknown.
std::optional<Interval> student_interval(std::span<const double> values, double confidence);

/// Two-sided p value of Student's test that the mean is zero; on differences of pairs it is the paired t test. None as
/// above.
std::optional<double> student_p(std::span<const double> values);

/// Two-sided p value of the sign test that the median is zero (Arbuthnot 1710; Conover 1999, section 3.4): values of
/// zero are left out, and the rest are of either sign with the same chance. 1 where nothing is left.
double sign_p(std::span<const double> values);

/// The comparison of two means of independent samples whose variances may differ: the interval and p value of mean a -
/// mean b, by Welch's t with the degrees of freedom of Welch and Satterthwaite (Welch, Biometrika 34, 1947). None for
/// fewer than two values in either, or where neither varies.
struct Welch {
  Interval interval;
  double p = 1;
};
std::optional<Welch> welch(std::span<const double> a, std::span<const double> b, double confidence);

/// The bias-corrected and accelerated bootstrap interval of the mean (Efron, "Better bootstrap confidence intervals",
/// JASA 82, 1987; Efron and Tibshirani, "An introduction to the bootstrap", 1993, eq. 14.9 to 14.15): the quantiles
///   Phi(z0 + (z0 + z) / (1 - a (z0 + z))),  z = Phi^-1((1 -+ confidence) / 2)
/// of the means of `resamples` samples drawn with replacement, where z0 = Phi^-1(share of these below the mean, half of
/// those that equal it counting as below) and a = sum d^3 / (6 (sum d^2)^1.5), d the change of the mean when each value
/// is left out (jackknife). Quantiles are interpolated (type 7 of Hyndman and Fan 1996). The draws are always the same:
/// the same values give the same interval. None for fewer than three values or where all are the same.
std::optional<Interval> bca_interval(std::span<const double> values, double confidence, std::size_t resamples = 9999);

/// The standardised mean of differences, g_z = J(n - 1) mean / s: Cohen's d_z (Cohen 1988, section 2.3.5) without its
/// bias in small samples, J(m) = Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)) (Hedges, J. Educational Statistics 6,
/// 1981, eq. 6e). It is in standard deviations of the differences, not of the values. None for fewer than three values
/// or where all are the same.
std::optional<double> hedges_gz(std::span<const double> differences);

/// The standardised difference of two means of independent samples, g = J(n + m - 2) (mean a - mean b) / s with J as
/// above, where s^2 = ((n - 1) s_a^2 + (m - 1) s_b^2) / (n + m - 2) is pooled (Hedges 1981, eq. 4 and 6e). None for
/// fewer than two values in either, or where neither varies.
std::optional<double> hedges_g(std::span<const double> a, std::span<const double> b);

/// Two-sided p value of the exact permutation test of two samples that do not overlap: of all ways to split the n + m
/// values, two are as extreme, p = 2 / binomial(n + m, n) (Fisher 1935; Lehmann, "Nonparametrics", 1975, section 1.2).
double separation_p(std::size_t n, std::size_t m);

/// p values adjusted after Holm (Scandinavian J. Statistics 6, 1979): rejecting where the adjusted value is below alpha
/// keeps the familywise error rate below alpha, under any dependence between the tests.
std::vector<double> holm(std::span<const double> p);

/// The end of the initial transient of a series, by MSER-5 (White, "An effective truncation heuristic for bias
/// reduction in simulation output", Simulation 69, 1997; White, Cobb and Spratt, "A comparison of five steady-state
/// truncation heuristics for simulation", WSC 2000): of the means z of k batches of five values, the d first are cut
/// that minimise
///   sum over j > d of (z_j - mean of these)^2 / (k - d)^2,  0 <= d <= k / 2.
struct Transient {
  std::size_t length = 0;  ///< Values to leave out.
  bool ended = true;       ///< Whether the minimum is inside the search range; else the series is too short to tell.
};
Transient mser5(std::span<const double> series);

/// The means of `count` consecutive batches of the same size; surplus values at the beginning are left out. The mean of
/// a long series then has student_interval(means), where batches are long enough to be uncorrelated (Law, "Simulation
/// modeling and analysis", section 9.5.3). Empty where there are fewer values than batches.
std::vector<double> batch_means(std::span<const double> series, std::size_t count);

/// The serial correlation of a series. `lag1` is the usual estimate of the lag-1 autocorrelation. `p` is the one-sided
/// p value of von Neumann's test that there is none, against a positive one: c = 1 - sum (x_j+1 - x_j)^2 / (2 sum (x_j
/// - mean)^2) is normal about 0 with variance (n - 2) / (n^2 - 1) for n independent normal values (von Neumann, Annals
/// of Math. Statistics 12, 1941; for batch means Fishman, Management Science 24, 1978; Alexopoulos and Seila 1998,
/// section 7.3). None for fewer than three values or where all are the same.
struct Correlation {
  double lag1 = 0, p = 1;
};
std::optional<Correlation> serial_correlation(std::span<const double> series);

}  // namespace codecosim
