#pragma once
#include "policies/torch/agent.hpp"

namespace codecosim::neural {

/// Mean over decisions of Huber's loss, with the bend at 1, of what the network says these actions are worth (Mnih et
/// al., 2015).
Tensor dqn_loss(const Scorer& scorer, const Weights& weights, const Sights& before, const Tensor& actions,
                const Tensor& targets);

}  // namespace codecosim::neural
