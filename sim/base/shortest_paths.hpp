#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

namespace codecosim {

/// For each vertex, its distance from the source of the search (infinite: it cannot be reached), and the last edge of a
/// shortest path to it.
struct ShortestPaths {
  static constexpr std::uint32_t none = 0xffffffff;
  std::vector<double> distance;
  std::vector<std::uint32_t> edge;
};

/// The shortest paths from one of `places` vertices to all (E. W. Dijkstra: "A note on two problems in connexion with
/// graphs", 1959). `edges(place, f)` calls f(to, edge, length) for each edge that leaves the vertex; lengths are not
/// negative. Among paths of equal length, the one that is found first is kept.
template <class Edges>
ShortestPaths shortest_paths(std::size_t places, std::uint32_t from, const Edges& edges) {
  ShortestPaths found{std::vector<double>(places, std::numeric_limits<double>::infinity()),
                      std::vector<std::uint32_t>(places, ShortestPaths::none)};
  using Entry = std::pair<double, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  found.distance[from] = 0;
  open.emplace(0, from);
  while (!open.empty()) {
    const auto [distance, at] = open.top();
    open.pop();
    if (distance > found.distance[at]) continue;
    edges(at, [&, reached = distance](std::uint32_t to, std::uint32_t edge, double length) {
      if (reached + length >= found.distance[to]) return;
      found.distance[to] = reached + length;
      found.edge[to] = edge;
      open.emplace(reached + length, to);
    });
  }
  return found;
}

}  // namespace codecosim
