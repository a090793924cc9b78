#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "models/learner.hpp"

namespace codecosim {

/// Running mean and standard deviation (Welford, "Note on a method for calculating corrected sums of squares and
/// products", Technometrics 4(3), 1962).
class Standard {
 public:
  void add(double value) {
    const double before = value - mean_;
    mean_ += before / ++count_;
    squares_ += before * (value - mean_);
  }
  double mean() const { return mean_; }
  /// Standard deviation; 1 for a value that has never changed, except for rounding.
  double deviation() const {
    const double found = count_ > 1 ? std::sqrt(squares_ / count_) : 0;
    return found > 1e-9 * std::abs(mean_) ? found : 1;
  }
  double score(double value) const { return (value - mean_) / deviation(); }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

/// A univariate forecaster: it forecasts each series by itself, cpu by node, then memory by node, then latency by link.
/// A missing sample is taken to equal the last one, as CODECO does [S]; a series without any sample yet is NaN here,
/// and forecast as zero. Forecasts are clamped to valid values: shares in [0, 1], latencies from 0. The reported loss
/// is the mean square error of the forecasts one step ahead, each divided by the running deviation of its series.
class SeriesForecaster : public Forecaster {
 public:
  void watch(const Graph& graph) final;
  void observe(const Figures& figures) final;
  Figures forecast(std::uint32_t steps) const final;
  Training train(Rng& rng) final;
  std::uint64_t waiting() const final { return waiting_; }
  // Most of these forecasters have no parameters that another one could use.
  std::vector<float> parameters() const override { return {}; }
  void set_parameters(const std::vector<float>& parameters) override;

 protected:
  /// Index of the first series of each kind, and the end of the last kind.
  using Kinds = std::array<std::size_t, 4>;
  virtual void start(std::size_t series) = 0;
  virtual void take(const std::vector<double>& values) = 0;
  virtual std::vector<double> ahead(std::uint32_t steps) const = 0;
  /// Learns from the samples taken; returns the operations that it took.
  virtual double fit() { return 0; }

  const Kinds& kinds() const { return kinds_; }
  const Standard& standard(std::size_t series) const { return standards_[series]; }

 private:
  Kinds kinds_{};
  std::vector<double> last_;
  std::vector<Standard> standards_;
  std::uint64_t waiting_ = 0, compared_ = 0;
  double square_error_ = 0;  // of those compared, since training
};

}  // namespace codecosim
