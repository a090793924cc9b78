#pragma once
#include "policies/torch/agent.hpp"

namespace codecosim::neural {

/// What a step of the optimiser looks at; all by decision.
struct Experience {
  Sights sights;
  Tensor actions;      ///< What was decided,
  Tensor log_chances;  ///< the logarithm of the chance of it then,
  Tensor advantages;   ///< how much better it turned out than expected,
  Tensor returns;      ///< and what it came to.
};

/// -min(odds A, clip(odds, 1 - c, 1 + c) A) + value_weight (V - R)^2 - entropy H, mean over decisions, where `odds` is
/// how much more likely the decision is than then (Schulman et al., 2017, equations 7 and 9).
Tensor ppo_loss(const Scorer& policy, const Valuer& valuer, const Weights& weights, const Experience& experience,
                const PpoSpec& spec);

/// Generalised advantages of consecutive decisions: the sum over what follows of (discount lambda)^k times the surprise
/// r + discount V' - V (Schulman et al., 2016). `values` has one entry more than `rewards`.
std::vector<double> advantages(const std::vector<double>& rewards, const std::vector<double>& values, double discount,
                               double lambda);

}  // namespace codecosim::neural
