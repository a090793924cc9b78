#include <algorithm>
#include <numeric>

#include "policies/partition/policies.hpp"

namespace codecosim {
namespace {

/// One neighbourhood of all clusters.
class NoPartition final : public PartitionPolicy {
 public:
  Neighbourhood form(const PartitionProblem& problem, Rng&) override {
    Neighbourhood all{std::vector<std::uint32_t>(problem.rows.size()), nearest_to_clients(problem)};
    std::iota(all.members.begin(), all.members.end(), 0U);
    return all;
  }
};

}  // namespace

std::uint32_t nearest_to_clients(const PartitionProblem& problem) {
  ensure(!problem.rows.empty(), "a neighbourhood of no clusters was asked for");
  const auto nearest = std::ranges::min_element(problem.rows, {}, &PartitionProblem::Row::client_latency);
  return static_cast<std::uint32_t>(nearest - problem.rows.begin());
}

std::unique_ptr<PartitionPolicy> make_no_partition() { return std::make_unique<NoPartition>(); }

}  // namespace codecosim
