#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "models/network/medium_access.hpp"
#include "sim/base/bounds.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/table.hpp"
#include "sim/base/words.hpp"
#include "sim/kernel/platform.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The transport of a message.
enum class Transport : std::uint8_t {
  queued,  ///< Store and forward: a queue per directed link and class, one event a hop.
  flow     ///< Max-min shared by SimGrid over the whole path.
};
template <>
inline constexpr auto words_of<Transport> = std::to_array<std::string_view>({"queued", "flow"});

/// The transports of the kinds of traffic.
struct TransportSpec {
  Transport messages = Transport::queued;  ///< Requests and replies.
  Transport bulk = Transport::flow;        ///< Images, data, state.
  FlowSharing sharing;
  Seconds tcp_timeout{924.6};
  template <class V>
  void fields(V&& v) {
    v.choice("messages", messages, "Transport of requests and replies.");
    v.choice("bulk", bulk, "Transport of images.");
    v.choice("flow_weights", sharing.weights,
             "How flows share a link. latency: by 1 / latency of their way, as SimGrid does and TCP Reno; equal: "
             "max-min fair, near to CUBIC and fair queues.");
    v("tcp_window", sharing.tcp_window, "Bounds a flow to window / (2 latency), as SimGrid does.", positive);
    v("tcp_timeout", tcp_timeout,
      "How long a transfer whose way is cut makes no progress before it is lost. [SX: 924.6 s, Linux' tcp_retries2 of "
      "15]",
      positive);
  }
};

/// Class of service of a channel in CODECO.
enum class ServiceClass : std::uint8_t { assured, best_effort };
template <>
inline constexpr auto words_of<ServiceClass> = std::to_array<std::string_view>({"ASSURED", "BESTEFFORT"});

/// The source or destination of a message: an endpoint (a node or a client), or the gateway of a cluster.
struct Address {
  EndpointId endpoint;
  ClusterId cluster;
};

class Message;
class Air;

/// Directed links, and the messages and flows that cross them.
///
/// Claim: a message occupies each link of its path in turn for size / bandwidth, waits for those before it, and then
/// takes the link's latency. Messages of the two classes are served at once, as their packets take turns (generalised
/// processor sharing): each class has its share, assured_share and 1 - assured_share, and all of the link when the
/// other is idle; within a class first in, first out. Each class has a buffer of its own: a message that finds it full
/// is lost. Beside n flows, q messages in the queue and in service have q / (q + n) of the link, and those of ASSURED
/// at least assured_share; the flows have the rest. A message between pods of one node takes no time and no link. A
/// link that goes down loses the messages that wait for it or are on it, at once. A flow over a wide-area link that
/// goes down, or to the other side of a partition, stalls: it goes on when its path is up again, and is lost when it
/// has made no progress for its stall_timeout; a flow whose end is down is lost at once. Bytes count as they move. An
/// endpoint or a whole cluster may be reached over the air instead of by its own link: see Air. Messages in transit to
/// it when it has moved to another gateway follow it there, or are lost, according to the technology. Checked by:
/// tests/physics/network_test.cpp, tests/physics/progress_test.cpp, tests/physics/beside_test.cpp,
/// tests/physics/transports_test.cpp, tests/physics/queues_test.cpp.
class Network {
 public:
  struct Access {
    ClusterId cluster;
    std::uint32_t spec;  ///< Index in `access_specs`.
  };

  /// The endpoints are the federation's nodes, then `clients`, each behind an access link of its own to its cluster's
  /// gateway.
  Network(const Federation&, Platform&, const Rng& rng, const std::vector<LinkSpec>& access_specs,
          const std::vector<Access>& clients);
  ~Network();

  static EndpointId endpoint(NodeId node) { return {node.index}; }
  EndpointId endpoint(ClientId client) const { return {federation_.node_count() + client.index}; }
  Address address(EndpointId endpoint) const { return {endpoint, {cluster_of_[endpoint.index]}}; }
  static Address gateway(ClusterId cluster) { return {EndpointId{}, cluster}; }

  /// Propagation delay between the gateways of two clusters; forever when there is no path.
  Seconds latency(ClusterId from, ClusterId to) const;
  /// The same over the links that each cluster was built with, independent of its present position.
  Seconds built_latency(ClusterId from, ClusterId to) const;

  /// Wide-area links between two gateways, in the order in which they are crossed.
  struct Path {
    std::vector<LinkId> links;
    Seconds latency;  ///< Propagation delay.
  };
  /// Propagation delay along wide-area links of an explicit topology.
  Seconds latency(const std::vector<LinkId>& path) const;
  /// The links that messages between two clusters take; empty within a cluster, and where there is no path.
  std::vector<LinkId> path(ClusterId from, ClusterId to) const;
  /// Up to `most` loop-free paths over usable links between two clusters, by rising latency, ties by the links'
  /// numbers. A star and a mesh have one (J. Y. Yen, "Finding the K shortest loopless paths in a network", Management
  /// Science 17(11), 1971).
  std::vector<Path> paths(ClusterId from, ClusterId to, std::size_t most,
                          const std::function<bool(LinkId)>& usable) const;
  /// The same path in the other direction; empty where one of its links has no counterpart.
  std::vector<LinkId> reversed(const std::vector<LinkId>& path) const;
  /// The clusters at the two ends of a wide-area link of an explicit topology: from, to.
  std::pair<ClusterId, ClusterId> ends(LinkId link) const {
    return {{wan_source(link)}, {wan_target_[link.index - first_wan_]}};
  }
  /// The id of a path of an explicit topology, which messages can take instead of the shortest. One path has one id for
  /// ever.
  PathId pin(const std::vector<LinkId>& path);

  /// Takes a link down, or undoes one such call; the link is up when all are undone. An endpoint whose access link is
  /// down is down itself.
  void fail(LinkId);
  void repair(LinkId);
  bool up(LinkId link) const { return links_[link.index].down == 0; }
  /// Takes a gateway down as an end, or undoes one such call. Flows that begin or end there are lost at once, and so
  /// are messages that would. Traffic through the gateway goes on.
  void fail(ClusterId gateway);
  void repair(ClusterId gateway);

  /// Two sets of clusters between which nothing passes, whatever links there are. A cluster in both sets is on the
  /// first side.
  struct Sides {
    std::vector<ClusterId> first, second;
  };
  /// Makes a partition: until heal() with the number returned, messages that would leave one side for the other are
  /// lost, and flows stall.
  std::uint32_t cut(const Sides&);
  void heal(std::uint32_t cut);
  bool severed(ClusterId from, ClusterId to) const {
    for (const auto& cut : cuts_)
      if (cut.sides[from.index] + cut.sides[to.index] == 3) return true;
    return false;
  }

  LinkId up_link(EndpointId endpoint) const { return {2 * endpoint.index}; }
  LinkId down_link(EndpointId endpoint) const { return {2 * endpoint.index + 1}; }
  LinkId uplink(ClusterId cluster) const { return {first_wan_ + 2 * cluster.index}; }
  LinkId downlink(ClusterId cluster) const { return {first_wan_ + 2 * cluster.index + 1}; }
  /// The wide-area links that lead out of a cluster's gateway, and into it.
  std::vector<LinkId> links_out(ClusterId) const;
  std::vector<LinkId> links_in(ClusterId) const;
  /// Whether the link is over the air.
  bool by_air(LinkId link) const { return links_[link.index].bearer != none; }
  std::uint32_t link_count() const { return static_cast<std::uint32_t>(links_.size()); }
  std::string name(LinkId) const;
  /// Wide-area links whose name ("edge-3.up", "edge-3.down", "a>b") or cluster matches a shell pattern.
  std::vector<LinkId> match_links(const std::string& pattern) const;

  /// Adds a radio cell, which connects to this cluster's gateway. `shared`: up and down use the same airtime, as they
  /// must where stations contend. A null `access` is ideal access.
  CellId add_cell(ClusterId gateway, const LinkSpec& air, bool shared,
                  const std::shared_ptr<const MediumAccess>& access = nullptr);
  /// Makes this endpoint, or this cluster's uplink, reachable over the air only, once it is attached.
  BearerId add_bearer(EndpointId);
  BearerId add_bearer(ClusterId);
  /// Declares that two endpoints are on one machine: messages between them take no time and no link.
  void join(EndpointId, EndpointId);
  /// Attaches a bearer to a cell, with these rates when it sends alone.
  void attach(BearerId, CellId, BytesPerSecond up, BytesPerSecond down);
  /// Puts a bearer between two cells: messages in transit wait for the next cell (`keep`), or are lost.
  void suspend(BearerId, bool keep);
  /// Detaches a bearer from all cells: messages in transit, and those that arrive, are lost.
  void detach(BearerId);
  bool attached(BearerId bearer) const;
  /// Whether there is any bearer; if not, no endpoint ever changes its gateway.
  bool any_on_the_air() const { return !bearers_.empty(); }
  /// Whether some clusters move, so that paths between gateways change.
  bool clusters_move() const { return !carriers_.empty(); }
  /// Airtime used in a cell up to now, since reset_totals(), by messages and by flows that ended.
  Seconds airtime(CellId, bool up) const;
  /// The gateway that leads to a cluster now: its own, or that of the cell which serves it; none while none does.
  ClusterId gateway_of(ClusterId cluster) const { return carriers_.empty() ? cluster : carrier(cluster); }

  struct Totals {
    std::uint64_t messages = 0;  ///< Messages sent, end to end.
    std::uint64_t lost = 0;      ///< Messages lost in transit, for any reason.
    std::uint64_t dropped = 0;   ///< Messages lost because a buffer was full.
    Bytes message_bytes;         ///< Bytes of messages, counted once a message, not once a hop.
    Bytes flow_bytes;            ///< Bytes that flows have moved, counted once, not once a hop.
  };
  Totals totals() const;
  /// The link whose buffer most messages found full, and their number; the first one on a tie. None: no buffer was
  /// full.
  std::pair<LinkId, std::uint64_t> most_dropped() const;
  /// Bytes that a link has carried until now, by both transports, whether they arrived or not.
  Bytes carried(LinkId) const;
  const LinkSpec& spec(LinkId link) const { return specs_[links_[link.index].spec]; }
  Joules energy() const;
  /// Bytes that left this cluster over the wide area.
  Bytes egress(ClusterId) const;
  void reset_totals();
  /// The date at which the totals, and the bytes of links, were last reset.
  Seconds measured_since() const { return measured_since_; }
  std::size_t flows() const { return platform_.running(); }
  /// The number of stalled flows.
  std::size_t stalled() const { return stalled_.size(); }
  /// The time for which flows may stall before they are lost, unless the message sets another.
  Seconds stall_timeout = forever;

 private:
  friend class Message;
  friend class Air;
  class Queue;
  class Share;
  static constexpr std::uint32_t none = 0xffffffff;

  /// The fields of one cache line. Fields that few links need are elsewhere.
  struct alignas(64) Link {
    double busy_until = 0;
    double seconds_per_byte = 0;
    double latency = 0;
    double bytes = 0;
    std::unique_ptr<Queue> queue;  // created when a message first has to wait here
    Message* serving = nullptr;    // the message in service until busy_until, as long as there is no queue
    std::uint32_t share = none;    // while flows cross it
    std::uint32_t bearer = none;   // over the air: such a link is never idle, so that every message takes the slow path
    std::uint16_t spec = 0;
    std::uint16_t down = 0;
  };
  static_assert(sizeof(Link) == 64);

  /// The state of a message on its path from one place to another.
  struct Route {
    enum class Stage : std::uint8_t { begin, gateway, core, pinned, end };
    std::uint32_t from = none, to = none;  // endpoints, or none: the gateway
    std::uint32_t at = 0, target = 0;      // clusters: present, destination; pinned: path, place
    Stage stage = Stage::begin;
  };
  struct Cell {
    ClusterId gateway;
    std::uint16_t spec = 0;
    std::array<std::uint32_t, 2> airs{};  // up, down
  };
  /// The airtime and bytes that flows could have had of a cell.
  struct Progress {
    double airtime = 0, bytes = 0;
  };
  struct GrantOf {
    double phase = 0;  // phase of a device's scheduling request opportunities, as a share of the period
    Seconds from;      // first slot of the last grant
    Seconds under_way_until;
  };
  struct Bearer {
    enum class State : std::uint8_t { detached, keeping, attached };
    std::array<LinkId, 2> links;  // up, down
    EndpointId endpoint;
    ClusterId cluster;  // the moving cluster, if it is one
    CellId cell;
    State state = State::detached;
    Outcome lost = Outcome::uncovered;  // outcome of a message that arrives while it is detached
    std::array<double, 2> seconds_per_byte{};
    std::array<Platform::Pipe, 2> pipes{none, none};
    std::array<std::uint32_t, 2> flows{};
    std::array<std::uint32_t, 2> in_air{};  // messages in the air
    GrantOf grant;
    std::vector<Message*> kept;
    double kept_bytes = 0;
  };
  struct AirFlow {
    const Message* message;
    std::uint32_t bearer;
    std::uint8_t way;
    Progress mark;                                          // the progress at the last update
    double bytes = 0;                                       // bytes that it could have sent so far
    std::vector<std::pair<std::uint32_t, double>> airtime;  // airtime that it used, by cell airtime index [s]
  };

  LinkId next(Route&) const;
  LinkId over_the_air(Route&) const;
  bool same_machine(std::uint32_t a, std::uint32_t b) const {
    return !machines_.empty() && b != none && machines_[a] != none && machines_[a] == machines_[b];
  }
  ClusterId carrier(ClusterId cluster) const;

  /// Puts a message on its next link; false when it has arrived or is lost.
  bool forward(Message&);
  void send_on(Link&, Message&);
  /// The bytes of messages in service that are counted and not yet sent.
  double unsent(const Link&) const;
  double unsent(const Message&) const;
  /// The shares of a link that messages of each class get, where so many wait or are served beside its flows.
  std::array<double, 2> parts(const Link&, std::array<std::uint32_t, 2> messages) const;
  double part_alone(const Link&, const Message&) const;
  void mark_sent(Link&, Message&);
  Seconds latency_of(const Link&, const Message&) const;
  /// Takes bytes that a message did not send off the counts of its link.
  void uncount(Message&, double bytes);
  /// Takes the unsent bytes of a message that is destroyed in transit off the counts.
  void stop_sending(const Message&);
  void cut_service(Link&);
  void flow_begins(Platform::Pipe);
  void flow_ends(Platform::Pipe);
  /// Reschedules the service of a link after its share for messages has changed.
  void reschedule_service(LinkId);
  /// The queue of a link, into which the message that was alone in service has been moved.
  Queue& queue_of(LinkId);
  /// Drops a message that finds the buffer of its link full. Returns false.
  bool drop(Message&);
  /// Loses the messages on a link that goes down.
  void lose_on(LinkId);
  bool wait(Link&, LinkId, Message&);
  /// The outcome where there is no next link: a moving cluster has none while no cell serves it.
  Outcome no_path_outcome() const { return carriers_.empty() ? Outcome::no_path : Outcome::uncovered; }
  // Links over the air.
  void leave_medium(Message&);
  bool transmit(LinkId, Message&);
  /// Forwards a message whose last byte is through the air at `end`.
  void transmitted(Message&, Seconds end);
  void follow(Message&, ClusterId before);
  void drop_from(std::uint32_t bearer, std::uint8_t way, Outcome how);
  void withdraw_flows(std::uint32_t bearer, std::uint8_t way);
  void move_flows(std::uint32_t bearer, std::uint8_t way);
  /// Resumes flows after a device's own link has come back. Flows that begin while it is between two cells wait for the
  /// next cell.
  void resume_flows(LinkId);
  void lose_flows(std::uint32_t bearer, std::uint8_t way, Outcome how);
  void tally(std::uint32_t bearer, std::size_t way);
  void tally(AirFlow&);
  Platform::Pipe air_pipe(LinkId);
  Outcome begin_air_flow(const Message&, LinkId);
  void end_air_flow(const Message&, Bytes moved);
  Air& air(const Bearer& bearer, std::size_t way) { return *airs_[cells_[bearer.cell.index].airs[way]]; }
  BearerId add_bearer(LinkId up, LinkId down, EndpointId, ClusterId);
  std::uint16_t add_spec(const LinkSpec&);
  /// Latency by the distance between the two clusters of a route in a mesh.
  Seconds between(const Route&) const;
  bool start_flow(Message&);
  bool end_down(const Message&) const;
  /// Ends the flows that meet this predicate, both those that move and those that stall.
  void lose_flows(Outcome how, const std::function<bool(const Message&)>&);
  /// The temporary reason why a flow cannot move; done: there is none.
  Outcome stall_reason(const Message&) const;
  /// Ends the flow of a message, with any outcome, and counts the bytes that it has moved.
  void end_flow(Message&);
  void stall(Message&, Outcome why);
  void stall_flows();
  void resume_flows();
  Platform::Pipe pipe(LinkId);
  /// The index in specs_ of links that are so.
  std::uint16_t kind_of(const LinkSpec&);
  void add_link(std::uint16_t kind, Seconds extra);
  const std::vector<std::uint32_t>& hops_to(std::uint32_t target) const;
  std::uint32_t wan_source(LinkId link) const { return federation_.spec().wan_links[link.index - first_wan_].from; }
  /// The best path that avoids these clusters and leaves `at` by none of these links; empty: there is none.
  std::vector<LinkId> shortest(std::uint32_t at, std::uint32_t target, const std::vector<bool>& avoided,
                               const std::vector<LinkId>& taken, const std::function<bool(LinkId)>& usable) const;

  const Federation& federation_;
  Platform& platform_;
  Rng rng_;
  std::vector<Rng> loss_;  // by link, where any link has a loss probability
  Topology topology_;
  Table<Link> links_;
  std::vector<LinkSpec> specs_;
  std::map<LinkSpec, std::uint16_t> kinds_;  // indices in specs_
  std::vector<std::uint32_t> cluster_of_;
  std::uint32_t first_wan_ = 0;
  std::vector<std::unique_ptr<Share>> shares_;  // of links that a flow has crossed
  std::vector<std::uint32_t> share_of_link_;    // by link, once any flow has crossed one
  std::vector<std::uint32_t> share_of_pipe_;    // none: over the air
  std::vector<Message*> flowing_, stalled_;
  Totals totals_;
  std::map<std::uint32_t, std::uint64_t> dropped_;  // by link
  Seconds measured_since_;
  bool gateway_down(ClusterId gateway) const { return !gateways_down_.empty() && gateways_down_[gateway.index] > 0; }
  std::vector<std::uint16_t> gateways_down_;  // by cluster, once a gateway has been down
  struct Cut {
    std::uint32_t number;
    std::vector<std::uint8_t> sides;  // by cluster: 1, 2, or 0: on neither
  };
  std::vector<Cut> cuts_;
  std::uint32_t cut_number_ = 0;
  // Explicit topology: the wide-area links out of each cluster and, made on demand for each target, the next link from
  // every cluster.
  struct WanEdge {
    std::uint32_t link, to;
    double latency;
  };
  std::vector<std::vector<WanEdge>> out_, in_;
  std::vector<std::uint32_t> wan_target_;
  std::vector<Cell> cells_;
  std::vector<std::unique_ptr<Air>> airs_;
  std::vector<Bearer> bearers_;
  std::vector<AirFlow> air_flows_;
  std::vector<std::uint32_t> machines_;  // by endpoint, where several are on one machine
  std::vector<ClusterId>
      carriers_;  // by cluster, where any moves: the cluster whose gateway it uses; itself where it does not move
  std::vector<std::vector<LinkId>> pinned_;
  std::map<std::vector<LinkId>, PathId> pins_;
  mutable std::vector<std::unique_ptr<std::vector<std::uint32_t>>> hops_;
  mutable std::vector<std::unique_ptr<std::vector<double>>> reach_;
};

/// A message in transit: `Message message(network, class, transport); Outcome o = co_await message.carry(from, to,
/// size);` Destroying it takes it out of every queue; the bytes that it already put on a link stay there.
class Message : public Waiter {
 public:
  Message(Network&, ServiceClass, Transport);
  ~Message();
  /// The result of carry(), to be awaited at once.
  struct Transfer {
    Message& message;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> caller) { return message.depart(caller); }
    Outcome await_resume() { return message.arrived(); }
  };
  /// Sends the message: `done`, or the outcome by which it was lost. One message may make several transfers, one after
  /// the other.
  Transfer carry(Address from, Address to, Bytes size);
  /// The size of the present or last transfer.
  Bytes size() const { return Bytes(bytes_); }
  /// The bytes that have left the sender so far. Over the air a message leaves it when its last byte does.
  Bytes moved() const;
  /// Sets the time for which it may stall before it is lost, if it is a flow.
  void set_stall_timeout(Seconds stall_timeout) { stall_timeout_ = stall_timeout; }
  /// The same over a pinned path, which leads from one address' gateway to the other's; none: as above.
  Transfer carry(Address from, Address to, Bytes size, PathId by);

 private:
  friend class Network;
  friend class Air;
  static void arrive(Activation&);
  bool depart(std::coroutine_handle<> caller);
  Outcome arrived();
  /// Ends the message with this outcome. Returns false: it is no longer in transit.
  bool lose(Outcome how);
  bool crosses_a_cut() const;
  /// Ends the wait of a stalled flow.
  void end_stall();
  /// The messages that are on a link, in the order in which they will reach its end.
  static std::vector<Message*> in_transit();
  Network& network_;
  Network::Route route_;
  double bytes_ = 0;
  std::uint64_t order_ = 0;  // order in which it came into the air
  Platform::Flow* flow_ = nullptr;
  Message* behind_ = nullptr;  // the next in the queue of link_, or among those that contend
  std::uint32_t link_ = Network::none;
  ClusterId from_, to_;
  ServiceClass service_class_;
  Transport transport_;
  bool queued_ = false;
  bool sent_ = false;     // whether it was sent on one link at least
  bool onward_ = false;   // past its first link
  bool stalled_ = false;  // whether it is a stalled flow
  double left_ = 0;       // bytes at the sender: of a flow, when it last began to move; else, when it is in no service
  Seconds stall_timeout_;
};

}  // namespace codecosim
