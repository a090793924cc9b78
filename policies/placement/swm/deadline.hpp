#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "sim/base/units.hpp"

namespace codecosim {

/// A limit of real time, for an anytime search. It reads the clock rarely, so that asking costs almost nothing.
class Deadline {
 public:
  explicit Deadline(Seconds limit) : start_(Clock::now()), limit_(limit) {}

  /// Whether the limit has passed; `work` is the work since the last call, in steps of about a microsecond.
  bool passed(std::uint64_t work = 1) {
    work_ += work;
    if (work_ >= between_looks) {
      work_ = 0;
      passed_ = passed_ || left() <= Seconds(0);
    }
    return passed_;
  }
  Seconds left() const { return limit_ - Seconds(std::chrono::duration<double>(Clock::now() - start_).count()); }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint64_t between_looks = 512;
  Clock::time_point start_;
  Seconds limit_;
  std::uint64_t work_ = 0;
  bool passed_ = false;
};

}  // namespace codecosim
