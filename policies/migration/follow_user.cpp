#include "policies/migration/policies.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {

namespace {
/// A replica moves when another cluster is nearer to the clients by more than a margin.
class FollowUser final : public MigrationPolicy {
 public:
  FollowUser(Seconds margin, Seconds period) : margin_(margin), period_(period) {}

  std::vector<MigrationMove> moves(const MigrationProblem& problem, Rng& rng) override {
    std::vector<MigrationMove> all;
    for (std::uint32_t i = 0; i < problem.replicas.size(); ++i) {
      const MigrationProblem::Replica& replica = problem.replicas[i];
      const Seconds here = problem.rows[replica.row].client_latency;
      if (!replica.movable || here <= margin_) continue;
      const std::uint32_t best = best_row(problem, replica, rng, &MigrationProblem::Row::client_latency);
      if (problem.rows[best].client_latency + margin_ < here) all.push_back({i, best});
    }
    return all;
  }
  std::optional<Seconds> least_gain() const override { return margin_; }
  Seconds period() const override { return period_; }

 private:
  Seconds margin_, period_;
};
}  // namespace

Registry<MigrationPolicy>::Make read_follow_user(Reader& r) {
  const auto margin =
      r.get<Seconds>("margin", Seconds(0.001), "By which the other cluster is nearer, one way.", not_negative);
  const auto period =
      r.get<Seconds>("period", Seconds(1), "Between two looks, besides those when a client has moved.", positive);
  return [=] { return std::make_unique<FollowUser>(margin, period); };
}

}  // namespace codecosim
