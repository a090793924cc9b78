#pragma once
#include <vector>

#include "models/measured.hpp"
#include "models/world.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The costs and the carbon emissions of providers.
///
/// Claim: prices and intensities are step functions. Consumption since the last step is charged, and has emitted, at
/// the value that held until then. Equation: cost = sum of requested cores * price + energy * price + egress * price;
/// carbon = sum of energy
/// * intensity. Egress has one price all the time. Checked by: tests/physics/deployment_test.cpp.
class Bills : public Measured {
 public:
  explicit Bills(World&);
  void start();
  void reset() override;
  void figures(Figures&) override;

 private:
  /// The costs and emissions of one provider.
  struct Bill {
    Joules energy;          // of its nodes, up to the last accounting
    CoreSeconds requested;  // core time requested, up to the same date
    Euros cost;
    Grams carbon;
    Seconds since;
  };
  Process follow(std::uint32_t provider);
  /// Adds the consumption up to now.
  void account();
  void account(std::uint32_t provider);

  World& world_;
  std::vector<Bill> bills_;  // by provider
};

}  // namespace codecosim
