#pragma once
#include <span>
#include <vector>

#include "sim/base/rng.hpp"

namespace codecosim {

/// Linear least squares with a ridge, kept as sums: with A = ridge I + sum of x x' and b = sum of y x, the weights are
/// A^-1 b. In Bayesian terms: the posterior of the weights is a normal law of mean A^-1 b and covariance A^-1 (times
/// the variance of the noise), where the prior is a normal law of mean 0 and covariance I / ridge.
class Ridge {
 public:
  static constexpr std::size_t most = 64;
  /// `size` weights, at most `most`; ridge > 0.
  Ridge(std::size_t size, double ridge);

  void add(std::span<const double> x, double y);
  /// Solves for the weights, from the samples that were added or set. It takes fit_operations() floating-point
  /// operations.
  void fit();
  double fit_operations() const;
  double add_operations() const;

  std::span<const double> weights() const { return weights_; }
  /// x' A^-1 b.
  double mean(std::span<const double> x) const;
  /// sqrt(x' A^-1 x): the standard deviation of the mean, for noise of variance 1.
  double deviation(std::span<const double> x) const;
  /// Weights drawn from the normal law of mean A^-1 b and covariance deviation^2 A^-1.
  void draw(double deviation, Rng& rng, std::span<double> weights) const;

  /// Sum of x x' (its upper triangle, row by row) and b, without the ridge. Sums and means of these numbers over
  /// several learners are those of their pooled samples.
  void append_sums(std::vector<float>& numbers) const;
  std::size_t sum_count() const { return size_ * (size_ + 1) / 2 + size_; }
  void set_sums(std::span<const float> numbers);

 private:
  std::size_t size_;
  double ridge_;
  std::vector<double> products_;  // sum of x x', all of it, by column
  std::vector<double> targets_;   // b
  std::vector<double> factor_;    // L of A = L L', by column
  std::vector<double> weights_;
};

}  // namespace codecosim
