#include "policies/cost/policies.hpp"

namespace codecosim {
namespace {

/// No costs: PDLC-CA is off.
class NoCosts final : public CostPolicy {
 public:
  std::vector<double> costs(const PlacementProblem&) override { return {}; }
};

}  // namespace

std::unique_ptr<CostPolicy> make_no_costs() { return std::make_unique<NoCosts>(); }

}  // namespace codecosim
