#include <algorithm>

#include "policies/placement/feasible.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

namespace {
constexpr std::uint32_t none = PlacementProblem::none;

/// One step of policy improvement (Bertsekas, Tsitsiklis, Wu, "Rollout algorithms for combinatorial optimization",
/// Journal of Heuristics 3, 1997), with the simulator itself as the model. For each workload in turn, the candidates
/// are the row of the base policy and the other rows of the lowest objective. Each candidate is simulated in a copy of
/// the world, in which the base policy takes all further decisions, and the row with the best result is taken. When the
/// budget is spent, and in such copies, the base policy decides alone.
class Rollout final : public PlacementPolicy {
 public:
  Rollout(std::unique_ptr<PlacementPolicy> base, std::uint32_t width, Seconds horizon, std::uint32_t budget)
      : base_(std::move(base)), yardstick_(make_yardstick()), width_(width), horizon_(horizon), budget_(budget) {}

  Placement place(const PlacementProblem& problem, Rng& rng) override {
    Placement placement = base_->place(problem, rng);
    if (!problem.futures) return placement;
    std::vector<std::uint32_t> rows(problem.workloads.size(), none);
    for (const Placement::Assignment& one : placement.assignments) rows[one.workload] = one.target;
    for (Placement::Assignment& one : placement.assignments) {
      const std::vector<std::uint32_t> choices = choices_for(problem, rows, one.workload);
      if (choices.size() < 2 || played_ + choices.size() > budget_) continue;
      const Futures::Answer futures = problem.futures->play(static_cast<std::uint32_t>(choices.size()), horizon_);
      if (futures.here) {
        one.target = choices[*futures.here];
        return placement;
      }
      played_ += choices.size();
      std::optional<double> best = futures.values.front();
      for (std::size_t i = 1; i < choices.size(); ++i)
        if (futures.values[i] && (!best || *futures.values[i] < *best)) {
          best = futures.values[i];
          one.target = choices[i];
        }
      rows[one.workload] = one.target;
    }
    return placement;
  }

 private:
  /// Candidate rows of a workload: its own, and the others of the lowest objective.
  std::vector<std::uint32_t> choices_for(const PlacementProblem& problem, std::vector<std::uint32_t> rows,
                                         std::uint32_t workload) {
    const std::uint32_t own = rows[workload];
    if (own == none) return {};
    Feasible feasible(problem);
    for (std::uint32_t other = 0; other < rows.size(); ++other)
      if (other != workload && rows[other] != none) feasible.put(other, rows[other]);
    std::vector<std::pair<double, std::uint32_t>> others;
    for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
      if (row == own || !feasible.fits(workload, row)) continue;
      rows[workload] = row;
      others.emplace_back(yardstick_->value(problem, rows), row);
    }
    std::ranges::sort(others);
    std::vector<std::uint32_t> choices{own};
    for (const auto& [promise, row] : others)
      if (choices.size() < width_) choices.push_back(row);
    return choices;
  }

  std::unique_ptr<PlacementPolicy> base_;
  std::unique_ptr<Yardstick> yardstick_;
  std::size_t width_;
  Seconds horizon_;
  std::uint64_t budget_, played_ = 0;
};
}  // namespace

Registry<PlacementPolicy>::Make read_rollout(Reader& r, const Registry<PlacementPolicy>& bases) {
  // Only policies registered before this one, so that none is its own base.
  std::vector<std::string> names;
  for (const auto& entry : bases.entries())
    if (entry.missing.empty()) names.push_back(entry.name);
  const auto first = std::ranges::find(names, "nearest") - names.begin();
  const auto base = r.choice<std::size_t>("base", static_cast<std::size_t>(first), names,
                                          "Policy that is improved on, with its defaults.");
  const auto width = r.get<std::uint32_t>(
      "width", 4, "Rows that are tried for each workload, the base's own among them.", between(2, 1000));
  const auto horizon = r.get<Seconds>("horizon", Seconds(30), "How long each future is played.", positive);
  const auto budget = r.get<std::uint32_t>("budget", 1000, "Futures that are played in a run.", not_negative);
  if (r.describing() || base >= names.size()) return {};
  const auto make = bases.choose(names[base]).make;
  return [=] { return std::make_unique<Rollout>(make(), width, horizon, budget); };
}

}  // namespace codecosim
