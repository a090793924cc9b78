#include "models/orchestration/placement/nearby.hpp"

#include <algorithm>

namespace codecosim {

Near Nearby::distance(ClusterId from, ClusterId to, Seconds latency) const {
  const Position &a = federation_.position(from), &b = federation_.position(to);
  const double x = b.x - a.x, y = b.y - a.y, z = b.z - a.z;
  return {latency, x * x + y * y + z * z, to};
}

const Nearest& Nearby::from(ClusterId from) const {
  const auto [place, is_new] = known_.try_emplace(from);
  Nearest& nearest = place->second;
  if (!is_new) return nearest;
  std::vector<Near>& all = nearest.clusters;
  for (const ClusterId to : federation_.clusters()) all.push_back(distance(from, to, plan_.latency(from, to)));
  nearest.whole = forever;
  if (all.size() > most) {
    std::ranges::partial_sort(all, all.begin() + most + 1);
    const Near beyond = all[most];
    const auto is_beyond = [&](const Near& one) {
      return std::tie(one.latency, one.distance2) >= std::tie(beyond.latency, beyond.distance2);
    };
    all.resize(most);
    std::erase_if(all, is_beyond);
    nearest.whole = Seconds(-1);
    for (const Near& one : all)
      if (one.latency < beyond.latency) nearest.whole = one.latency;
  }
  std::ranges::sort(all);
  all.shrink_to_fit();
  return nearest;
}

}  // namespace codecosim
