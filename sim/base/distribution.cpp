#include "sim/base/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/base/portable_math.hpp"

namespace codecosim {

Law Law::constant(double value) { return {Kind::constant, value, 0, value}; }
Law Law::uniform(double low, double high) { return {Kind::uniform, low, high, (low + high) / 2}; }
Law Law::exponential(double mean) { return {Kind::exponential, mean, 0, mean}; }

Law Law::normal(double mean, double deviation, double low) {
  Law law{Kind::normal, mean, deviation, mean};
  law.low_ = low;
  return law;
}

Law Law::lognormal(double mean, double deviation) {
  const double variance = portable::log(1 + (deviation / mean) * (deviation / mean));
  return {Kind::lognormal, portable::log(mean) - variance / 2, std::sqrt(variance), mean};
}

Law Law::weibull(double scale, double shape) {
  return {Kind::weibull, scale, shape, scale * std::tgamma(1 + 1 / shape)};
}

Law Law::pareto(double minimum, double shape) {
  const double mean = shape > 1 ? shape * minimum / (shape - 1) : std::numeric_limits<double>::infinity();
  return {Kind::pareto, minimum, shape, mean};
}

Law Law::zipf(double unit, std::uint64_t n, double exponent) {
  std::vector<double> cumulative(n);
  double total = 0, mean = 0;
  for (std::uint64_t rank = 1; rank <= n; ++rank) {
    const double weight = portable::pow(static_cast<double>(rank), -exponent);
    mean += weight * static_cast<double>(rank);
    cumulative[rank - 1] = total += weight;
  }
  for (double& probability : cumulative) probability /= total;
  Law law{Kind::zipf, unit, 0, unit * mean / total};
  law.table_ = std::make_shared<const std::vector<double>>(std::move(cumulative));
  return law;
}

Law Law::empirical(std::vector<double> values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  Law law{Kind::empirical, 0, 0, mean};
  law.table_ = std::make_shared<const std::vector<double>>(std::move(values));
  return law;
}

double Law::draw(Rng& rng) const {
  switch (kind_) {
    case Kind::constant:
      return a_;
    case Kind::uniform:
      return rng.uniform(a_, b_);
    case Kind::exponential:
      return rng.exponential(a_);
    case Kind::normal:
      for (;;) {
        const double value = rng.normal(a_, b_);
        if (value >= low_) return value;
      }
    case Kind::lognormal:
      return portable::exp(rng.normal(a_, b_));
    case Kind::weibull:
      return a_ * portable::pow(-portable::log(rng.uniform()), 1 / b_);
    case Kind::pareto:
      return a_ * portable::pow(rng.uniform(), -1 / b_);
    case Kind::zipf: {
      const auto place = std::lower_bound(table_->begin(), table_->end(), rng.uniform());
      return a_ *
             static_cast<double>(std::min<long>(place - table_->begin(), static_cast<long>(table_->size()) - 1) + 1);
    }
    case Kind::empirical:
      return (*table_)[rng.below(table_->size())];
  }
  return a_;
}

}  // namespace codecosim
