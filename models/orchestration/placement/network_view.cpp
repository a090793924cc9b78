#include "models/orchestration/placement/network_view.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"

namespace codecosim {

namespace {
constexpr auto cluster_of = &std::pair<ClusterId, LinkView>::first;
}

void NetworkView::tell(ClusterId from, ClusterId to, LinkView view) {
  if (to == hub_) view.up = true;  // the report itself has just come over this path
  if (told_.size() <= from.index) told_.resize(from.index + 1);
  auto& ways = told_[from.index];
  const auto place = std::ranges::lower_bound(ways, to, {}, cluster_of);
  if (place == ways.end() || place->first != to) {
    ++changes_;
    ways.insert(place, {to, view});
    return;
  }
  const LinkView& known = place->second;
  const bool moved = std::abs((view.latency - known.latency).value) > known.latency.value / 10;
  changes_ += known.up != view.up || moved;
  place->second = view;
}

std::span<const std::pair<ClusterId, LinkView>> NetworkView::probed(ClusterId from) const {
  if (from.index >= told_.size()) return {};
  return told_[from.index];
}

std::optional<LinkView> NetworkView::probed(ClusterId from, ClusterId to) const {
  const auto ways = probed(from);
  const auto place = std::ranges::lower_bound(ways, to, {}, cluster_of);
  return place == ways.end() || place->first != to ? std::nullopt : std::optional(place->second);
}

std::optional<LinkView> NetworkView::seen(ClusterId from, ClusterId to) const {
  if (from == to) return {};
  if (const auto direct = probed(from, to)) return direct;
  const auto leg = [this](ClusterId a, ClusterId b) {
    const auto there = probed(a, b);
    return there ? there : probed(b, a);
  };
  if (from == hub_ || to == hub_) return leg(from, to);
  const auto first = leg(from, hub_), second = leg(hub_, to);
  if (!first || !second) return {};
  return LinkView{first->latency + second->latency, std::min(first->bandwidth, second->bandwidth),
                  first->jitter + second->jitter, std::min(first->taken, second->taken), first->up && second->up};
}

void NetworkView::build_cost_map(const Federation& federation) {
  costs_.clear();
  for (ClusterId first{0}; first.index < told_.size(); ++first.index)
    for (const auto& [second, view] : told_[first.index]) {
      const std::uint32_t from = federation.cluster_spec(first).provider;
      const std::uint32_t to = federation.cluster_spec(second).provider;
      if (from == to || !view.up || view.bandwidth.value <= 0) continue;
      Cost& cost = costs_.try_emplace({from, to}, Cost{Seconds(0), view.bandwidth, view.taken}).first->second;
      cost.latency = (cost.latency * cost.pairs + view.latency) / (cost.pairs + 1);
      cost.bandwidth = std::min(cost.bandwidth, view.bandwidth);
      cost.taken = std::min(cost.taken, view.taken);
      ++cost.pairs;
    }
}

std::optional<NetworkView::Cost> NetworkView::cost(std::uint32_t from_provider, std::uint32_t to_provider) const {
  const auto found = costs_.find({from_provider, to_provider});
  return found == costs_.end() ? std::nullopt : std::optional(found->second);
}

void NetworkView::reserve(LinkId link, std::uint64_t bits) {
  if (link.index >= reserved_.size()) reserved_.resize(link.index + 1);
  reserved_[link.index] += bits;
}

void NetworkView::release(LinkId link, std::uint64_t bits) {
  ensure(reserved_bits(link) >= bits, "a channel released what it had not reserved");
  if (bits > 0) reserved_[link.index] -= bits;
}

}  // namespace codecosim
