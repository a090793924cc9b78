#pragma once
#include <vector>

#include "models/measured.hpp"
#include "models/world.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// What providers charge and emit.
///
/// Claim: prices and intensities are steps; what was used since the last step is charged, and has emitted, at what held
/// until then. Equation: cost = sum of requested cores * price + energy * price + egress * price; carbon = sum of
/// energy
/// * intensity. Egress has one price all the time. Checked by: tests/physics/deployment_test.cpp.
class Bills : public Measured {
 public:
  explicit Bills(World&);
  void start();
  void reset() override;
  void figures(Figures&) override;

 private:
  /// What one provider has been owed and has emitted.
  struct Bill {
    Joules energy;          // of its nodes, up to the last settlement
    CoreSeconds requested;  // likewise
    Euros cost;
    Grams carbon;
    Seconds since;
  };
  Process follow(std::uint32_t provider);
  /// Up to now.
  void settle();
  void settle(std::uint32_t provider);

  World& world_;
  std::vector<Bill> bills_;  // by provider
};

}  // namespace codecosim
