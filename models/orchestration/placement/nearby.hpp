#pragma once
#include <cstddef>
#include <map>
#include <vector>

#include "models/orchestration/placement/knowledge.hpp"

namespace codecosim {

/// Clusters by rising latency from one, as the network was built: found when first asked for, and kept.
///
/// Few are kept, and never a part of those that are equally far: what is not among them is farther than they are.
class Nearby {
 public:
  Nearby(const NetworkPlan& plan, std::uint32_t clusters) : plan_(plan), clusters_(clusters) {}
  /// Those that are kept, itself first, equals by rising id.
  const std::vector<Near>& from(ClusterId) const;
  /// Whether they are all that there are.
  bool is_all(const std::vector<Near>& some) const { return some.size() == clusters_; }

 private:
  static constexpr std::size_t most = 64;

  const NetworkPlan& plan_;
  std::uint32_t clusters_;
  mutable std::map<ClusterId, std::vector<Near>> known_;
};

}  // namespace codecosim
