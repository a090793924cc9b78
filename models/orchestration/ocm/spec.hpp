#pragma once
#include <cstdint>

#include "sim/base/bounds.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// The API server of a hub: `workers` equal servers, one queue.
struct HubSpec {
  std::uint32_t workers = 16;
  Seconds service{0.004};
  std::uint32_t queue = 20'000;
  template <class V>
  void fields(V&& v) {
    v("workers", workers, "Requests that its API server works on at once. [I]", between(1, 10000));
    v("service", service, "Mean of the exponential time of one request: 16 workers at 4 ms do 4 000 /s. [I]",
      not_negative);
    v("queue", queue, "Requests that may wait; more are refused (HTTP 429). [I]", between(1, 1e7));
  }
};

/// Open Cluster Management: registration, leases, works.
struct OcmSpec {
  Seconds accept{0};
  Seconds lease{60};
  double lease_jitter = 0.25;
  std::uint32_t lease_misses = 5;
  Seconds toleration{0};
  Seconds resync{240};
  double resync_jitter = 0.5;
  Seconds status{10};
  double status_jitter = 0.9;
  bool watch = false;
  std::uint32_t workers = 10;
  Seconds apply{0.05};
  Seconds evict{3600};
  Seconds hub_switch{0};
  bool local_cluster = false;
  Seconds back_off{0.8};
  Seconds most_back_off{30};
  Bytes request{1000};
  Bytes manifest{2000};
  template <class V>
  void fields(V&& v) {
    v("accept", accept, "From a cluster's request to join until the hub's administrator accepts it. [I]", not_negative);
    v("lease", lease, "Between renewals of a cluster's lease. [SX: 60 s]", positive);
    v("lease_jitter", lease_jitter, "Each is longer by up to this share of it. [SX: 0.25]", between(0, 10));
    v("lease_misses", lease_misses, "Lease durations without renewal until a cluster is Unknown. [SX: 5]",
      between(1, 1000));
    v("toleration", toleration,
      "How long applications tolerate the taint of an unreachable cluster; a component's own toleration of "
      "cluster.open-cluster-management.io/unreachable overrides it. [SX: none by default]",
      not_negative);
    v("resync", resync, "Between two times that an agent applies all its works again. [SX: 4 min]", positive);
    v("resync_jitter", resync_jitter, "Each is longer by up to this share of it. [SX: 0.5]", between(0, 10));
    v("status", status, "Between two looks of an agent at what it should report. [SX: 10 s]", positive);
    v("status_jitter", status_jitter, "Each is longer by up to this share of it. [SX: 0.9]", between(0, 10));
    v("watch", watch, "Report changes at once instead. [SX: an option]", {});
    v("workers", workers, "Works that an agent applies at once. [SX: 10]", between(1, 1000));
    v("apply", apply, "Time to apply one work. [I]", not_negative);
    v("evict", evict,
      "Grace of what is applied and no longer exists on the hub, without word of its deletion. [SX: 60 min]",
      not_negative);
    v("hub_switch", hub_switch,
      "Without a renewed lease for so long, an agent goes over to the next hub; 0 s: never. [SX: an option, 600 s]",
      not_negative);
    v("local_cluster", local_cluster, "Whether clusters of the role hub run applications too. [SX: an option]", {});
    v("back_off", back_off,
      "First pause of an agent that could not connect; doubles, each up to twice as long. [SX: client-go, 0.8 s]",
      positive);
    v("most_back_off", most_back_off, "Largest such pause. [SX: client-go, 30 s]", positive);
    v("request", request, "Size of a request, a lease, an acknowledgement. [I]", not_negative);
    v("manifest", manifest, "Size of the manifest of one component, however many replicas it has. [I]", not_negative);
  }
};

}  // namespace codecosim
