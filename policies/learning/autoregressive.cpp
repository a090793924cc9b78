#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>

#include "policies/learning/policies.hpp"
#include "policies/learning/ridge.hpp"
#include "policies/learning/series.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

struct Settings {
  std::uint32_t order = 3;
  std::uint32_t window = 288;
  double ridge = 1;
};

/// Autoregression of order p: z(t) = c + a1 z(t - 1) + ... + ap z(t - p), where z is the series minus its running mean,
/// divided by its running deviation [S], and c, a are shared by all series of a kind: cpu, memory, latency. Fitted by
/// least squares to the last `window` samples, with a ridge around the previous parameters, so that parameters taken
/// over from others have the weight of `ridge` samples. The initial model is persistence, a1 = 1. Forecasts of several
/// steps use the forecasts of the steps before as samples (Box, Jenkins, "Time Series Analysis", 1970).
class Autoregressive final : public SeriesForecaster {
 public:
  explicit Autoregressive(const Settings& settings) : settings_(settings) {
    models_.fill(std::vector<double>(settings.order + 1));
    for (std::vector<double>& model : models_) model[1] = 1;
  }

  std::vector<float> parameters() const override {
    std::vector<float> numbers;
    for (const std::vector<double>& model : models_)
      for (const double each : model) numbers.push_back(static_cast<float>(each));
    return numbers;
  }

  void set_parameters(const std::vector<float>& numbers) override {
    ensure(numbers.size() == models_.size() * models_.front().size(), "parameters of another shape");
    std::size_t next = 0;
    for (std::vector<double>& model : models_)
      for (double& each : model) each = static_cast<double>(numbers[next++]);
  }

  std::string shape() const override { return fmt::format("ar, order {}, 3 kinds", settings_.order); }

 private:
  static constexpr double farthest = 10;  // deviations from the mean; the model may be unstable
  using Lags = std::vector<double>;       // 1, then the last samples, latest first

  void start(std::size_t) override { recent_.clear(); }

  void take(const std::vector<double>& values) override {
    recent_.push_back(values);
    if (recent_.size() > settings_.window) recent_.pop_front();
  }

  /// Reads the samples before sample `end` of the series; false where some are missing.
  bool lags(std::size_t series, std::size_t end, Lags& lags) const {
    if (end < settings_.order) return false;
    lags[0] = 1;
    for (std::size_t lag = 1; lag <= settings_.order; ++lag)
      lags[lag] = standard(series).score(recent_[end - lag][series]);
    return !std::isnan(lags.back());
  }

  double predict(const std::vector<double>& model, const Lags& lags) const {
    double sum = 0;
    for (std::size_t i = 0; i < model.size(); ++i) sum += model[i] * lags[i];
    return sum;
  }

  std::vector<double> ahead(std::uint32_t steps) const override {
    if (recent_.empty()) return std::vector<double>(kinds().back(), std::numeric_limits<double>::quiet_NaN());
    std::vector<double> values = recent_.back();
    Lags known(settings_.order + 1);
    for (std::size_t kind = 0; kind < models_.size(); ++kind)
      for (std::size_t series = kinds()[kind]; series < kinds()[kind + 1]; ++series) {
        if (!lags(series, recent_.size(), known)) continue;
        for (std::uint32_t step = 0; step < steps; ++step) {
          const double next = std::clamp(predict(models_[kind], known), -farthest, farthest);
          std::shift_right(known.begin() + 1, known.end(), 1);
          known[1] = next;
        }
        values[series] = standard(series).mean() + known[1] * standard(series).deviation();
      }
    return values;
  }

  double fit() override {
    double operations = 0;
    Lags known(settings_.order + 1);
    for (std::size_t kind = 0; kind < models_.size(); ++kind) {
      Ridge correction(known.size(), settings_.ridge);
      for (std::size_t series = kinds()[kind]; series < kinds()[kind + 1]; ++series)
        for (std::size_t end = settings_.order; end < recent_.size(); ++end) {
          if (!lags(series, end, known)) continue;
          correction.add(known, standard(series).score(recent_[end][series]) - predict(models_[kind], known));
          operations += correction.add_operations() + 2 * static_cast<double>(known.size());
        }
      correction.fit();
      operations += correction.fit_operations();
      for (std::size_t i = 0; i < known.size(); ++i) models_[kind][i] += correction.weights()[i];
    }
    return operations;
  }

  Settings settings_;
  std::array<std::vector<double>, 3> models_;  // by kind: c, a1, ..., ap
  std::deque<std::vector<double>> recent_;     // the window, oldest first
};

}  // namespace

Registry<Forecaster>::Make read_autoregressive(Reader& reader) {
  Settings settings;
  settings.order =
      reader.get<std::uint32_t>("order", settings.order, "How many samples back it looks.", between(1, 32));
  settings.window =
      reader.get<std::uint32_t>("window", settings.window, "Samples that it is fitted to.", between(2, 100000));
  settings.ridge =
      reader.get<double>("ridge", settings.ridge, "Samples' worth of belief in what it knew before.", positive);
  return [settings] { return std::make_unique<Autoregressive>(settings); };
}

}  // namespace codecosim
