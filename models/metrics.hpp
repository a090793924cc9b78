#pragma once
#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "models/network/moved_bytes.hpp"
#include "sim/base/figure.hpp"
#include "sim/base/histogram.hpp"
#include "sim/base/units.hpp"
#include "sim/kernel/gauge.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

/// The planes of information of a control plane, each with its own delays.
enum class Plane : std::uint8_t {
  desired_state,  ///< Desired state and status of workloads.
  telemetry,      ///< Utilisation of nodes and clusters.
  catalogue,      ///< Metadata: locations of data, and facts about clusters.
  topology,       ///< State and performance of the network.
  learning        ///< Parameters and forecasts of learners.
};

/// The counters of a run, from which its figures are made.
struct Metrics {
  /// Begin of the counts that are not reset after the warm-up: the start or, in a copy, the branching.
  Seconds since;

  /// The requests that have begun, by what became of them.
  struct Requests {
    std::uint64_t begun = 0;
    std::array<std::uint64_t, words_of<Outcome>.size()> ends{};  ///< Requests that have ended, by outcome.
    std::uint64_t in_time = 0;                                   ///< Completed by their deadline, or without one.
    std::uint64_t missed = 0;   ///< Not ended when their deadline passed, with any outcome since.
    std::uint64_t overdue = 0;  ///< Missed requests that have still not ended.
    Histogram latency;          ///< Latency of completed requests [s].
    std::uint64_t of(Outcome outcome) const { return ends[static_cast<std::size_t>(outcome)]; }
    std::uint64_t completed() const { return of(Outcome::done); }
    std::uint64_t failed() const { return ended() - completed(); }
    std::uint64_t lost() const {
      std::uint64_t all = 0;
      for (std::size_t i = 0; i < ends.size(); ++i) all += codecosim::lost(static_cast<Outcome>(i)) ? ends[i] : 0;
      return all;
    }
    std::uint64_t ended() const { return std::accumulate(ends.begin(), ends.end(), std::uint64_t{0}); }
    /// Requests of which it is known whether they were answered in time: they have ended, or their deadline has passed.
    std::uint64_t known() const { return ended() + overdue; }
    Requests& operator+=(const Requests& other) {
      begun += other.begun;
      for (std::size_t i = 0; i < ends.size(); ++i) ends[i] += other.ends[i];
      in_time += other.in_time;
      missed += other.missed;
      overdue += other.overdue;
      latency.merge(other.latency);
      return *this;
    }
  };
  /// Requests by kind of client, in file order.
  std::vector<Requests> clients;

  Gauge in_flight;  ///< Requests under way, for Little's law.

  Histogram channel_delay;  ///< One-way delay of each call between components [s].
  std::uint64_t channel_late = 0;
  Histogram deployment_time;  ///< From submission, or loss, to ready, per pod [s].
  Histogram recovery_time;    ///< Deployment times of pods that replace lost ones, from the loss [s].
  /// The decisions of policies on one level.
  struct Deciding {
    std::uint64_t decisions = 0;   ///< Replicas, or pods, that a policy was asked about.
    std::uint64_t infeasible = 0;  ///< Decisions with no feasible target.
    Histogram age;                 ///< Age of the information about the chosen target [s].
  };
  Deciding placement;             ///< Placement of replicas onto clusters.
  std::uint64_t indifferent = 0;  ///< Placements where several targets were feasible, and all alike to the policy.
  std::uint64_t early = 0;        ///< Placements before most clusters had told their state, without a pinned cluster.
  Deciding scheduling;            ///< Scheduling of pods onto the nodes of a cluster.
  std::uint64_t refused = 0;      ///< Invalid answers of a policy.
  std::uint64_t moves = 0;        ///< Replicas placed again because they were lost, or to be moved.
  std::uint64_t violations = 0;   ///< Replicas that became ready where their application's rules forbid it.
  std::uint64_t image_pulls = 0, image_hits = 0;
  std::uint64_t crashes = 0;  ///< Containers that exited by themselves.
  Histogram regret;           ///< Regret of the decisions that are judged, by the yardstick.
  double best_possible = 0;   ///< Sum of the objective of the best answers to these.

  // Hub and spokes, since the start.
  struct Works {
    std::uint64_t issued = 0;      ///< Generations of ManifestWorks, deletions too.
    std::uint64_t applied = 0;     ///< Generations that their cluster applied.
    std::uint64_t superseded = 0;  ///< Generations replaced by a newer one before they were applied.
    Histogram delay;               ///< From issued to applied [s].
  } works;
  struct Hubs {
    std::uint64_t requests = 0, refused = 0;
    std::size_t longest_queue = 0;
    Gauge busy;      ///< Busy workers, of all hubs.
    Gauge waiting;   ///< Requests that wait for a worker.
    Histogram wait;  ///< Waiting time for a worker [s].
    void reset() {
      requests = refused = 0;
      longest_queue = 0;
      busy.reset();
      waiting.reset();
      wait = {};
    }
  } hubs;
  std::uint64_t joined = 0;        ///< Clusters that joined.
  std::uint64_t reconnected = 0;   ///< Connections of agents to their hub after the first.
  std::uint64_t unknown = 0;       ///< Times that a hub set a cluster to Unknown.
  std::uint64_t evicted = 0;       ///< Works that an agent removed because its hub no longer knew them.
  std::uint64_t hub_switches = 0;  ///< Times that an agent switched to another hub.
  std::uint64_t handed_over = 0;   ///< Pods that a neighbour took while the hub could not be reached.
  std::uint64_t reconciled = 0;    ///< Pods removed because the hub had placed their replica elsewhere meanwhile.
  std::uint64_t violations_unexplained = 0;  ///< Violations that no fault has caused.

  std::array<MovedBytes, 5> control_bytes;  ///< Bytes by plane; every transmission counts.
  MovedBytes across_domains;                ///< Telemetry and catalogue between clusters of different domains.
  std::uint64_t control_lost = 0;           ///< Messages given up after their retransmissions.
  MovedBytes& control(Plane plane) { return control_bytes[static_cast<std::size_t>(plane)]; }
};

}  // namespace codecosim
