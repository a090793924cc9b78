#pragma once
#include <cmath>

#include "sim/base/units.hpp"

namespace codecosim {

/// A count of events of which each is worth half as much after every half-life: an exponential moving average.
class DecayingCount {
 public:
  explicit DecayingCount(Seconds half_life) : half_life_(half_life) {}
  void add(Seconds when) {
    value_ = at(when) + 1;
    since_ = when;
  }
  double at(Seconds when) const { return value_ > 0 ? value_ * std::exp2(-((when - since_) / half_life_)) : 0; }

 private:
  Seconds half_life_, since_;
  double value_ = 0;
};

}  // namespace codecosim
