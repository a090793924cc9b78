#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/policy.hpp"

/// The factories of the routing policies, one per file of this folder.
namespace codecosim {

std::unique_ptr<RoutingPolicy> make_random_routing();
std::unique_ptr<RoutingPolicy> make_round_robin_routing();
std::unique_ptr<RoutingPolicy> make_round_robin_over_all();
Registry<RoutingPolicy>::Make read_least_requests(Reader& reader);
Registry<RoutingPolicy>::Make read_weighted_routing(Reader& reader);
Registry<RoutingPolicy>::Make read_nearest_routing(Reader& reader);
Registry<RoutingPolicy>::Make read_latency_aware(Reader& reader);
std::unique_ptr<RoutingPolicy> make_sticky();
std::unique_ptr<RoutingPolicy> make_shortest_queue();

/// The endpoints that a proxy knows of one priority, or of one locality.
struct KnownEndpoints {
  std::uint32_t healthy = 0, all = 0;
  /// How far they can serve what is meant for them: `over_provisioning` times the share that is healthy, at most 1.
  double health(double over_provisioning) const {
    return all > 0 ? std::min(1.0, over_provisioning * healthy / all) : 0;
  }
};
/// The share of the requests that each priority gets: what those before it leave, up to its health; where the healths
/// of all add up to less than 1, in proportion to them. All are 0 where no endpoint is healthy. Source: Envoy's
/// documentation of priority levels.
std::vector<double> priority_loads(std::span<const KnownEndpoints> priorities, double over_provisioning);

}  // namespace codecosim
