#include "models/network/air.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/network/contended_air.hpp"
#include "models/network/shared_air.hpp"

namespace codecosim {

std::unique_ptr<Air> Air::make(Network& network, const LinkSpec& spec, std::shared_ptr<const MediumAccess> access,
                               const Rng& rng) {
  if (access && std::holds_alternative<Contention>(*access))
    return std::make_unique<ContendedAir>(network, spec, std::move(access), rng);
  return std::make_unique<SharedAir>(network, spec, std::move(access));
}

std::array<double, 2> parts_of_classes(double assured_share, double assured, double effort, double flows) {
  constexpr double least = 1e-9;  // of a class without a guaranteed share
  const double share = std::clamp(assured_share, least, 1 - least), others = effort + flows;
  if (others == 0) return {assured > 0 ? 1.0 : 0.0, 0};
  double promised = 0;
  if (assured > 0) promised = flows > 0 ? std::max(share, assured / (assured + others)) : share;
  return {promised, (1 - promised) * (effort / others)};
}

void Air::account() {
  const Seconds gone = now() - since_;
  since_ = now();
  if (gone <= Seconds(0)) return;
  progress(gone);
  used_ += gone.value * messages_part_;
  for (Crossing& one : crossings_) {
    one.each.airtime += gone.value * one.per_second.airtime;
    one.each.bytes += gone.value * one.per_second.bytes;
  }
}

void Air::change() {
  plan();
  for (const Crossing& one : crossings_)
    network_.platform_.set_capacity(network_.bearers_[one.bearer].pipes[one.way],
                                    BytesPerSecond(one.per_second.bytes * one.flows));
}

bool Air::enter(Message& message, std::uint32_t bearer, std::uint8_t way) {
  const std::size_t service = class_of(message);
  if (bytes_[service] >= buffer_) return false;
  account();
  bytes_[service] += message.bytes_;
  ++messages_[service];
  ++network_.bearers_[bearer].in_air[way];
  message.queued_ = true;
  message.order_ = order_++;
  message.behind_ = nullptr;
  add(message, bearer, way);
  change();
  return true;
}

void Air::leave(Message& message, std::uint32_t bearer, std::uint8_t way) {
  const std::size_t service = class_of(message);
  // With no messages left the sum is exactly zero, without rounding errors.
  bytes_[service] = --messages_[service] > 0 ? bytes_[service] - message.bytes_ : 0;
  --network_.bearers_[bearer].in_air[way];
  message.queued_ = false;
  message.behind_ = nullptr;
}

void Air::sent(Message& message, std::uint32_t bearer, std::uint8_t way, Seconds end) {
  leave(message, bearer, way);
  network_.transmitted(message, end);
}

void Air::remove(Message& message, std::uint32_t bearer, std::uint8_t way) {
  account();
  take_out(message, bearer, way);
  leave(message, bearer, way);
  change();
}

void Air::rate_changes(std::uint32_t bearer, std::uint8_t way) {
  account();
  measure_anew(bearer, way);
  change();
}

std::vector<Message*> Air::take(std::uint32_t bearer, std::uint8_t way) {
  std::vector<Message*> all;
  find(bearer, way, all);
  std::ranges::sort(all, {}, &Message::order_);
  account();
  for (Message* const one : all) {
    take_out(*one, bearer, way);
    leave(*one, bearer, way);
  }
  change();
  return all;
}

// A query must not change the rounding of any sum, so this does not settle the accounts.
Seconds Air::used() const { return Seconds(used_ + (now() - since_).value * messages_part_); }

void Air::reset() {
  account();
  used_ = 0;
}

Air::Crossing* Air::crossing(std::uint32_t bearer, std::uint8_t way) {
  const auto found =
      std::ranges::find_if(crossings_, [&](const Crossing& one) { return one.bearer == bearer && one.way == way; });
  return found == crossings_.end() ? nullptr : &*found;
}

void Air::flow_begins(std::uint32_t bearer, std::uint8_t way) {
  account();
  if (Crossing* known = crossing(bearer, way))
    ++known->flows;
  else
    crossings_.push_back({bearer, way, 1, {}, {}});
  change();
}

void Air::flow_ends(std::uint32_t bearer, std::uint8_t way) {
  account();
  Crossing* known = crossing(bearer, way);
  ensure(known, "a flow left a cell in which it was not");
  if (--known->flows == 0) crossings_.erase(crossings_.begin() + (known - crossings_.data()));
  change();
}

Air::Progress Air::flow_progress(std::uint32_t bearer, std::uint8_t way) {
  account();
  const Crossing* known = crossing(bearer, way);
  return known ? known->each : Progress();
}

// The part of Network that concerns links over the air.

namespace {
constexpr double always = std::numeric_limits<double>::infinity();
// SimGrid bounds a flow for its lifetime by the declared capacity of its links; the real capacity is set later.
constexpr BytesPerSecond most{1e12};
constexpr std::array<std::uint8_t, 2> both_ways{0, 1};
}  // namespace

std::uint16_t Network::add_spec(const LinkSpec& spec) {
  if (spec.loss > 0)
    for (std::uint32_t l = static_cast<std::uint32_t>(loss_.size()); l < link_count(); ++l)
      loss_.push_back(rng_.stream(l));
  return kind_of(spec);
}

CellId Network::add_cell(ClusterId gateway, const LinkSpec& spec, bool shared,
                         const std::shared_ptr<const MediumAccess>& access) {
  ensure(shared || !access || !std::holds_alternative<Contention>(*access), "stations that contend share one airtime");
  Cell cell{gateway, add_spec(spec), {}};
  for (std::size_t way = 0; way < 2; ++way) {
    if (way == 0 || !shared)
      airs_.push_back(Air::make(*this, spec, access, rng_.stream("contention").stream(airs_.size())));
    cell.airs[way] = static_cast<std::uint32_t>(airs_.size() - 1);
  }
  cells_.push_back(cell);
  return {static_cast<std::uint32_t>(cells_.size() - 1)};
}

BearerId Network::add_bearer(LinkId up, LinkId down, EndpointId endpoint, ClusterId cluster) {
  Bearer bearer;
  bearer.links = {up, down};
  bearer.endpoint = endpoint;
  bearer.cluster = cluster;
  bearer.grant.phase = rng_.stream("requests").stream(bearers_.size()).uniform();
  for (const LinkId link : bearer.links) {
    ensure(links_[link.index].bearer == none, "a link was put on the air twice");
    links_[link.index].bearer = static_cast<std::uint32_t>(bearers_.size());
    links_[link.index].busy_until = always;
  }
  bearers_.push_back(std::move(bearer));
  return {static_cast<std::uint32_t>(bearers_.size() - 1)};
}

BearerId Network::add_bearer(EndpointId endpoint) {
  return add_bearer(up_link(endpoint), down_link(endpoint), endpoint, {});
}

BearerId Network::add_bearer(ClusterId cluster) {
  ensure(topology_ != Topology::explicit_, "a cluster on wheels needs a wide area with a core");
  if (carriers_.empty())
    for (const ClusterId c : federation_.clusters()) carriers_.push_back(c);
  carriers_[cluster.index] = {};
  return add_bearer(uplink(cluster), downlink(cluster), {}, cluster);
}

void Network::join(EndpointId a, EndpointId b) {
  if (machines_.empty()) machines_.assign(cluster_of_.size(), none);
  if (machines_[a.index] == none) machines_[a.index] = a.index;
  machines_[b.index] = machines_[a.index];
}

ClusterId Network::carrier(ClusterId cluster) const { return carriers_[cluster.index]; }
bool Network::attached(BearerId bearer) const { return bearers_[bearer.index].state == Bearer::State::attached; }
Seconds Network::airtime(CellId cell, bool up) const { return airs_[cells_[cell.index].airs[up ? 0 : 1]]->used(); }

// A moving cluster uses the gateway of another one.
LinkId Network::over_the_air(Route& route) const {
  const ClusterId here = carrier({route.at}), there = carrier({route.target});
  if (here.index != route.at) {
    const LinkId up = uplink({route.at});
    if (here)
      route.at = here.index;
    else
      route.stage = Route::Stage::end;  // no cell serves the cluster
    return up;
  }
  if (there.index == route.at) {
    route.at = route.target;
    return downlink({route.target});
  }
  if (!there) return {};
  route.stage = Route::Stage::core;
  return {first_wan_ + 2 * route.at};
}

void Network::attach(BearerId id, CellId cell, BytesPerSecond up, BytesPerSecond down) {
  Bearer& bearer = bearers_[id.index];
  const std::array<double, 2> needs{1 / up.value, 1 / down.value};
  if (bearer.state == Bearer::State::attached && bearer.cell == cell) {
    for (const std::uint8_t way : both_ways)
      if (std::exchange(bearer.seconds_per_byte[way], needs[way]) != needs[way])
        air(bearer, way).rate_changes(id.index, way);
    return;
  }
  if (bearer.state == Bearer::State::attached) suspend(id, true);
  const ClusterId gateway = cells_[cell.index].gateway;
  const ClusterId before = bearer.cell ? cells_[bearer.cell.index].gateway : ClusterId{};
  bearer.cell = cell;
  bearer.state = Bearer::State::attached;
  bearer.seconds_per_byte = needs;
  for (const LinkId id_of_link : bearer.links) {
    Link& link = links_[id_of_link.index];
    link.spec = cells_[cell.index].spec;
    link.latency = specs_[link.spec].latency.value;
  }
  if (bearer.endpoint)
    cluster_of_[bearer.endpoint.index] = gateway.index;
  else
    carriers_[bearer.cluster.index] = gateway;
  if (before != gateway) {
    for (const std::uint8_t way : both_ways) lose_flows(id.index, way, Outcome::handed_over);
    if (const std::uint32_t endpoint = bearer.endpoint.index; bearer.endpoint)
      lose_flows(Outcome::handed_over,
                 [&](const Message& one) { return one.route_.from == endpoint || one.route_.to == endpoint; });
  }
  for (const std::uint8_t way : both_ways) move_flows(id.index, way);
  bearer.kept_bytes = 0;
  for (Message* message : std::exchange(bearer.kept, {})) {
    message->queued_ = false;
    follow(*message, before ? before : gateway);
  }
}

void Network::suspend(BearerId id, bool keep) {
  Bearer& bearer = bearers_[id.index];
  for (const std::uint8_t way : both_ways) {
    if (!keep) drop_from(id.index, way, Outcome::handed_over);
    if (bearer.state != Bearer::State::attached) continue;
    for (Message* message : air(bearer, way).take(id.index, way)) {
      message->queued_ = true;
      bearer.kept.push_back(message);
      bearer.kept_bytes += message->bytes_;
    }
    withdraw_flows(id.index, way);
  }
  bearer.state = keep ? Bearer::State::keeping : Bearer::State::detached;
  bearer.grant.from = bearer.grant.under_way_until = Seconds(0);
  bearer.lost = Outcome::handed_over;
}

void Network::detach(BearerId id) {
  Bearer& bearer = bearers_[id.index];
  for (const std::uint8_t way : both_ways) drop_from(id.index, way, Outcome::uncovered);
  suspend(id, false);
  bearer.lost = Outcome::uncovered;
  for (const std::uint8_t way : both_ways) lose_flows(id.index, way, Outcome::uncovered);
  if (bearer.cluster) carriers_[bearer.cluster.index] = {};
}

void Network::withdraw_flows(std::uint32_t id, std::uint8_t way) {
  const Bearer& bearer = bearers_[id];
  if (bearer.state != Bearer::State::attached) return;
  tally(id, way);
  for (std::uint32_t n = 0; n < bearer.flows[way]; ++n) air(bearer, way).flow_ends(id, way);
  if (bearer.flows[way] > 0) platform_.set_capacity(bearer.pipes[way], BytesPerSecond(0));
}

namespace {
/// Counts the airtime that a flow has used, given the bytes that it has moved.
template <class Flow>
void charge(const Flow& one, Bytes moved, const std::vector<std::unique_ptr<Air>>& airs) {
  if (one.bytes <= 0) return;
  for (const auto& [air, time] : one.airtime)
    airs[air]->used_by_flow(Seconds(time * std::min(1.0, moved.value / one.bytes)));
}
}  // namespace

// Ends the flows; their senders may start them again.
void Network::lose_flows(std::uint32_t id, std::uint8_t way, Outcome how) {
  Bearer& bearer = bearers_[id];
  if (bearer.pipes[way] == none) return;
  std::erase_if(air_flows_, [&](const AirFlow& one) {
    const bool its = one.bearer == id && one.way == way;
    if (its && one.message->flow_) charge(one, platform_.moved(one.message->flow_), airs_);
    return its;
  });
  bearer.flows[way] = 0;
  platform_.set_down(bearer.pipes[way], how);
  if (bearer.state == Bearer::State::attached) platform_.set_up(bearer.pipes[way]);
}

void Network::resume_flows(LinkId id) {
  const Bearer& bearer = bearers_[links_[id.index].bearer];
  const std::size_t way = id == bearer.links[0] ? 0 : 1;
  if (bearer.state == Bearer::State::keeping && bearer.pipes[way] != none) platform_.set_up(bearer.pipes[way]);
}

// Flows go on over the new cell.
void Network::move_flows(std::uint32_t id, std::uint8_t way) {
  Bearer& bearer = bearers_[id];
  if (bearer.pipes[way] == none) return;
  platform_.set_up(bearer.pipes[way]);
  for (std::uint32_t n = 0; n < bearer.flows[way]; ++n) air(bearer, way).flow_begins(id, way);
  for (AirFlow& one : air_flows_)
    if (one.bearer == id && one.way == way) one.mark = {};
}

// The bytes that a flow has sent so far are not known here. At its end, the airtime for the bytes that it could have
// sent is scaled to those that it did send.
void Network::tally(AirFlow& one) {
  const Bearer& bearer = bearers_[one.bearer];
  if (bearer.state != Bearer::State::attached) return;
  const Progress progress = air(bearer, one.way).flow_progress(one.bearer, one.way);
  const double airtime = progress.airtime - one.mark.airtime;
  if (airtime <= 0) return;
  one.bytes += progress.bytes - one.mark.bytes;
  one.airtime.emplace_back(cells_[bearer.cell.index].airs[one.way], airtime);
  one.mark = progress;
}

void Network::tally(std::uint32_t bearer, std::size_t way) {
  for (AirFlow& one : air_flows_)
    if (one.bearer == bearer && one.way == way) tally(one);
}

void Network::drop_from(std::uint32_t id, std::uint8_t way, Outcome how) {
  Bearer& bearer = bearers_[id];
  std::vector<Message*> lost;
  std::erase_if(bearer.kept, [&](Message* one) {
    if (one->link_ != bearer.links[way].index) return false;
    one->queued_ = false;
    bearer.kept_bytes -= one->bytes_;
    lost.push_back(one);
    return true;
  });
  if (bearer.kept.empty()) bearer.kept_bytes = 0;  // exactly zero, without rounding errors
  if (bearer.state == Bearer::State::attached)
    for (Message* message : air(bearer, way).take(id, way)) lost.push_back(message);
  for (Message* message : lost) {
    message->lose(how);
    calendar().at(now(), *message);
  }
}

void Network::leave_medium(Message& message) {
  const std::uint32_t id = links_[message.link_].bearer;
  Bearer& bearer = bearers_[id];
  const std::uint8_t way = message.link_ == bearer.links[0].index ? 0 : 1;
  if (std::erase(bearer.kept, &message) > 0)
    bearer.kept_bytes -= message.bytes_;
  else
    air(bearer, way).remove(message, id, way);
}

// Returns false where the message is lost, or has arrived.
bool Network::transmit(LinkId id, Message& message) {
  const std::uint32_t number = links_[id.index].bearer;
  Bearer& bearer = bearers_[number];
  const std::uint8_t way = id == bearer.links[0] ? 0 : 1;
  const bool gone = way == 1 && bearer.endpoint && message.route_.at != cluster_of_[bearer.endpoint.index];
  if (bearer.state == Bearer::State::detached) return message.lose(bearer.lost);
  if (gone) {
    if (!specs_[cells_[bearer.cell.index].spec].forwards) return message.lose(Outcome::handed_over);
    message.route_.stage = Route::Stage::gateway;
    message.route_.target = cluster_of_[bearer.endpoint.index];
    return forward(message);
  }
  if (bearer.state == Bearer::State::keeping) {
    if (bearer.kept_bytes >= specs_[links_[id.index].spec].buffer.value) return drop(message);
    message.queued_ = true;
    bearer.kept.push_back(&message);
    bearer.kept_bytes += message.bytes_;
    return true;
  }
  if (air(bearer, way).enter(message, number, way)) return true;
  return drop(message);
}

void Network::transmitted(Message& message, Seconds end) {
  Link& link = links_[message.link_];
  link.bytes += message.bytes_;
  message.sent_ = true;
  message.left_ = 0;
  if (!loss_.empty() && loss_[message.link_].chance(specs_[link.spec].loss)) message.lose(Outcome::corrupted);
  calendar().at(end + Seconds(link.latency), message);
}

// Sends on a message that waited for the next cell. Up, it goes on from that cell's gateway; down, it is at the old
// gateway and follows to the new one.
void Network::follow(Message& message, ClusterId before) {
  const Bearer& bearer = bearers_[links_[message.link_].bearer];
  Route& route = message.route_;
  // The message is lost where no next link takes it.
  const auto go_on = [&message](bool under_way) {
    if (!under_way) calendar().at(now(), message);
  };
  // A pinned path begins at the old gateway.
  if (route.stage == Route::Stage::pinned) return go_on(message.lose(Outcome::handed_over));
  const bool up = message.link_ == bearer.links[0].index;
  const std::uint32_t gateway = cells_[bearer.cell.index].gateway.index;
  if (up) {
    route.at = gateway;
    route.stage = Route::Stage::gateway;
    return go_on(transmit({message.link_}, message));
  }
  route.stage = Route::Stage::gateway;
  route.at = before.index;
  if (bearer.endpoint) route.target = gateway;
  go_on(forward(message));
}

Platform::Pipe Network::air_pipe(LinkId id) {
  Bearer& bearer = bearers_[links_[id.index].bearer];
  const std::size_t way = id == bearer.links[0] ? 0 : 1;
  if (bearer.pipes[way] == none) {
    bearer.pipes[way] = platform_.add_pipe(most);
    if (bearer.state == Bearer::State::detached) platform_.set_down(bearer.pipes[way], bearer.lost);
  }
  return bearer.pipes[way];
}

Outcome Network::begin_air_flow(const Message& message, LinkId id) {
  const std::uint32_t number = links_[id.index].bearer;
  Bearer& bearer = bearers_[number];
  const auto way = static_cast<std::uint8_t>(id == bearer.links[0] ? 0 : 1);
  if (bearer.state == Bearer::State::detached) return bearer.lost;
  if (!up(id)) return Outcome::link_down;
  air_flows_.push_back({&message, number, way, {}, 0, {}});
  ++bearer.flows[way];
  if (bearer.state == Bearer::State::attached) {
    air(bearer, way).flow_begins(number, way);
    air_flows_.back().mark = air(bearer, way).flow_progress(number, way);
  } else
    platform_.set_capacity(bearer.pipes[way], BytesPerSecond(0));
  return Outcome::done;
}

void Network::end_air_flow(const Message& message, Bytes moved) {
  for (std::size_t i = air_flows_.size(); i-- > 0;) {
    if (air_flows_[i].message != &message) continue;
    tally(air_flows_[i]);
    const AirFlow one = std::move(air_flows_[i]);
    air_flows_.erase(air_flows_.begin() + static_cast<std::ptrdiff_t>(i));
    Bearer& bearer = bearers_[one.bearer];
    --bearer.flows[one.way];
    charge(one, moved, airs_);
    if (bearer.state == Bearer::State::attached) air(bearer, one.way).flow_ends(one.bearer, one.way);
  }
}

}  // namespace codecosim
