#include "policies/partition/policies.hpp"

namespace codecosim {
namespace {

/// The clusters of the provider that is nearest to the clients.
class ByProvider final : public PartitionPolicy {
 public:
  Neighbourhood form(const PartitionProblem& problem, Rng& rng) override {
    Neighbourhood found{{}, nearest_to_clients(problem, rng)};
    for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
      if (problem.rows[row].provider == problem.rows[found.coordinator].provider) found.members.push_back(row);
    return found;
  }
};

}  // namespace

std::unique_ptr<PartitionPolicy> make_by_provider() { return std::make_unique<ByProvider>(); }

}  // namespace codecosim
