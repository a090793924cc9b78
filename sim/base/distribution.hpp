#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/base/rng.hpp"

namespace codecosim {

/// A law to draw from, in base units. Equations are the textbook ones (Law, "Simulation Modeling and Analysis", ch. 8),
/// by inverse transform where a closed form exists; `mean()` is exact.
class Law {
 public:
  static Law constant(double value);
  static Law uniform(double low, double high);
  static Law exponential(double mean);
  /// Normal, redrawn until it is at least `low`; `mean()` is that of the untruncated law.
  static Law normal(double mean, double deviation, double low);
  /// Lognormal given by its own mean and standard deviation.
  static Law lognormal(double mean, double deviation);
  static Law weibull(double scale, double shape);
  /// Pareto of the first kind: density shape * minimum^shape / x^(shape + 1) from `minimum` on; mean infinite for shape
  /// <= 1.
  static Law pareto(double minimum, double shape);
  /// `unit` times a rank in 1..n whose probability is proportional to rank^-exponent.
  static Law zipf(double unit, std::uint64_t n, double exponent);
  /// One of the values, each equally likely.
  static Law empirical(std::vector<double> values);

  double sample(Rng& rng) const { return kind_ == Kind::constant ? a_ : draw(rng); }
  double mean() const { return mean_; }
  bool is_constant() const { return kind_ == Kind::constant; }
  bool is_exponential() const { return kind_ == Kind::exponential; }

 private:
  enum class Kind : std::uint8_t {
    constant,
    uniform,
    exponential,
    normal,
    lognormal,
    weibull,
    pareto,
    zipf,
    empirical
  };
  Law(Kind kind, double a, double b, double mean) : kind_(kind), a_(a), b_(b), mean_(mean) {}
  double draw(Rng& rng) const;

  Kind kind_;
  double a_, b_, mean_;
  double low_ = 0;
  std::shared_ptr<const std::vector<double>> table_;  // empirical: the values; zipf: the cumulative probabilities
};

/// A law over a quantity: `Distribution<Seconds>` draws durations.
template <class Q>
class Distribution {
 public:
  Distribution() : law_(Law::constant(0)) {}
  explicit Distribution(Law law) : law_(std::move(law)) {}
  Q sample(Rng& rng) const { return Q(law_.sample(rng)); }
  Q mean() const { return Q(law_.mean()); }
  const Law& law() const { return law_; }

 private:
  Law law_;
};

}  // namespace codecosim
