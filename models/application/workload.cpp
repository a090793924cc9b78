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
  double expected(std::uint32_t, Seconds from, Seconds until) const override { return (until - from) / mean_gap_; }

 private:
  Seconds mean_gap_;
};

class Periodic : public Workload {
 public:
  Periodic(Seconds period, Distribution<Seconds> jitter) : period_(period), jitter_(std::move(jitter)) {}
  std::optional<Seconds> next(State& state, std::uint32_t) const override {
    if (state.count == 0) state.mark = state.last + period_ * state.rng.uniform();
    const Seconds due = state.mark + period_ * static_cast<double>(state.count++) + jitter_.sample(state.rng);
    return state.last = std::max(state.last, due);
  }
  double expected(std::uint32_t, Seconds from, Seconds until) const override { return (until - from) / period_; }

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
  double expected(std::uint32_t, Seconds from, Seconds until) const override {
    return expected(until) - expected(from);
  }

 private:
  double expected(Seconds until) const {
    const Seconds step = day_ / static_cast<double>(factors_.size());
    const double days = std::floor(until / day_);
    double factors = days * static_cast<double>(factors_.size());  // their mean is 1
    Seconds left = until - day_ * days;
    for (std::size_t i = 0; i < factors_.size() && left > Seconds(0); ++i, left -= step)
      factors += factors_[i] * std::min(1.0, left / step);
    return factors * (step / mean_gap_) / peak_;
  }
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

class Profile : public Workload {
 public:
  Profile(std::vector<RatePoint> points, std::optional<Seconds> period) : points_(std::move(points)), period_(period) {
    if (period_) points_.push_back({*period_, points_.back().rate});
    before_.push_back(0);
    for (std::size_t i = 1; i < points_.size(); ++i) {
      const RatePoint &begin = points_[i - 1], &end = points_[i];
      before_.push_back(before_.back() + 0.5 * (begin.rate + end.rate).value * (end.at - begin.at).value);
    }
  }
  std::optional<Seconds> next(State& state, std::uint32_t) const override {
    const double target = cumulative(state.last) + state.rng.exponential(1);
    const std::optional<Seconds> when = inverse(target);
    // Rounding must not lead back.
    if (when) state.last = std::max(state.last, *when);
    return when ? std::optional(state.last) : std::nullopt;
  }
  double expected(std::uint32_t, Seconds from, Seconds until) const override {
    return cumulative(until) - cumulative(from);
  }

 private:
  double cumulative(Seconds until) const {
    double turns = 0;
    if (period_) {
      turns = std::floor(until / *period_);
      until -= *period_ * turns;
    }
    const auto after = std::ranges::upper_bound(points_, until, {}, &RatePoint::at);
    const auto i = static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - points_.begin(), 1)) - 1;
    const Seconds within = until - points_[i].at;
    return turns * before_.back() + before_[i] + (points_[i].rate.value + 0.5 * slope(i) * within.value) * within.value;
  }
  std::optional<Seconds> inverse(double target) const {
    Seconds begin;
    if (period_) {
      const double turns = std::floor(target / before_.back());
      begin = *period_ * turns;
      target -= before_.back() * turns;
    }
    const auto after = std::ranges::upper_bound(before_, target);
    const std::size_t i = static_cast<std::size_t>(after - before_.begin()) - 1;
    // rate t + slope t^2 / 2 = rest
    const double rate = points_[i].rate.value, rest = target - before_[i], slope = this->slope(i);
    const double root = std::sqrt(std::max(0.0, rate * rate + 2 * slope * rest));
    if (rate + root <= 0) return std::nullopt;  // no more comes after the last point
    return begin + points_[i].at + Seconds(2 * rest / (rate + root));
  }
  double slope(std::size_t segment) const {
    if (segment + 1 >= points_.size()) return 0;
    const RatePoint &begin = points_[segment], &end = points_[segment + 1];
    return (end.rate - begin.rate).value / (end.at - begin.at).value;
  }

  std::vector<RatePoint> points_;
  std::optional<Seconds> period_;
  std::vector<double> before_;  // by point: the requests expected before it
};

/// The share of the visits that each state gets in the long run, of a chain of which every state can be reached.
std::vector<double> visits(const std::vector<RateState>& states) {
  std::vector<double> share(states.size(), 1.0 / static_cast<double>(states.size()));
  // Staying with half the probability makes the chain aperiodic and leaves its shares.
  for (int round = 0; round < 10'000; ++round) {
    std::vector<double> after(states.size());
    for (std::size_t s = 0; s < states.size(); ++s) {
      after[s] += 0.5 * share[s];
      if (states[s].next.empty()) after[(s + 1) % states.size()] += 0.5 * share[s];
      for (std::size_t to = 0; to < states[s].next.size(); ++to) after[to] += 0.5 * share[s] * states[s].next[to];
    }
    share = std::move(after);
  }
  return share;
}

class Modulated : public Workload {
 public:
  explicit Modulated(std::vector<RateState> states) : states_(std::move(states)), share_(visits(states_)) {
    double all = 0;
    for (std::size_t s = 0; s < states_.size(); ++s) all += share_[s] *= states_[s].stay.mean().value;
    for (std::size_t s = 0; s < states_.size(); ++s) mean_ += states_[s].rate * (share_[s] /= all);
  }
  std::optional<Seconds> next(State& state, std::uint32_t) const override {
    if (state.count++ == 0) enter(state, draw(share_, state.rng));
    for (;;) {
      const RateState& here = states_[state.place];
      const Seconds gap = here.rate > Hertz(0) ? Seconds(state.rng.exponential((1.0 / here.rate).value)) : forever;
      if (state.last + gap < state.mark) return state.last += gap;
      state.last = state.mark;
      enter(state, here.next.empty() ? (state.place + 1) % states_.size() : draw(here.next, state.rng));
    }
  }
  double expected(std::uint32_t, Seconds from, Seconds until) const override {
    return mean_.value * (until - from).value;
  }

 private:
  static std::uint64_t draw(const std::vector<double>& shares, Rng& rng) {
    double point = rng.uniform();
    std::uint64_t last = 0;
    for (std::uint64_t s = 0; s < shares.size(); ++s) {
      if (shares[s] <= 0) continue;
      last = s;
      point -= shares[s];
      if (point < 0) break;
    }
    return last;
  }
  void enter(State& state, std::uint64_t place) const {
    state.place = place;
    state.mark = state.last + states_[place].stay.sample(state.rng);
  }

  std::vector<RateState> states_;
  std::vector<double> share_;  // of the time, by state
  Hertz mean_;
};

class Closed : public Workload {
 public:
  Closed(Distribution<Seconds> think, std::optional<Distribution<double>> session, Distribution<Seconds> between)
      : think_(std::move(think)), session_(std::move(session)), between_(std::move(between)) {}
  std::optional<Seconds> next(State& state, std::uint32_t) const override {
    const bool over = session_ && state.place == 0;
    const bool first = state.count++ == 0;
    if (over) state.place = static_cast<std::uint64_t>(std::max(1.0, std::round(session_->sample(state.rng))));
    if (session_) --state.place;
    return state.last += (over && !first ? between_ : think_).sample(state.rng);
  }
  double expected(std::uint32_t, Seconds from, Seconds until) const override {
    const Seconds gap = session_ ? std::min(think_.mean(), between_.mean()) : think_.mean();
    return gap > Seconds(0) ? (until - from) / gap : 0;
  }
  bool closed() const override { return true; }

 private:
  Distribution<Seconds> think_;
  std::optional<Distribution<double>> session_;
  Distribution<Seconds> between_;
};

class Replay : public Workload {
 public:
  explicit Replay(std::vector<std::vector<Seconds>> arrivals) : arrivals_(std::move(arrivals)) {}
  std::optional<Seconds> next(State& state, std::uint32_t client) const override {
    const std::vector<Seconds>& own = arrivals_[client % arrivals_.size()];
    if (state.count == 0) state.count = before(own, state.last);
    if (state.count >= own.size()) return std::nullopt;
    return state.last = own[state.count++];
  }
  double expected(std::uint32_t client, Seconds from, Seconds until) const override {
    const std::vector<Seconds>& own = arrivals_[client % arrivals_.size()];
    const auto end = std::ranges::upper_bound(own, until) - own.begin();
    return std::max(0.0, static_cast<double>(end) - static_cast<double>(before(own, from)));
  }

 private:
  static std::uint64_t before(const std::vector<Seconds>& arrivals, Seconds when) {
    return static_cast<std::uint64_t>(std::ranges::lower_bound(arrivals, when) - arrivals.begin());
  }
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
std::unique_ptr<Workload> profile_workload(std::vector<RatePoint> points, std::optional<Seconds> period) {
  return std::make_unique<Profile>(std::move(points), period);
}
std::unique_ptr<Workload> modulated_workload(std::vector<RateState> states) {
  return std::make_unique<Modulated>(std::move(states));
}
std::unique_ptr<Workload> closed_workload(Distribution<Seconds> think, std::optional<Distribution<double>> session,
                                          Distribution<Seconds> between) {
  return std::make_unique<Closed>(std::move(think), std::move(session), std::move(between));
}
std::unique_ptr<Workload> replay_workload(std::vector<std::vector<Seconds>> arrivals) {
  return std::make_unique<Replay>(std::move(arrivals));
}

}  // namespace codecosim
