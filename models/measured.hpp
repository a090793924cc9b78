#pragma once
#include "sim/base/figure.hpp"

namespace codecosim {

/// Something that measures, and tells its figures at the end.
class Measured {
 public:
  virtual ~Measured() = default;
  /// The warm-up is over: what flows is measured anew. Deployment is part of the story from the start.
  virtual void reset() {}
  /// Everything is measured anew, in a copy that goes its own way from here: what is under way is no part of it.
  virtual void restart() { reset(); }
  /// Tells them, up to date.
  virtual void figures(Figures&) = 0;
};

}  // namespace codecosim
