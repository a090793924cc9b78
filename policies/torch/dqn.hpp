#pragma once
#include "policies/torch/agent.hpp"

namespace codecosim::neural {

/// Huber loss, with threshold 1, of the network's values of these actions against `targets`, mean over decisions (Mnih
/// et al., 2015).
Tensor dqn_loss(const Scorer& scorer, const Weights& weights, const ObservationBatch& before, const Tensor& actions,
                const Tensor& targets);

}  // namespace codecosim::neural
