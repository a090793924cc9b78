#pragma once
#include <string>
#include <vector>

namespace codecosim {

/// How the figures of one metric are written next to each other: in one unit that suits, and with as many decimals as
/// tell them apart.
class Scale {
 public:
  /// `unit` is that of the metric, `largest` the size of what is written, `finest` of the smallest difference that
  /// matters (two digits of it are shown).
  Scale(const std::string& unit, double largest, double finest);
  std::string number(double value) const;
  /// With four digits, whatever the scale has.
  std::string digits(double value) const;
  /// With the unit.
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
