#include <numeric>

#include "policies/partition/policies.hpp"
#include "sim/base/lowest.hpp"

namespace codecosim {
namespace {

/// One neighbourhood of all clusters.
class NoPartition final : public PartitionPolicy {
 public:
  Neighbourhood form(const PartitionProblem& problem, Rng& rng) override {
    Neighbourhood all{std::vector<std::uint32_t>(problem.rows.size()), nearest_to_clients(problem, rng)};
    std::iota(all.members.begin(), all.members.end(), 0U);
    return all;
  }
};

}  // namespace

std::uint32_t nearest_to_clients(const PartitionProblem& problem, Rng& rng) {
  ensure(!problem.rows.empty(), "a neighbourhood of no clusters was asked for");
  Lowest<Seconds> nearest(rng);
  for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
    nearest.offer(row, problem.rows[row].client_latency, problem.rows[row].id);
  return *nearest.index();
}

std::unique_ptr<PartitionPolicy> make_no_partition() { return std::make_unique<NoPartition>(); }

}  // namespace codecosim
