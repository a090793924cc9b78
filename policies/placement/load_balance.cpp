#include <algorithm>

#include "policies/placement/least.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {
namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Worst fit: the feasible row with the least load after placement. Load is the larger of two shares: of cores,
/// requested or busy, whichever is more (busy as forecast, where there is a forecast, else as measured), and of memory
/// requested. The requests that this problem has put on a row count as busy too, as no measurement includes them yet.
class LoadBalance final : public PlacementPolicy {
 public:
  Placement place(const PlacementProblem& problem, Rng& rng) override {
    const Feasible untouched(problem);
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      return least(feasible, workload, rng, [&](std::uint32_t row) {
        const PlacementProblem::Row& there = problem.rows[row];
        const Feasible::Room& room = feasible.room(row);
        const bool is_here = problem.workloads[workload].current == row;
        const Feasible::Demand demand = is_here ? Feasible::Demand() : feasible.demand(workload);
        const std::int64_t put = untouched.room(row).free.millicores - room.free.millicores;
        const double busy = there.cpu_expected.value_or(there.cpu_busy).value * 1000 + static_cast<double>(put);
        const double requested = static_cast<double>(room.allocatable.millicores - room.free.millicores);
        const double cpu = std::max(busy, requested) + static_cast<double>(demand.millicores);
        const double memory = static_cast<double>(room.allocatable.bytes - room.free.bytes + demand.bytes);
        return std::max(share(cpu, static_cast<double>(room.allocatable.millicores)),
                        share(memory, static_cast<double>(room.allocatable.bytes)));
      });
    });
  }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_load_balance() { return std::make_unique<LoadBalance>(); }

}  // namespace codecosim
