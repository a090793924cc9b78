#include "policies/migration/policies.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {

namespace {
/// As follow-user, with the expected positions of the clients.
class Predictive final : public MigrationPolicy {
 public:
  Predictive(Seconds margin, Seconds horizon, Seconds period) : margin_(margin), horizon_(horizon), period_(period) {}

  std::vector<MigrationMove> moves(const MigrationProblem& problem, Rng& rng) override {
    std::vector<MigrationMove> all;
    for (std::uint32_t i = 0; i < problem.replicas.size(); ++i) {
      const MigrationProblem::Replica& replica = problem.replicas[i];
      const std::uint32_t best = best_row(problem, replica, rng, &MigrationProblem::Row::expected_latency);
      const bool nearer = problem.rows[best].expected_latency + margin_ < problem.rows[replica.row].expected_latency;
      if (replica.movable && nearer) all.push_back({i, best});
    }
    return all;
  }
  Seconds horizon() const override { return horizon_; }
  Seconds period() const override { return period_; }

 private:
  Seconds margin_, horizon_, period_;
};
}  // namespace

Registry<MigrationPolicy>::Make read_predictive(Reader& r) {
  const auto margin =
      r.get<Seconds>("margin", Seconds(0.001), "By which the other cluster will be nearer, one way.", not_negative);
  const auto horizon =
      r.get<Seconds>("horizon", Seconds(3), "How far ahead it looks: about as long as a migration takes.", positive);
  const auto period = r.get<Seconds>("period", Seconds(1), "Between two looks.", positive);
  return [=] { return std::make_unique<Predictive>(margin, horizon, period); };
}

}  // namespace codecosim
