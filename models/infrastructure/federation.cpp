#include "models/infrastructure/federation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sim/base/glob.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

Federation::Federation(FederationSpec spec) : spec_(std::move(spec)) {
  std::size_t clusters = 0, nodes = 0;
  for (const ClusterSpec& one : spec_.clusters) {
    std::size_t each = 0;
    for (const ClusterSpec::Pool& pool : one.pools) each += pool.count;
    clusters += one.positions.size();
    nodes += each * one.positions.size();
  }
  clusters_.reserve(clusters);
  nodes_.reserve(nodes);
  for (std::uint32_t s = 0; s < spec_.clusters.size(); ++s) {
    const ClusterSpec& one = spec_.clusters[s];
    first_of_spec_.push_back(cluster_count());
    (one.numbered ? spec_of_numbered_ : spec_of_plain_).try_emplace(one.name, s);
    for (std::uint32_t i = 0; i < one.positions.size(); ++i) {
      const std::uint32_t first = node_count(), id = cluster_count();
      for (std::size_t p = 0; p < one.pools.size(); ++p)
        for (std::uint32_t n = 0; n < one.pools[p].count; ++n)
          nodes_.push_back({id, static_cast<std::uint16_t>(p), static_cast<std::uint16_t>(n)});
      clusters_.push_back({s, i, first, node_count() - first});
    }
  }
}

ClusterId Federation::hub() const {
  for (std::uint32_t s = 0; s < spec_.clusters.size(); ++s)
    if (spec_.clusters[s].hub) return {first_of_spec_[s]};
  return {0};
}

std::vector<ClusterId> Federation::hubs() const {
  std::vector<ClusterId> all;
  for (const ClusterId c : clusters())
    if (cluster_spec(c).hub) all.push_back(c);
  return all.empty() ? std::vector<ClusterId>{{0}} : all;
}

std::string Federation::name(ClusterId id) const {
  const Cluster& c = clusters_[id.index];
  const ClusterSpec& one = spec_.clusters[c.spec];
  return one.numbered ? fmt::format("{}-{}", one.name, c.index) : one.name;
}

std::string Federation::name(NodeId id) const {
  return fmt::format("{}/{}-{}", name(cluster_of(id)), type(id).name, nodes_[id.index].index);
}

std::optional<ClusterId> Federation::find_cluster(const std::string& name) const {
  const auto plain = spec_of_plain_.find(name);
  if (plain != spec_of_plain_.end() && !spec_.clusters[plain->second].positions.empty())
    return ClusterId{first_of_spec_[plain->second]};
  const std::size_t dash = name.rfind('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto numbered = spec_of_numbered_.find(name.substr(0, dash));
  const std::string_view digits = std::string_view(name).substr(dash + 1);
  const std::optional<std::uint32_t> index = parse_whole<std::uint32_t>(digits);
  if (numbered == spec_of_numbered_.end() || !index) return std::nullopt;
  const bool canonical = digits.front() != '0' || digits.size() == 1;
  if (!canonical || *index >= spec_.clusters[numbered->second].positions.size()) return std::nullopt;
  return ClusterId{first_of_spec_[numbered->second] + *index};
}

std::vector<ClusterId> Federation::begins_like(const std::string& pattern) const {
  const std::size_t plain = std::min(pattern.find_first_of("*?"), pattern.size());
  std::vector<ClusterId> all;
  for (std::uint32_t s = 0; s < spec_.clusters.size(); ++s) {
    const ClusterSpec& one = spec_.clusters[s];
    const std::size_t common = std::min(plain, one.name.size());
    if (pattern.compare(0, common, one.name, 0, common) != 0) continue;
    for (std::uint32_t i = 0; i < one.positions.size(); ++i) all.push_back({first_of_spec_[s] + i});
  }
  return all;
}

std::vector<ClusterId> Federation::match_clusters(const std::string& pattern) const {
  if (pattern.find_first_of("*?") == std::string::npos) {
    const auto found = find_cluster(pattern);
    return found ? std::vector<ClusterId>{*found} : std::vector<ClusterId>{};
  }
  std::vector<ClusterId> all = begins_like(pattern);
  std::erase_if(all, [&](ClusterId one) { return !matches_path(pattern, name(one)); });
  return all;
}

std::vector<NodeId> Federation::match_nodes(const std::string& pattern) const {
  std::vector<NodeId> all;
  const std::size_t slash = pattern.rfind('/');
  const bool across = pattern.find("**") != std::string::npos;
  if (slash == std::string::npos && !across) return all;
  for (const ClusterId c : across ? begins_like(pattern) : match_clusters(pattern.substr(0, slash)))
    for (const NodeId n : nodes(c))
      if (matches_path(pattern, name(n))) all.push_back(n);
  return all;
}

ClusterId Federation::nearest_cluster(const Position& place) const {
  ClusterId best;
  for (const ClusterId c : clusters()) {
    if (!cluster_spec(c).on.empty()) continue;
    if (!best || distance(position(c), place, spec_.on_earth) < distance(position(best), place, spec_.on_earth))
      best = c;
  }
  if (!best) best = {0};
  return best;
}

}  // namespace codecosim
