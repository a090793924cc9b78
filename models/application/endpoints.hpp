#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "models/application/catalogue.hpp"
#include "models/policy.hpp"
#include "models/world.hpp"

namespace codecosim {

/// The endpoints of all Services as proxies know them (EndpointSlices), and the proxies by which requests and calls
/// leave their callers: kube-proxy, the sidecars of a mesh, or a load balancer.
///
/// Claim: a request goes to one of the endpoints of its Service that are ready or, where none is, that still serve. The
/// Service's routing policy chooses it, for the proxy of the callers in one cluster, or for the only one of all
/// callers. A proxy knows the endpoints as they were told to it, and the ends of the requests that it has routed
/// itself. Checked by: tests/physics/routing_test.cpp.
class Endpoints {
 public:
  /// The conditions of an endpoint. An unhealthy one has been ready before, and its pod still exists.
  enum class State : std::uint8_t { none, unhealthy, serving, ready };
  /// The way of one request through a proxy.
  struct Way {
    PodId pod;                     ///< None: the Service has no endpoint.
    std::uint32_t proxy = nobody;  ///< That is to be told of its end, if any.
  };

  Endpoints(const World&, const Catalogue&);

  /// Tells all proxies of an endpoint, in this cluster.
  void set(ServiceId, PodId, ClusterId, State);
  State state(PodId pod) const { return pod.index < pods_.size() ? pods_[pod.index].state : State::none; }
  /// Routes a request of a caller in the cluster `from`; `caller` is a number of the caller's own.
  Way route(ServiceId, ClusterId from, std::uint64_t caller, const Rng& request);
  /// Tells the proxy that a request which it routed at this date has ended.
  void ended(const Way& way, Seconds since, bool answered) {
    if (way.proxy != nobody) [[unlikely]]
      tell(way, since, answered);
  }

 private:
  static constexpr std::uint32_t nobody = 0xffffffff;
  /// A set of pods with consecutive ids, or a list.
  struct Set {
    std::uint32_t first = 0, size = 0, list = nobody;
  };
  /// The fields that every request for a service reads.
  struct alignas(32) Service {
    Set ready;
    std::uint32_t last = nobody;    ///< The pod that the only proxy chose last.
    std::uint32_t policy = nobody;  ///< In `policies_`; none: any endpoint, with the same chance.
    std::uint32_t others = nobody;  ///< In `others_`, once it has endpoints that are not ready.
  };
  static_assert(sizeof(Service) == 32);
  /// The endpoints of a service that are not ready.
  struct Others {
    Set serving, unhealthy;
  };
  struct Pod {
    ClusterId cluster;
    State state = State::none;
  };
  struct Policy {
    Registry<RoutingPolicy>::Make make;
    std::unique_ptr<RoutingPolicy> shared;  ///< Of all proxies; null: each has its own.
    bool in_front = false, omniscient = false;
  };
  struct Proxy {
    std::uint32_t last = nobody;
    std::unique_ptr<RoutingPolicy> own;
  };
  class Question;

  void add(Set&, PodId);
  void remove(Set&, PodId);
  std::uint32_t pod(const Set& set, std::uint32_t number) const {
    if (set.list == nobody) [[likely]]
      return set.first + number;
    return lists_[set.list][number];
  }
  /// The place of the first pod after this one; 0 where there is none.
  std::uint32_t after(const Set&, std::uint32_t pod) const;
  Set& set_of(Service&, State);
  Way ask(ServiceId, const Set&, ClusterId from, std::uint64_t caller, const Rng& request);
  /// The proxy of the callers in a cluster.
  std::uint32_t proxy_of(ServiceId, ClusterId callers, const Policy&);
  void tell(const Way&, Seconds since, bool answered);

  const World& world_;
  const Catalogue& catalogue_;
  std::vector<Service> services_;
  std::vector<Others> others_;
  std::vector<std::vector<std::uint32_t>> lists_;
  std::vector<Pod> pods_;
  std::vector<Policy> policies_;
  std::vector<Proxy> proxies_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;  // of proxies, by service and cluster of the callers
};

}  // namespace codecosim
