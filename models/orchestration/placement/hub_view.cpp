#include "models/orchestration/placement/hub_view.hpp"

#include <algorithm>
#include <utility>

namespace codecosim {

HubView::HubView(ClusterId hub, const Federation& federation, const NetworkPlan& plan, Clients clients)
    : network(hub),
      federation_(federation),
      plan_(plan),
      nearby_(plan, federation.cluster_count()),
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

// Assigned pods that are already in the cluster's reported state are counted only there.
ClusterSums HubView::sums(ClusterId cluster, const std::vector<Assigned>& assigned) const {
  const ClusterState& told = views_[cluster.index].state;
  ClusterSums sums = told;
  for (const Assigned& one : assigned) {
    const std::uint32_t held = told.held_of(one.service);
    for (std::uint32_t pod = held; pod < one.pods; ++pod) {
      sums.cpu_free -= one.cpu;
      sums.memory_free -= one.memory;
      ++sums.pods;
    }
  }
  return sums;
}

bool HubView::fits(ClusterId cluster, const std::vector<Assigned>& assigned, const ComponentSpec& component) const {
  return sums(cluster, assigned).fits(component.cpu_request, component.memory_request);
}

void HubView::describe(PlacementProblem::Row& row, ClusterId cluster) const {
  const View& view = views_[cluster.index];
  row.name = federation_.name(cluster);
  row.labels = &federation_.cluster_spec(cluster).labels;
  row.data = view.data;
  row.scores = view.scores;
}

// NetMA's measurement of the path itself or, where there is none, the latency of the links as built. A latency composed
// of the paths to the hub would make all clusters look near to those that are near the hub.
Seconds HubView::latency(ClusterId from, ClusterId to) const {
  if (from == to) return Seconds(0);
  const auto seen = network.probed(from, to);
  return seen && seen->latency < forever ? seen->latency : plan_.latency(from, to);
}

std::vector<Near> HubView::nearest(ClusterId from) const {
  const std::vector<Near>& built = nearby_.from(from);
  if (built.empty()) return {};
  std::vector<Near> all;
  std::vector<bool> listed(views_.size());
  const auto add = [&](ClusterId to) {
    if (!listed[to.index]) all.push_back({latency(from, to), to});
    listed[to.index] = true;
  };
  for (const Near& one : built) add(one.cluster);
  for (const auto& [to, way] : network.probed(from)) add(to);
  std::sort(all.begin(), all.end());
  // A cluster that is not listed is farther, as built, than the last one.
  const Seconds farthest = built.back().latency;
  while (!nearby_.is_all(built) && all.back().latency > farthest) all.pop_back();
  return all;
}

bool HubView::observe_state(ClusterId cluster, const ClusterState& state) {
  View& view = views_[cluster.index];
  if (view.heard && state.taken < view.state.taken) return false;
  const bool more = !view.heard || state.has_more_than(view.state);
  view.state = state;
  heard_ += !view.heard;
  view.heard = true;
  return more;
}

void HubView::learn_copy(ClusterId cluster, std::uint32_t data) {
  auto& known = views_[cluster.index].data;
  const auto place = std::lower_bound(known.begin(), known.end(), data);
  if (place == known.end() || *place != data) known.insert(place, data);
}

}  // namespace codecosim
