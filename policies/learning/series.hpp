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
  /// 1 for what has never changed, but for rounding.
  double deviation() const {
    const double found = count_ > 1 ? std::sqrt(squares_ / count_) : 0;
    return found > 1e-9 * std::abs(mean_) ? found : 1;
  }
  double score(double value) const { return (value - mean_) / deviation(); }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

/// A forecaster that looks at each series of figures by itself: those of cpu by node, then of memory by node, then of
/// latency by link. What was not measured is taken to be as it was last, as CODECO does [S]; a series of which nothing
/// was measured yet is not a number here, and forecast as zero. Forecasts are kept in what can be: shares in [0, 1],
/// latencies from 0. The loss it reports is the mean square error of its forecasts one step ahead, each by the running
/// deviation of its series.
class SeriesForecaster : public Forecaster {
 public:
  void watch(const Graph& graph) final;
  void observe(const Figures& figures) final;
  Figures forecast(std::uint32_t steps) const final;
  Training train(Rng& rng) final;
  std::uint64_t waiting() const final { return waiting_; }
  // What most have: nothing that another could use.
  std::vector<float> parameters() const override { return {}; }
  void set_parameters(const std::vector<float>& parameters) override;

 protected:
  /// Where each kind of figure begins among the series, and where the last ends.
  using Kinds = std::array<std::size_t, 4>;
  virtual void start(std::size_t series) = 0;
  virtual void take(const std::vector<double>& values) = 0;
  virtual std::vector<double> ahead(std::uint32_t steps) const = 0;
  /// Learns from what was taken; the operations that it took.
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
