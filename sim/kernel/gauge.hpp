#pragma once
#include "sim/kernel/process.hpp"

namespace codecosim {

/// A number that changes at dates, and its integral over time. The integral includes activities that are under way, not
/// only those that have ended.
class Gauge {
 public:
  void change(double by) {
    sum_ = integral();
    since_ = codecosim::now().value;
    level_ += by;
  }
  double now() const { return level_; }
  /// Integral since the last reset [1 s].
  double integral() const { return sum_ + level_ * (codecosim::now().value - since_); }
  /// Begins the integral anew; the number stays.
  void reset() {
    change(0);
    sum_ = 0;
  }
  /// Adds one to the gauge for as long as it lives.
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
