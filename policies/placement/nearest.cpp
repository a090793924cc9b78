#include <utility>

#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/lowest.hpp"

namespace codecosim {
namespace {

/// The feasible row with the least latency to the application's clients; among equals the one with the largest free
/// share of its cores, then any.
class Nearest final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) -> Choice {
      Lowest<std::pair<Seconds, double>> nearest(rng);
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
        const std::pair cost(problem.rows[row].client_latency, -free_share(feasible.room(row)));
        if (nearest.could_change(cost) && feasible.fits(workload, row)) nearest.offer(row, cost, problem.rows[row].id);
      }
      return {nearest.index().value_or(PlacementProblem::none), nearest.indifferent()};
    });
  }

  bool takes_nearest() const override { return true; }

 private:
  static double free_share(const Feasible::Room& room) {
    if (room.allocatable.millicores <= 0) return 0;
    return static_cast<double>(room.free.millicores) / static_cast<double>(room.allocatable.millicores);
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_nearest() { return std::make_unique<Nearest>(); }

}  // namespace codecosim
