#pragma once
#include <chrono>
#include <string>

#include "sim/base/units.hpp"

namespace codecosim {

/// The progress display of a run, for a person or a program, on standard error: simulated time, speed-up over real
/// time, time left.
class Progress {
 public:
  /// `style` is auto, plain, json or none; auto: a bar on a terminal, else nothing.
  Progress(const std::string& style, Seconds horizon);
  /// Draws at most ten times a second.
  void show(Seconds now);
  /// Clears the bar.
  void done();

 private:
  enum class Style { bar, plain, json, none };
  using Clock = std::chrono::steady_clock;
  Style style_;
  Seconds horizon_;
  Clock::time_point start_ = Clock::now(), last_ = start_;
  int tenths_ = 0;
};

}  // namespace codecosim
