#include <fmt/format.h>

#include <limits>
#include <numeric>

#include "policies/learning/policies.hpp"
#include "policies/learning/series.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

struct Settings {
  double alpha = 0.3, beta = 0.05, gamma = 0.1;
  std::uint32_t season = 0;
};

/// Additive exponential smoothing of one series: with y the sample, m the length of the season,
///   level  l(t) = alpha (y(t) - s(t - m)) + (1 - alpha) (l(t - 1) + b(t - 1))
///   trend  b(t) = beta (l(t) - l(t - 1)) + (1 - beta) b(t - 1)
///   season s(t) = gamma (y(t) - l(t)) + (1 - gamma) s(t - m)
/// and l + h b + s expected h steps ahead (Holt, "Forecasting seasonals and trends by exponentially weighted moving
/// averages", ONR memorandum 52, 1957; Winters, "Forecasting sales by exponentially weighted moving averages",
/// Management Science 6(3), 1960). Begins with the line through its first two samples or, with a season, through the
/// means of its first two seasons; until then it expects the last value.
class Smoothing {
 public:
  void take(double y, const Settings& settings) {
    if (std::isnan(y)) return;
    const std::size_t beginning = settings.season > 0 ? 2 * settings.season : 2;
    if (count_++ < beginning) {
      first_.push_back(y);
      level_ = y;
      if (count_ == beginning) begin(settings.season);
      return;
    }
    double& season = season_[count_ % season_.size()];
    const double before = level_;
    level_ = settings.alpha * (y - season) + (1 - settings.alpha) * (level_ + trend_);
    trend_ = settings.beta * (level_ - before) + (1 - settings.beta) * trend_;
    if (settings.season > 0) season = settings.gamma * (y - level_) + (1 - settings.gamma) * season;
  }

  double ahead(std::uint32_t steps) const {
    const double season = season_.empty() ? 0 : season_[(count_ + steps) % season_.size()];
    return level_ + trend_ * steps + season;
  }

 private:
  void begin(std::size_t length) {
    if (length == 0) {
      trend_ = first_[1] - first_[0];
      season_.assign(1, 0);
    } else {
      const auto middle = first_.begin() + static_cast<std::ptrdiff_t>(length);
      const auto n = static_cast<double>(length);
      const double early = std::accumulate(first_.begin(), middle, 0.0) / n,
                   late = std::accumulate(middle, first_.end(), 0.0) / n;
      trend_ = (late - early) / n;
      level_ = late + trend_ * (n - 1) / 2;
      season_.assign(length, 0);
      for (std::size_t i = 0; i < first_.size(); ++i) {
        const double line = level_ - trend_ * static_cast<double>(first_.size() - 1 - i);
        season_[(i + 1) % length] += (first_[i] - line) / 2;
      }
    }
    first_ = {};
  }

  std::uint64_t count_ = 0;
  double level_ = std::numeric_limits<double>::quiet_NaN(), trend_ = 0;
  std::vector<double> season_;  // by the number of the sample, from 1, modulo its length; empty: it has not begun
  std::vector<double> first_;
};

class HoltWinters final : public SeriesForecaster {
 public:
  explicit HoltWinters(const Settings& settings) : settings_(settings) {}
  std::string shape() const override { return fmt::format("holt-winters, season {}", settings_.season); }

 private:
  void start(std::size_t series) override { series_.assign(series, {}); }
  void take(const std::vector<double>& values) override {
    for (std::size_t i = 0; i < values.size(); ++i) series_[i].take(values[i], settings_);
  }
  std::vector<double> ahead(std::uint32_t steps) const override {
    std::vector<double> values;
    values.reserve(series_.size());
    for (const Smoothing& each : series_) values.push_back(each.ahead(steps));
    return values;
  }

  Settings settings_;
  std::vector<Smoothing> series_;
};

}  // namespace

Registry<Forecaster>::Make read_holt_winters(Reader& reader) {
  Settings settings;
  settings.alpha = reader.get<double>("alpha", settings.alpha, "Weight of a sample in the level.", between(0, 1));
  settings.beta = reader.get<double>("beta", settings.beta, "Weight of a change of level in the trend.", between(0, 1));
  settings.gamma = reader.get<double>("gamma", settings.gamma, "Weight of a sample in the season.", between(0, 1));
  settings.season =
      reader.get<std::uint32_t>("season", settings.season, "Samples in a season; 0: none.", between(0, 100000));
  return [settings] { return std::make_unique<HoltWinters>(settings); };
}

}  // namespace codecosim
