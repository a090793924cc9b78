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
#include "sim/base/ids.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/table.hpp"
#include "sim/kernel/platform.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// How something crosses the network.
enum class Transport : std::uint8_t {
  queued,  ///< Store and forward: a queue per directed link and class, one event a hop.
  flow     ///< Max-min shared by SimGrid over the whole path.
};

/// Class of service of a channel in CODECO.
enum class ServiceClass : std::uint8_t { assured, best_effort };

/// Where something starts or ends: an endpoint (a node or a client), or the gateway of a cluster.
struct Place {
  EndpointId endpoint;
  ClusterId cluster;
};

class Message;
class Air;

/// Directed links and what crosses them.
///
/// Claim: a message occupies each link of its path in turn for size / bandwidth, waits for those before it, and then
/// takes the link's latency. Messages of the two classes are served at once, as their packets take turns (generalised
/// processor sharing): each class has its share, assured_share and 1 - assured_share, and all of the link when the
/// other is idle; within a class first in, first out. Each class has a buffer of its own: a message that finds it full
/// is lost. Beside n flows, q messages in line and in service have q / (q + n) of the link, and those of ASSURED at
/// least assured_share; the flows have the rest. What a pod sends to another on its own node takes no time and no link.
/// A link that goes down loses the messages that wait for it or are on it, at once. A flow over a wide-area link that
/// goes down, or to the other side of a partition, stalls: it goes on when its way is there again, and is lost when it
/// has made no progress for its patience; one whose end is down is lost at once. Bytes count as they move. An
/// endpoint or a whole cluster may be reached over the air instead of by its own link: see Air. What is on its way to
/// it when it has gone to another gateway follows it there, or is lost, as the technology has it. Checked by:
/// tests/physics/network_test.cpp, tests/physics/progress_test.cpp, tests/physics/beside_test.cpp,
/// tests/physics/transports_test.cpp, tests/physics/queues_test.cpp.
class Network {
 public:
  struct Access {
    ClusterId cluster;
    std::uint32_t spec;  ///< Index in `access_specs`.
  };

  /// Endpoints are the federation's nodes, then `clients`, each behind an access link of its own to its cluster's
  /// gateway.
  Network(const Federation&, Platform&, const Rng& rng, std::vector<LinkSpec> access_specs,
          const std::vector<Access>& clients);
  ~Network();

  static EndpointId endpoint(NodeId node) { return {node.index}; }
  EndpointId endpoint(ClientId client) const { return {federation_.node_count() + client.index}; }
  Place place(EndpointId endpoint) const { return {endpoint, {cluster_of_[endpoint.index]}}; }
  static Place gateway(ClusterId cluster) { return {EndpointId{}, cluster}; }

  /// Propagation delay between the gateways of two clusters; forever when there is no path.
  Seconds latency(ClusterId from, ClusterId to) const;
  /// The same over the links that each cluster was built with, wherever it is now.
  Seconds built_latency(ClusterId from, ClusterId to) const;

  /// Wide-area links between two gateways, in the order in which they are crossed.
  struct Path {
    std::vector<LinkId> links;
    Seconds latency;  ///< Propagation.
  };
  /// Propagation delay along wide-area links of an explicit topology.
  Seconds latency(const std::vector<LinkId>& path) const;
  /// The links that messages between two clusters take; none within a cluster, and where there is no path.
  std::vector<LinkId> path(ClusterId from, ClusterId to) const;
  /// Up to `most` loop-free paths over usable links between two clusters, by rising latency, equals by the links'
  /// numbers. A star and a mesh have one (J. Y. Yen, "Finding the K shortest loopless paths in a network", Management
  /// Science 17(11), 1971).
  std::vector<Path> paths(ClusterId from, ClusterId to, std::size_t most,
                          const std::function<bool(LinkId)>& usable) const;
  /// The same links the other way; empty where one of them has no counterpart.
  std::vector<LinkId> reversed(const std::vector<LinkId>& path) const;
  /// Where a wide-area link of an explicit topology leads from and to.
  std::pair<ClusterId, ClusterId> ends(LinkId link) const {
    return {{wan_source(link)}, {wan_target_[link.index - first_wan_]}};
  }
  /// A path of an explicit topology for messages to follow instead of the shortest. One path has one id, for good.
  PathId pin(const std::vector<LinkId>& path);

  /// Takes a link down, or gives back one such taking; it is up when nothing holds it down. Whose access link is down
  /// is down itself.
  void hold_down(LinkId);
  void give_back(LinkId);
  bool up(LinkId link) const { return links_[link.index].down == 0; }
  /// Takes a gateway down as an end, or gives back one such taking: flows that begin or end there are lost at once, and
  /// so is what would begin or end there. What passes through goes on.
  void hold_down(ClusterId gateway);
  void give_back(ClusterId gateway);

  /// Two sets of clusters between which nothing passes, whatever links there are. Who is in both stays on the first
  /// side.
  struct Sides {
    std::vector<ClusterId> first, second;
  };
  /// Until rejoin() with the number returned, messages that would leave one side for the other are lost, and flows
  /// stall.
  std::uint32_t sever(const Sides&);
  void rejoin(std::uint32_t cut);
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
  /// Whether it is a way over the air.
  bool by_air(LinkId link) const { return links_[link.index].bearer != none; }
  std::uint32_t link_count() const { return static_cast<std::uint32_t>(links_.size()); }
  std::string name(LinkId) const;
  /// Wide-area links whose name ("edge-3.up", "edge-3.down", "a>b") or cluster matches a shell pattern.
  std::vector<LinkId> match_links(const std::string& pattern) const;

  /// A radio cell: the way over the air, from here on to this cluster's gateway. `shared`: up and down take the same
  /// airtime, as they must where stations contend. None: ideal access.
  CellId add_cell(ClusterId gateway, const LinkSpec& air, bool shared,
                  std::shared_ptr<const MediumAccess> access = nullptr);
  /// From now on this endpoint, or this cluster's uplink, is reached over the air, once it is attached.
  BearerId add_bearer(EndpointId);
  BearerId add_bearer(ClusterId);
  /// These endpoints are on one machine: what goes between them takes no time and no link.
  void join(EndpointId, EndpointId);
  /// It is served by this cell, at these rates when it sends.
  void attach(BearerId, CellId, BytesPerSecond up, BytesPerSecond down);
  /// It is between two cells; what is on its way waits for the next, or is lost.
  void suspend(BearerId, bool keep);
  /// No cell serves it: what is on its way is lost, and so is what comes.
  void detach(BearerId);
  bool attached(BearerId bearer) const;
  /// Whether anything is: if not, nothing ever changes its place.
  bool any_on_the_air() const { return !bearers_.empty(); }
  /// Whether some clusters are on wheels, so that ways between gateways change.
  bool clusters_move() const { return !carriers_.empty(); }
  /// Airtime used in a cell up to now, since reset_totals(), by messages and by flows that ended.
  Seconds airtime(CellId, bool up) const;
  /// The gateway that leads to a cluster now: its own, or that of the cell which serves it; none while none does.
  ClusterId gateway_of(ClusterId cluster) const { return carriers_.empty() ? cluster : carrier(cluster); }

  struct Totals {
    std::uint64_t messages = 0;  ///< Sent, end to end.
    std::uint64_t lost = 0;      ///< Of those, lost on the way, for whatever reason.
    std::uint64_t dropped = 0;   ///< Of those, because a buffer was full.
    Bytes message_bytes;         ///< Handed to the network, once a message, not once a hop.
    Bytes flow_bytes;            ///< That flows have moved, once each.
  };
  Totals totals() const;
  /// The link whose buffer most messages found full, and how many; of equals the first. None: none did.
  std::pair<LinkId, std::uint64_t> most_dropped() const;
  /// Bytes that a link has carried until now, by both transports, whether they arrived or not.
  Bytes carried(LinkId) const;
  const LinkSpec& spec(LinkId link) const { return specs_[links_[link.index].spec]; }
  Joules energy() const;
  /// Bytes that left this cluster over the wide area.
  Bytes egress(ClusterId) const;
  void reset_totals();
  /// When the totals, and what links carry, were last reset.
  Seconds measured_since() const { return measured_since_; }
  std::size_t flows() const { return platform_.running(); }
  /// Flows that wait for their way.
  std::size_t stalled() const { return stalled_.size(); }
  /// How long transfers wait for it unless they say otherwise.
  Seconds patience = forever;

 private:
  friend class Message;
  friend class Air;
  class Queue;
  class Share;
  static constexpr std::uint32_t none = 0xffffffff;

  /// One cache line. What few links need is elsewhere.
  struct alignas(64) Link {
    double busy_until = 0;
    double seconds_per_byte = 0;
    double latency = 0;
    double bytes = 0;
    std::unique_ptr<Queue> queue;  // made when two messages first meet here
    Message* serving = nullptr;    // until busy_until, as long as there is none in the queue
    std::uint32_t share = none;    // while flows cross it
    std::uint32_t bearer = none;   // over the air: never free, so that every message asks
    std::uint16_t spec = 0;
    std::uint16_t down = 0;
  };
  static_assert(sizeof(Link) == 64);

  /// A walk along the links from one place to another.
  struct Route {
    enum class Stage : std::uint8_t { begin, gateway, core, pinned, end };
    std::uint32_t from = none, to = none;  // endpoints, or none: the gateway
    std::uint32_t at = 0, target = 0;  // clusters: where it is, where it goes; pinned: which path, and how far on it
    Stage stage = Stage::begin;
  };
  struct Cell {
    ClusterId gateway;
    std::uint16_t spec = 0;
    std::array<std::uint32_t, 2> airs{};  // up, down
  };
  /// What flows could have had of a cell.
  struct Progress {
    double airtime = 0, bytes = 0;
  };
  struct GrantOf {
    double phase = 0;  // of the period of a device's opportunities to ask
    Seconds from;      // the last one's first slot
    Seconds under_way_until;
  };
  struct Bearer {
    enum class State : std::uint8_t { detached, keeping, attached };
    std::array<LinkId, 2> links;  // up, down
    EndpointId endpoint;
    ClusterId cluster;  // on wheels
    CellId cell;
    State state = State::detached;
    Outcome lost = Outcome::uncovered;  // as what a message ends that comes while it is detached
    std::array<double, 2> seconds_per_byte{};
    std::array<Platform::Pipe, 2> pipes{none, none};
    std::array<std::uint32_t, 2> flows{};
    std::array<std::uint32_t, 2> in_air{};  // messages
    GrantOf grant;
    std::vector<Message*> kept;
    double kept_bytes = 0;
  };
  struct AirFlow {
    const Message* message;
    std::uint32_t bearer;
    std::uint8_t way;
    Progress mark;                                          // what it could have had when that was last looked at
    double bytes = 0;                                       // that it could have sent so far
    std::vector<std::pair<std::uint32_t, double>> airtime;  // and by which part of whose time [s]
  };

  LinkId next(Route&) const;
  LinkId over_the_air(Route&) const;
  bool together(std::uint32_t a, std::uint32_t b) const {
    return !machines_.empty() && b != none && machines_[a] != none && machines_[a] == machines_[b];
  }
  ClusterId carrier(ClusterId cluster) const;

  /// Puts the message on its next link; false when it has arrived or is lost.
  bool forward(Message&);
  void send_on(Link&, Message&);
  /// Bytes of what is in service that are counted and not yet sent.
  double unsent(const Link&) const;
  double unsent(const Message&) const;
  /// The parts of a link that messages of each class get, where so many wait or are served beside its flows.
  std::array<double, 2> parts(const Link&, std::array<std::uint32_t, 2> messages) const;
  double part_alone(const Link&, const Message&) const;
  void put_on(Link&, Message&);
  Seconds latency_of(const Link&, const Message&) const;
  /// So much of it stays away from its link.
  void take_back(Message&, double bytes);
  /// It is destroyed on its way: what it has not put on the link yet stays away.
  void stop_sending(const Message&);
  void cut_service(Link&);
  void flow_comes(Platform::Pipe);
  void flow_goes(Platform::Pipe);
  /// What messages have of the link has changed.
  void serve_anew(LinkId);
  /// Its queue, with who was alone on it in it.
  Queue& line_up(LinkId);
  /// It finds the buffer of its link full. False, as it goes no farther.
  bool drop(Message&);
  /// It goes down: what is on it does not arrive.
  void lose_on(LinkId);
  bool wait(Link&, LinkId, Message&);
  /// Why there is no next link: who is on wheels has none while no cell serves it.
  Outcome no_way() const { return carriers_.empty() ? Outcome::no_path : Outcome::uncovered; }
  // Over the air.
  void leave_air(Message&);
  bool transmit(LinkId, Message&);
  /// Its last byte is through the air at `end`.
  void transmitted(Message&, Seconds end);
  void follow(Message&, ClusterId before);
  void drop_from(std::uint32_t bearer, std::uint8_t way, Outcome how);
  void withdraw_flows(std::uint32_t bearer, std::uint8_t way);
  void move_flows(std::uint32_t bearer, std::uint8_t way);
  /// A device's own link has come back: what begins while it is between two cells waits for the next.
  void revive_flows(LinkId);
  void lose_flows(std::uint32_t bearer, std::uint8_t way, Outcome how);
  void tally(std::uint32_t bearer, std::size_t way);
  void tally(AirFlow&);
  Platform::Pipe air_pipe(LinkId);
  Outcome board(const Message&, LinkId);
  void alight(const Message&, Bytes moved);
  Air& air(const Bearer& bearer, std::size_t way) { return *airs_[cells_[bearer.cell.index].airs[way]]; }
  BearerId add_bearer(LinkId up, LinkId down, EndpointId, ClusterId);
  std::uint16_t add_spec(const LinkSpec&);
  /// Latency by distance between the two clusters of a route, of a mesh.
  Seconds between(const Route&) const;
  bool start_flow(Message&);
  bool end_down(const Message&) const;
  /// Ends flows that meet this, those under way and those that wait.
  void lose_flows(Outcome how, const std::function<bool(const Message&)>&);
  /// What keeps a flow from moving that may be over some day; done: nothing does.
  Outcome hindrance(const Message&) const;
  /// It is no flow any more, whatever became of it; what it has moved counts.
  void end_flow(Message&);
  void stall(Message&, Outcome why);
  void stall_flows();
  void resume_flows();
  Platform::Pipe pipe(LinkId);
  void add_link(const LinkSpec& spec, std::uint16_t index, Seconds extra);
  const std::vector<std::uint32_t>& hops_to(std::uint32_t target) const;
  std::uint32_t wan_source(LinkId link) const { return federation_.spec().wan_links[link.index - first_wan_].from; }
  /// The best path that avoids these clusters and goes on from `at` over none of these links; empty: there is none.
  std::vector<LinkId> shortest(std::uint32_t at, std::uint32_t target, const std::vector<bool>& avoided,
                               const std::vector<LinkId>& taken, const std::function<bool(LinkId)>& usable) const;

  const Federation& federation_;
  Platform& platform_;
  Rng rng_;
  std::vector<Rng> loss_;  // by link, where any link loses
  Topology topology_;
  Table<Link> links_;
  std::vector<LinkSpec> specs_;
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
  std::vector<std::uint16_t> gateways_down_;  // by cluster, once one has been
  struct Cut {
    std::uint32_t number;
    std::vector<std::uint8_t> sides;  // by cluster: 1, 2, or 0: on neither
  };
  std::vector<Cut> cuts_;
  std::uint32_t cut_number_ = 0;
  // Explicit topology: wide-area links out of each cluster, and, made on demand for each target, the next link from
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
  std::vector<std::uint32_t> machines_;  // by endpoint, where several are on one
  std::vector<ClusterId>
      carriers_;  // by cluster, where any is on wheels: whose gateway it hangs on; itself where it is not
  std::vector<std::vector<LinkId>> pinned_;
  std::map<std::vector<LinkId>, PathId> pins_;
  mutable std::vector<std::unique_ptr<std::vector<std::uint32_t>>> hops_;
  mutable std::vector<std::unique_ptr<std::vector<double>>> reach_;
};

/// Something on its way: `Message message(network, class, transport); Outcome o = co_await message.carry(from, to,
/// size);` Destroying it takes it out of every queue; what it already put on a link stays there.
class Message : public Waiter {
 public:
  Message(Network&, ServiceClass, Transport);
  ~Message();
  /// What carry() returns, to be awaited at once.
  struct Way {
    Message& message;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> caller) { return message.set_out(caller); }
    Outcome await_resume() { return message.arrived(); }
  };
  /// `done`, or lost on the way, and how. One message may make one way after another.
  Way carry(Place from, Place to, Bytes size);
  /// Of what it carries, or carried last.
  Bytes size() const { return Bytes(bytes_); }
  /// What of it has left its sender so far. Over the air a message leaves it when its last byte does.
  Bytes moved() const;
  /// How long it waits for its way, if it is a flow.
  void set_patience(Seconds patience) { patience_ = patience; }
  /// The same by a pinned path, which leads from one place's gateway to the other's; none: as above.
  Way carry(Place from, Place to, Bytes size, PathId by);

 private:
  friend class Network;
  friend class Air;
  static void arrive(Activation&);
  bool set_out(std::coroutine_handle<> caller);
  Outcome arrived();
  /// It goes no farther. False, for who says whether it is still on its way.
  bool lose(Outcome how);
  bool crosses_a_cut() const;
  /// Of a flow that waits for its way.
  void cease_waiting();
  /// Messages that are on a link, in the order in which they will be at its end.
  static std::vector<Message*> on_their_way();
  Network& network_;
  Network::Route route_;
  double bytes_ = 0;
  std::uint64_t order_ = 0;  // in which it came into the air
  Platform::Flow* flow_ = nullptr;
  Message* behind_ = nullptr;  // in the queue of link_, or of those that contend
  std::uint32_t link_ = Network::none;
  ClusterId from_, to_;
  ServiceClass service_class_;
  Transport transport_;
  bool queued_ = false;
  bool sent_ = false;     // on a link at least
  bool onward_ = false;   // past its first link
  bool stalled_ = false;  // of a flow
  double left_ = 0;       // at its sender: of a flow when it last began to move, else when it is in no service
  Seconds patience_;
};

}  // namespace codecosim
