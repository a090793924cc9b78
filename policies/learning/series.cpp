#include "policies/learning/series.hpp"

#include <algorithm>
#include <limits>

#include "sim/base/error.hpp"

namespace codecosim {

void SeriesForecaster::watch(const Graph& graph) {
  const std::size_t nodes = graph.nodes;
  kinds_ = {0, nodes, 2 * nodes, 2 * nodes + graph.links.size()};
  last_.assign(kinds_.back(), std::numeric_limits<double>::quiet_NaN());
  standards_.assign(kinds_.back(), {});
  start(kinds_.back());
}

void SeriesForecaster::observe(const Figures& figures) {
  std::vector<double> values(figures.cpu);
  values.insert(values.end(), figures.memory.begin(), figures.memory.end());
  values.insert(values.end(), figures.latency.begin(), figures.latency.end());
  ensure(figures.cpu.size() == kinds_[1] && values.size() == kinds_.back(), "figures of another graph");
  const std::vector<double> expected = ahead(1);
  for (std::size_t series = 0; series < values.size(); ++series) {
    double& value = values[series];
    const bool measured = !std::isnan(value);
    if (!measured) value = last_[series];
    if (std::isnan(value)) continue;
    standards_[series].add(value);
    if (!measured || std::isnan(expected[series])) continue;
    const double error = (value - expected[series]) / standards_[series].deviation();
    square_error_ += error * error;
    ++compared_;
  }
  last_ = values;
  take(values);
  ++waiting_;
}

Forecaster::Figures SeriesForecaster::forecast(std::uint32_t steps) const {
  const std::vector<double> values = ahead(steps);
  const auto kind = [&](std::size_t which, double highest) {
    std::vector<double> all(values.begin() + static_cast<std::ptrdiff_t>(kinds_[which]),
                            values.begin() + static_cast<std::ptrdiff_t>(kinds_[which + 1]));
    for (double& each : all) each = std::isnan(each) ? 0 : std::clamp(each, 0.0, highest);
    return all;
  };
  return {kind(0, 1), kind(1, 1), kind(2, std::numeric_limits<double>::max())};
}

Learner::Training SeriesForecaster::train(Rng&) {
  Training training{waiting_, 0, compared_ > 0 ? square_error_ / static_cast<double>(compared_) : 0};
  if (waiting_ > 0) training.operations = fit();
  waiting_ = compared_ = 0;
  square_error_ = 0;
  return training;
}

void SeriesForecaster::set_parameters(const std::vector<float>& numbers) {
  ensure(numbers.empty(), "parameters for a forecaster that has none");
}

}  // namespace codecosim
