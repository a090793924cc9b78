#pragma once
#include "models/network/network.hpp"
#include "models/orchestration/placement/knowledge.hpp"

namespace codecosim {

/// The network as it was built; the interface shows nothing of its present state.
class BuiltNetwork : public NetworkPlan {
 public:
  explicit BuiltNetwork(const Network& network) : network_(network) {}
  Seconds latency(ClusterId from, ClusterId to) const override { return network_.built_latency(from, to); }

 private:
  const Network& network_;
};

}  // namespace codecosim
