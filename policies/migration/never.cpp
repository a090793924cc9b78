#include "policies/migration/policies.hpp"

namespace codecosim {

namespace {
class Never final : public MigrationPolicy {
 public:
  std::vector<MigrationMove> moves(const MigrationProblem&, Rng&) override { return {}; }
};
}  // namespace

std::unique_ptr<MigrationPolicy> make_never() { return std::make_unique<Never>(); }

std::uint32_t best_row(const MigrationProblem& problem, const MigrationProblem::Replica& replica,
                       Seconds MigrationProblem::Row::* latency) {
  std::uint32_t best = replica.row;
  for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
    if (replica.allowed[row] && problem.rows[row].*latency < problem.rows[best].*latency) best = row;
  return best;
}

}  // namespace codecosim
