#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "policies/learning/features.hpp"

/// The rewards of PDLC-DL's recommenders.
namespace codecosim {

/// The features (features.hpp) and the reward of a recommender.
enum class Preset : std::uint8_t {
  latency,         ///< row_features; delayed reward from the outcome: latency_reward(Feedback).
  estimate,        ///< row_features; immediate reward from an estimate: estimated_reward.
  codeco_balance,  ///< CODECO's state and reward; equal loads.
  codeco_energy    ///< CODECO's state and reward; little energy.
};
/// Whether the reward is known as soon as the decision is.
constexpr bool is_immediate(Preset preset) { return preset != Preset::latency; }
constexpr bool is_codeco(Preset preset) { return preset >= Preset::codeco_balance; }
const std::string& name_of(Preset preset);
/// Reads the parameter `preset`.
Preset read_preset(Reader& reader);

/// Weights of the terms of CODECO's reward: balance of processors and of memory, energy, collocation, and a constant.
struct CodecoWeights {
  double cpu = 0, memory = 0, energy = 0, collocation = 0, constant = 0;
};
/// The two sets in CODECO's code [S]; their names are ours.
inline constexpr CodecoWeights balance_weights{5, 5, 0, 0, 5};
inline constexpr CodecoWeights energy_weights{0, 0, 3, 0, 5};

inline constexpr double infeasible_reward = -20;  ///< [S]
inline constexpr double fake_reward = -1;         ///< Reward of placing nothing: the action that CODECO calls Fake [S].

/// The reward of CODECO's RL agent for giving the workload this row, or none [S]:
///
///   (w_cpu (1 - sd(cpu load)) + w_ram (1 - sd(memory load)) + w_e max(1 - 2 e, 0) + w_c tc + w_k)
///     / (w_cpu + w_ram + 2 w_e + w_c + w_k)
///
/// with e = cores x cpu_potency + gigabytes x ram_potency of the pod on that node, tc = latency(master, node) x
/// gigabytes / (32 x 5.12), -20 for a row that it does not fit, -1 for none. Ours [I]: standard deviations are those of
/// all rows, after placing; the order of the weights in the published sets is that of the terms; the latency is the
/// mean of the row's links, in milliseconds. The collocation *cost* tc is added as in the code, so that a positive
/// weight would reward distance; it is 0 in both published sets, and nothing here changes the sign.
double codeco_reward(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row, const Feasible& so_far,
                     const CodecoWeights& weights);

/// Latency at which half of its weight is lost.
inline constexpr Seconds latency_scale{0.1};
/// Penalty of the worst latency, where answering all requests in time is worth 1.
inline constexpr double latency_weight = 0.5;

/// The reward of a decision from its outcome, from -0.5 to 1 [I]: 1 - misses / answers - 0.5 l / (l + 100 ms), with l
/// the mean latency of answers, infinite where none was answered. Where no request is known to be in time or late, the
/// share of workloads that are ready replaces the share of answers in time. Nothing where all are ready and no such
/// request is known.
std::optional<double> latency_reward(const Feedback& feedback);

/// The expected reward of giving the workload this row, on the same scale [I]: the share of its cores that is busy
/// stands for misses, and l is the way to the clients and back, and that to components it talks to. 0 for none and for
/// a row that it does not fit.
double estimated_reward(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                        const Feasible& so_far);

/// The reward of a preset whose reward is immediate.
double immediate_reward(Preset preset, const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                        const Feasible& so_far);

}  // namespace codecosim
