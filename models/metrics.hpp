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
  desired_state,  ///< What shall run, and whether it does.
  telemetry,      ///< How busy things are.
  catalogue,      ///< Where data is, and what holds for it.
  topology,       ///< What the network can do.
  learning        ///< What learners have learnt and expect.
};

/// What a run counts as it goes, for those who tell it.
struct Metrics {
  /// What counts from the start does so from here: in a copy, from where it parted from the others.
  Seconds since;

  /// What has become of the requests that have begun.
  struct Requests {
    std::uint64_t begun = 0;
    std::array<std::uint64_t, words_of<Outcome>.size()> ends{};  ///< By outcome.
    std::uint64_t in_time = 0;                                   ///< Completed by their deadline, or without one.
    std::uint64_t missed = 0;   ///< Not ended when their deadline passed, whatever has become of them since.
    std::uint64_t overdue = 0;  ///< Of those, the ones that have still not ended.
    Histogram latency;          ///< Of those completed [s].
    std::uint64_t of(Outcome outcome) const { return ends[static_cast<std::size_t>(outcome)]; }
    std::uint64_t completed() const { return of(Outcome::done); }
    std::uint64_t failed() const { return ended() - completed(); }
    std::uint64_t lost() const { return failed() - of(Outcome::refused); }
    std::uint64_t ended() const { return std::accumulate(ends.begin(), ends.end(), std::uint64_t{0}); }
    /// Of which it is known whether they were answered in time: they have ended, or their deadline has passed.
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
  /// By kind of client, in file order.
  std::vector<Requests> clients;

  Gauge in_flight;  ///< Requests under way, for Little's law.

  Histogram channel_delay;  ///< One way, of each call between components [s].
  std::uint64_t channel_late = 0;
  Histogram deployment_time;  ///< From submission, or loss, to ready, per pod [s].
  Histogram recovery_time;    ///< Of those, from loss [s].
  /// What policies have decided on one level.
  struct Deciding {
    std::uint64_t decisions = 0;   ///< Replicas, or pods, that a policy was asked about.
    std::uint64_t infeasible = 0;  ///< Of those, with no feasible target.
    Histogram age;                 ///< Of what was seen of the target that was chosen [s].
  };
  Deciding placement;             ///< Of replicas, onto clusters.
  std::uint64_t indifferent = 0;  ///< Of those with one, where several were feasible, and all alike to the policy.
  std::uint64_t early = 0;        ///< Likewise, before most clusters had told their state, where none is pinned.
  Deciding scheduling;            ///< Of pods, onto the nodes of a cluster.
  std::uint64_t refused = 0;      ///< Answers of a policy that made no sense.
  std::uint64_t moves = 0;        ///< Replicas placed again because they were lost, or had better be elsewhere.
  std::uint64_t violations = 0;   ///< Replicas that became ready where their application's rules forbid it.
  std::uint64_t image_pulls = 0, image_hits = 0;
  std::uint64_t crashes = 0;  ///< Containers that exited by themselves.
  Histogram regret;           ///< Of the decisions that are judged, by the yardstick.
  double best_possible = 0;   ///< What the best answers to these would have come to, in sum.

  // Hub and spokes, since the start.
  struct Works {
    std::uint64_t issued = 0;      ///< Generations of ManifestWorks, deletions too.
    std::uint64_t applied = 0;     ///< Of those, applied by their cluster.
    std::uint64_t superseded = 0;  ///< Of those, replaced by a newer one before they were.
    Histogram delay;               ///< From issued to applied [s].
  } works;
  struct Hubs {
    std::uint64_t requests = 0, refused = 0;
    std::size_t longest_queue = 0;
    Gauge busy;      ///< Workers, of all hubs.
    Gauge waiting;   ///< Requests, for a worker.
    Histogram wait;  ///< For a worker [s].
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
  std::uint64_t unknown = 0;       ///< Times that a hub took a cluster for Unknown.
  std::uint64_t evicted = 0;       ///< Works that an agent removed because its hub no longer knew them.
  std::uint64_t hub_switches = 0;  ///< Times that an agent went over to another hub.
  std::uint64_t handed_over = 0;   ///< Pods that a neighbour took while the hub could not be reached.
  std::uint64_t reconciled = 0;    ///< Pods removed because the hub had placed their replica elsewhere meanwhile.
  std::uint64_t violations_unexplained = 0;  ///< Violations that no fault has caused.

  std::array<MovedBytes, 5> control_bytes;  ///< By plane, every transmission.
  MovedBytes across_domains;       ///< Of telemetry and catalogue, those between clusters of different domains.
  std::uint64_t control_lost = 0;  ///< Of what is sent again where it is lost: given up.
  MovedBytes& control(Plane plane) { return control_bytes[static_cast<std::size_t>(plane)]; }
};

}  // namespace codecosim
