#include "models/application/workload.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace codecosim {

namespace {
class Poisson : public Workload {
 public:
  explicit Poisson(Hertz rate) : mean_gap_(1.0 / rate) {}
  std::optional<Seconds> next(State& state, std::uint32_t) const override {
    return state.last += Seconds(state.rng.exponential(mean_gap_.value));
  }
  double expected(std::uint32_t, Seconds until) const override { return until / mean_gap_; }

 private:
  Seconds mean_gap_;
};

class Periodic : public Workload {
 public:
  Periodic(Seconds period, Distribution<Seconds> jitter) : period_(period), jitter_(std::move(jitter)) {}
  std::optional<Seconds> next(State& state, std::uint32_t) const override {
    if (state.count == 0) state.phase = period_ * state.rng.uniform();
    const Seconds due = state.phase + period_ * static_cast<double>(state.count++) + jitter_.sample(state.rng);
    return state.last = std::max(state.last, due);
  }
  double expected(std::uint32_t, Seconds until) const override { return until / period_; }

 private:
  Seconds period_;
  Distribution<Seconds> jitter_;
};

class Diurnal : public Workload {
 public:
  Diurnal(Hertz mean, std::vector<double> factors, Seconds day) : factors_(std::move(factors)), day_(day) {
    const double average =
        std::accumulate(factors_.begin(), factors_.end(), 0.0) / static_cast<double>(factors_.size());
    for (double& factor : factors_) factor /= average;
    peak_ = *std::max_element(factors_.begin(), factors_.end());
    mean_gap_ = 1.0 / (mean * peak_);
  }
  std::optional<Seconds> next(State& state, std::uint32_t) const override {
    do {
      state.last += Seconds(state.rng.exponential(mean_gap_.value));
    } while (state.rng.uniform() * peak_ > factor_at(state.last));
    return state.last;
  }
  double expected(std::uint32_t, Seconds until) const override {
    const Seconds step = day_ / static_cast<double>(factors_.size());
    const double days = std::floor(until / day_);
    double factors = days * static_cast<double>(factors_.size());  // their mean is 1
    Seconds left = until - day_ * days;
    for (std::size_t i = 0; i < factors_.size() && left > Seconds(0); ++i, left -= step)
      factors += factors_[i] * std::min(1.0, left / step);
    return factors * (step / mean_gap_) / peak_;
  }

 private:
  double factor_at(Seconds when) const {
    const double days = when / day_, part = days - static_cast<double>(static_cast<long long>(days));
    const auto step = static_cast<std::size_t>(part * static_cast<double>(factors_.size()));
    return factors_[std::min(step, factors_.size() - 1)];
  }
  std::vector<double> factors_;
  Seconds day_;
  double peak_ = 1;
  Seconds mean_gap_;
};

class Replay : public Workload {
 public:
  explicit Replay(std::vector<std::vector<Seconds>> arrivals) : arrivals_(std::move(arrivals)) {}
  std::optional<Seconds> next(State& state, std::uint32_t client) const override {
    const std::vector<Seconds>& own = arrivals_[client % arrivals_.size()];
    if (state.count >= own.size()) return std::nullopt;
    return state.last = own[state.count++];
  }
  double expected(std::uint32_t client, Seconds until) const override {
    const std::vector<Seconds>& own = arrivals_[client % arrivals_.size()];
    return static_cast<double>(std::upper_bound(own.begin(), own.end(), until) - own.begin());
  }

 private:
  std::vector<std::vector<Seconds>> arrivals_;
};
}  // namespace

std::unique_ptr<Workload> poisson_workload(Hertz rate) { return std::make_unique<Poisson>(rate); }
std::unique_ptr<Workload> periodic_workload(Seconds period, Distribution<Seconds> jitter) {
  return std::make_unique<Periodic>(period, std::move(jitter));
}
std::unique_ptr<Workload> diurnal_workload(Hertz mean, std::vector<double> factors, Seconds day) {
  return std::make_unique<Diurnal>(mean, std::move(factors), day);
}
std::unique_ptr<Workload> replay_workload(std::vector<std::vector<Seconds>> arrivals) {
  return std::make_unique<Replay>(std::move(arrivals));
}

}  // namespace codecosim
