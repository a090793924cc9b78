#include "models/orchestration/placement/hub_view.hpp"

#include <algorithm>
#include <utility>

namespace codecosim {

HubView::HubView(ClusterId hub, const Federation& federation, const NetworkPlan& plan, Clients clients)
    : network(hub),
      federation_(federation),
      plan_(plan),
      views_(federation.cluster_count()),
      clients_(std::move(clients)) {
  for (std::uint32_t c = 0; c < views_.size(); ++c) views_[c].security = federation.cluster_spec({c}).security;
}

std::vector<ClusterId> HubView::clusters() const {
  std::vector<ClusterId> all;
  for (std::uint32_t c = 0; c < views_.size(); ++c)
    if (views_[c].joined) all.push_back({c});
  return all;
}

std::optional<std::string> HubView::obstacle(ClusterId cluster) const {
  const View& view = views_[cluster.index];
  if (!view.joined) return "had not joined";
  if (!view.available) return "were unreachable";
  if (!view.heard) return "had not told their state yet";
  return std::nullopt;
}

// What was assigned and is in what the cluster says of itself is counted there, and only there.
ClusterState HubView::state(ClusterId cluster, const std::vector<Assigned>& assigned) const {
  ClusterState state = views_[cluster.index].state;
  for (const Assigned& one : assigned) {
    const std::uint32_t held = state.held_of(one.service);
    for (std::uint32_t pod = held; pod < one.pods; ++pod) {
      state.cpu_free -= one.cpu;
      state.memory_free -= one.memory;
      ++state.pods;
    }
  }
  return state;
}

bool HubView::fits(ClusterId cluster, const std::vector<Assigned>& assigned, const ComponentSpec& component) const {
  return state(cluster, assigned).fits(component.cpu_request, component.memory_request);
}

void HubView::describe(PlacementProblem::Row& row, ClusterId cluster) const {
  const View& view = views_[cluster.index];
  row.name = federation_.name(cluster);
  row.labels = &federation_.cluster_spec(cluster).labels;
  row.data = view.data;
  row.scores = view.scores;
}

// What NetMA has measured of the way itself; where it has not, what the links are built for. Put together from the ways
// to the hub it would make all clusters look near to those that are near the hub.
Seconds HubView::latency(ClusterId from, ClusterId to) const {
  if (from == to) return Seconds(0);
  const auto seen = network.probed(from, to);
  return seen && seen->latency < forever ? seen->latency : plan_.latency(from, to);
}

bool HubView::hear(ClusterId cluster, const ClusterState& state) {
  View& view = views_[cluster.index];
  if (view.heard && state.taken < view.state.taken) return false;
  const bool more = !view.heard || state.has_more_than(view.state);
  view.state = state;
  view.heard = true;
  return more;
}

void HubView::learn_copy(ClusterId cluster, std::uint32_t data) {
  auto& known = views_[cluster.index].data;
  const auto place = std::lower_bound(known.begin(), known.end(), data);
  if (place == known.end() || *place != data) known.insert(place, data);
}

}  // namespace codecosim
