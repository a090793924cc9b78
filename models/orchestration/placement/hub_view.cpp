#include "models/orchestration/placement/hub_view.hpp"

#include <algorithm>
#include <tuple>

namespace codecosim {

HubView::HubView(ClusterId hub, const Federation& federation, const NetworkPlan& plan, Clients clients)
    : network(hub),
      federation_(federation),
      plan_(plan),
      nearby_(plan, federation),
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

Nearest HubView::nearest(ClusterId from) const {
  const Nearest& built = nearby_.from(from);
  if (built.clusters.empty()) return {};
  Nearest known{{}, built.whole};
  std::vector<bool> listed(views_.size());
  const auto add = [&](ClusterId to) {
    if (!listed[to.index]) known.clusters.push_back(nearby_.distance(from, to, latency(from, to)));
    listed[to.index] = true;
  };
  for (const Near& one : built.clusters) add(one.cluster);
  for (const auto& [to, way] : network.probed(from)) add(to);
  std::ranges::sort(known.clusters);
  // A cluster that is not listed is farther, as built, than the last one.
  const Near& last = built.clusters.back();
  const auto is_within = [&](const Near& one) {
    return one.latency <= built.whole || std::tie(one.latency, one.distance2) <= std::tie(last.latency, last.distance2);
  };
  while (!is_within(known.clusters.back())) known.clusters.pop_back();
  return known;
}

bool HubView::observe_state(ClusterId cluster, const ClusterState& state) {
  View& view = views_[cluster.index];
  if (view.heard && state.taken < view.state.taken) return false;
  const bool more = !view.heard || state.has_more_than(view.state);
  view.state = state;
  heard_ += !view.heard;
  set(cluster, view.heard, true);
  return more;
}

void HubView::learn_copy(ClusterId cluster, std::uint32_t data) {
  auto& known = views_[cluster.index].data;
  const auto place = std::lower_bound(known.begin(), known.end(), data);
  if (place == known.end() || *place != data) known.insert(place, data);
}

}  // namespace codecosim
