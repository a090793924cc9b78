#include "models/network/network.hpp"
#include "models/network/air.hpp"
#include "sim/base/glob.hpp"
#include "sim/base/shortest_paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace codecosim {

/// The capacity for flows of a link that messages use too.
///
/// Claim: flows have the capacity less the part that messages use. SimGrid shares anew when messages have used `step`
/// of the link's time more or less than was withheld for them, and not at each message. So in any time span both
/// together never carry more than the link can in that span plus four times `step`. Equation: withheld = mean rate of
/// messages since SimGrid last shared anew + debt / `payment`, with debt the bytes that messages have used beyond those
/// withheld [B].
class Network::Share : public Activation {
 public:
  Share(Network& network, std::uint32_t link, Platform::Pipe pipe_of_flows)
      : Activation(&Share::fire), pipe(pipe_of_flows), network_(network), link_(link) {}
  static void fire(Activation& self) { static_cast<Share&>(self).due(); }

  /// Sets the rate at which messages are served from now on, until the date `until` if nothing changes.
  void serve(double bytes_per_second, double until) {
    if (flows_ > 0) account();
    serving_ = bytes_per_second;
    until_ = until;
    if (flows_ > 0) look();
  }
  void flow_begins() {
    if (flows_++ > 0) return;
    since_ = last_ = now().value;
    used_ = debt_ = debt_then_ = 0;
    // Until now messages have had all of the link.
    serving_ = capacity();
    until_ = link().busy_until;
    look();
  }
  void flow_ends() {
    if (--flows_ > 0) return;
    account();
    withhold(0);
    if (scheduled()) calendar().withdraw(*this);
  }
  /// The rate at which messages are served while there are any [B/s].
  double serving() const { return serving_; }
  std::size_t flows() const { return flows_; }
  /// The capacity that flows leave to messages, because other links limit the flows or these have not begun to move
  /// [B/s].
  double unused() const {
    constexpr double little = 0.01;  // share of the capacity that flows were given
    const double left = network_.platform_.left(pipe).value, taken = network_.platform_.rate(pipe).value;
    return left > little * (left + taken) ? capacity() - taken : 0;
  }
  std::uint32_t link_number() const { return link_; }

  const Platform::Pipe pipe;

 private:
  static constexpr double step = 0.025, payment = 0.25;  // [s]

  const Link& link() const { return network_.links_[link_]; }
  double capacity() const { return 1 / link().seconds_per_byte; }
  double bound() const { return step * capacity(); }

  void account() {
    const double span = now().value - since_;
    const double used = serving_ * std::clamp(until_ - since_, 0.0, span);
    used_ += used;
    debt_ += used - withheld_ * span;
    since_ = now().value;
  }

  void due() {
    look();
    // Flows that have begun to move meanwhile, or are limited elsewhere now, need another share.
    network_.reschedule_service({link_});
  }

  void look() {
    account();
    // The factor prevents that rounding delays the update.
    if (std::abs(debt_ - debt_then_) >= bound() * (1 - 1e-9)) withhold(used_ / (since_ - last_) + debt_ / payment);
    const double due = next_look();
    if (scheduled()) {
      if (due_ <= due) return;
      calendar().withdraw(*this);
    }
    if (due >= forever.value) return;
    due_ = due;
    calendar().at(Seconds(due), *this);
  }

  void withhold(double bytes_per_second) {
    withheld_ = std::clamp(bytes_per_second, 0.0, capacity());
    used_ = 0;
    last_ = since_;
    debt_then_ = debt_;
    network_.platform_.set_capacity(pipe, BytesPerSecond(capacity() - withheld_));
  }

  /// The date at which messages will have used `step` more or less than was withheld, if nothing changes. While
  /// messages are served it is at regular intervals at the latest, since there is no notification of flows that begin
  /// to move or are no longer limited elsewhere.
  double next_look() const {
    const double drifted = next_drift();
    return until_ > since_ ? std::min(drifted, since_ + 2 * step) : drifted;
  }
  double next_drift() const {
    double at = since_, drift = debt_ - debt_then_;
    if (const double busy = until_ - at; busy > 0) {
      const double gain = serving_ - withheld_;
      const double after = gain == 0 ? forever.value : (gain > 0 ? bound() - drift : bound() + drift) / std::abs(gain);
      if (after <= busy) return at + after;
      drift += gain * busy;
      at += busy;
    }
    return withheld_ > 0 ? at + (bound() + drift) / withheld_ : forever.value;
  }

  Network& network_;
  std::uint32_t link_;
  double since_ = 0;  // date of the last accounting of the fields below
  std::size_t flows_ = 0;
  double until_ = 0;     // date at which the message in service will have left
  double serving_ = 0;   // rate at which messages are served
  double withheld_ = 0;  // rate withheld from flows
  double debt_ = 0;
  double used_ = 0, debt_then_ = 0, last_ = 0;  // bytes used since SimGrid last shared anew, debt then, date of it
  double due_ = 0;                              // date of the next update
};

/// The messages that share a link: of each class the first is served, the others wait.
///
/// Claim: generalised processor sharing of two classes, as packets of theirs take turns, and first in, first out within
/// a class (Parekh, Gallager, "A generalized processor sharing approach to flow control in integrated services
/// networks: the single-node case", IEEE/ACM Trans. Networking 1(3), 1993). One message alone needs no queue.
class Network::Queue : public Activation {
 public:
  Queue(Network& network, std::uint32_t link) : Activation(&Queue::fire), network_(network), link_(link) {}
  static void fire(Activation& self) { static_cast<Queue&>(self).served(); }

  bool empty() const { return lines_[0].messages == 0 && lines_[1].messages == 0; }
  /// Waiting bytes of a class, without the message in service.
  double waiting(ServiceClass one) const { return lines_[static_cast<std::size_t>(one)].waiting; }
  std::array<std::uint32_t, 2> messages() const { return {lines_[0].messages, lines_[1].messages}; }

  void push(Message& message) {
    Line& line = line_of(message);
    const bool first = line.messages == 0, changes_rates = first || link().share != none;
    if (changes_rates) account();
    append(line, message);
    if (first)
      begin(line);
    else
      line.waiting += message.bytes_;
    if (changes_rates) plan();
  }

  /// Takes in a message that was alone on the link until now, and has `left` bytes left.
  void adopt(Message& message, double left) {
    since_ = now().value;
    Line& line = line_of(message);
    append(line, message);
    line.left = left;
    plan();
  }

  /// Called when flows have begun, or ended.
  void share_anew() {
    account();
    plan();
  }

  void remove(Message& message) {
    account();
    Line& line = line_of(message);
    if (line.first == &message) {
      link().bytes -= line.left;
      next(line);
    } else {
      Message* before = line.first;
      while (before->behind_ != &message) before = before->behind_;
      before->behind_ = message.behind_;
      if (line.last == &message) line.last = before;
      line.waiting -= message.bytes_;
      --line.messages;
      message.queued_ = false;
    }
    plan();
  }

  /// Loses all messages, when the link went down.
  void drop_all() {
    account();
    for (Line& line : lines_) {
      if (line.messages > 0) network_.uncount(*line.first, line.left);
      while (line.first) {
        Message& message = *line.first;
        line.first = message.behind_;
        message.queued_ = false;
        message.lose(Outcome::link_down);
        calendar().at(now(), message);
      }
      line = {};
    }
    plan();
  }

  /// Bytes of the messages in service that are counted and not yet sent.
  double unsent() const { return unsent(lines_[0]) + unsent(lines_[1]); }
  double unsent(const Message& message) const {
    const Line& line = lines_[static_cast<std::size_t>(message.service_class_)];
    return line.first == &message ? unsent(line) : 0;
  }

 private:
  struct Line {
    Message* first = nullptr;
    Message* last = nullptr;
    double left = 0;     // rest of the first message [B]
    double rate = 0;     // rate at which it is served [B/s]
    double waiting = 0;  // bytes of the other messages
    std::uint32_t messages = 0;
  };
  double unsent(const Line& line) const {
    return line.messages > 0 ? std::max(0.0, line.left - line.rate * (now().value - since_)) : 0;
  }
  Link& link() { return network_.links_[link_]; }
  Line& line_of(const Message& message) { return lines_[static_cast<std::size_t>(message.service_class_)]; }

  static void append(Line& line, Message& message) {
    (line.last ? line.last->behind_ : line.first) = &message;
    line.last = &message;
    message.behind_ = nullptr;
    message.queued_ = true;
    ++line.messages;
  }

  void begin(Line& line) {
    line.left = line.first->bytes_;
    network_.mark_sent(link(), *line.first);
  }

  /// The first message of a line leaves, and the next is served.
  void next(Line& line) {
    line.first->queued_ = false;
    line.first = line.first->behind_;
    --line.messages;
    if (line.messages == 0) {
      line = {};
      return;
    }
    line.waiting = line.messages == 1 ? 0 : line.waiting - line.first->bytes_;
    begin(line);
  }

  void account() {
    const double span = now().value - since_;
    for (Line& line : lines_)
      if (line.messages > 0) line.left = std::max(0.0, line.left - line.rate * span);
    since_ = now().value;
  }

  void plan() {
    if (scheduled()) calendar().withdraw(*this);
    if (empty()) {
      link().busy_until = now().value;
      if (link().share != none) network_.shares_[link().share]->serve(0, 0);
      return;
    }
    const std::array<double, 2> parts = network_.parts(link(), messages());
    const double capacity = 1 / link().seconds_per_byte;
    double soonest = forever.value;
    for (std::size_t k = 0; k < lines_.size(); ++k) {
      if (lines_[k].messages == 0) continue;
      lines_[k].rate = capacity * parts[k];
      const double after = lines_[k].left * link().seconds_per_byte / parts[k];
      if (after >= soonest) continue;
      soonest = after;
      due_ = k;
    }
    link().busy_until = forever.value;
    if (link().share != none) network_.shares_[link().share]->serve(capacity * (parts[0] + parts[1]), forever.value);
    calendar().at(now() + Seconds(soonest), *this);
  }

  void served() {
    account();
    Line& line = lines_[due_];
    Message& message = *line.first;
    next(line);
    calendar().at(now() + network_.latency_of(link(), message), message);
    plan();
  }

  Network& network_;
  std::uint32_t link_;
  std::array<Line, 2> lines_;
  std::size_t due_ = 0;
  double since_ = 0;
};

Network::Network(const Federation& federation, Platform& platform, const Rng& rng,
                 const std::vector<LinkSpec>& access_specs, const std::vector<Access>& clients)
    : federation_(federation), platform_(platform), rng_(rng), topology_(federation.spec().topology) {
  for (const Activation::Fire fire : {&Share::fire, &Queue::fire, &Message::arrive})
    calendar().name_kind(fire, "Network");
  const FederationSpec& spec = federation.spec();
  std::vector<std::uint16_t> lans, uplinks, accesses, wans;
  for (const ClusterSpec& cluster : spec.clusters) {
    lans.push_back(kind_of(cluster.lan));
    uplinks.push_back(kind_of(cluster.uplink));
  }
  for (const LinkSpec& access : access_specs) accesses.push_back(kind_of(access));
  for (const WanLinkSpec& wan : spec.wan_links) wans.push_back(kind_of(wan.link));
  const bool lossy = std::any_of(specs_.begin(), specs_.end(), [](const LinkSpec& one) { return one.loss > 0; });

  const std::uint32_t nodes = federation.node_count(), clusters = federation.cluster_count();
  links_.reserve(2 * (nodes + clients.size()) +
                 (topology_ == Topology::explicit_ ? spec.wan_links.size() : 2 * clusters));
  for (std::uint32_t n = 0; n < nodes; ++n) {
    const ClusterId cluster = federation.cluster_of({n});
    const std::uint16_t lan = lans[federation.cluster(cluster).spec];
    cluster_of_.push_back(cluster.index);
    add_link(lan, Seconds(0));
    add_link(lan, Seconds(0));
  }
  for (const Access& client : clients) {
    cluster_of_.push_back(client.cluster.index);
    add_link(accesses[client.spec], Seconds(0));
    add_link(accesses[client.spec], Seconds(0));
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
      add_link(wans[w], far);
      out_[wan.from].push_back({id, wan.to, links_[id].latency});
      in_[wan.to].push_back({id, wan.from, links_[id].latency});
      wan_target_.push_back(wan.to);
    }
    return;
  }
  const ClusterId hub = federation.hub();
  for (std::uint32_t c = 0; c < clusters; ++c) {
    const std::uint16_t uplink = uplinks[federation.cluster({c}).spec];
    const bool star = topology_ == Topology::star && spec.stretch > 0;
    const Seconds far = star ? federation.distance_between({c}, hub) * spec.stretch / speed_in_fibre : Seconds(0);
    add_link(uplink, far);
    add_link(uplink, far);
  }
}

Network::~Network() = default;

std::uint16_t Network::kind_of(const LinkSpec& spec) {
  const auto [known, is_new] = kinds_.try_emplace(spec, static_cast<std::uint16_t>(specs_.size()));
  if (is_new) {
    ensure(specs_.size() < 65535, "more than 65 535 kinds of link");
    specs_.push_back(spec);
  }
  return known->second;
}

void Network::add_link(std::uint16_t kind, Seconds extra) {
  const LinkSpec& spec = specs_[kind];
  Link& link = links_.emplace_back();
  link.seconds_per_byte = 1 / spec.bandwidth.value;
  link.latency = (spec.latency + extra).value;
  link.spec = kind;
}

LinkId Network::next(Route& route) const {
  switch (route.stage) {
    case Route::Stage::begin:
      if (route.from != none && (route.from == route.to || same_machine(route.from, route.to))) {  // on one machine
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

// The search is by latency, backwards from the target; on a tie, the link listed first is taken.
const std::vector<std::uint32_t>& Network::hops_to(std::uint32_t target) const {
  if (hops_[target]) return *hops_[target];
  ShortestPaths found = shortest_paths(out_.size(), target, [this](std::uint32_t at, const auto& reach) {
    for (const WanEdge& edge : in_[at]) reach(edge.to, edge.link, edge.latency);
  });
  reach_[target] = std::make_unique<std::vector<double>>(std::move(found.distance));
  hops_[target] = std::make_unique<std::vector<std::uint32_t>>(std::move(found.edge));
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
  if (!there) return Seconds(0);  // it will find no path from the core
  return federation_.distance_between({route.at}, there) * federation_.spec().stretch / speed_in_fibre;
}

bool Network::forward(Message& message) {
  const LinkId id = next(message.route_);
  if (!id) {
    if (message.route_.stage != Route::Stage::end) return message.lose(no_path_outcome());
    const bool lost = message.route_.to == none && message.outcome == Outcome::done && gateway_down(message.to_);
    return lost && message.lose(Outcome::link_down);
  }
  Link& link = links_[id.index];
  message.link_ = id.index;
  if (link.down) return message.lose(Outcome::link_down);
  if (!cuts_.empty() && id.index >= first_wan_ && message.crosses_a_cut()) [[unlikely]]
    return message.lose(Outcome::partitioned);
  if (link.busy_until <= now().value && !(link.queue && !link.queue->empty())) [[likely]] {
    send_on(link, message);
    return true;
  }
  return wait(link, id, message);
}

void Network::mark_sent(Link& link, Message& message) {
  link.bytes += message.bytes_;
  message.sent_ = true;
  message.left_ = 0;
  if (!loss_.empty() && loss_[message.link_].chance(specs_[link.spec].loss)) message.lose(Outcome::corrupted);
}

// A message that is alone: its end is known.
void Network::send_on(Link& link, Message& message) {
  double seconds = message.bytes_ * link.seconds_per_byte;
  if (link.share != none) [[unlikely]]
    seconds /= part_alone(link, message);
  link.busy_until = now().value + seconds;
  link.serving = &message;
  if (link.share != none && seconds > 0) [[unlikely]]
    shares_[link.share]->serve(message.bytes_ / seconds, link.busy_until);
  const Seconds latency = latency_of(link, message);
  mark_sent(link, message);
  calendar().at(Seconds(link.busy_until) + latency, message);
}

Seconds Network::latency_of(const Link& link, const Message& message) const {
  const Seconds latency(link.latency);
  return topology_ == Topology::mesh && message.route_.stage == Route::Stage::core ? latency + between(message.route_)
                                                                                   : latency;
}

std::array<double, 2> Network::parts(const Link& link, std::array<std::uint32_t, 2> messages) const {
  const double flows = link.share == none ? 0 : static_cast<double>(shares_[link.share]->flows());
  std::array<double, 2> parts = parts_of_classes(specs_[link.spec].assured_share, messages[0], messages[1], flows);
  if (flows == 0) return parts;
  // Messages also get the capacity that flows cannot use because of other links.
  const double all = parts[0] + parts[1], unused = shares_[link.share]->unused() * link.seconds_per_byte;
  if (unused > all)
    for (double& part : parts) part *= unused / all;
  return parts;
}

double Network::part_alone(const Link& link, const Message& message) const {
  const bool assured = message.service_class_ == ServiceClass::assured;
  const std::array<double, 2> both = parts(link, {assured ? 1U : 0U, assured ? 0U : 1U});
  return both[0] + both[1];
}

double Network::unsent(const Link& link) const {
  if (link.bearer != none) return 0;
  if (link.queue && !link.queue->empty()) return link.queue->unsent();
  const double left = link.busy_until - now().value;
  return left <= 0 ? 0 : left * (link.share == none ? 1 / link.seconds_per_byte : shares_[link.share]->serving());
}

double Network::unsent(const Message& message) const {
  const Link& link = links_[message.link_];
  if (link.bearer != none) return 0;
  if (link.queue && !link.queue->empty()) return link.queue->unsent(message);
  return link.serving == &message ? unsent(link) : 0;
}

void Network::uncount(Message& message, double bytes) {
  links_[message.link_].bytes -= bytes;
  if (!message.onward_) message.left_ = bytes;
}

void Network::stop_sending(const Message& message) {
  Link& link = links_[message.link_];
  if (link.serving != &message || link.bearer != none || link.busy_until <= now().value) return;
  cut_service(link);
}

void Network::cut_service(Link& link) {
  if (const double rest = unsent(link); rest > 0) uncount(*link.serving, rest);
  link.busy_until = std::min(link.busy_until, now().value);
  if (link.share != none) shares_[link.share]->serve(0, 0);
}

bool Network::wait(Link& link, LinkId id, Message& message) {
  if (link.bearer != none) return transmit(id, message);
  const double waiting = link.queue ? link.queue->waiting(message.service_class_) : 0;
  if (waiting >= specs_[link.spec].buffer.value) return drop(message);
  queue_of(id).push(message);
  return true;
}

Network::Queue& Network::queue_of(LinkId id) {
  Link& link = links_[id.index];
  if (!link.queue) link.queue = std::make_unique<Queue>(*this, id.index);
  if (link.queue->empty()) {
    Message& alone = *std::exchange(link.serving, nullptr);
    link.queue->adopt(alone, unsent(link));
    calendar().withdraw(alone);
  }
  return *link.queue;
}

void Network::reschedule_service(LinkId id) {
  const Link& link = links_[id.index];
  if (link.busy_until <= now().value) return;
  if (link.queue && !link.queue->empty())
    link.queue->share_anew();
  else
    queue_of(id);
}

bool Network::drop(Message& message) {
  ++totals_.dropped;
  ++dropped_[message.link_];
  return message.lose(Outcome::buffer_full);
}

std::pair<LinkId, std::uint64_t> Network::most_dropped() const {
  const auto most = std::ranges::max_element(dropped_, {}, [](const auto& one) { return one.second; });
  return most == dropped_.end() ? std::pair(LinkId{}, std::uint64_t{0}) : std::pair(LinkId{most->first}, most->second);
}

Platform::Pipe Network::pipe(LinkId id) {
  Link& link = links_[id.index];
  if (link.bearer != none) return air_pipe(id);
  share_of_link_.resize(link_count(), none);
  std::uint32_t& share = share_of_link_[id.index];
  if (share == none) {
    const Platform::Pipe made = platform_.add_pipe(BytesPerSecond(1 / link.seconds_per_byte));
    share = static_cast<std::uint32_t>(shares_.size());
    shares_.push_back(std::make_unique<Share>(*this, id.index, made));
    share_of_pipe_.resize(made + 1, none);
    share_of_pipe_[made] = share;
  }
  return shares_[share]->pipe;
}

bool Network::start_flow(Message& message) {
  if (end_down(message)) return message.lose(Outcome::link_down);
  if (const Outcome why = stall_reason(message); why != Outcome::done) {
    stall(message, why);
    return true;
  }
  Seconds latency(0);
  std::vector<Platform::Pipe> pipes;
  Route route = message.route_;
  Outcome obstacle = Outcome::done;
  while (const LinkId id = next(route)) {
    latency += Seconds(links_[id.index].latency);
    if (route.stage == Route::Stage::core && topology_ == Topology::mesh) latency += between(route);
    pipes.push_back(pipe(id));
    if (links_[id.index].bearer == none) continue;
    if (const Outcome outcome = begin_air_flow(message, id); outcome != Outcome::done) obstacle = outcome;
  }
  if (route.stage != Route::Stage::end) obstacle = no_path_outcome();
  if (obstacle != Outcome::done) {
    end_air_flow(message, Bytes(0));
    message.outcome = obstacle;
    return false;
  }
  message.sent_ = true;
  message.flow_ = platform_.start(pipes, latency, Bytes(message.left_), message);
  flowing_.push_back(&message);
  for (const Platform::Pipe one : pipes) flow_begins(one);
  return true;
}

bool Network::end_down(const Message& message) const {
  const std::uint32_t from = message.route_.from, to = message.route_.to;
  return (from == none ? gateway_down(message.from_) : !up(up_link({from}))) ||
         (to == none ? gateway_down(message.to_) : !up(down_link({to})));
}

Outcome Network::stall_reason(const Message& message) const {
  if (message.crosses_a_cut()) return Outcome::partitioned;
  Route route = message.route_;
  while (const LinkId id = next(route))
    if (id.index >= first_wan_ && links_[id.index].down > 0 && links_[id.index].bearer == none)
      return Outcome::link_down;
  return Outcome::done;
}

void Network::end_flow(Message& message) {
  const Bytes moved = platform_.moved(message.flow_);
  message.left_ -= moved.value;
  totals_.flow_bytes += moved;
  Route route = message.route_;  // a copy, since the route of a flow does not move on
  while (const LinkId id = next(route)) links_[id.index].bytes += moved.value;
  end_air_flow(message, moved);
  for (const Platform::Pipe one : platform_.route(message.flow_)) flow_ends(one);
  platform_.release(std::exchange(message.flow_, nullptr));
  std::erase(flowing_, &message);
}

// The share of messages changes with the number of flows.
void Network::flow_begins(Platform::Pipe pipe) {
  if (pipe >= share_of_pipe_.size() || share_of_pipe_[pipe] == none) return;  // over the air
  const std::uint32_t number = share_of_pipe_[pipe];
  const LinkId link{shares_[number]->link_number()};
  links_[link.index].share = number;
  shares_[number]->flow_begins();
  reschedule_service(link);
}

void Network::flow_ends(Platform::Pipe pipe) {
  if (pipe >= share_of_pipe_.size() || share_of_pipe_[pipe] == none) return;
  Share& share = *shares_[share_of_pipe_[pipe]];
  const LinkId link{share.link_number()};
  share.flow_ends();
  reschedule_service(link);
  if (share.flows() == 0) links_[link.index].share = none;
}

void Network::stall(Message& message, Outcome why) {
  message.outcome = why;
  message.stalled_ = true;
  stalled_.push_back(&message);
  if (message.stall_timeout_ < forever) calendar().at(now() + message.stall_timeout_, message);
}

/// Stalls the flows whose path has been interrupted.
void Network::stall_flows() {
  const std::vector<Message*> all = flowing_;
  for (Message* message : all) {
    const Outcome why = stall_reason(*message);
    if (why == Outcome::done || message->scheduled()) continue;  // the flow has just ended
    end_flow(*message);
    stall(*message, why);
  }
}

void Network::resume_flows() {
  const std::vector<Message*> all = stalled_;
  for (Message* message : all) {
    if (stall_reason(*message) != Outcome::done) continue;
    message->end_stall();
    message->outcome = Outcome::done;
    if (!start_flow(*message)) calendar().at(now(), *message);
  }
}

void Network::fail(LinkId id) {
  Link& link = links_[id.index];
  if (link.down++ > 0) return;
  lose_on(id);
  if (link.bearer != none) {
    const std::uint8_t way = id == bearers_[link.bearer].links[0] ? 0 : 1;
    drop_from(link.bearer, way, Outcome::link_down);
    withdraw_flows(link.bearer, way);
    lose_flows(link.bearer, way, Outcome::link_down);
  }
  if (link.queue) link.queue->drop_all();
  if (id.index >= first_wan_)
    stall_flows();
  else
    lose_flows(Outcome::link_down, [&](const Message& one) {
      return up_link({one.route_.from}) == id || down_link({one.route_.to}) == id;
    });
}

void Network::lose_flows(Outcome how, const std::function<bool(const Message&)>& condition) {
  std::vector<Message*> all = flowing_;
  all.insert(all.end(), stalled_.begin(), stalled_.end());
  for (Message* message : all) {
    if (!condition(*message) || (message->flow_ && message->scheduled())) continue;  // the flow has just ended
    if (message->flow_) end_flow(*message);
    if (message->stalled_) message->end_stall();
    message->outcome = how;
    calendar().at(now(), *message);
  }
}

void Network::fail(ClusterId gateway) {
  gateways_down_.resize(federation_.cluster_count());
  if (gateways_down_[gateway.index]++ > 0) return;
  lose_flows(Outcome::link_down, [&](const Message& one) {
    return (one.route_.from == none && one.from_ == gateway) || (one.route_.to == none && one.to_ == gateway);
  });
}

void Network::repair(ClusterId gateway) {
  ensure(gateways_down_[gateway.index] > 0, "a gateway that is up was brought up");
  --gateways_down_[gateway.index];
}

void Network::lose_on(LinkId id) {
  Link& link = links_[id.index];
  if (link.bearer == none && !(link.queue && !link.queue->empty())) cut_service(link);
  // A link that was not used recently carries no message, and the search is expensive.
  const bool by_distance = topology_ == Topology::mesh && id.index >= first_wan_;
  if (!by_distance && link.busy_until + link.latency < now().value) return;
  for (Message* message : Message::in_transit()) {
    if (message->link_ != id.index || !message->sent_ || message->outcome != Outcome::done) continue;
    message->lose(Outcome::link_down);
    calendar().withdraw(*message);
    calendar().at(now(), *message);
  }
}

void Network::repair(LinkId id) {
  Link& link = links_[id.index];
  ensure(link.down > 0, "a link that is up was brought up");
  if (--link.down > 0) return;
  if (link.bearer != none) resume_flows(id);
  if (!stalled_.empty()) resume_flows();
}

std::uint32_t Network::cut(const Sides& sides) {
  Cut cut{++cut_number_, std::vector<std::uint8_t>(federation_.cluster_count())};
  for (const ClusterId one : sides.second) cut.sides[one.index] = 2;
  for (const ClusterId one : sides.first) cut.sides[one.index] = 1;
  cuts_.push_back(std::move(cut));
  stall_flows();
  return cut_number_;
}

void Network::heal(std::uint32_t number) {
  std::erase_if(cuts_, [&](const Cut& cut) { return cut.number == number; });
  if (!stalled_.empty()) resume_flows();
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
  for (const ClusterId c : federation_.begins_like(pattern)) {
    const bool whole = topology_ != Topology::explicit_ && matches_path(pattern, federation_.name(c));
    for (const LinkId link : topology_ == Topology::explicit_ ? links_out(c) : std::vector{uplink(c), downlink(c)})
      if (whole || matches_path(pattern, name(link))) all.push_back(link);
  }
  std::ranges::sort(all);
  return all;
}

Joules Network::energy() const {
  Joules sum;
  for (std::uint32_t l = 0; l < link_count(); ++l) sum += carried({l}) * spec({l}).energy;
  return sum;
}

Bytes Network::carried(LinkId id) const {
  const Link& link = links_[id.index];
  double bytes = link.bytes - unsent(link);
  if (link.share != none) bytes += platform_.moved(shares_[link.share]->pipe).value;
  if (link.bearer != none)
    if (const Platform::Pipe pipe = bearers_[link.bearer].pipes[bearers_[link.bearer].links[1] == id]; pipe != none)
      bytes += platform_.moved(pipe).value;
  return Bytes(std::max(0.0, bytes));  // after a reset, rounding may leave a value below zero
}

Network::Totals Network::totals() const {
  Totals all = totals_;
  for (const Message* message : flowing_) all.flow_bytes += platform_.moved(message->flow_);
  all.flow_bytes = std::max(all.flow_bytes, Bytes(0));  // here too
  return all;
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
  dropped_.clear();
  measured_since_ = now();
  // Bytes of transfers under way count from now on.
  for (Link& link : links_) link.bytes = unsent(link);
  for (const Message* message : flowing_) {
    const Bytes moved = platform_.moved(message->flow_);
    totals_.flow_bytes -= moved;
    Route route = message->route_;
    while (const LinkId id = next(route)) links_[id.index].bytes -= moved.value;
  }
  for (const auto& air : airs_) air->reset();
  for (AirFlow& one : air_flows_) {
    tally(one);
    one.airtime.clear();
  }
}

Message::Message(Network& network, ServiceClass service_class, Transport transport)
    : Waiter(&Message::arrive),
      network_(network),
      service_class_(service_class),
      transport_(transport),
      stall_timeout_(network.stall_timeout) {}

Message::Transfer Message::carry(Address from, Address to, Bytes size) {
  if (flow_) network_.end_flow(*this);
  route_ = {from.endpoint.index, to.endpoint.index, from.cluster.index, to.cluster.index, Network::Route::Stage::begin};
  bytes_ = left_ = size.value;
  from_ = from.cluster;
  to_ = to.cluster;
  sent_ = onward_ = false;
  outcome = Outcome::done;
  return {*this};
}

bool Message::crosses_a_cut() const { return !network_.cuts_.empty() && network_.severed(from_, to_); }

Bytes Message::moved() const {
  const Bytes settled(bytes_ - left_);
  if (transport_ == Transport::flow) return settled + (flow_ ? network_.platform_.moved(flow_) : Bytes(0));
  return onward_ || !sent_ ? settled : settled - Bytes(network_.unsent(*this));
}

void Message::end_stall() {
  stalled_ = false;
  std::erase(network_.stalled_, this);
  if (scheduled()) calendar().withdraw(*this);
}

std::vector<Message*> Message::in_transit() {
  std::vector<Message*> all;
  for (Activation* one : calendar().waiting(&Message::arrive)) {
    auto* const message = static_cast<Message*>(one);
    if (message->transport_ == Transport::queued && !message->queued_) all.push_back(message);
  }
  return all;
}

bool Message::lose(Outcome how) {
  outcome = how;
  route_.stage = Network::Route::Stage::end;
  return false;
}

Message::Transfer Message::carry(Address from, Address to, Bytes size, PathId by) {
  const Transfer transfer = carry(from, to, size);
  if (by) {
    route_.at = by.index;
    route_.target = 0;
    route_.stage = Network::Route::Stage::pinned;
  }
  return transfer;
}

Message::~Message() {
  if (queued_) {
    const Network::Link& link = network_.links_[link_];
    link.bearer == Network::none ? link.queue->remove(*this) : network_.leave_medium(*this);
  }
  if (flow_) network_.end_flow(*this);
  if (stalled_) end_stall();
  if (scheduled() && sent_ && transport_ == Transport::queued) network_.stop_sending(*this);
}

bool Message::depart(std::coroutine_handle<> caller) {
  caller_ = caller;
  if (outcome != Outcome::done) [[unlikely]]
    return false;
  if (route_.from == Network::none && network_.gateway_down(from_)) [[unlikely]]
    return lose(Outcome::link_down);
  if (transport_ == Transport::queued) return network_.forward(*this);
  return network_.start_flow(*this);
}

void Message::arrive(Activation& self) {
  auto& message = static_cast<Message&>(self);
  if (message.stalled_) [[unlikely]]
    message.end_stall();  // its stall_timeout is over
  else if (message.transport_ == Transport::queued) {
    message.onward_ = true;
    if (message.network_.forward(message)) return;
  }
  message.caller_.resume();
}

Outcome Message::arrived() {
  Network::Totals& totals = network_.totals_;
  if (flow_) network_.end_flow(*this);
  if (transport_ == Transport::queued) {
    ++totals.messages;
    totals.message_bytes += Bytes(bytes_);
  }
  totals.lost += outcome != Outcome::done;
  return outcome;
}

}  // namespace codecosim
