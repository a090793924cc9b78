#pragma once
#include <algorithm>
#include <cmath>
#include <compare>
#include <cstdint>

namespace codecosim {

/// A sum of quantities that people write as decimals: 15 x 0.2 is 3, in whatever order they are added and subtracted.
/// It counts whole billionths of the base unit, so it is exact for inputs of at most nine decimals and sums up to
/// 4.5e9. Larger sums are held at that.
template <class Quantity>
class ExactSum {
 public:
  constexpr ExactSum() = default;
  explicit ExactSum(Quantity quantity) : billionths_(billionths(quantity.value)) {}

  ExactSum& operator+=(ExactSum other) {
    billionths_ = std::clamp(billionths_ + other.billionths_, -most, most);
    return *this;
  }
  ExactSum& operator-=(ExactSum other) { return *this += other.negative(); }
  ExactSum& operator+=(Quantity quantity) { return *this += ExactSum(quantity); }
  ExactSum& operator-=(Quantity quantity) { return *this -= ExactSum(quantity); }
  friend ExactSum operator+(ExactSum a, ExactSum b) { return a += b; }
  friend ExactSum operator-(ExactSum a, ExactSum b) { return a -= b; }
  constexpr auto operator<=>(const ExactSum&) const = default;

  /// The double nearest to the sum, which is the one that its decimal notation reads as.
  Quantity value() const { return Quantity(static_cast<double>(billionths_) / per_unit); }
  /// Whether the sum is at most this share of `whole`. People write the share as a decimal too.
  bool within(double share, ExactSum whole) const {
    const auto left = static_cast<long double>(billionths_) * static_cast<long double>(per_unit);
    const auto right = static_cast<long double>(billionths(share)) * static_cast<long double>(whole.billionths_);
    return left <= right;
  }

 private:
  static constexpr double per_unit = 1e9;
  static constexpr std::int64_t most = 4'500'000'000'000'000'000;
  static std::int64_t billionths(double value) {
    constexpr double limit = static_cast<double>(most);
    return std::llround(std::clamp(value * per_unit, -limit, limit));
  }
  constexpr ExactSum negative() const {
    ExactSum result;
    result.billionths_ = -billionths_;
    return result;
  }
  std::int64_t billionths_ = 0;
};

}  // namespace codecosim
