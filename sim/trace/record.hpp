#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"
#include "sim/base/words.hpp"

namespace codecosim {

/// The outcome of an activity of the modelled world that a process awaits. Every value but `done` is an expected
/// failure, not an error.
enum class Outcome : std::uint8_t {
  done,
  gone,         ///< The entity that held or served it went down, or ended: a pod, a node, a hub.
  timed_out,    ///< It took longer than the caller waits.
  refused,      ///< No entity was there, or was allowed, to accept it.
  link_down,    ///< A link that it used, or was to use, was down.
  no_path,      ///< No links lead to the destination.
  partitioned,  ///< Its ends were on the two sides of a network partition.
  buffer_full,  ///< The buffer of a link had no room for it.
  corrupted,    ///< Lost at random, by the loss probability of a link.
  uncovered,    ///< No cell served one of its ends.
  handed_over,  ///< One of its ends was handed over to another cell, and it was not forwarded.
  queue_full,   ///< A server's queue had no room for it.
  shed,         ///< It waited longer in a server's queue than that lets anyone wait.
};
template <>
inline constexpr auto words_of<Outcome> =
    std::to_array<std::string_view>({"done", "gone", "timed_out", "refused", "link_down", "no_path", "partitioned",
                                     "buffer_full", "corrupted", "uncovered", "handed_over", "queue_full", "shed"});
/// Whether it was lost in transit, or with the entity that held it.
constexpr bool lost(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
    case Outcome::timed_out:
    case Outcome::refused:
    case Outcome::queue_full:
    case Outcome::shed:
      return false;
    default:
      return true;
  }
}

enum class PodPhase : std::uint8_t { pending, pulling, starting, ready, lost, crashed, stopping, gone, frozen };
template <>
inline constexpr auto words_of<PodPhase> = std::to_array<std::string_view>(
    {"pending", "pulling", "starting", "ready", "lost", "crashed", "stopping", "gone", "frozen"});

/// Hard rules of governance that an application sets for providers and clusters, in the order in which they are
/// checked.
enum class Rule : std::uint8_t {
  domain,      ///< The provider's domain is not among the application's allowed domains.
  compliance,  ///< The provider's compliance class is below the application's.
  security,    ///< The cluster's security class is below the application's.
  price,       ///< The provider's highest price of cpu is above the application's cap.
  data,        ///< Data that a component reads or writes may not be in the provider's domain.
  energy  ///< The application's resource requests would use more of the cluster's full power than its energy limit.
};
template <>
inline constexpr auto words_of<Rule> =
    std::to_array<std::string_view>({"domain", "compliance", "security", "price", "data", "energy"});

/// The states of a channel in CODECO's scheduler.
enum class ChannelState : std::uint8_t {
  requested,
  reviewed,      ///< Admitted: a path is chosen, its bandwidth reserved.
  implementing,  ///< Its overlay link is being set up at both ends.
  implemented,   ///< Its overlay link is set up.
  ack,           ///< Both ends have acknowledged the set-up.
  running,
  rejected,  ///< Not admitted, for now or for good.
  canceled,  ///< No longer wanted before it ran.
  ooqos,     ///< Out of QoS: it ran, and its requirements do not hold.
  deleted
};
template <>
inline constexpr auto words_of<ChannelState> =
    std::to_array<std::string_view>({"REQUESTED", "REVIEWED", "IMPLEMENTING", "IMPLEMENTED", "ACK", "RUNNING",
                                     "REJECTED", "CANCELED", "OOQOS", "DELETED"});

/// The trace level from which on a record is written.
enum class Detail : std::uint8_t { none, decisions, requests, all };

// The closed list of the kinds of records that a run emits. Each has one list of fields, from which the writers, the
// fingerprint and the reference are made. Keys carry their unit.

/// A request of a client ended, with any outcome.
struct RequestDone {
  static constexpr std::string_view kind = "request";
  static constexpr std::string_view prose = "A request of a client ended, one way or another.";
  static constexpr Detail detail = Detail::requests;
  ClientId client;
  ApplicationId application;
  NodeId node;  ///< The node on which its entry component ran; none when it was refused.
  Seconds start;
  Seconds latency;
  Outcome outcome;
  bool in_time;
  template <class V>
  void fields(V&& v) const {
    v("client", client);
    v("application", application);
    v("node", node);
    v("start_s", start);
    v("latency_s", latency);
    v("outcome", outcome);
    v("in_time", in_time);
  }
};

/// A policy answered for one replica that wants a cluster, or for one pod that wants a node of its cluster.
struct Decided {
  static constexpr std::string_view kind = "decision";
  static constexpr std::string_view prose =
      "A policy was asked about a replica that wants a cluster, or about a pod that wants a node of its cluster, and "
      "answered.";
  static constexpr Detail detail = Detail::decisions;
  PodId pod;  ///< None where a cluster is wanted: the pod is made there.
  ApplicationId application;
  std::uint32_t component;  ///< Number in the application.
  ClusterId cluster;        ///< None when no cluster was feasible.
  NodeId node;              ///< None when no node was feasible, or a cluster is wanted.
  Outcome outcome;          ///< done, or refused: no target was feasible, or the answer was invalid.
  template <class V>
  void fields(V&& v) const {
    v("pod", pod);
    v("application", application);
    v("cluster", cluster);
    v("node", node);
    v("outcome", outcome);
    v("component", component);
  }
};

/// A pod entered a phase of its life.
struct PodEntered {
  static constexpr std::string_view kind = "pod";
  static constexpr std::string_view prose = "A pod entered a phase of its life.";
  static constexpr Detail detail = Detail::decisions;
  PodId pod;
  NodeId node;
  PodPhase phase;
  template <class V>
  void fields(V&& v) const {
    v("pod", pod);
    v("node", node);
    v("phase", phase);
  }
};

/// A node went down or came back.
struct NodeChanged {
  static constexpr std::string_view kind = "node";
  static constexpr std::string_view prose = "A node went down or came back.";
  static constexpr Detail detail = Detail::decisions;
  NodeId node;
  bool up;
  template <class V>
  void fields(V&& v) const {
    v("node", node);
    v("up", up);
  }
};

/// A directed link went down or came back.
struct LinkChanged {
  static constexpr std::string_view kind = "link";
  static constexpr std::string_view prose = "A directed link went down or came back.";
  static constexpr Detail detail = Detail::decisions;
  LinkId link;
  bool up;
  template <class V>
  void fields(V&& v) const {
    v("link", link);
    v("up", up);
  }
};

/// A hub set the condition of a managed cluster to Unknown, or to available again.
struct ClusterChanged {
  static constexpr std::string_view kind = "cluster";
  static constexpr std::string_view prose = "A hub took a managed cluster for Unknown, or found it available again.";
  static constexpr Detail detail = Detail::decisions;
  ClusterId cluster;
  ClusterId hub;
  bool available;
  template <class V>
  void fields(V&& v) const {
    v("cluster", cluster);
    v("hub", hub);
    v("available", available);
  }
};

/// A cluster's agent applied a generation of a ManifestWork.
struct WorkApplied {
  static constexpr std::string_view kind = "work";
  static constexpr std::string_view prose = "A cluster's agent applied a generation of a ManifestWork.";
  static constexpr Detail detail = Detail::decisions;
  ApplicationId application;
  ClusterId cluster;
  std::uint32_t generation;
  std::uint32_t pods;
  Seconds issued;
  template <class V>
  void fields(V&& v) const {
    v("application", application);
    v("cluster", cluster);
    v("generation", generation);
    v("pods", pods);
    v("issued_s", issued);
  }
};

/// A device is served by another cell than before.
struct AttachmentChanged {
  static constexpr std::string_view kind = "attachment";
  static constexpr std::string_view prose = "A device is served by another cell than before; null: by none.";
  static constexpr Detail detail = Detail::decisions;
  DeviceId device;
  CellId before, after;
  template <class V>
  void fields(V&& v) const {
    v("device", device);
    v("before", before);
    v("after", after);
  }
};

/// The state of a pod has moved into another one.
struct Migrated {
  static constexpr std::string_view kind = "migration";
  static constexpr std::string_view prose = "The state of a pod has moved into another one, which serves in its place.";
  static constexpr Detail detail = Detail::decisions;
  PodId from, to;
  NodeId source, target;
  Bytes size;  ///< Size of the state that was moved, over all rounds.
  Seconds start, downtime;
  template <class V>
  void fields(V&& v) const {
    v("from", from);
    v("to", to);
    v("source", source);
    v("target", target);
    v("size_bytes", size);
    v("start_s", start);
    v("downtime_s", downtime);
  }
};

/// A vehicle has ended a mission.
struct MissionDone {
  static constexpr std::string_view kind = "mission";
  static constexpr std::string_view prose = "A vehicle has ended a mission.";
  static constexpr Detail detail = Detail::decisions;
  DeviceId device;
  Seconds start;
  template <class V>
  void fields(V&& v) const {
    v("device", device);
    v("start_s", start);
  }
};

/// The safety stop of a vehicle begins or ends.
struct SafetyStop {
  static constexpr std::string_view kind = "stop";
  static constexpr std::string_view prose =
      "A vehicle must not move any more, since its control loop failed; or may go on.";
  static constexpr Detail detail = Detail::decisions;
  DeviceId device;
  bool stopped;
  template <class V>
  void fields(V&& v) const {
    v("device", device);
    v("stopped", stopped);
  }
};

/// A pod runs where a hard rule of its application forbids it.
struct Violated {
  static constexpr std::string_view kind = "violation";
  static constexpr std::string_view prose = "A pod was found running where a hard rule of its application forbids it.";
  static constexpr Detail detail = Detail::decisions;
  PodId pod;
  ClusterId cluster;
  Rule rule;
  bool breached;  ///< Whether the cause is a fault that has lowered the cluster's security class.
  template <class V>
  void fields(V&& v) const {
    v("pod", pod);
    v("cluster", cluster);
    v("rule", rule);
    v("breached", breached);
  }
};

/// A channel between two clusters entered a state.
struct ChannelEntered {
  static constexpr std::string_view kind = "channel";
  static constexpr std::string_view prose = "A channel of an application, between two clusters, entered a state.";
  static constexpr Detail detail = Detail::decisions;
  ApplicationId application;
  std::uint32_t channel;  ///< Number in the application.
  ClusterId from, to;
  ChannelState state;
  template <class V>
  void fields(V&& v) const {
    v("application", application);
    v("channel", channel);
    v("from", from);
    v("to", to);
    v("state", state);
  }
};

/// A container image reached a node, or a cluster's cache.
struct ImagePulled {
  static constexpr std::string_view kind = "image";
  static constexpr std::string_view prose =
      "A container image was pulled over the network, to a node or into a cluster's cache.";
  static constexpr Detail detail = Detail::all;
  NodeId node;  ///< None: into the cache of the cluster.
  ClusterId cluster;
  std::uint32_t image;
  Bytes size;
  Seconds start;
  Outcome outcome;
  template <class V>
  void fields(V&& v) const {
    v("node", node);
    v("cluster", cluster);
    v("image", image);
    v("size_bytes", size);
    v("start_s", start);
    v("outcome", outcome);
  }
};

/// Calls `v` with a record of every type.
template <class V>
void for_each_record(V&& v) {
  v(RequestDone{});
  v(Decided{});
  v(PodEntered{});
  v(NodeChanged{});
  v(LinkChanged{});
  v(ChannelEntered{});
  v(ImagePulled{});
  v(ClusterChanged{});
  v(WorkApplied{});
  v(Violated{});
  v(AttachmentChanged{});
  v(Migrated{});
  v(MissionDone{});
  v(SafetyStop{});
}

}  // namespace codecosim
