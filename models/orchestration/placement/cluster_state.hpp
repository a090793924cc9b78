#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "models/policy.hpp"
#include "sim/base/exact_sum.hpp"

namespace codecosim {

/// The sums of a cluster over its nodes, from its API server. Nodes that are not ready, or cordoned, are left out.
struct ClusterSums {
  Seconds taken;
  std::uint32_t nodes = 0, pods = 0, max_pods = 0;
  Cores cpu, largest_cpu_free, cpu_busy;
  ExactSum<Cores> cpu_free;
  Bytes memory, memory_free, largest_memory_free;
  Security security = Security::high;
  Monitored monitored;

  /// Whether one pod of this kind fits, as far as sums can tell.
  bool fits(Cores cpu_request, Bytes memory_request) const;
  /// The cluster as a target of a placement problem, at a date.
  PlacementProblem::Row row(ClusterId, Seconds now) const;
  /// Whether any sum is larger here than there: room, or nodes, which may match pods that others do not.
  bool has_more_than(const ClusterSums&) const;
};

/// The state of a cluster that it reports to others.
struct ClusterState : ClusterSums {
  /// The pods of one service that are in these sums: bound to a node, or waiting for the scheduler. Unschedulable pods
  /// hold no resources and are counted here too.
  struct Held {
    ServiceId service;
    std::uint32_t pods = 0;
  };
  std::vector<Held> held;      ///< By rising service.
  std::vector<Held> draining;  ///< Pods on nodes that are to go, by rising service.

  std::uint32_t held_of(ServiceId service) const { return pods_of(service, held); }
  std::uint32_t draining_of(ServiceId service) const { return pods_of(service, draining); }

 private:
  static std::uint32_t pods_of(ServiceId, const std::vector<Held>&);
};

/// The measurement of a node, and its date.
struct NodeReading {
  Cores busy;
  Monitored monitored;
  Seconds taken;
};

/// The workloads of an application that one cluster shall run: the number of pods of each component, and their
/// revision.
struct Workloads {
  /// A pod to be made here takes over the state of one in another cluster.
  struct Takeover {
    std::uint32_t number = 0;  ///< Unique among the take-overs of the application.
    std::uint32_t component = 0;
    ClusterId from;
  };
  std::vector<std::uint32_t> replicas;   ///< Number of pods, by component.
  std::vector<std::uint32_t> revisions;  ///< Revision of the pods, by component.
  std::vector<Takeover> takeovers;       ///< Take-overs that have not ended.
  Seconds since;                         ///< Date since which the first of its new pods is wanted.

  std::uint32_t pods() const {
    std::uint32_t sum = 0;
    for (const std::uint32_t one : replicas) sum += one;
    return sum;
  }
  /// The number of components with any pods.
  std::uint32_t count() const {
    std::uint32_t some = 0;
    for (const std::uint32_t one : replicas) some += one > 0;
    return some;
  }
};

/// The status of the pods of one component of an application in a cluster.
struct WorkloadStatus {
  ApplicationId application;
  std::uint32_t component = 0;
  std::uint32_t pods = 0;  ///< Pods that exist and are not being deleted.
  std::uint32_t ready = 0, unschedulable = 0;
  Seconds since;       ///< Date at which the first of the unschedulable pods was wanted, or lost.
  std::string reason;  ///< Why these are unschedulable.
};

}  // namespace codecosim
