#pragma once
#include <cstddef>
#include <map>

#include "models/infrastructure/federation.hpp"
#include "models/orchestration/placement/knowledge.hpp"

namespace codecosim {

/// The clusters nearest to one, as the network was built. They are found at the first call, and kept.
class Nearby {
 public:
  Nearby(const NetworkPlan& plan, const Federation& federation) : plan_(plan), federation_(federation) {}
  const Nearest& from(ClusterId) const;
  Near distance(ClusterId from, ClusterId to, Seconds latency) const;

 private:
  static constexpr std::size_t most = 64;

  const NetworkPlan& plan_;
  const Federation& federation_;
  mutable std::map<ClusterId, Nearest> known_;
};

}  // namespace codecosim
