#include "policies/placement/network_scores.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "policies/placement/kube_scores.hpp"

namespace codecosim {
namespace {

using Order = std::vector<std::uint32_t>;
using Dependencies = std::vector<std::vector<std::uint32_t>>;

constexpr const char* zone_label = "topology.kubernetes.io/zone";
constexpr const char* region_label = "topology.kubernetes.io/region";

/// Workloads that depend on another one, or on which another one depends.
std::vector<bool> connected(const Dependencies& dependencies) {
  std::vector<bool> all(dependencies.size());
  for (std::size_t each = 0; each < dependencies.size(); ++each)
    for (std::uint32_t child : dependencies[each]) all[each] = all[child] = true;
  return all;
}

Order kahn(const Dependencies& dependencies) {
  std::vector<std::uint32_t> dependents(dependencies.size());
  for (const auto& children : dependencies)
    for (std::uint32_t child : children) ++dependents[child];
  const std::vector<bool> members = connected(dependencies);
  std::vector<std::uint32_t> stack;
  for (std::uint32_t each = 0; each < dependencies.size(); ++each)
    if (members[each] && dependents[each] == 0) stack.push_back(each);
  Order order;
  while (!stack.empty()) {
    const std::uint32_t next = stack.back();
    stack.pop_back();
    order.push_back(next);
    for (std::uint32_t child : dependencies[next])
      if (--dependents[child] == 0) stack.push_back(child);
  }
  return order.size() == static_cast<std::size_t>(std::ranges::count(members, true)) ? order : Order();
}

Order tarjan(const Dependencies& dependencies) {
  enum class Mark : std::uint8_t { fresh, open, done };
  std::vector<Mark> marks(dependencies.size(), Mark::fresh);
  const std::vector<bool> members = connected(dependencies);
  Order finished;
  for (std::uint32_t root = 0; root < dependencies.size(); ++root) {
    if (!members[root] || marks[root] != Mark::fresh) continue;
    std::vector<std::pair<std::uint32_t, std::size_t>> visits{
        {root, 0}};  // node, and the number of its children visited
    marks[root] = Mark::open;
    while (!visits.empty()) {
      auto& [at, visited] = visits.back();
      if (visited == dependencies[at].size()) {
        marks[at] = Mark::done;
        finished.push_back(at);
        visits.pop_back();
        continue;
      }
      const std::uint32_t child = dependencies[at][visited++];
      if (marks[child] == Mark::open) return {};
      if (marks[child] == Mark::done) continue;
      marks[child] = Mark::open;
      visits.emplace_back(child, 0);
    }
  }
  std::ranges::reverse(finished);
  return finished;
}

Order alternate(const Order& order) {
  Order alternated;
  for (std::size_t i = 0; i < order.size(); ++i)
    alternated.push_back(i % 2 == 0 ? order[i / 2] : order[order.size() - 1 - i / 2]);
  return alternated;
}

std::string_view label(const Labels& labels, const char* key) {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

// Robust against the last bits of a division of two times.
constexpr double hair = 1e-6;

}  // namespace

Order topological_order(const Dependencies& dependencies, TopologicalSort sort) {
  const bool by_kahn =
      sort == TopologicalSort::kahn || sort == TopologicalSort::alternate_kahn || sort == TopologicalSort::reverse_kahn;
  Order order = by_kahn ? kahn(dependencies) : tarjan(dependencies);
  if (sort == TopologicalSort::reverse_kahn || sort == TopologicalSort::reverse_tarjan) std::ranges::reverse(order);
  if (sort == TopologicalSort::alternate_kahn || sort == TopologicalSort::alternate_tarjan) order = alternate(order);
  return order;
}

NetworkCosts::NetworkCosts(const PlacementProblem& problem, Seconds unit)
    : problem_(problem), unit_(unit), ways_(problem) {
  std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> numbers;
  for (const PlacementProblem::Row& row : problem.rows) {
    const std::pair place(label(*row.labels, region_label), label(*row.labels, zone_label));
    const auto number = numbers.emplace(place, static_cast<std::uint32_t>(numbers.size())).first->second;
    zones_.push_back({number, !place.first.empty() || !place.second.empty()});
  }
}

NetworkOverhead NetworkCosts::at(std::uint32_t component, std::uint32_t row, const Peers& peers) {
  NetworkOverhead overhead;
  for (const PlacementProblem::Channel& channel : problem_.channels) {
    if (channel.from != component) continue;
    const bool limited = channel.max_delay < forever;
    const double limit = std::floor(channel.max_delay / unit_ + hair);
    for (const std::uint32_t peer : peers.of(channel.to)) {
      if (peer == row) {
        overhead.cost += same_host_cost;
        ++overhead.satisfied;
      } else if (zones_[row].labelled && zones_[row].number == zones_[peer].number) {
        overhead.cost += same_zone_cost;
        ++overhead.satisfied;
      } else {
        const Seconds latency = ways_.latency(row, peer);
        const double cost = std::ceil(latency / unit_ - hair);
        overhead.cost += static_cast<std::int64_t>(std::min(cost, static_cast<double>(max_network_cost)));
        ++(latency < forever && (!limited || cost <= limit) ? overhead.satisfied : overhead.violated);
      }
    }
  }
  return overhead;
}

void normalize_network_costs(std::span<std::int64_t> costs) {
  if (costs.empty()) return;
  const auto [least, most] = std::ranges::minmax(costs);
  if (least == 0 && most == 0) return;
  for (std::int64_t& cost : costs) {
    const double share = most == least ? 0.0
                                       : static_cast<double>(kube_max_score) * static_cast<double>(cost - least) /
                                             static_cast<double>(most - least);
    cost = kube_max_score - static_cast<std::int64_t>(share);
  }
}

}  // namespace codecosim
