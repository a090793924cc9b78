#pragma once
#include <cstddef>
#include <map>
#include <vector>

#include "models/orchestration/placement/knowledge.hpp"

namespace codecosim {

/// Clusters by rising latency from one, as the network was built. They are found at the first call, and kept.
///
/// Only some are kept, and always all that are equally far: every cluster that is not among them is farther.
class Nearby {
 public:
  Nearby(const NetworkPlan& plan, std::uint32_t clusters) : plan_(plan), clusters_(clusters) {}
  /// The clusters that are kept, itself first, ties by rising id.
  const std::vector<Near>& from(ClusterId) const;
  /// Whether these are all clusters.
  bool is_all(const std::vector<Near>& some) const { return some.size() == clusters_; }

 private:
  static constexpr std::size_t most = 64;

  const NetworkPlan& plan_;
  std::uint32_t clusters_;
  mutable std::map<ClusterId, std::vector<Near>> known_;
};

}  // namespace codecosim
