#pragma once
#include <string>
#include <vector>

namespace codecosim {

/// The format of the figures of one metric side by side: one suitable unit, and enough decimals to distinguish them.
class Scale {
 public:
  /// `unit` is that of the metric, `largest` the size of the largest figure, `finest` the size of the smallest
  /// difference that matters (two digits of it are shown).
  Scale(const std::string& unit, double largest, double finest);
  std::string number(double value) const;
  /// The value with four digits, independent of the scale's decimals.
  std::string digits(double value) const;
  /// The value with the unit.
  std::string text(double value) const;
  const std::string& unit() const { return unit_; }

 private:
  std::string unit_;
  double factor_ = 1;
  int decimals_ = 0;
};

/// A p value: "0.012", "3e-12", "< 1e-99".
std::string p_text(double p);

}  // namespace codecosim
