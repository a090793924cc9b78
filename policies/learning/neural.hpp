#pragma once
#include <cstdint>
#include <vector>

#include "models/policy.hpp"
#include "policies/learning/reward.hpp"

/// PDLC-DL with neural networks. Their parameters are read here. Their code is in policies/torch, a library of its own
/// that is loaded when the first of them is made, so that a run without them does not load LibTorch. [S] is stated by
/// CODECO (docs/policies.md), [I] is our interpretation.
namespace codecosim {

/// The network that scores the targets, its features and its reward.
struct ScorerSpec {
  Preset preset = Preset::latency;
  std::vector<std::uint32_t> hidden = {64, 64};  ///< Units of each hidden layer [I].
  std::uint64_t weights = 1;  ///< Seed of the first weights: alike in learners that are to be averaged.
  Seconds patience{60};       ///< Time from a decision to its reward, in presets whose reward is delayed.
};

/// Deep Q-learning with replay (Mnih et al.: "Human-level control through deep reinforcement learning", Nature 518,
/// 2015).
struct DqnSpec {
  ScorerSpec scorer;
  double learning_rate = 5e-4;    ///< [S]
  double discount = 0.99;         ///< [S]
  double target_mix = 0.45;       ///< Step of the target network towards the network each round [S, read as tau: I].
  std::uint32_t buffer = 20'000;  ///< Decisions in the replay buffer [S].
  std::uint32_t batch = 32;       ///< Decisions in a step of the optimiser.
  double steps = 0.25;            ///< Steps of the optimiser for each new decision; at least one a round.
  double explore_first = 1;       ///< Probability of exploring (a random target) at first,
  double explore_last = 0.05;     ///< and at the end,
  std::uint32_t explore_decisions = 1000;  ///< after so many recommendations; linear between.
  bool mask = true;    ///< Masks infeasible targets; else a penalty teaches to avoid them, as in CODECO.
  bool twice = false;  ///< Double DQN (van Hasselt, Guez, Silver, 2016).
};

/// Proximal policy optimisation with masked actions (Schulman et al.: "Proximal policy optimization algorithms", 2017).
struct PpoSpec {
  ScorerSpec scorer;
  double learning_rate = 3e-4;
  double discount = 0.99;
  double lambda = 0.95;       ///< Lambda of the generalised advantage estimate (Schulman et al., 2016).
  double clip = 0.2;          ///< Bound on the change of a decision's probability ratio in a round.
  double entropy = 0.01;      ///< Weight of the entropy, per nat.
  double value_weight = 0.5;  ///< Weight of the squared error of the values.
  std::uint32_t epochs = 10;  ///< Passes over the new decisions in a round.
  std::uint32_t batch = 64;   ///< Decisions in a step of the optimiser.
  bool sample = true;         ///< Prefers a target drawn from its policy; else the most likely one.
};

/// Graph convolutions over the topology and a recurrent unit over time: T-GCN (Zhao et al., 2020), with attention over
/// time A3T-GCN (Bai et al., 2021).
struct GnnSpec {
  bool attention = false;
  std::uint32_t hidden = 16;     ///< Units of each layer.
  std::uint32_t window = 12;     ///< Samples that are the input of a forecast.
  std::uint32_t horizon = 3;     ///< Intervals ahead that are forecast.
  std::uint32_t history = 2016;  ///< Samples that are kept: a week of five-minute means.
  double learning_rate = 5e-3;
  std::uint32_t batch = 16;   ///< Windows in a step of the optimiser.
  std::uint32_t steps = 32;   ///< Steps of the optimiser a round.
  std::uint64_t weights = 1;  ///< Seed of the first weights: alike in learners that are to be averaged.
};

/// Registers `dqn`, `ppo` and `gnn`, or the reason why they are not available. Loads nothing.
void add_neural(Policies& policies);

/// The functions that the library exports.
extern "C" {
using MakeDqn = Recommender*(const DqnSpec&);
using MakePpo = Recommender*(const PpoSpec&);
using MakeGnn = Forecaster*(const GnnSpec&);
}

}  // namespace codecosim
