#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The row that fits with the least latency to the application's clients; among equals the one with the largest share
/// of its processors free, then the lowest index.
class Nearest final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng&) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      std::uint32_t best = PlacementProblem::none;
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
        if ((best == PlacementProblem::none || is_better(problem, feasible, row, best)) && feasible.fits(workload, row))
          best = row;
      return best;
    });
  }

 private:
  static bool is_better(const PlacementProblem& problem, const Feasible& feasible, std::uint32_t row,
                        std::uint32_t best) {
    const Seconds latency = problem.rows[row].client_latency;
    const Seconds least = problem.rows[best].client_latency;
    if (latency != least) return latency < least;
    return free_share(feasible.room(row)) > free_share(feasible.room(best));
  }

  static double free_share(const Feasible::Room& room) {
    if (room.allocatable.millicores <= 0) return 0;
    return static_cast<double>(room.free.millicores) / static_cast<double>(room.allocatable.millicores);
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_nearest() { return std::make_unique<Nearest>(); }

}  // namespace codecosim
