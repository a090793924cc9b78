#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "policies/placement/policies.hpp"
#include "policies/placement/swm/exact.hpp"
#include "policies/placement/swm/explain.hpp"
#include "policies/placement/swm/search.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

struct Settings {
  Objective objective;
  Seconds time_limit{10};
  std::uint32_t patience = 200;
  double gap = 0;
  bool group = false;
  bool exact = false;
  bool omniscient = false;
};

/// The better one of the search's solution and, where requested, the exact one.
SwmSolution solve(SwmModel& model, const Settings& settings, Rng& rng, Deadline& deadline) {
  SwmSolution found = search(model, rng, deadline, settings.patience);
  if (!settings.exact) return found;
  ExactAnswer answer = solve_exactly(model, &found, deadline, settings.gap);
  return answer.best ? *std::move(answer.best) : found;
}

class Swm final : public PlacementPolicy {
 public:
  explicit Swm(Settings settings) : settings_(settings) {}

  Placement place(const PlacementProblem& problem, Rng& rng) override {
    Deadline deadline(std::min(problem.time_limit, settings_.time_limit));
    SwmModel model(problem, settings_.objective);
    SwmSolution solution = solve(model, settings_, rng, deadline);
    Placement answer;
    if (solution.unplaced > 0) {
      const auto solve_relaxed = [&](SwmModel& relaxed) { return solve(relaxed, settings_, rng, deadline).unplaced; };
      answer.reasons.push_back(explain(problem, solution.unplaced, solve_relaxed));
      if (settings_.group) solution = model.evaluate(model.nowhere());
    }
    for (std::uint32_t w = 0; w < solution.rows.size(); ++w)
      answer.assignments.push_back({w, solution.rows[w], problem.workloads[w].current});
    answer.ways = std::move(solution.ways);
    return answer;
  }
  bool omniscient() const override { return settings_.omniscient; }

 private:
  Settings settings_;
};

class SwmYardstick final : public Yardstick {
 public:
  double value(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) override {
    return SwmModel(problem, Objective()).evaluate(rows).value;
  }
  std::vector<std::uint32_t> best(const PlacementProblem& problem) override {
    Deadline deadline(std::min(problem.time_limit, settings_.time_limit));
    SwmModel model(problem, settings_.objective);
    Rng rng(0, 0);
    return solve(model, settings_, rng, deadline).rows;
  }

 private:
  Settings settings_{.objective = {}, .exact = true};
};

Settings read_settings(Reader& reader) {
  Settings s;
  s.objective = read_objective(reader);
  s.time_limit = reader.get<Seconds>("time_limit", s.time_limit,
                                     "Of real time; what has been found by then is the answer.", positive);
  s.patience = reader.get<std::uint32_t>("patience", s.patience,
                                         "Tries a workload without a gain, after which the search ends.");
  s.group = reader.get<bool>("group", s.group, "All workloads of a question are placed, or none.");
  return s;
}

Registry<PlacementPolicy>::Make maker(Settings settings) {
  return [settings] { return std::make_unique<Swm>(settings); };
}

}  // namespace

Registry<PlacementPolicy>::Make read_swm_search(Reader& reader) { return maker(read_settings(reader)); }

Registry<PlacementPolicy>::Make read_swm_exact(Reader& reader) {
  Settings settings = read_settings(reader);
  settings.exact = true;
  settings.gap =
      reader.get<double>("gap", settings.gap, "Of the objective, relative, that need not be closed.", not_negative);
  if (!reader.describing()) provide_exact();
  return maker(settings);
}

Registry<PlacementPolicy>::Make read_oracle(Reader& reader) {
  Settings settings = read_settings(reader);
  settings.exact = settings.omniscient = true;
  if (!reader.describing()) provide_exact();
  return maker(settings);
}

std::unique_ptr<Yardstick> make_yardstick() { return std::make_unique<SwmYardstick>(); }

}  // namespace codecosim
