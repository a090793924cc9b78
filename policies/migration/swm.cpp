#include <map>
#include <string>

#include "policies/migration/policies.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

namespace {
/// Triggers of a new placement.
struct Triggers {
  double misses, overload, carbon;
  std::uint32_t least;
};
/// Hysteresis against moving back and forth.
struct Damping {
  double gain;
  Seconds rest;
};

/// CODECO's scheduler places a whole application anew on a trigger: answers are late, a cluster is expected to be
/// overloaded, its electricity has become carbon-intensive, or a node is to be drained. A move has a price in the
/// objective. Besides, the new placement must be better by a margin, and an application that has moved rests. Draining
/// a node waits for neither.
class Swm final : public MigrationPolicy {
 public:
  Swm(const Triggers& triggers, const Damping& damping, Seconds period, std::unique_ptr<PlacementPolicy> solver,
      std::unique_ptr<Yardstick> yardstick)
      : triggers_(triggers),
        damping_(damping),
        period_(period),
        solver_(std::move(solver)),
        yardstick_(std::move(yardstick)) {}

  std::vector<MigrationMove> moves(const MigrationProblem& problem, Rng& rng) override {
    const bool must = drained(problem);
    const auto last = moved_.find(problem.application);
    const bool rests = last != moved_.end() && problem.now < last->second + damping_.rest;
    if (!must && (rests || !(late(problem) || overloaded(problem) || dirty(problem)))) return {};
    std::vector<std::uint32_t> rows;
    for (const MigrationProblem::Replica& replica : problem.replicas) rows.push_back(replica.row);
    const double before = yardstick_->value(problem.placement, rows);
    std::vector<MigrationMove> all;
    for (const Placement::Assignment& one : solver_->place(problem.placement, rng).assignments)
      if (one.target != PlacementProblem::none && one.target != rows[one.workload] &&
          problem.replicas[one.workload].movable)
        all.push_back({one.workload, rows[one.workload] = one.target});
    if (!must && yardstick_->value(problem.placement, rows) > before * (1 - damping_.gain)) return {};
    if (!all.empty()) moved_[problem.application] = problem.now;
    return all;
  }
  Seconds period() const override { return period_; }
  bool looks_after_all() const override { return true; }

 private:
  template <class Test>
  static bool any(const MigrationProblem& problem, Test test) {
    for (const MigrationProblem::Replica& replica : problem.replicas)
      if (test(replica, problem.placement.rows[replica.row])) return true;
    return false;
  }
  static bool drained(const MigrationProblem& problem) {
    return any(problem, [](const auto& replica, const auto&) { return replica.draining && replica.movable; });
  }
  bool late(const MigrationProblem& problem) const {
    return problem.answers >= triggers_.least && problem.misses > triggers_.misses * problem.answers;
  }
  bool overloaded(const MigrationProblem& problem) const {
    return any(problem, [&](const auto&, const PlacementProblem::Row& row) {
      return row.cpu_expected.value_or(row.cpu_busy) > triggers_.overload * row.cpu;
    });
  }
  bool dirty(const MigrationProblem& problem) const {
    return any(problem, [&](const auto& replica, const PlacementProblem::Row& row) {
      for (std::size_t other = 0; other < problem.placement.rows.size(); ++other)
        if (replica.allowed[other] &&
            row.monitored.carbon > triggers_.carbon * problem.placement.rows[other].monitored.carbon)
          return true;
      return false;
    });
  }

  Triggers triggers_;
  Damping damping_;
  Seconds period_;
  std::unique_ptr<PlacementPolicy> solver_;
  std::unique_ptr<Yardstick> yardstick_;
  std::map<std::string, Seconds> moved_;  // by application
};
}  // namespace

Registry<MigrationPolicy>::Make read_swm_migration(Reader& r) {
  Triggers triggers;
  triggers.misses = r.get<double>(
      "misses", 0.05, "Share of answers late or missing since the last look that is too much.", between(0, 1));
  triggers.least = r.get<std::uint32_t>("least", 10, "Fewer answers say nothing.", at_least(1));
  triggers.overload =
      r.get<double>("overload", 0.9, "Share of a cluster's cores expected to be busy that is too much.", positive);
  triggers.carbon = r.get<double>(
      "carbon", 2, "So many times the intensity of the cleanest cluster that would do is too much.", at_least(1));
  Damping damping;
  damping.gain = r.get<double>("gain", 0.1, "Share by which the objective must become better.", between(0, 1));
  damping.rest = r.get<Seconds>(
      "rest", Seconds(120), "Time for which an application that has moved stays, unless a node goes.", not_negative);
  const auto period = r.get<Seconds>("period", Seconds(30), "Between two looks.", positive);
  const auto solver = read_swm_search(r);
  return [=] { return std::make_unique<Swm>(triggers, damping, period, solver(), make_yardstick()); };
}

}  // namespace codecosim
