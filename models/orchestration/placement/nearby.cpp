#include "models/orchestration/placement/nearby.hpp"

#include <algorithm>

namespace codecosim {

const std::vector<Near>& Nearby::from(ClusterId from) const {
  const auto [place, fresh] = known_.try_emplace(from);
  std::vector<Near>& near = place->second;
  if (!fresh) return near;
  for (ClusterId to{0}; to.index < clusters_; ++to.index) near.push_back({plan_.latency(from, to), to});
  const std::size_t kept = std::min(near.size(), most + 1);
  std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(kept), near.end());
  near.resize(kept);
  if (kept > most) {
    const Seconds beyond = near.back().latency;
    while (!near.empty() && near.back().latency >= beyond) near.pop_back();
  }
  near.shrink_to_fit();
  return near;
}

}  // namespace codecosim
