#include "models/network/network.hpp"
#include "models/network/air.hpp"
#include "sim/base/glob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <queue>
#include <utility>

namespace codecosim {

/// The messages that wait for one link, by class.
class Network::Queue : public Activation {
 public:
  Queue(Network& network, std::uint32_t link)
      : Activation([](Activation& self) { static_cast<Queue&>(self).serve(); }), network_(network), link_(link) {}

  bool empty() const { return lines_[0].first == nullptr && lines_[1].first == nullptr; }
  double bytes() const { return bytes_; }

  void push(Message& message) {
    Line& line = lines_[static_cast<std::size_t>(message.service_class_)];
    (line.last ? line.last->behind_ : line.first) = &message;
    line.last = &message;
    message.behind_ = nullptr;
    message.queued_ = true;
    bytes_ += message.bytes_;
    if (!scheduled()) calendar().at(Seconds(network_.links_[link_].busy_until), *this);
  }

  void remove(Message& message) {
    Line& line = lines_[static_cast<std::size_t>(message.service_class_)];
    Message* before = nullptr;
    for (Message* it = line.first; it != &message; it = it->behind_) before = it;
    (before ? before->behind_ : line.first) = message.behind_;
    if (line.last == &message) line.last = before;
    message.queued_ = false;
    bytes_ -= message.bytes_;
  }

  /// The link went down: all that wait are lost.
  void drop_all() {
    for (Line& line : lines_) {
      while (line.first) {
        Message& message = *line.first;
        remove(message);
        message.lose(Outcome::link_down);
        calendar().at(now(), message);
      }
    }
    if (scheduled()) calendar().withdraw(*this);
  }

 private:
  struct Line {
    Message* first = nullptr;
    Message* last = nullptr;
    double finish_tag = 0;
  };

  void serve() {
    if (empty()) return;
    Message& message = *choose().first;
    remove(message);
    network_.send_on(network_.links_[link_], message);
    if (!empty())
      calendar().at(Seconds(network_.links_[link_].busy_until), *this);
    else
      for (Line& line : lines_) line.finish_tag = 0;
  }

  Line& choose() {
    const double share = network_.specs_[network_.links_[link_].spec].assured_share;
    const std::array weights{share, 1 - share};
    std::size_t best = lines_[0].first ? 0 : 1;
    if (lines_[0].first && lines_[1].first && lines_[1].finish_tag < lines_[0].finish_tag) best = 1;
    Line& line = lines_[best];
    Line& other = lines_[1 - best];
    line.finish_tag += line.first->bytes_ / std::max(weights[best], 1e-9);
    // A class that is idle does not save up its share.
    if (!other.first)
      other.finish_tag =
          std::max(other.finish_tag, line.finish_tag - line.first->bytes_ / std::max(weights[best], 1e-9));
    return line;
  }

  Network& network_;
  std::uint32_t link_;
  std::array<Line, 2> lines_;
  double bytes_ = 0;
};

/// What flows may have of a link that messages use too. Fires when the message in service has left.
class Network::Share : public Activation {
 public:
  Share(Network& network, std::uint32_t link, Platform::Pipe pipe_of_flows)
      : Activation([](Activation& self) { static_cast<Share&>(self).give_all(); }),
        pipe(pipe_of_flows),
        network_(network),
        link_(link) {
    const Link& one = network_.links_[link_];
    if (one.busy_until > now().value) leave(0);
    if (one.down) network_.platform_.set_down(pipe, Outcome::link_down);
  }
  /// A message is in service until the link's busy_until and leaves this much to the flows.
  void leave(double bytes_per_second) {
    network_.platform_.set_capacity(pipe, BytesPerSecond(bytes_per_second));
    if (scheduled()) calendar().withdraw(*this);
    calendar().at(Seconds(network_.links_[link_].busy_until), *this);
  }

  const Platform::Pipe pipe;

 private:
  void give_all() {
    network_.platform_.set_capacity(pipe, BytesPerSecond(1 / network_.links_[link_].seconds_per_byte));
  }
  Network& network_;
  std::uint32_t link_;
};

Network::Network(const Federation& federation, Platform& platform, const Rng& rng, std::vector<LinkSpec> access_specs,
                 const std::vector<Access>& clients)
    : federation_(federation), platform_(platform), loss_root_(rng), topology_(federation.spec().topology) {
  const FederationSpec& spec = federation.spec();
  for (const ClusterSpec& cluster : spec.clusters) {
    specs_.push_back(cluster.lan);
    specs_.push_back(cluster.uplink);
  }
  const std::size_t first_access = specs_.size();
  specs_.insert(specs_.end(), access_specs.begin(), access_specs.end());
  const std::size_t first_wan_spec = specs_.size();
  for (const WanLinkSpec& wan : spec.wan_links) specs_.push_back(wan.link);
  ensure(specs_.size() < 65536, "more than 65 535 kinds of link");
  const bool lossy = std::any_of(specs_.begin(), specs_.end(), [](const LinkSpec& one) { return one.loss > 0; });

  const std::uint32_t nodes = federation.node_count(), clusters = federation.cluster_count();
  links_.reserve(2 * (nodes + clients.size()) +
                 (topology_ == Topology::explicit_ ? spec.wan_links.size() : 2 * clusters));
  for (std::uint32_t n = 0; n < nodes; ++n) {
    const ClusterId cluster = federation.cluster_of({n});
    const auto s = static_cast<std::uint16_t>(2 * federation.cluster(cluster).spec);
    cluster_of_.push_back(cluster.index);
    add_link(specs_[s], s, Seconds(0));
    add_link(specs_[s], s, Seconds(0));
  }
  for (const Access& client : clients) {
    const auto s = static_cast<std::uint16_t>(first_access + client.spec);
    cluster_of_.push_back(client.cluster.index);
    add_link(specs_[s], s, Seconds(0));
    add_link(specs_[s], s, Seconds(0));
  }
  first_wan_ = link_count();
  const std::size_t wide = topology_ == Topology::explicit_ ? spec.wan_links.size() : 2 * clusters;
  for (std::uint32_t l = 0; lossy && l < first_wan_ + wide; ++l) loss_.push_back(rng.stream(l));
  if (topology_ == Topology::explicit_) {
    out_.resize(clusters);
    in_.resize(clusters);
    hops_.resize(clusters);
    reach_.resize(clusters);
    for (std::uint32_t w = 0; w < spec.wan_links.size(); ++w) {
      const WanLinkSpec& wan = spec.wan_links[w];
      const Seconds far = federation.distance_between({wan.from}, {wan.to}) * spec.stretch / speed_in_fibre;
      const std::uint32_t id = link_count();
      add_link(wan.link, static_cast<std::uint16_t>(first_wan_spec + w), far);
      out_[wan.from].push_back({id, wan.to, links_[id].latency});
      in_[wan.to].push_back({id, wan.from, links_[id].latency});
      wan_target_.push_back(wan.to);
    }
    return;
  }
  const ClusterId hub = federation.hub();
  for (std::uint32_t c = 0; c < clusters; ++c) {
    const auto s = static_cast<std::uint16_t>(2 * federation.cluster({c}).spec + 1);
    const bool star = topology_ == Topology::star && spec.stretch > 0;
    const Seconds far = star ? federation.distance_between({c}, hub) * spec.stretch / speed_in_fibre : Seconds(0);
    add_link(specs_[s], s, far);
    add_link(specs_[s], s, far);
  }
}

Network::~Network() = default;

void Network::add_link(const LinkSpec& spec, std::uint16_t index, Seconds extra) {
  Link& link = links_.emplace_back();
  link.seconds_per_byte = 1 / spec.bandwidth.value;
  link.latency = (spec.latency + extra).value;
  link.spec = index;
}

LinkId Network::next(Route& route) const {
  switch (route.stage) {
    case Route::Stage::begin:
      if (route.from != none && (route.from == route.to || together(route.from, route.to))) {  // on one machine
        route.stage = Route::Stage::end;
        return {};
      }
      route.stage = Route::Stage::gateway;
      if (route.from != none) return {2 * route.from};
      [[fallthrough]];
    case Route::Stage::gateway:
      if (route.at == route.target) {
        route.stage = Route::Stage::end;
        return route.to == none ? LinkId{} : LinkId{2 * route.to + 1};
      }
      if (topology_ == Topology::explicit_) {
        const std::uint32_t link = hops_to(route.target)[route.at];
        if (link == none) return {};
        route.at = wan_target_[link - first_wan_];
        return {link};
      }
      if (!carriers_.empty()) [[unlikely]]
        return over_the_air(route);
      route.stage = Route::Stage::core;
      return {first_wan_ + 2 * route.at};
    case Route::Stage::core:
      route.stage = Route::Stage::gateway;
      route.at = gateway_of({route.target}).index;
      return route.at == none ? LinkId{} : LinkId{first_wan_ + 2 * route.at + 1};
    case Route::Stage::pinned: {
      const std::vector<LinkId>& path = pinned_[route.at];
      if (route.from != none) return {2 * std::exchange(route.from, none)};
      if (route.target < path.size()) return path[route.target++];
      route.stage = Route::Stage::end;
      return route.to == none ? LinkId{} : LinkId{2 * route.to + 1};
    }
    case Route::Stage::end:
      break;
  }
  return {};
}

// Dijkstra by latency, backwards from the target; equals go to the link listed first.
const std::vector<std::uint32_t>& Network::hops_to(std::uint32_t target) const {
  if (hops_[target]) return *hops_[target];
  std::vector<std::uint32_t> hop(out_.size(), none);
  std::vector<double> reach(out_.size(), std::numeric_limits<double>::infinity());
  using Entry = std::pair<double, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  reach[target] = 0;
  open.emplace(0, target);
  while (!open.empty()) {
    const auto [far, at] = open.top();
    open.pop();
    if (far > reach[at]) continue;
    for (const WanEdge& edge : in_[at]) {
      const double way = far + edge.latency;
      if (way < reach[edge.to]) {
        reach[edge.to] = way;
        hop[edge.to] = edge.link;
        open.emplace(way, edge.to);
      }
    }
  }
  reach_[target] = std::make_unique<std::vector<double>>(std::move(reach));
  hops_[target] = std::make_unique<std::vector<std::uint32_t>>(std::move(hop));
  return *hops_[target];
}

Seconds Network::latency(ClusterId from, ClusterId to) const {
  if (from == to) return Seconds(0);
  if (topology_ != Topology::explicit_ && !carriers_.empty()) [[unlikely]] {
    const ClusterId first = carrier(from), last = carrier(to);
    if (!first || !last) return forever;
    Seconds air;
    if (first != from) air += Seconds(links_[uplink(from).index].latency);
    if (last != to) air += Seconds(links_[downlink(to).index].latency);
    if (first != from || last != to) return air + latency(first, last);
  }
  return built_latency(from, to);
}

Seconds Network::built_latency(ClusterId from, ClusterId to) const {
  if (from == to) return Seconds(0);
  if (topology_ == Topology::explicit_) {
    hops_to(to.index);
    const double reach = (*reach_[to.index])[from.index];
    return reach < forever.value ? Seconds(reach) : forever;
  }
  Seconds sum(links_[uplink(from).index].latency + links_[downlink(to).index].latency);
  if (topology_ == Topology::mesh)
    sum += federation_.distance_between(from, to) * federation_.spec().stretch / speed_in_fibre;
  return sum;
}

Seconds Network::between(const Route& route) const {
  const ClusterId there = gateway_of({route.target});
  if (!there) return Seconds(0);  // it will find no way from the core
  return federation_.distance_between({route.at}, there) * federation_.spec().stretch / speed_in_fibre;
}

bool Network::forward(Message& message) {
  const LinkId id = next(message.route_);
  if (!id) {
    return message.route_.stage != Route::Stage::end && message.lose(no_way());
  }
  Link& link = links_[id.index];
  message.link_ = id.index;
  if (link.down) return message.lose(Outcome::link_down);
  if (link.busy_until <= now().value && !(link.queue && !link.queue->empty())) [[likely]] {
    send_on(link, message);
    return true;
  }
  return wait(link, id, message);
}

void Network::send_on(Link& link, Message& message) {
  const double seconds =
      link.share == none ? message.bytes_ * link.seconds_per_byte : seconds_shared(link, message.bytes_);
  link.busy_until = now().value + seconds;
  if (link.share != none && seconds > 0) [[unlikely]]
    shares_[link.share]->leave(1 / link.seconds_per_byte - message.bytes_ / seconds);
  link.bytes += message.bytes_;
  message.failures_ = failures_;
  double latency = link.latency;
  if (topology_ == Topology::mesh && message.route_.stage == Route::Stage::core)
    latency += between(message.route_).value;
  if (!loss_.empty() && loss_[message.link_].chance(specs_[link.spec].loss)) message.lose(Outcome::corrupted);
  calendar().at(Seconds(link.busy_until + latency), message);
}

double Network::seconds_shared(Link& link, double bytes) {
  const double alone = bytes * link.seconds_per_byte;
  return platform_.busy(shares_[link.share]->pipe) ? 2 * alone : alone;
}

bool Network::wait(Link& link, LinkId id, Message& message) {
  if (link.bearer != none) return transmit(id, message);
  if (!link.queue) link.queue = std::make_unique<Queue>(*this, id.index);
  if (link.queue->bytes() + message.bytes_ > specs_[link.spec].buffer.value) {
    ++totals_.dropped;
    return message.lose(Outcome::buffer_full);
  }
  link.queue->push(message);
  return true;
}

Platform::Pipe Network::pipe(LinkId id) {
  Link& link = links_[id.index];
  if (link.bearer != none) return air_pipe(id);
  if (link.share == none) {
    const Platform::Pipe made = platform_.add_pipe(BytesPerSecond(1 / link.seconds_per_byte));
    link.share = static_cast<std::uint32_t>(shares_.size());
    shares_.push_back(std::make_unique<Share>(*this, id.index, made));
  }
  return shares_[link.share]->pipe;
}

bool Network::start_flow(Message& message) {
  Seconds latency(0);
  std::vector<Platform::Pipe> pipes;
  Route route = message.route_;
  Outcome obstacle = Outcome::done;
  while (const LinkId id = next(route)) {
    latency += Seconds(links_[id.index].latency);
    if (route.stage == Route::Stage::core && topology_ == Topology::mesh) latency += between(route);
    pipes.push_back(pipe(id));
    if (links_[id.index].bearer == none) continue;
    if (const Outcome outcome = board(message, id); outcome != Outcome::done) obstacle = outcome;
  }
  if (route.stage != Route::Stage::end) obstacle = no_way();
  if (obstacle != Outcome::done) {
    alight(message);
    message.outcome = obstacle;
    return false;
  }
  message.flow_ = platform_.start(pipes, latency, Bytes(message.bytes_), message);
  return true;
}

void Network::count_flow(const Message& message) {
  Route route = message.route_;  // a flow's does not move on
  while (const LinkId id = next(route)) links_[id.index].bytes += message.bytes_;
}

void Network::hold_down(LinkId id) {
  Link& link = links_[id.index];
  if (link.down++ > 0) return;
  link.failures = ++failures_;
  if (link.bearer == none)
    link.busy_until = std::min(link.busy_until, now().value);
  else {
    drop_from(link.bearer, Outcome::link_down);
    withdraw_flows(link.bearer);
    lose_flows(link.bearer, Outcome::link_down);
  }
  if (link.queue) link.queue->drop_all();
  if (link.share != none) platform_.set_down(shares_[link.share]->pipe, Outcome::link_down);
}

void Network::give_back(LinkId id) {
  Link& link = links_[id.index];
  ensure(link.down > 0, "a link that is up was brought up");
  if (--link.down > 0) return;
  if (link.share != none) platform_.set_up(shares_[link.share]->pipe);
}

std::uint32_t Network::sever(const Sides& sides) {
  Cut cut{++cut_number_, std::vector<std::uint8_t>(federation_.cluster_count())};
  for (const ClusterId one : sides.second) cut.sides[one.index] = 2;
  for (const ClusterId one : sides.first) cut.sides[one.index] = 1;
  cuts_.push_back(std::move(cut));
  return cut_number_;
}

void Network::rejoin(std::uint32_t number) {
  std::erase_if(cuts_, [&](const Cut& cut) { return cut.number == number; });
}

std::string Network::name(LinkId id) const {
  if (id.index >= first_wan_) {
    if (topology_ == Topology::explicit_) {
      const WanLinkSpec& wan = federation_.spec().wan_links[id.index - first_wan_];
      return federation_.name(ClusterId{wan.from}) + ">" + federation_.name(ClusterId{wan.to});
    }
    return federation_.name(ClusterId{(id.index - first_wan_) / 2}) +
           (id.index % 2 == first_wan_ % 2 ? ".up" : ".down");
  }
  const std::uint32_t endpoint = id.index / 2;
  const char* way = id.index % 2 == 0 ? ".up" : ".down";
  if (endpoint < federation_.node_count()) return federation_.name(NodeId{endpoint}) + way;
  return fmt::format("client-{}{}", endpoint - federation_.node_count(), way);
}

std::vector<LinkId> Network::match_links(const std::string& pattern) const {
  std::vector<LinkId> all;
  for (std::uint32_t l = first_wan_; l < link_count(); ++l) {
    const std::string full = name(LinkId{l});
    if (matches(pattern, full) ||
        (topology_ != Topology::explicit_ && matches(pattern, full.substr(0, full.rfind('.')))))
      all.push_back({l});
  }
  return all;
}

Joules Network::energy() const {
  Joules sum;
  for (const Link& link : links_) sum += Bytes(link.bytes) * specs_[link.spec].energy;
  return sum;
}

Bytes Network::egress(ClusterId cluster) const {
  Bytes sum;
  for (const LinkId link : links_out(cluster)) sum += carried(link);
  return sum;
}

std::vector<LinkId> Network::links_out(ClusterId cluster) const {
  if (topology_ != Topology::explicit_) return {uplink(cluster)};
  std::vector<LinkId> all;
  for (const WanEdge& edge : out_[cluster.index]) all.push_back({edge.link});
  return all;
}

std::vector<LinkId> Network::links_in(ClusterId cluster) const {
  if (topology_ != Topology::explicit_) return {downlink(cluster)};
  std::vector<LinkId> all;
  for (const WanEdge& edge : in_[cluster.index]) all.push_back({edge.link});
  return all;
}

void Network::reset_totals() {
  totals_ = {};
  measured_since_ = now();
  for (Link& link : links_) link.bytes = 0;
  for (const auto& air : airs_) air->reset();
  for (AirFlow& one : air_flows_) {
    tally(one);
    one.airtime.clear();
  }
}

Message::Message(Network& network, ServiceClass service_class, Transport transport)
    : Waiter(&Message::arrive), network_(network), service_class_(service_class), transport_(transport) {}

Message::Way Message::carry(Place from, Place to, Bytes size) {
  if (flow_) {
    network_.alight(*this);
    network_.platform_.release(std::exchange(flow_, nullptr));
  }
  route_ = {from.endpoint.index, to.endpoint.index, from.cluster.index, to.cluster.index, Network::Route::Stage::begin};
  bytes_ = size.value;
  outcome = Outcome::done;
  if (!network_.cuts_.empty() && network_.severed(from.cluster, to.cluster)) [[unlikely]]
    outcome = Outcome::partitioned;
  return {*this};
}

bool Message::lose(Outcome how) {
  outcome = how;
  route_.stage = Network::Route::Stage::end;
  return false;
}

Message::Way Message::carry(Place from, Place to, Bytes size, PathId by) {
  const Way way = carry(from, to, size);
  if (by) {
    route_.at = by.index;
    route_.target = 0;
    route_.stage = Network::Route::Stage::pinned;
  }
  return way;
}

Message::~Message() {
  if (queued_) {
    const Network::Link& link = network_.links_[link_];
    link.bearer == Network::none ? link.queue->remove(*this) : network_.leave_air(*this);
  }
  if (flow_) {
    network_.alight(*this);
    network_.platform_.release(flow_);
  }
}

bool Message::set_out(std::coroutine_handle<> caller) {
  caller_ = caller;
  if (outcome != Outcome::done) [[unlikely]]
    return false;
  if (transport_ == Transport::queued) return network_.forward(*this);
  return network_.start_flow(*this);
}

void Message::arrive(Activation& self) {
  auto& message = static_cast<Message&>(self);
  Network& network = message.network_;
  if (message.flow_ == nullptr) {
    // Only where something has failed since it was put on the link does it matter whether that was this link.
    if (network.failures_ != message.failures_ && network.links_[message.link_].failures > message.failures_) {
      message.outcome = Outcome::link_down;
    } else if (network.forward(message)) {
      return;
    }
  }
  message.caller_.resume();
}

Outcome Message::arrived() {
  Network::Totals& totals = network_.totals_;
  if (flow_) {
    if (!network_.cuts_.empty() && network_.severed({route_.at}, {route_.target})) outcome = Outcome::partitioned;
    totals.flow_bytes += Bytes(bytes_);
    if (outcome == Outcome::done) network_.count_flow(*this);
    network_.alight(*this);
  } else {
    ++totals.messages;
    totals.message_bytes += Bytes(bytes_);
  }
  totals.lost += outcome != Outcome::done;
  return outcome;
}

}  // namespace codecosim
