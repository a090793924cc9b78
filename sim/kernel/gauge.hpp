#pragma once
#include "sim/kernel/process.hpp"

namespace codecosim {

/// A number that changes at dates, and its integral over time: of what is under way, not only of what has ended.
class Gauge {
 public:
  void change(double by) {
    sum_ = integral();
    since_ = codecosim::now().value;
    level_ += by;
  }
  double now() const { return level_; }
  /// Since the last reset [1 s].
  double integral() const { return sum_ + level_ * (codecosim::now().value - since_); }
  /// Counts from now on; what is under way stays.
  void reset() {
    change(0);
    sum_ = 0;
  }
  /// One more for as long as it lives.
  class Unit {
   public:
    explicit Unit(Gauge& gauge) : gauge_(gauge) { gauge_.change(1); }
    ~Unit() { gauge_.change(-1); }
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;

   private:
    Gauge& gauge_;
  };

 private:
  double level_ = 0, sum_ = 0, since_ = 0;
};

}  // namespace codecosim
