#pragma once
#include <cstdint>
#include <vector>

#include "models/policy.hpp"
#include "policies/learning/reward.hpp"

/// PDLC-DL with neural networks. Their parameters are read here; they themselves are in policies/torch, a library of
/// its own that is loaded when the first of them is made, so that a run without them does not pay for LibTorch. [S] is
/// stated by CODECO (docs/policies.md), [I] is our interpretation.
namespace codecosim {

/// Which network scores the targets, and what it sees and is rewarded for.
struct ScorerSpec {
  Preset preset = Preset::latency;
  std::vector<std::uint32_t> hidden = {64, 64};  ///< Units of each hidden layer [I].
  std::uint64_t weights = 1;  ///< Seed of the first weights: alike in learners that are to be averaged.
  Seconds patience{60};       ///< How long after a decision what came of it is judged, where it must be awaited.
};

/// Deep Q-learning with replay (Mnih et al.: "Human-level control through deep reinforcement learning", Nature 518,
/// 2015).
struct DqnSpec {
  ScorerSpec scorer;
  double learning_rate = 5e-4;  ///< [S]
  double discount = 0.99;       ///< [S]
  double target_mix = 0.45;     ///< How far the target network goes towards the network each round [S, read as tau: I].
  std::uint32_t buffer = 20'000;           ///< Decisions that it remembers [S].
  std::uint32_t batch = 32;                ///< Decisions in a step of the optimiser.
  double steps = 0.25;                     ///< Steps of the optimiser for each new decision; at least one a round.
  double explore_first = 1;                ///< Chance to prefer a target at random, at first,
  double explore_last = 0.05;              ///< and in the end,
  std::uint32_t explore_decisions = 1000;  ///< after so many recommendations; linear between.
  bool mask = true;    ///< Prefers nothing infeasible; else it learns not to, by a penalty, as in CODECO.
  bool twice = false;  ///< Double DQN (van Hasselt, Guez, Silver, 2016).
};

/// Proximal policy optimisation with masked actions (Schulman et al.: "Proximal policy optimization algorithms", 2017).
struct PpoSpec {
  ScorerSpec scorer;
  double learning_rate = 3e-4;
  double discount = 0.99;
  double lambda = 0.95;       ///< Of the generalised advantage estimate (Schulman et al., 2016).
  double clip = 0.2;          ///< How far the odds of a decision may move in a round.
  double entropy = 0.01;      ///< What a nat of entropy is worth.
  double value_weight = 0.5;  ///< Of the squared error of the values.
  std::uint32_t epochs = 10;  ///< Times that a round goes through what is new.
  std::uint32_t batch = 64;   ///< Decisions in a step of the optimiser.
  bool sample = true;         ///< Prefers a target drawn from its policy; else the most likely one.
};

/// Graph convolutions over the topology and a recurrent unit over time: T-GCN (Zhao et al., 2020), with attention over
/// time A3T-GCN (Bai et al., 2021).
struct GnnSpec {
  bool attention = false;
  std::uint32_t hidden = 16;     ///< Units of each layer.
  std::uint32_t window = 12;     ///< Samples that a forecast looks at.
  std::uint32_t horizon = 3;     ///< Intervals that are forecast.
  std::uint32_t history = 2016;  ///< Samples that it remembers: a week of five-minute means.
  double learning_rate = 5e-3;
  std::uint32_t batch = 16;   ///< Windows in a step of the optimiser.
  std::uint32_t steps = 32;   ///< Steps of the optimiser a round.
  std::uint64_t weights = 1;  ///< Seed of the first weights: alike in learners that are to be averaged.
};

/// Registers `dqn`, `ppo` and `gnn`, or why they cannot be had. Loads nothing.
void add_neural(Policies& policies);

/// What the library offers by name.
extern "C" {
using MakeDqn = Recommender*(const DqnSpec&);
using MakePpo = Recommender*(const PpoSpec&);
using MakeGnn = Forecaster*(const GnnSpec&);
}

}  // namespace codecosim
