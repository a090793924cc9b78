#include <array>
#include <cstdint>

#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

/// The feasible row with the next id after the one used last, wrapping to the lowest. The last id is kept across
/// problems, one for each level, so that it continues there even when rows come and go.
class RoundRobin final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng&) override {
    std::int64_t& last = last_[problem.level == PlacementProblem::Level::federation ? 0 : 1];
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      const std::uint32_t target = next(problem, feasible, workload, last);
      if (target != PlacementProblem::none) last = problem.rows[target].id;
      return target;
    });
  }

 private:
  static std::uint32_t next(const PlacementProblem& problem, const Feasible& feasible, std::uint32_t workload,
                            std::int64_t last) {
    // Ids up to the last one count as beyond all others, so the smallest distance wins.
    constexpr std::int64_t one_turn = std::int64_t{1} << 32;
    std::uint32_t best = PlacementProblem::none;
    std::int64_t best_distance = 2 * one_turn;
    for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
      const std::int64_t id = problem.rows[row].id;
      const std::int64_t distance = id > last ? id : id + one_turn;
      if (distance >= best_distance || !feasible.fits(workload, row)) continue;
      best = row;
      best_distance = distance;
    }
    return best;
  }

  std::array<std::int64_t, 2> last_ = {-1, -1};
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_round_robin() { return std::make_unique<RoundRobin>(); }

}  // namespace codecosim
