#include "policies/migration/policies.hpp"

#include "sim/base/lowest.hpp"

namespace codecosim {

namespace {
class Never final : public MigrationPolicy {
 public:
  std::vector<MigrationMove> moves(const MigrationProblem&, Rng&) override { return {}; }
};
}  // namespace

std::unique_ptr<MigrationPolicy> make_never() { return std::make_unique<Never>(); }

std::uint32_t best_row(const MigrationProblem& problem, const MigrationProblem::Replica& replica, Rng& rng,
                       Seconds MigrationProblem::Row::* latency) {
  Lowest<Seconds> nearest(rng);
  for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
    if (replica.allowed[row] && problem.rows[row].*latency < problem.rows[replica.row].*latency)
      nearest.offer(row, problem.rows[row].*latency, problem.rows[row].id);
  return nearest.index().value_or(replica.row);
}

}  // namespace codecosim
