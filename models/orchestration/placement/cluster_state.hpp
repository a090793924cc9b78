#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "models/policy.hpp"
#include "sim/base/exact_sum.hpp"

namespace codecosim {

/// A cluster in sums, as its API server has it. Nodes that are not ready, or cordoned, are left out.
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
  /// The same as a target of a question of placement, as of a date.
  PlacementProblem::Row row(ClusterId, Seconds now) const;
  /// Whether there is more of anything here than there: room, or nodes that may match what others do not.
  bool has_more_than(const ClusterSums&) const;
};

/// What a cluster tells others of itself.
struct ClusterState : ClusterSums {
  /// Pods of one service that are in these sums: bound to a node, or waiting for their scheduler to get to them. Those
  /// that are unschedulable hold nothing and are counted here too.
  struct Held {
    ServiceId service;
    std::uint32_t pods = 0;
  };
  std::vector<Held> held;      ///< By rising service.
  std::vector<Held> draining;  ///< Those on nodes that are to go, by rising service.

  std::uint32_t held_of(ServiceId service) const { return pods_of(service, held); }
  std::uint32_t draining_of(ServiceId service) const { return pods_of(service, draining); }

 private:
  static std::uint32_t pods_of(ServiceId, const std::vector<Held>&);
};

/// What was measured of a node, and when.
struct NodeReading {
  Cores busy;
  Monitored monitored;
  Seconds taken;
};

/// What one cluster shall run of an application: how many pods of each component, and of which revision.
struct Workloads {
  /// A pod to be made here takes over the state of one in another cluster.
  struct Takeover {
    std::uint32_t number = 0;  ///< No other take-over of the application has it.
    std::uint32_t component = 0;
    ClusterId from;
  };
  std::vector<std::uint32_t> replicas;   ///< By component.
  std::vector<std::uint32_t> revisions;  ///< By component: of its pods.
  std::vector<Takeover> takeovers;       ///< Those that have not ended.
  Seconds since;                         ///< When the first pod that is new in it was wanted.

  std::uint32_t pods() const {
    std::uint32_t sum = 0;
    for (const std::uint32_t one : replicas) sum += one;
    return sum;
  }
  /// Components of which there are any.
  std::uint32_t count() const {
    std::uint32_t some = 0;
    for (const std::uint32_t one : replicas) some += one > 0;
    return some;
  }
};

/// What a cluster says of the pods of one component of an application.
struct WorkloadStatus {
  ApplicationId application;
  std::uint32_t component = 0;
  std::uint32_t pods = 0;  ///< That exist, and are not being deleted.
  std::uint32_t ready = 0, unschedulable = 0;
  Seconds since;       ///< When the first of those that are unschedulable was wanted, or lost.
  std::string reason;  ///< Why they are.
};

}  // namespace codecosim
