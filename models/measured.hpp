#pragma once
#include "sim/base/figure.hpp"

namespace codecosim {

/// Something that measures: it begins anew when the warm-up is over, or in the copies of a branch, and tells its
/// figures at the end.
class Measured {
 public:
  virtual ~Measured() = default;
  virtual void reset() {}
  virtual void figures(Figures&) const = 0;
};

}  // namespace codecosim
