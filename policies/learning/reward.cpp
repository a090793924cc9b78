#include "policies/learning/reward.hpp"

#include "sim/base/reader.hpp"

#include <algorithm>
#include <cmath>

namespace codecosim {
namespace {

/// 1 minus the standard deviations of the loads of all rows, with the workload on `chosen`.
FreeShares balance(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t chosen,
                   const Feasible& so_far) {
  const auto rows = static_cast<std::uint32_t>(problem.rows.size());
  const auto free_of = [&](std::uint32_t row) {
    return row == chosen ? free_shares_with(problem, so_far, workload, row) : free_shares(so_far, row);
  };
  FreeShares mean, square;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const FreeShares free = free_of(row);
    mean.cpu += free.cpu / rows;
    mean.memory += free.memory / rows;
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    const double cpu = free_of(row).cpu - mean.cpu, memory = free_of(row).memory - mean.memory;
    square.cpu += cpu * cpu / rows;
    square.memory += memory * memory / rows;
  }
  return {1 - std::sqrt(square.cpu), 1 - std::sqrt(square.memory)};
}

const std::vector<std::string>& preset_names() {
  static const std::vector<std::string> names{"latency", "estimate", "codeco-balance", "codeco-energy"};
  return names;
}

double latency_term(Seconds latency) { return latency_weight * latency.value / (latency + latency_scale).value; }

}  // namespace

const std::string& name_of(Preset preset) { return preset_names()[static_cast<std::size_t>(preset)]; }

Preset read_preset(Reader& reader) {
  return reader.choice(
      "preset", Preset::latency, preset_names(),
      "What it sees, and what a decision is worth: latency, what came of it; estimate, what may be expected of it; "
      "codeco-balance and codeco-energy, CODECO's state and reward with its two published sets of weights.");
}

double codeco_reward(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row, const Feasible& so_far,
                     const CodecoWeights& weights) {
  if (row == PlacementProblem::none) return fake_reward;
  if (!so_far.fits(workload, row)) return infeasible_reward;
  const PlacementProblem::Workload& pod = problem.workloads[workload];
  const double gigabytes = pod.memory.value / 1e9;
  const Potency drawn = potency(problem.rows[row].id);
  const double energy = pod.cpu.value * drawn.cpu + gigabytes * drawn.memory;
  const double collocation = problem.rows[row].monitored.latency.value * 1000 * gigabytes / (32 * 5.12);
  const FreeShares even = balance(problem, workload, row, so_far);
  const double sum = weights.cpu * even.cpu + weights.memory * even.memory +
                     weights.energy * std::max(1 - 2 * energy, 0.0) + weights.collocation * collocation +
                     weights.constant;
  return sum / (weights.cpu + weights.memory + 2 * weights.energy + weights.collocation + weights.constant);
}

std::optional<double> latency_reward(const Feedback& feedback) {
  if (feedback.answers == 0 && feedback.ready >= 1) return std::nullopt;
  if (feedback.answers == 0) return feedback.ready;
  const double missed = static_cast<double>(feedback.misses) / static_cast<double>(feedback.answers);
  return 1 - missed - (feedback.latency ? latency_term(*feedback.latency) : latency_weight);
}

double estimated_reward(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                        const Feasible& so_far) {
  if (row == PlacementProblem::none || !so_far.fits(workload, row)) return 0;
  const PlacementProblem::Row& target = problem.rows[row];
  const Cores busy = target.cpu_expected.value_or(target.cpu_busy);
  const double missed = target.cpu > Cores(0) ? std::clamp(busy / target.cpu, 0.0, 1.0) : 1;
  const Seconds way = target.client_latency * 2 + latency_to_peers(problem, workload, row, so_far);
  return 1 - missed - latency_term(way);
}

double immediate_reward(Preset preset, const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                        const Feasible& so_far) {
  switch (preset) {
    case Preset::codeco_balance:
      return codeco_reward(problem, workload, row, so_far, balance_weights);
    case Preset::codeco_energy:
      return codeco_reward(problem, workload, row, so_far, energy_weights);
    case Preset::estimate:
      return estimated_reward(problem, workload, row, so_far);
    case Preset::latency:
      break;
  }
  ensure(false, "a reward is asked for before anything came of the decision");
  return 0;
}

}  // namespace codecosim
