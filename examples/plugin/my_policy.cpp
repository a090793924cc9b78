#include "policies/placement/feasible.hpp"
#include "policies/plugin.hpp"

namespace {
using namespace codecosim;

/// The target with the least latency to the application's clients that keeps a share of its processors free; where none
/// would, the one that keeps most. So crowds of applications spread before they fill the best place, and room is left
/// for replicas that fail over.
class Roomy final : public PlacementPolicy {
 public:
  explicit Roomy(double headroom) : headroom_(headroom) {}

  Placement place(const PlacementProblem& problem, Rng&) override {
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      std::uint32_t best = PlacementProblem::none;
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
        if (!feasible.fits(workload, row)) continue;
        if (best == PlacementProblem::none || better(problem, feasible, workload, row, best)) best = row;
      }
      return best;
    });
  }

 private:
  bool better(const PlacementProblem& problem, const Feasible& feasible, std::uint32_t workload, std::uint32_t row,
              std::uint32_t best) const {
    const double left = left_with(feasible, workload, row), left_there = left_with(feasible, workload, best);
    const bool roomy = left >= headroom_, roomy_there = left_there >= headroom_;
    if (roomy != roomy_there) return roomy;
    if (!roomy && left != left_there) return left > left_there;
    return problem.rows[row].client_latency < problem.rows[best].client_latency;
  }

  /// The share of the row's processors that is free with the workload on it.
  static double left_with(const Feasible& feasible, std::uint32_t workload, std::uint32_t row) {
    const auto& room = feasible.room(row);
    if (room.allocatable.millicores == 0) return 0;
    return static_cast<double>(room.free.millicores - feasible.demand(workload).millicores) /
           static_cast<double>(room.allocatable.millicores);
  }

  double headroom_;
};

Registry<PlacementPolicy>::Make read_roomy(Reader& r) {
  const double headroom =
      r.get<double>("headroom", 0.3, "Share of its processors that a target keeps free.", between(0, 1));
  return [headroom] { return std::make_unique<Roomy>(headroom); };
}

void add(Policies& policies) {
  policies.placement.add_with("roomy", "The target with the least latency to the clients that keeps room.", read_roomy);
}
}  // namespace

CODECOSIM_PLUGIN(add)
