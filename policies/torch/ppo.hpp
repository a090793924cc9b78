#pragma once
#include "policies/torch/agent.hpp"

namespace codecosim::neural {

/// The batch of an optimiser step, by decision.
struct Experience {
  ObservationBatch sights;
  Tensor actions;      ///< Actions taken.
  Tensor log_chances;  ///< Logarithm of their probability when they were taken.
  Tensor advantages;   ///< Generalised advantages.
  Tensor returns;      ///< Returns.
};

/// -min(odds A, clip(odds, 1 - c, 1 + c) A) + value_weight (V - R)^2 - entropy H, mean over decisions, where `odds` is
/// the ratio of the decision's probability now to that when it was taken (Schulman et al., 2017, equations 7 and 9).
Tensor ppo_loss(const Scorer& policy, const Critic& valuer, const Weights& weights, const Experience& experience,
                const PpoSpec& spec);

/// Generalised advantages of consecutive decisions: the sum over the following decisions of (discount lambda)^k times
/// the temporal-difference error r + discount V' - V (Schulman et al., 2016). `values` has one entry more than
/// `rewards`.
std::vector<double> advantages(const std::vector<double>& rewards, const std::vector<double>& values, double discount,
                               double lambda);

}  // namespace codecosim::neural
