#include "models/network/air.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace codecosim {

Air::Air(Network& network, double assured_share, Bytes buffer)
    : Activation([](Activation& self) { static_cast<Air&>(self).done(); }),
      network_(network),
      share_(assured_share),
      buffer_(buffer.value) {}

std::array<double, 2> parts_of_classes(double assured_share, double assured, double effort, double flows) {
  constexpr double least = 1e-9;  // of a class that is promised none
  const double share = std::clamp(assured_share, least, 1 - least), others = effort + flows;
  if (others == 0) return {assured > 0 ? 1.0 : 0.0, 0};
  double promised = 0;
  if (assured > 0) promised = flows > 0 ? std::max(share, assured / (assured + others)) : share;
  return {promised, (1 - promised) * (effort / others)};
}

std::array<double, 2> Air::parts() const {
  return parts_of_classes(share_, static_cast<double>(lines_[0].entries.size()),
                          static_cast<double>(lines_[1].entries.size()), flows_);
}

// Airtime that each message of a line gets per second.
double Air::rate(std::size_t line) const { return parts()[line] / static_cast<double>(lines_[line].entries.size()); }

void Air::settle() {
  const double gone = (now() - since_).value;
  if (gone > 0)
    for (std::size_t k = 0; k < lines_.size(); ++k)
      if (!lines_[k].entries.empty()) lines_[k].progress += gone * rate(k);
  if (gone > 0 && flows_ > 0) flow_progress_ += gone * for_flows() / flows_;
  since_ = now();
}

void Air::plan() {
  if (scheduled()) calendar().withdraw(*this);
  double soonest = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    if (lines_[k].entries.empty()) continue;
    const double after = std::max(0.0, lines_[k].entries.back().end - lines_[k].progress) / rate(k);
    if (after < soonest) {
      soonest = after;
      due_ = k;
    }
  }
  if (soonest < std::numeric_limits<double>::infinity()) calendar().at(now() + Seconds(soonest), *this);
}

void Air::insert(Line& line, const Entry& entry) {
  // Of those that end together, who came first goes first.
  const auto later = [](const Entry& a, const Entry& b) {
    return a.end > b.end || (a.end == b.end && a.order > b.order);
  };
  line.entries.insert(std::lower_bound(line.entries.begin(), line.entries.end(), entry, later), entry);
}

bool Air::enter(Message& message, Seconds airtime) {
  Line& line = lines_[static_cast<std::size_t>(message.service_class_)];
  if (line.bytes >= buffer_) return false;
  settle();
  line.bytes += message.bytes_;
  message.queued_ = true;
  if (line.entries.empty()) line.progress = 0;
  insert(line, {line.progress + airtime.value, airtime.value, order_++, &message});
  share_among_flows();
  plan();
  return true;
}

void Air::remove(Message& message) {
  settle();
  Line& line = lines_[static_cast<std::size_t>(message.service_class_)];
  const auto found = std::ranges::find(line.entries, &message, &Entry::message);
  used_ += Seconds(found->airtime - std::max(0.0, found->end - line.progress));
  line.entries.erase(found);
  line.bytes = line.entries.empty() ? 0 : line.bytes - message.bytes_;
  message.queued_ = false;
  share_among_flows();
  plan();
}

void Air::done() {
  settle();
  Line& line = lines_[due_];
  line.progress = std::max(line.progress, line.entries.back().end);
  while (!line.entries.empty() && line.entries.back().end <= line.progress) {
    const Entry entry = line.entries.back();
    line.entries.pop_back();
    line.bytes = line.entries.empty() ? 0 : line.bytes - entry.message->bytes_;
    entry.message->queued_ = false;
    used_ += Seconds(entry.airtime);
    network_.transmitted(*entry.message);
  }
  share_among_flows();
  plan();
}

// Who looks must not change how anything is rounded: nothing is settled.
Seconds Air::used() const {
  Seconds all = used_;
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    if (lines_[k].entries.empty()) continue;
    const double progress = lines_[k].progress + (now() - since_).value * rate(k);
    for (const Entry& one : lines_[k].entries) all += Seconds(one.airtime - std::max(0.0, one.end - progress));
  }
  return all;
}

void Air::stretch(std::uint32_t link, double factor) {
  settle();
  for (Line& line : lines_) {
    std::vector<Entry> moved;
    std::erase_if(line.entries, [&](const Entry& one) {
      if (one.message->link_ != link) return false;
      moved.push_back(one);
      return true;
    });
    for (Entry& one : moved) {
      const double left = one.end - line.progress;
      one.airtime += left * (factor - 1);
      one.end = line.progress + left * factor;
      insert(line, one);
    }
  }
  plan();
}

std::vector<Message*> Air::take(std::uint32_t link) {
  std::vector<Entry> taken;
  for (Line& line : lines_)
    for (const Entry& one : line.entries)
      if (one.message->link_ == link) taken.push_back(one);
  std::sort(taken.begin(), taken.end(), [](const Entry& a, const Entry& b) { return a.order < b.order; });
  std::vector<Message*> messages;
  for (const Entry& one : taken) {
    remove(*one.message);
    messages.push_back(one.message);
  }
  return messages;
}

void Air::flow_comes(std::uint32_t bearer, std::uint8_t way) {
  settle();
  const auto known = std::find_if(crossings_.begin(), crossings_.end(),
                                  [&](const Crossing& one) { return one.bearer == bearer && one.way == way; });
  if (known != crossings_.end())
    ++known->flows;
  else
    crossings_.push_back({bearer, way, 1});
  ++flows_;
  share_among_flows();
  plan();
}

void Air::flow_goes(std::uint32_t bearer, std::uint8_t way) {
  settle();
  const auto known = std::find_if(crossings_.begin(), crossings_.end(),
                                  [&](const Crossing& one) { return one.bearer == bearer && one.way == way; });
  ensure(known != crossings_.end(), "a flow left a cell in which it was not");
  if (--known->flows == 0) crossings_.erase(known);
  --flows_;
  share_among_flows();
  plan();
}

void Air::share_among_flows() {
  for (const Crossing& one : crossings_) {
    const Network::Bearer& bearer = network_.bearers_[one.bearer];
    const double part = for_flows() * one.flows / flows_;
    network_.platform_.set_capacity(bearer.pipes[one.way], BytesPerSecond(part / bearer.seconds_per_byte[one.way]));
  }
}

double Air::flow_progress() {
  settle();
  return flow_progress_;
}

void Air::reset() {
  settle();
  used_ = Seconds(0);
  for (Line& line : lines_)
    for (Entry& one : line.entries) one.airtime = std::max(0.0, one.end - line.progress);
}

// The network's side of it.

namespace {
constexpr double always = std::numeric_limits<double>::infinity();
// SimGrid bounds a flow for life by what its links are declared with; what it may have is set as it goes.
constexpr BytesPerSecond most{1e12};
}  // namespace

std::uint16_t Network::add_spec(const LinkSpec& spec) {
  ensure(specs_.size() < 65535, "more than 65 535 kinds of link");
  specs_.push_back(spec);
  if (spec.loss > 0)
    for (std::uint32_t l = static_cast<std::uint32_t>(loss_.size()); l < link_count(); ++l)
      loss_.push_back(loss_root_.stream(l));
  return static_cast<std::uint16_t>(specs_.size() - 1);
}

CellId Network::add_cell(ClusterId gateway, const LinkSpec& spec, bool shared) {
  Cell cell{gateway, add_spec(spec), {}};
  for (std::size_t way = 0; way < 2; ++way) {
    if (way == 0 || !shared) airs_.push_back(std::make_unique<Air>(*this, spec.assured_share, spec.buffer));
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
    for (std::uint32_t c = 0; c < federation_.cluster_count(); ++c) carriers_.push_back({c});
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

// A cluster on wheels hangs on the gateway of another one.
LinkId Network::over_the_air(Route& route) const {
  const ClusterId here = carrier({route.at}), there = carrier({route.target});
  if (here.index != route.at) {
    const LinkId up = uplink({route.at});
    if (here)
      route.at = here.index;
    else
      route.stage = Route::Stage::end;  // it gets no farther
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
    for (std::size_t way = 0; way < 2; ++way) {
      if (needs[way] == bearer.seconds_per_byte[way]) continue;
      tally(id.index, way);
      const double factor = needs[way] / std::exchange(bearer.seconds_per_byte[way], needs[way]);
      air(bearer, way).stretch(bearer.links[way].index, factor);
      if (bearer.flows[way] > 0) air(bearer, way).share_among_flows();
    }
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
  if (before != gateway) lose_flows(id.index, Outcome::handed_over);
  move_flows(id.index);
  bearer.kept_bytes = 0;
  for (Message* message : std::exchange(bearer.kept, {})) {
    message->queued_ = false;
    follow(*message, before ? before : gateway);
  }
}

void Network::suspend(BearerId id, bool keep) {
  Bearer& bearer = bearers_[id.index];
  if (!keep) drop_from(id.index, Outcome::handed_over);
  if (bearer.state == Bearer::State::attached) {
    for (std::size_t way = 0; way < 2; ++way)
      for (Message* message : air(bearer, way).take(bearer.links[way].index)) {
        message->queued_ = true;
        bearer.kept.push_back(message);
        bearer.kept_bytes += message->bytes_;
      }
    withdraw_flows(id.index);
  }
  bearer.state = keep ? Bearer::State::keeping : Bearer::State::detached;
  bearer.lost = Outcome::handed_over;
}

void Network::detach(BearerId id) {
  Bearer& bearer = bearers_[id.index];
  drop_from(id.index, Outcome::uncovered);
  suspend(id, false);
  bearer.lost = Outcome::uncovered;
  lose_flows(id.index, Outcome::uncovered);
  if (bearer.cluster) carriers_[bearer.cluster.index] = {};
}

void Network::withdraw_flows(std::uint32_t id) {
  const Bearer& bearer = bearers_[id];
  if (bearer.state != Bearer::State::attached) return;
  for (std::uint8_t way = 0; way < 2; ++way) {
    tally(id, way);
    for (std::uint32_t n = 0; n < bearer.flows[way]; ++n) air(bearer, way).flow_goes(id, way);
    if (bearer.flows[way] > 0) platform_.set_capacity(bearer.pipes[way], BytesPerSecond(0));
  }
}

// Whoever started them starts anew.
void Network::lose_flows(std::uint32_t id, Outcome how) {
  Bearer& bearer = bearers_[id];
  for (std::size_t way = 0; way < 2; ++way) {
    if (bearer.pipes[way] == none) continue;
    std::erase_if(air_flows_, [&](const AirFlow& one) { return one.bearer == id && one.way == way; });
    bearer.flows[way] = 0;
    platform_.set_down(bearer.pipes[way], how);
    if (bearer.state == Bearer::State::attached) platform_.set_up(bearer.pipes[way]);
  }
}

// Flows go on by the new cell.
void Network::move_flows(std::uint32_t id) {
  Bearer& bearer = bearers_[id];
  for (std::size_t way = 0; way < 2; ++way) {
    if (bearer.pipes[way] == none) continue;
    platform_.set_up(bearer.pipes[way]);
    for (std::uint32_t n = 0; n < bearer.flows[way]; ++n)
      air(bearer, way).flow_comes(id, static_cast<std::uint8_t>(way));
    for (AirFlow& one : air_flows_)
      if (one.bearer == id && one.way == way) one.mark = air(bearer, way).flow_progress();
  }
}

// What a flow has sent so far is not known: at its end, what it could have sent is scaled to what it did.
void Network::tally(AirFlow& one) {
  const Bearer& bearer = bearers_[one.bearer];
  if (bearer.state != Bearer::State::attached) return;
  const double progress = air(bearer, one.way).flow_progress(), had = progress - std::exchange(one.mark, progress);
  if (had <= 0) return;
  one.bytes += had / bearer.seconds_per_byte[one.way];
  one.airtime.emplace_back(cells_[bearer.cell.index].airs[one.way], had);
}

void Network::tally(std::uint32_t bearer, std::size_t way) {
  for (AirFlow& one : air_flows_)
    if (one.bearer == bearer && one.way == way) tally(one);
}

void Network::drop_from(std::uint32_t id, Outcome how) {
  Bearer& bearer = bearers_[id];
  std::vector<Message*> lost = std::exchange(bearer.kept, {});
  bearer.kept_bytes = 0;
  for (Message* message : lost) message->queued_ = false;
  if (bearer.state == Bearer::State::attached)
    for (std::size_t way = 0; way < 2; ++way)
      for (Message* message : air(bearer, way).take(bearer.links[way].index)) lost.push_back(message);
  for (Message* message : lost) {
    message->lose(how);
    calendar().at(now(), *message);
  }
}

void Network::leave_air(Message& message) {
  Bearer& bearer = bearers_[links_[message.link_].bearer];
  if (std::erase(bearer.kept, &message) > 0)
    bearer.kept_bytes -= message.bytes_;
  else
    air(bearer, message.link_ == bearer.links[0].index ? 0 : 1).remove(message);
}

// False: it is lost, or has arrived.
bool Network::transmit(LinkId id, Message& message) {
  Bearer& bearer = bearers_[links_[id.index].bearer];
  const std::size_t way = id == bearer.links[0] ? 0 : 1;
  const bool gone = way == 1 && bearer.endpoint && message.route_.at != cluster_of_[bearer.endpoint.index];
  if (bearer.state == Bearer::State::detached) return message.lose(bearer.lost);
  if (gone) {
    if (!specs_[cells_[bearer.cell.index].spec].forwards) return message.lose(Outcome::handed_over);
    message.route_.stage = Route::Stage::gateway;
    message.route_.target = cluster_of_[bearer.endpoint.index];
    return forward(message);
  }
  if (bearer.state == Bearer::State::keeping) {
    if (bearer.kept_bytes >= specs_[links_[id.index].spec].buffer.value) {
      ++totals_.dropped;
      return message.lose(Outcome::buffer_full);
    }
    message.queued_ = true;
    bearer.kept.push_back(&message);
    bearer.kept_bytes += message.bytes_;
    return true;
  }
  if (air(bearer, way).enter(message, Seconds(message.bytes_ * bearer.seconds_per_byte[way]))) return true;
  ++totals_.dropped;
  return message.lose(Outcome::buffer_full);
}

void Network::transmitted(Message& message) {
  Link& link = links_[message.link_];
  link.bytes += message.bytes_;
  message.sent_ = true;
  if (!loss_.empty() && loss_[message.link_].chance(specs_[link.spec].loss)) message.lose(Outcome::corrupted);
  calendar().at(now() + Seconds(link.latency), message);
}

// A message that waited for the next cell: up, it goes on from that cell's gateway; down, it is at the old one's and
// follows.
void Network::follow(Message& message, ClusterId before) {
  const Bearer& bearer = bearers_[links_[message.link_].bearer];
  Route& route = message.route_;
  // Lost where no next link takes it.
  const auto go_on = [&message](bool under_way) {
    if (!under_way) calendar().at(now(), message);
  };
  // The path that it was to take begins at the old gateway.
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

Outcome Network::board(const Message& message, LinkId id) {
  const std::uint32_t number = links_[id.index].bearer;
  Bearer& bearer = bearers_[number];
  const auto way = static_cast<std::uint8_t>(id == bearer.links[0] ? 0 : 1);
  if (bearer.state == Bearer::State::detached) return bearer.lost;
  if (!up(id)) return Outcome::link_down;
  air_flows_.push_back({&message, number, way, 0, 0, {}});
  ++bearer.flows[way];
  if (bearer.state == Bearer::State::attached) {
    air(bearer, way).flow_comes(number, way);
    air_flows_.back().mark = air(bearer, way).flow_progress();
  } else
    platform_.set_capacity(bearer.pipes[way], BytesPerSecond(0));
  return Outcome::done;
}

void Network::alight(const Message& message, Bytes moved) {
  for (std::size_t i = air_flows_.size(); i-- > 0;) {
    if (air_flows_[i].message != &message) continue;
    tally(air_flows_[i]);
    const AirFlow one = std::move(air_flows_[i]);
    air_flows_.erase(air_flows_.begin() + static_cast<std::ptrdiff_t>(i));
    Bearer& bearer = bearers_[one.bearer];
    --bearer.flows[one.way];
    if (one.bytes > 0)
      for (const auto& [air, time] : one.airtime)
        airs_[air]->used(Seconds(time * std::min(1.0, moved.value / one.bytes)));
    if (bearer.state == Bearer::State::attached) air(bearer, one.way).flow_goes(one.bearer, one.way);
  }
}

}  // namespace codecosim
