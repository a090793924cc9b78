#include "models/orchestration/placement/network_view.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"

namespace codecosim {

void NetworkView::tell(ClusterId from, ClusterId to, LinkView view) {
  if (to == hub_) view.up = true;  // this has just come that way
  const auto found = told_.find({from, to});
  const LinkView* known = found == told_.end() ? nullptr : &found->second;
  const auto moved = [&] { return std::abs((view.latency - known->latency).value) > known->latency.value / 10; };
  changes_ += !known || known->up != view.up || moved();
  told_[{from, to}] = view;
}

std::optional<LinkView> NetworkView::probed(ClusterId from, ClusterId to) const {
  const auto found = told_.find({from, to});
  return found == told_.end() ? std::nullopt : std::optional(found->second);
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

void NetworkView::sum_up(const Federation& federation) {
  costs_.clear();
  for (const auto& [pair, view] : told_) {
    const std::uint32_t from = federation.cluster_spec(pair.first).provider;
    const std::uint32_t to = federation.cluster_spec(pair.second).provider;
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
