#include "models/orchestration/netma/channels.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace codecosim {

namespace {
constexpr double rounding = 1e-12;  // relative, of what a file states in floating point
}

Channels::Channels(World& world, Applications& applications, Wire& wire, NetworkView& of_hub, const ChannelsSpec& spec)
    : world_(world),
      applications_(applications),
      wire_(wire),
      view_(of_hub),
      spec_(spec),
      hub_(of_hub.hub()),
      explicit_(world.federation.spec().topology == Topology::explicit_) {
  spawn(observe());
  spawn(judge());
}

void Channels::require(ApplicationId app, const std::vector<std::pair<std::uint32_t, ClusterId>>& placement) {
  std::set<Key> wanted;
  const std::vector<ChannelSpec>& channels = applications_.spec(app).channels;
  for (std::uint32_t c = 0; c < channels.size(); ++c)
    for (const auto& [caller, from] : placement)
      for (const auto& [callee, to] : placement)
        if (caller == channels[c].from && callee == channels[c].to) wanted.insert({app, c, from, to});
  for (auto it = all_.lower_bound({app, 0, {0}, {0}}); it != all_.end() && it->first.application == app;) {
    Channel& channel = (it++)->second;
    if (!wanted.contains(channel.key)) end(channel);
  }
  for (const Key& key : wanted) {
    const auto [it, fresh] = all_.try_emplace(key, key, now());
    if (!fresh) continue;
    applications_.vlinks.at(key);
    ++totals_.requested;
    ++totals_.channels[static_cast<std::size_t>(ChannelState::requested)];
    Channel& channel = it->second;
    enter(channel, ChannelState::requested);
    channel.life = live(channel);
  }
}

Process Channels::live(Channel& channel) {
  co_await tell(Plane::desired_state, channel.key.from, hub_, spec_.request);
  for (std::uint32_t review = 1;; ++review) {
    channel.reason = admit(channel);
    if (!channel.reason) break;
    ++totals_.rejections[static_cast<std::size_t>(*channel.reason)];
    enter(channel, ChannelState::rejected);
    if (review == spec_.attempts) co_return;
    co_await room_.wait();
  }
  enter(channel, ChannelState::reviewed);
  co_await implement(channel);
}

// Moves a running channel to another path that has been admitted.
Process Channels::reroute(Channel& channel) { co_await implement(channel); }

Task<> Channels::implement(Channel& channel) {
  enter(channel, ChannelState::implementing);
  const auto [from, to] = std::pair(channel.key.from, channel.key.to);
  channel.ends_open = from == to ? 1 : 2;
  if (from == to)
    co_await set_up(channel, to);
  else
    co_await both(set_up(channel, from), set_up(channel, to));
  enter(channel, ChannelState::ack);
  run(channel);
}

Task<> Channels::set_up(Channel& channel, ClusterId end) {
  co_await tell(Plane::desired_state, hub_, end, spec_.overlay);
  co_await delay(spec_.setup);
  if (--channel.ends_open == 0) enter(channel, ChannelState::implemented);
  co_await tell(Plane::desired_state, end, hub_, spec_.answer);
}

// Sends a message again and again until it has arrived.
Task<> Channels::tell(Plane plane, ClusterId from, ClusterId to, Bytes size) {
  for (;;) {
    const Outcome outcome = co_await wire_.send(plane, from, to, size);
    if (outcome == Outcome::done) co_return;
    co_await delay(spec_.retry);
  }
}

void Channels::run(Channel& channel) {
  if (channel.run == 0) totals_.setup_time.add((now() - channel.asked_at).value);
  channel.run = ++runs_;
  account();
  out_ -= channel.out;
  channel.out = channel.late = channel.said_late = false;
  Vlinks::Vlink& vlink = applications_.vlinks.at(channel.key);
  vlink = {};
  vlink.running = true;
  if (channel.claim.pinned) {
    const std::vector<LinkId> back = world_.network.reversed(channel.claim.path);
    vlink.there = world_.network.pin(channel.claim.path);
    if (!back.empty()) vlink.back = world_.network.pin(back);
  }
  enter(channel, ChannelState::running);
}

void Channels::end(Channel& channel) {
  channel.life.kill();
  account();
  out_ -= channel.out;
  enter(channel, channel.run > 0 ? ChannelState::deleted : ChannelState::canceled);
  applications_.vlinks.remove(channel.key);
  spawn(withdraw(channel.key, std::move(channel.claim)));
  all_.erase(Key(channel.key));
}

// The hub releases the reservation when the message arrives.
Process Channels::withdraw(Key key, Claim claim) {
  co_await tell(Plane::desired_state, key.from, hub_, spec_.request);
  release(claim);
  room_.wake_all();
}

// Clusters report to the hub when their calls begin to be late too often, and when they no longer are.
Process Channels::observe() {
  for (;;) {
    co_await delay(spec_.window);
    for (auto& [key, channel] : all_) {
      Vlinks::Vlink& vlink = applications_.vlinks.at(key);
      const bool late = assured(channel) && vlink.late > spec_.late_share * vlink.calls;
      vlink.calls = vlink.late = 0;
      if (!vlink.running || late == channel.said_late) continue;
      channel.said_late = late;
      spawn(report(key, channel.run, late));
    }
  }
}

Process Channels::report(Key key, std::uint64_t run, bool late) {
  co_await tell(Plane::topology, key.from, hub_, spec_.answer);
  const auto found = all_.find(key);
  if (found != all_.end() && found->second.run == run) found->second.late = late;
}

Process Channels::judge() {
  for (std::uint64_t known = 0;;) {
    co_await delay(spec_.check);
    if (!world_.alive(hub_)) continue;
    if (view_.changes() != known) {
      known = view_.changes();
      room_.wake_all();
    }
    std::vector<Key> stranded;
    for (auto& [key, channel] : all_) {
      const bool runs = channel.state == ChannelState::running || channel.state == ChannelState::ooqos;
      const bool broken = channel.late || (runs && moved(channel)) || objection(channel, channel.claim.path);
      if (channel.state == ChannelState::running && broken) {
        leave_qos(channel);
        if (!repath(channel)) stranded.push_back(key);
      } else if (channel.state == ChannelState::ooqos && !broken) {
        run(channel);
      } else if (channel.state == ChannelState::ooqos) {
        repath(channel);
      }
    }
    for (const Key& key : stranded) out_of_qos(key.application, key.channel);
  }
}

void Channels::leave_qos(Channel& channel) {
  account();
  channel.out = true;
  ++out_;
  ++totals_.out_of_qos;
  enter(channel, ChannelState::ooqos);
}

bool Channels::repath(Channel& channel) {
  const Claim old = channel.claim;
  release(old);
  if (admit(channel, &old.path)) {
    reserve(channel.claim = old);
    return false;
  }
  ++totals_.repathed;
  room_.wake_all();
  channel.life = reroute(channel);
  return true;
}

std::optional<Rejection> Channels::admit(Channel& channel, const std::vector<LinkId>* other_than) {
  const Network& network = world_.network;
  const auto [from, to] = std::pair(channel.key.from, channel.key.to);
  const double asked = assured(channel) ? spec(channel).bandwidth.value * 8 : 0;
  const auto bits = static_cast<std::uint64_t>(std::ceil(asked * (1 - rounding)));
  const auto usable = [&](LinkId link) { return !known_down(link); };
  const auto roomy = [&](LinkId link) { return usable(link) && view_.reserved_bits(link) + bits <= capacity(link); };
  std::optional<Rejection> reason;
  for (Network::Path& path : network.paths(from, to, spec_.paths, roomy)) {
    if (other_than && path.links == *other_than) continue;
    reason = objection(channel, path.links);
    if (reason) continue;
    const bool pinned = !usual(channel, path.links);
    reserve(channel.claim = {std::move(path.links), bits, pinned});
    return {};
  }
  if (reason) return reason;
  return network.paths(from, to, 1, usable).empty() ? Rejection::no_path : Rejection::bandwidth;
}

void Channels::reserve(const Claim& claim) {
  for (const LinkId link : claim.path) {
    view_.reserve(link, claim.bits);
    ensure(view_.reserved_bits(link) <= capacity(link), "more is reserved than a link has for it");
  }
}

void Channels::release(const Claim& claim) {
  for (const LinkId link : claim.path) view_.release(link, claim.bits);
}

std::optional<Rejection> Channels::objection(const Channel& channel, const std::vector<LinkId>& path) const {
  const auto [from, to] = std::pair(channel.key.from, channel.key.to);
  // In an explicit topology the paths to and from the hub say nothing about another path.
  const std::optional<LinkView> view = explicit_ ? view_.probed(from, to) : view_.seen(from, to);
  const auto down = [this](LinkId link) { return known_down(link); };
  if (view && !view->up && usual(channel, path)) return Rejection::no_path;
  if (std::any_of(path.begin(), path.end(), down)) return Rejection::no_path;
  if (!assured(channel)) return {};
  Seconds delay = known_latency(channel, path);
  for (const LinkId link : path) delay += spec_.frame / world_.network.spec(link).bandwidth;
  return delay > spec(channel).max_delay * (1 + rounding) ? std::optional(Rejection::delay) : std::nullopt;
}

Seconds Channels::known_latency(const Channel& channel, const std::vector<LinkId>& path) const {
  const auto [from, to] = std::pair(channel.key.from, channel.key.to);
  const std::optional<LinkView> view = view_.probed(from, to);
  if (view && view->latency < forever && usual(channel, path)) return view->latency;
  if (!explicit_) return world_.network.latency(from, to);
  Seconds sum;
  for (const LinkId link : path) {
    const std::optional<LinkView> part = probed(link);
    sum += part && part->latency < forever ? part->latency : world_.network.latency({link});
  }
  return sum;
}

bool Channels::known_down(LinkId link) const {
  const std::optional<LinkView> view = probed(link);
  return view && !view->up;
}

std::optional<LinkView> Channels::probed(LinkId link) const {
  if (!explicit_) return {};
  const auto [from, to] = world_.network.ends(link);
  const std::optional<LinkView> view = view_.probed(from, to);
  return view && world_.network.path(from, to) == std::vector{link} ? view : std::nullopt;
}

bool Channels::usual(const Channel& channel, const std::vector<LinkId>& path) const {
  return path == world_.network.path(channel.key.from, channel.key.to);
}

// When an end moves, all traffic takes another path to it than before, so the reservation must follow.
bool Channels::moved(Channel& channel) {
  Claim& claim = channel.claim;
  const bool reached = world_.network.latency(channel.key.from, channel.key.to) < forever;
  if (claim.pinned || !reached || usual(channel, claim.path)) return false;
  if (claim.bits > 0) return true;
  claim.path = world_.network.path(channel.key.from, channel.key.to);
  return false;
}

std::uint64_t Channels::capacity(LinkId link) const {
  const LinkSpec& spec = world_.network.spec(link);
  return static_cast<std::uint64_t>(spec.assured_share * spec.bandwidth.value * 8 * (1 + rounding));
}

void Channels::enter(Channel& channel, ChannelState state) {
  --totals_.channels[static_cast<std::size_t>(channel.state)];
  ++totals_.channels[static_cast<std::size_t>(state)];
  channel.state = state;
  world_.trace.emit(
      now(), ChannelEntered{channel.key.application, channel.key.channel, channel.key.from, channel.key.to, state});
}

void Channels::account() {
  totals_.out_of_qos_time += (now() - accounted_) * out_;
  accounted_ = now();
}

void Channels::restart() {
  totals_.repathed = totals_.out_of_qos = 0;
  totals_.out_of_qos_time = Seconds(0);
  totals_.setup_time = {};
  totals_.rejections = {};
  accounted_ = now();
}

Channels::Totals Channels::totals() const {
  Totals totals = totals_;
  totals.out_of_qos_time += (now() - accounted_) * out_;
  return totals;
}

Channels::Totals& Channels::Totals::operator+=(const Totals& other) {
  for (std::size_t s = 0; s < channels.size(); ++s) channels[s] += other.channels[s];
  for (std::size_t r = 0; r < rejections.size(); ++r) rejections[r] += other.rejections[r];
  requested += other.requested;
  repathed += other.repathed;
  out_of_qos += other.out_of_qos;
  out_of_qos_time += other.out_of_qos_time;
  setup_time.merge(other.setup_time);
  return *this;
}

std::optional<Channels::Status> Channels::status(const Key& key) const {
  const auto found = all_.find(key);
  if (found == all_.end()) return {};
  return Status{found->second.state, found->second.claim.path, found->second.reason};
}

}  // namespace codecosim
