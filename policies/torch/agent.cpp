#include "policies/torch/agent.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace codecosim::neural {
namespace {

constexpr std::int64_t nothing_known = -1;
constexpr std::int64_t fake = codeco_rows;  // the last action
constexpr std::size_t row_figures = std::tuple_size_v<RowFeatures>;

std::int64_t figures_of(Preset preset) {
  return static_cast<std::int64_t>(is_codeco(preset) ? codeco_state_size : row_figures);
}

Observation look(const PlacementProblem& problem, std::uint32_t workload, const Feasible& so_far, Preset preset) {
  Observation sight;
  const auto rows = static_cast<std::uint32_t>(problem.rows.size());
  if (is_codeco(preset)) {
    const CodecoState state = codeco_state(problem, workload, so_far);
    sight.figures.assign(state.begin(), state.end());
    for (std::uint32_t row = 0; row < codeco_rows; ++row) {
      sight.there.push_back(row < rows);
      sight.fits.push_back(row < rows && so_far.fits(workload, row));
    }
    sight.there.push_back(true);
    sight.fits.push_back(true);
  } else {
    for (std::uint32_t row = 0; row < rows; ++row) {
      const RowFeatures features = row_features(problem, workload, row, so_far);
      sight.figures.insert(sight.figures.end(), features.begin(), features.end());
      sight.fits.push_back(so_far.fits(workload, row));
    }
    sight.there.assign(rows, true);
  }
  return sight;
}

/// The action that gives the workload this row, or no row; nothing_known where the learner has no such action.
std::int64_t action_of(std::uint32_t row, Preset preset) {
  if (row == PlacementProblem::none) return is_codeco(preset) ? fake : nothing_known;
  return is_codeco(preset) && row >= codeco_rows ? nothing_known : row;
}

}  // namespace

ObservationBatch gather(const std::vector<const Observation*>& sights, Preset preset) {
  std::size_t actions = 0;
  for (const Observation* sight : sights) actions = std::max(actions, sight->fits.size());
  const auto count = static_cast<std::int64_t>(sights.size()), width = static_cast<std::int64_t>(actions);
  const std::size_t figures = is_codeco(preset) ? codeco_state_size : actions * row_figures;
  ObservationBatch all{at::zeros({count, static_cast<std::int64_t>(figures)}, at::kFloat),
                       at::zeros({count, width}, at::kBool), at::zeros({count, width}, at::kBool)};
  for (std::size_t i = 0; i < sights.size(); ++i) {
    std::ranges::copy(sights[i]->figures, all.figures.data_ptr<float>() + i * figures);
    std::ranges::copy(sights[i]->fits, all.fits.data_ptr<bool>() + i * actions);
    std::ranges::copy(sights[i]->there, all.there.data_ptr<bool>() + i * actions);
  }
  if (!is_codeco(preset)) all.figures = all.figures.view({count, width, static_cast<std::int64_t>(row_figures)});
  return all;
}

Scorer::Scorer(Layout& layout, const ScorerSpec& spec)
    : together_(is_codeco(spec.preset)),
      network_(layout, figures_of(spec.preset), spec.hidden, together_ ? fake + 1 : 1) {}

Tensor Scorer::operator()(const Weights& weights, const ObservationBatch& sights) const {
  const Tensor scores = network_(weights, sights.figures);
  return together_ ? scores : scores.squeeze(-1);
}

double Scorer::multiply_adds(const ObservationBatch& sights) const {
  return network_.multiply_adds() * static_cast<double>(sights.count() * sights.rows());
}

Critic::Critic(Layout& layout, const ScorerSpec& spec)
    : together_(is_codeco(spec.preset)), network_(layout, figures_of(spec.preset), spec.hidden, 1) {}

Tensor Critic::operator()(const Weights& weights, const ObservationBatch& sights) const {
  Tensor values = network_(weights, sights.figures).squeeze(-1);
  if (together_) return values;
  const Tensor fits = sights.fits.to(values.scalar_type());
  return (values * fits).sum(1) / fits.sum(1).clamp_min(1);
}

double Critic::multiply_adds(const ObservationBatch& sights) const {
  return network_.multiply_adds() * static_cast<double>(sights.count() * sights.rows());
}

Tensor masked(const Tensor& scores, const Tensor& mask) { return scores.masked_fill(mask.logical_not(), -1e9); }

Agent::Agent(const char* kind, const ScorerSpec& spec, const Layout& layout, double learning_rate,
             double max_gradient_norm)
    : kind_(kind),
      spec_(spec),
      trainee_(layout.first_weights(Rng(spec.weights, 0).stream(kind)), learning_rate, max_gradient_norm) {}

std::string Agent::shape() const {
  std::string text = std::string(kind_) + (is_codeco(spec_.preset) ? ", 20 rows together" : ", row by row");
  text += ", " + std::to_string(figures_of(spec_.preset)) + " figures, hidden";
  for (const std::uint32_t units : spec_.hidden) text += " " + std::to_string(units);
  return text;
}

std::vector<std::vector<double>> Agent::recommend(const PlacementProblem& problem, Rng& rng) {
  std::vector<std::vector<double>> all(problem.workloads.size(), std::vector<double>(problem.rows.size()));
  Feasible so_far(problem);
  for (std::uint32_t workload = 0; workload < problem.workloads.size(); ++workload) {
    const Observation sight = look(problem, workload, so_far, spec_.preset);
    if (!std::ranges::count(sight.fits, 1)) continue;
    std::vector<double> by_action = values(sight);
    const std::int64_t chosen = preferred(sight, by_action, rng);
    std::swap(by_action[static_cast<std::size_t>(chosen)], *std::ranges::max_element(by_action));
    const std::size_t rows = std::min(problem.rows.size(), by_action.size() - (is_codeco(spec_.preset) ? 1 : 0));
    std::copy_n(by_action.begin(), rows, all[workload].begin());
    if (chosen < static_cast<std::int64_t>(rows)) so_far.put(workload, static_cast<std::size_t>(chosen));
  }
  return all;
}

void Agent::decided(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) {
  ensure(rows.size() == problem.workloads.size(), "a decision does not say a row for each workload");
  Feasible so_far(problem);
  for (std::uint32_t workload = 0; workload < rows.size(); ++workload) {
    const Observation sight = look(problem, workload, so_far, spec_.preset);
    const std::int64_t action = action_of(rows[workload], spec_.preset);
    if (!problem.workloads[workload].fixed && action != nothing_known && sight.fits[static_cast<std::size_t>(action)]) {
      if (const auto wrong = infeasible_choice(sight))
        open({{sight, {}, *wrong, infeasible_reward}, problem.number, true});
      const bool at_once = is_immediate(spec_.preset);
      const double reward = at_once ? immediate_reward(spec_.preset, problem, workload, rows[workload], so_far) : 0;
      open({{sight, {}, action, reward, log_probability(sight, action)}, problem.number, at_once});
    }
    if (rows[workload] != PlacementProblem::none) so_far.put(workload, rows[workload]);
  }
  close();
}

void Agent::learn(const Feedback& feedback) {
  const std::optional<double> reward = latency_reward(feedback);
  for (Open& open : open_)
    if (open.number == feedback.number && !open.rewarded && reward) {
      open.step.reward = *reward;
      open.rewarded = true;
    }
  // Feedback comes in the order of the questions, so that of earlier ones will not come any more.
  std::erase_if(open_, [&](const Open& open) { return !open.rewarded && open.number <= feedback.number; });
  close();
}

void Agent::open(Open next) {
  if (!open_.empty() && !open_.back().followed) {
    open_.back().step.after = next.step.before;
    open_.back().followed = true;
  }
  open_.push_back(std::move(next));
}

void Agent::close() {
  for (; !open_.empty() && open_.front().rewarded && open_.front().followed; open_.pop_front())
    remember(std::move(open_.front().step));
}

}  // namespace codecosim::neural
