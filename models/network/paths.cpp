// Paths over wide-area links from one gateway to another.
#include <algorithm>
#include <set>

#include "models/network/network.hpp"
#include "sim/base/shortest_paths.hpp"

namespace codecosim {

std::vector<LinkId> Network::path(ClusterId from, ClusterId to) const {
  if (!gateway_of(from) || !gateway_of(to)) return {};  // no cell serves it now
  Route route{none, none, from.index, to.index, Route::Stage::begin};
  std::vector<LinkId> links;
  while (const LinkId id = next(route)) links.push_back(id);
  return route.stage == Route::Stage::end ? links : std::vector<LinkId>{};
}

std::vector<Network::Path> Network::paths(ClusterId from, ClusterId to, std::size_t most,
                                          const std::function<bool(LinkId)>& usable) const {
  if (from == to) return {Path{}};
  if (topology_ != Topology::explicit_) {
    Path only{path(from, to), latency(from, to)};
    if (only.latency >= forever) return {};
    return std::all_of(only.links.begin(), only.links.end(), usable) ? std::vector{std::move(only)}
                                                                     : std::vector<Path>{};
  }
  const auto worse = [](const Path& a, const Path& b) {
    return a.latency != b.latency ? a.latency < b.latency : a.links < b.links;
  };
  std::vector<Path> found;
  std::set<Path, decltype(worse)> candidates(worse);
  if (const auto first = shortest(from.index, to.index, std::vector<bool>(out_.size()), {}, usable); !first.empty())
    candidates.insert({first, latency(first)});
  while (!candidates.empty() && found.size() < most) {
    found.push_back(std::move(candidates.extract(candidates.begin()).value()));
    const std::vector<LinkId> last = found.back().links;
    // Deviate from the last path at each of its clusters in turn, by a link that no earlier path with the same
    // beginning takes there.
    std::vector<LinkId> root;
    std::vector<bool> avoided(out_.size());
    std::uint32_t at = from.index;
    for (const LinkId link : last) {
      std::vector<LinkId> taken;
      for (const Path& one : found)
        if (one.links.size() > root.size() && std::equal(root.begin(), root.end(), one.links.begin()))
          taken.push_back(one.links[root.size()]);
      if (const auto spur = shortest(at, to.index, avoided, taken, usable); !spur.empty()) {
        std::vector<LinkId> whole = root;
        whole.insert(whole.end(), spur.begin(), spur.end());
        candidates.insert({whole, latency(whole)});
      }
      root.push_back(link);
      avoided[at] = true;
      at = ends(link).second.index;
    }
  }
  return found;
}

std::vector<LinkId> Network::shortest(std::uint32_t start, std::uint32_t target, const std::vector<bool>& avoided,
                                      const std::vector<LinkId>& taken,
                                      const std::function<bool(LinkId)>& usable) const {
  const ShortestPaths found = shortest_paths(out_.size(), start, [&](std::uint32_t at, const auto& reach) {
    for (const WanEdge& edge : out_[at]) {
      const LinkId link{edge.link};
      if (avoided[edge.to] || !usable(link)) continue;
      if (at == start && std::find(taken.begin(), taken.end(), link) != taken.end()) continue;
      reach(edge.to, edge.link, edge.latency);
    }
  });
  std::vector<LinkId> path;
  if (found.distance[target] >= forever.value) return path;
  for (std::uint32_t at = target; at != start; at = wan_source(path.back())) path.push_back({found.edge[at]});
  std::reverse(path.begin(), path.end());
  return path;
}

Seconds Network::latency(const std::vector<LinkId>& path) const {
  Seconds sum;
  for (const LinkId link : path) sum += Seconds(links_[link.index].latency);
  return sum;
}

std::vector<LinkId> Network::reversed(const std::vector<LinkId>& path) const {
  std::vector<LinkId> back;
  for (const LinkId link : path) {
    const auto [from, to] = ends(link);
    const auto& edges = out_[to.index];
    const auto edge =
        std::find_if(edges.begin(), edges.end(), [&](const WanEdge& one) { return one.to == from.index; });
    if (edge == edges.end()) return {};
    back.push_back({edge->link});
  }
  std::reverse(back.begin(), back.end());
  return back;
}

PathId Network::pin(const std::vector<LinkId>& path) {
  ensure(topology_ == Topology::explicit_, "a path is pinned where there is only one");
  const auto [found, fresh] = pins_.try_emplace(path, PathId{static_cast<std::uint32_t>(pinned_.size())});
  if (fresh) pinned_.push_back(path);
  return found->second;
}

}  // namespace codecosim
