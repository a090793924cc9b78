#pragma once
#include <algorithm>
#include <vector>

#include "sim/base/units.hpp"

namespace codecosim {

/// An exogenous quantity, a step function of time: carbon intensity, price.
template <class Q>
class Signal {
 public:
  Signal() : Signal(Q()) {}
  /// A constant.
  explicit Signal(Q value) : values_{value} {}
  /// `values` follow each other in equal steps over `period`, again and again.
  static Signal repeating(std::vector<Q> values, Seconds period) {
    Signal signal;
    for (std::size_t i = 0; i < values.size(); ++i)
      signal.starts_.push_back(period * (static_cast<double>(i) / static_cast<double>(values.size())));
    signal.values_ = std::move(values);
    signal.period_ = period;
    return signal;
  }
  /// `values[i]` from `starts[i]` on. The first value holds before its start too, the last one for ever.
  static Signal steps(std::vector<Seconds> starts, std::vector<Q> values) {
    Signal signal;
    signal.starts_ = std::move(starts);
    signal.values_ = std::move(values);
    return signal;
  }

  Q at(Seconds when) const { return values_[place(when)]; }
  /// The date of the next change after `when`; forever if there is none.
  Seconds next_change(Seconds when) const {
    if (values_.size() < 2) return forever;
    const Seconds base = cycle(when);
    for (const Seconds start : starts_)
      if (base + start > when) return base + start;
    return period_ > Seconds(0) ? base + period_ : forever;
  }
  /// The largest value that it ever has.
  Q highest() const { return *std::max_element(values_.begin(), values_.end()); }
  bool constant() const { return values_.size() < 2; }
  /// Whether it is periodic.
  bool repeats() const { return period_ > Seconds(0); }

 private:
  Seconds cycle(Seconds when) const {
    if (period_ <= Seconds(0)) return Seconds(0);
    return period_ * static_cast<double>(static_cast<long long>(when / period_));
  }
  std::size_t place(Seconds when) const {
    std::size_t found = 0;
    const Seconds base = cycle(when);
    while (found + 1 < starts_.size() && base + starts_[found + 1] <= when) ++found;
    return found;
  }
  std::vector<Seconds> starts_;
  std::vector<Q> values_;
  Seconds period_;
};

}  // namespace codecosim
