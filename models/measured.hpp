#pragma once
#include "sim/base/figure.hpp"

namespace codecosim {

/// A part of the model that measures, and gives its figures at the end.
class Measured {
 public:
  virtual ~Measured() = default;
  /// The warm-up is over: traffic is measured anew. Deployment is measured from the start of the run.
  virtual void reset() {}
  /// In a copy that branches off here, everything is measured anew, without activities that are under way.
  virtual void restart() { reset(); }
  /// Adds its figures, measured up to now.
  virtual void figures(Figures&) = 0;
};

}  // namespace codecosim
