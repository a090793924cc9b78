#include "policies/migration/policies.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {

namespace {
/// A replica moves to the nearest cluster when too many answers are late or lost.
class OnQos final : public MigrationPolicy {
 public:
  OnQos(double share, std::uint32_t least, Seconds period) : share_(share), least_(least), period_(period) {}

  std::vector<MigrationMove> moves(const MigrationProblem& problem, Rng& rng) override {
    std::vector<MigrationMove> all;
    if (problem.answers < least_ || problem.misses <= share_ * problem.answers) return all;
    for (std::uint32_t i = 0; i < problem.replicas.size(); ++i) {
      const MigrationProblem::Replica& replica = problem.replicas[i];
      const std::uint32_t best = best_row(problem, replica, rng, &MigrationProblem::Row::client_latency);
      if (replica.movable && best != replica.row) all.push_back({i, best});
    }
    return all;
  }
  Seconds period() const override { return period_; }

 private:
  double share_;
  std::uint32_t least_;
  Seconds period_;
};
}  // namespace

Registry<MigrationPolicy>::Make read_on_qos(Reader& r) {
  const auto share =
      r.get<double>("misses", 0.05, "Share of answers late or missing since the last look.", between(0, 1));
  const auto least = r.get<std::uint32_t>("least", 10, "Fewer answers say nothing.", at_least(1));
  const auto period = r.get<Seconds>("period", Seconds(1), "Between two looks.", positive);
  return [=] { return std::make_unique<OnQos>(share, least, period); };
}

}  // namespace codecosim
