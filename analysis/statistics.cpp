#include "analysis/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numeric>

#include "sim/base/error.hpp"
#include "sim/base/rng.hpp"

namespace codecosim {

namespace {
using boost::math::complement;

bool vary(std::span<const double> values) {
  const double deviation = deviation_of(values);
  return deviation > 0 && std::isfinite(deviation);
}

Interval around(double mean, double error, double freedom, double confidence) {
  const double half = quantile(complement(boost::math::students_t(freedom), (1 - confidence) / 2)) * error;
  return {mean - half, mean + half};
}

double two_sided(double t, double freedom) {
  return 2 * cdf(complement(boost::math::students_t(freedom), std::abs(t)));
}

/// Hedges' J, which corrects the bias of a standardised mean.
double unbiased(double freedom) { return boost::math::tgamma_delta_ratio(freedom / 2, -0.5) / std::sqrt(freedom / 2); }

/// A quantile of an ordered sample, interpolated between its members.
double quantile_of(const std::vector<double>& ordered, double share) {
  const double at = share * static_cast<double>(ordered.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, ordered.size() - 1);
  return ordered[below] + (at - static_cast<double>(below)) * (ordered[above] - ordered[below]);
}

/// The means of samples drawn from these with replacement, ordered.
std::vector<double> resampled_means(std::span<const double> values, std::size_t resamples) {
  Rng rng = Rng(1, 0).stream("analysis/bootstrap");
  std::vector<double> means(resamples);
  for (double& mean : means) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[rng.below(values.size())];
    mean = sum / static_cast<double>(values.size());
  }
  std::sort(means.begin(), means.end());
  return means;
}
}  // namespace

double mean_of(std::span<const double> values) {
  ensure(!values.empty(), "a mean is of something");
  double sum = 0, lost = 0;
  for (const double value : values) {
    const double next = sum + value;
    lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  return (sum + lost) / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) {
  if (values.size() < 2 || std::equal(values.begin() + 1, values.end(), values.begin())) return 0;
  const double mean = mean_of(values), n = static_cast<double>(values.size());
  double squares = 0, rest = 0;
  for (const double value : values) {
    squares += (value - mean) * (value - mean);
    rest += value - mean;
  }
  return std::sqrt((squares - rest * rest / n) / (n - 1));
}

std::optional<Interval> student_interval(std::span<const double> values, double confidence) {
  if (!vary(values)) return std::nullopt;
  const double n = static_cast<double>(values.size());
  return around(mean_of(values), deviation_of(values) / std::sqrt(n), n - 1, confidence);
}

std::optional<double> student_p(std::span<const double> values) {
  if (!vary(values)) return std::nullopt;
  const double n = static_cast<double>(values.size());
  return two_sided(mean_of(values) / (deviation_of(values) / std::sqrt(n)), n - 1);
}

double sign_p(std::span<const double> values) {
  const auto above = std::count_if(values.begin(), values.end(), [](double value) { return value > 0; });
  const auto below = std::count_if(values.begin(), values.end(), [](double value) { return value < 0; });
  if (above + below == 0) return 1;
  const boost::math::binomial fair(static_cast<double>(above + below), 0.5);
  return std::min(1.0, 2 * cdf(fair, static_cast<double>(std::min(above, below))));
}

std::optional<Welch> welch(std::span<const double> a, std::span<const double> b, double confidence) {
  if (a.size() < 2 || b.size() < 2 || (!vary(a) && !vary(b))) return std::nullopt;
  const double n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  const double u = std::pow(deviation_of(a), 2) / n, v = std::pow(deviation_of(b), 2) / m;
  const double share = u / (u + v);
  const double freedom = 1 / (share * share / (n - 1) + (1 - share) * (1 - share) / (m - 1));
  const double difference = mean_of(a) - mean_of(b), error = std::sqrt(u + v);
  return Welch{around(difference, error, freedom, confidence), two_sided(difference / error, freedom)};
}

std::optional<Interval> bca_interval(std::span<const double> values, double confidence, std::size_t resamples) {
  if (values.size() < 3 || !vary(values)) return std::nullopt;
  const std::vector<double> means = resampled_means(values, resamples);
  const double mean = mean_of(values), deviation = deviation_of(values);
  // The same values in another order have the same mean, except for the last bits.
  const auto largest =
      *std::max_element(values.begin(), values.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  const double rounding = std::abs(largest) * static_cast<double>(values.size()) * 0x1p-52;
  const auto from = std::lower_bound(means.begin(), means.end(), mean - rounding);
  const auto to = std::upper_bound(from, means.end(), mean + rounding);
  const double below =
      static_cast<double>((from - means.begin()) + (to - means.begin())) / (2 * static_cast<double>(resamples));
  if (below <= 0 || below >= 1) return std::nullopt;

  // Without x the mean is mean + (mean - x) / (n - 1): the jackknife's d is proportional to x - mean.
  double squares = 0, cubes = 0;
  for (const double value : values) {
    const double d = (value - mean) / deviation;
    squares += d * d;
    cubes += d * d * d;
  }
  const double acceleration = cubes / (6 * std::pow(squares, 1.5));
  const boost::math::normal normal;
  const double bias = quantile(normal, below);
  const auto end = [&](double share) {
    const double z = bias + quantile(normal, share);
    return quantile_of(means, cdf(normal, bias + z / (1 - acceleration * z)));
  };
  return Interval{end((1 - confidence) / 2), end((1 + confidence) / 2)};
}

std::optional<double> hedges_gz(std::span<const double> differences) {
  if (differences.size() < 3 || !vary(differences)) return std::nullopt;
  return unbiased(static_cast<double>(differences.size() - 1)) * mean_of(differences) / deviation_of(differences);
}

std::optional<double> hedges_g(std::span<const double> a, std::span<const double> b) {
  if (a.size() < 2 || b.size() < 2 || (!vary(a) && !vary(b))) return std::nullopt;
  const double n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  const double squares = (n - 1) * std::pow(deviation_of(a), 2) + (m - 1) * std::pow(deviation_of(b), 2);
  return unbiased(n + m - 2) * (mean_of(a) - mean_of(b)) / std::sqrt(squares / (n + m - 2));
}

double separation_p(std::size_t n, std::size_t m) {
  const double a = static_cast<double>(n), b = static_cast<double>(m);
  return std::min(1.0, 2 * std::exp(std::lgamma(a + 1) + std::lgamma(b + 1) - std::lgamma(a + b + 1)));
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(p.size() - rank) * p[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

Transient mser5(std::span<const double> series) {
  constexpr std::size_t batch = 5;
  const std::size_t batches = series.size() / batch;
  if (batches < 2) return {0, false};
  // Batches are added from the last to the first, so that each step needs only those after it (Welford 1962).
  double mean = 0, squares = 0, least = 0;
  std::size_t best = batches;
  for (std::size_t first = batches; first-- > 0;) {
    const double value = mean_of(series.subspan(first * batch, batch)), behind = static_cast<double>(batches - first);
    const double off = value - mean;
    mean += off / behind;
    squares += off * (value - mean);
    const double error = squares / (behind * behind);
    if (first <= batches / 2 && (best == batches || error <= least)) {
      least = error;
      best = first;
    }
  }
  return {best * batch, best < batches / 2};
}

std::vector<double> batch_means(std::span<const double> series, std::size_t count) {
  if (count == 0 || series.size() < count) return {};
  const std::size_t size = series.size() / count, skipped = series.size() - size * count;
  std::vector<double> means;
  for (std::size_t b = 0; b < count; ++b) means.push_back(mean_of(series.subspan(skipped + b * size, size)));
  return means;
}

std::optional<Correlation> serial_correlation(std::span<const double> series) {
  if (series.size() < 3 || !vary(series)) return std::nullopt;
  const double mean = mean_of(series), n = static_cast<double>(series.size());
  double squares = 0, products = 0, steps = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    squares += (series[i] - mean) * (series[i] - mean);
    if (i == 0) continue;
    products += (series[i] - mean) * (series[i - 1] - mean);
    steps += (series[i] - series[i - 1]) * (series[i] - series[i - 1]);
  }
  const double c = 1 - steps / (2 * squares);
  return Correlation{products / squares, cdf(complement(boost::math::normal(), c * std::sqrt((n * n - 1) / (n - 2))))};
}

}  // namespace codecosim
