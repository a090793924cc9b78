#include "models/orchestration/netma/netma.hpp"

#include <algorithm>
#include <cmath>

namespace codecosim {

Netma::Netma(World& world, Wire& wire, const NetmaSpec& spec, std::vector<NetworkView*> hubs, HubOf hub_of,
             const std::vector<Pair>& watched)
    : world_(world),
      wire_(wire),
      spec_(spec),
      hubs_(std::move(hubs)),
      hub_of_(std::move(hub_of)),
      pairs_of_(world.federation.cluster_count()),
      heard_(hubs_.size()) {
  for (const auto& [from, to] : watched) watch(from, to);
  for (const ClusterId c : world.federation.clusters()) {
    if (node_links(c) > 0) spawn(probe_nodes(c));
    spawn(export_topology(c));
  }
  if (world.federation.spec().providers.size() < 2) return;
  for (std::size_t hub = 0; hub < hubs_.size(); ++hub) spawn(expose(hub));
}

void Netma::watch(ClusterId from, ClusterId to) {
  if (from == to) return;
  if (const auto known = found_.find({from, to}); known != found_.end()) {
    ++known->second->wanted;
    return;
  }
  Watched& pair = pairs_.emplace_back(from, to);
  found_[{from, to}] = &pair;
  pairs_of_[from.index].push_back(&pair);
  spawn(probe_rtt(pair));
  spawn(probe_jitter(pair));
  spawn(probe_throughput(pair));
}

void Netma::unwatch(ClusterId from, ClusterId to) {
  const auto known = found_.find({from, to});
  ensure(known != found_.end() && known->second->wanted > 0, "a path was unwatched that was not watched");
  --known->second->wanted;
}

Process Netma::probe_rtt(Watched& pair) {
  Rng rng = stream("netma/rtt", pair);
  co_await delay(spec_.first);
  for (;;) {
    const Seconds next = now() + spread(spec_.rtt_period, rng);
    if (!probes(pair)) {
      co_await until(next);
      continue;
    }
    const std::optional<Seconds> trip = co_await ping(pair);
    const Seconds taken = now();
    co_await until(next_scrape());
    LinkView& view = collect(pair, Probe::rtt, taken, trip.has_value());
    if (trip) view.latency = *trip / 2;
    co_await until(next);
  }
}

Process Netma::probe_jitter(Watched& pair) {
  Rng rng = stream("netma/jitter", pair);
  co_await delay(spec_.first);
  for (;;) {
    const Seconds next = now() + spread(spec_.jitter_period, rng);
    if (!probes(pair)) {
      co_await until(next);
      continue;
    }
    const std::optional<Seconds> jitter = co_await send_train(pair);
    const Seconds taken = now();
    co_await until(next_scrape());
    LinkView& view = collect(pair, Probe::jitter, taken, jitter.has_value());
    if (jitter) view.jitter = *jitter;
    co_await until(next);
  }
}

Process Netma::probe_throughput(Watched& pair) {
  Rng rng = stream("netma/throughput", pair);
  co_await delay(spec_.first + spec_.ramp * rng.uniform());
  for (;;) {
    const Seconds next = now() + spread(spec_.throughput_period, rng);
    if (!probes(pair)) {
      co_await until(next);
      continue;
    }
    const std::optional<BytesPerSecond> rate = co_await blast(pair);
    const Seconds taken = now();
    co_await until(next_scrape());
    LinkView& view = collect(pair, Probe::throughput, taken, rate.has_value());
    if (rate) view.bandwidth = *rate;
    co_await until(next);
  }
}

Task<Outcome> Netma::send(Address from, Address to, Bytes size) {
  Message message(world_.network, ServiceClass::best_effort, Transport::queued);
  const MovedBytes::Counting counting(world_.metrics.control(Plane::topology), message);
  co_return co_await message.carry(from, to, size);
}

Task<std::optional<Seconds>> Netma::ping(Watched& pair) {
  const Server::Turn turn = co_await pair.prober.enter();
  const Address here = Network::gateway(pair.from), there = Network::gateway(pair.to);
  Seconds sum;
  std::uint32_t answers = 0;
  for (std::uint32_t n = 0; n < spec_.pings; ++n) {
    if (n > 0) co_await delay(spec_.ping_interval);
    const Seconds sent = now();
    const Outcome asked = co_await send(here, there, spec_.ping);
    if (asked != Outcome::done) continue;
    const Outcome answered = co_await send(there, here, spec_.ping);
    if (answered != Outcome::done) continue;
    sum += now() - sent;
    ++answers;
  }
  co_return answers > 0 ? std::optional(sum / answers) : std::nullopt;
}

/// Datagrams under way, and the jitter of those that have arrived.
struct Netma::Train {
  std::uint32_t open = 0, arrived = 0;
  Seconds transit, jitter;
  WaitQueue ended;
};

Task<std::optional<Seconds>> Netma::send_train(Watched& pair) {
  const Server::Turn turn = co_await pair.prober.enter();
  Train train;
  train.open = spec_.datagrams;
  for (std::uint32_t n = 0; n < spec_.datagrams; ++n) {
    if (n > 0) co_await delay(spec_.datagram / spec_.datagram_rate);
    spawn(send_datagram(pair, train));
  }
  if (train.open > 0) co_await train.ended.wait();
  co_return train.arrived > 0 ? std::optional(train.jitter) : std::nullopt;
}

Process Netma::send_datagram(const Watched& pair, Train& train) {
  const Seconds sent = now();
  const Outcome outcome = co_await send(Network::gateway(pair.from), Network::gateway(pair.to), spec_.datagram);
  if (outcome == Outcome::done) {
    const Seconds transit = now() - sent;
    const Seconds deviation = std::max(transit - train.transit, train.transit - transit);
    if (train.arrived++ > 0) train.jitter += (deviation - train.jitter) / 16;  // RFC 3550, section 6.4.1
    train.transit = transit;
  }
  if (--train.open == 0) train.ended.wake();
}

// Sends as many bytes as take `blast` at the last measured rate. The receiver's clock starts with the first byte.
Task<std::optional<BytesPerSecond>> Netma::blast(Watched& pair) {
  const Server::Turn turn = co_await pair.prober.enter();
  const BytesPerSecond last =
      pair.collected.bandwidth.value > 0 ? pair.collected.bandwidth : nominal(pair.from, pair.to);
  const Bytes size = last * spec_.blast;
  const Seconds sent = now();
  Message message(world_.network, ServiceClass::best_effort, Transport::flow);
  message.set_stall_timeout(spec_.blast);  // a stalled probe waits no longer than a measurement takes
  const MovedBytes::Counting counting(world_.metrics.control(Plane::topology), message);
  const Outcome outcome = co_await message.carry(Network::gateway(pair.from), Network::gateway(pair.to), size);
  if (outcome != Outcome::done) co_return std::nullopt;
  co_return size / (now() - sent - world_.network.latency(pair.from, pair.to));
}

// A cheap model of the mesh of nodes: each node pings one other a period, in turn, all pings in one message.
Process Netma::probe_nodes(ClusterId cluster) {
  const Federation::Cluster& one = world_.federation.cluster(cluster);
  Rng rng = world_.rng.stream("netma/nodes").stream(cluster.index);
  co_await delay(spec_.first);
  for (std::uint32_t turn = 0;; turn = (turn + 1) % (one.nodes - 1)) {
    const Seconds next = now() + spread(spec_.rtt_period, rng);
    for (std::uint32_t n = 0; n < one.nodes; ++n)
      spawn(ping_node({one.first_node + n}, {one.first_node + (n + turn + 1) % one.nodes}));
    co_await until(next);
  }
}

Process Netma::ping_node(NodeId from, NodeId to) {
  const Address here = world_.network.address(Network::endpoint(from)),
                there = world_.network.address(Network::endpoint(to));
  const Bytes pings = spec_.ping * spec_.pings;
  const Outcome asked = co_await send(here, there, pings);
  if (asked == Outcome::done) co_await send(there, here, pings);
}

// Clusters are not synchronised: each starts at a random date in the first period.
Process Netma::export_topology(ClusterId cluster) {
  Rng rng = world_.rng.stream("netma/export").stream(cluster.index);
  for (Seconds next = spec_.export_period * rng.uniform();; next = std::max(next + spec_.export_period, now())) {
    co_await until(next);
    std::vector<std::pair<Watched*, LinkView>> topology;
    for (Watched* pair : pairs_of_[cluster.index])
      if (pair->wanted > 0 && pair->collected.taken < forever) topology.emplace_back(pair, pair->collected);
    const auto links = static_cast<double>(topology.size() + node_links(cluster));
    if (links == 0) continue;
    const std::size_t hub = hub_of_(cluster);
    const Bytes size = spec_.topology_base + spec_.topology_link * links;
    const Outcome outcome = co_await wire_.send(Plane::topology, cluster, hubs_[hub]->hub(), size);
    if (outcome != Outcome::done) continue;
    for (const auto& [pair, view] : topology) hubs_[hub]->tell(pair->from, pair->to, view);
    ++heard_[hub];
  }
}

Process Netma::expose(std::size_t hub) {
  std::uint64_t shown = 0;
  for (;;) {
    co_await delay(spec_.expose);
    if (shown == heard_[hub]) continue;
    shown = heard_[hub];
    hubs_[hub]->build_cost_map(world_.federation);
  }
}

LinkView& Netma::collect(Watched& pair, Probe kind, Seconds taken, bool up) {
  pair.taken[static_cast<std::size_t>(kind)] = taken;
  pair.collected.taken = *std::min_element(pair.taken.begin(), pair.taken.end());
  pair.collected.up = up;
  return pair.collected;
}

Rng Netma::stream(const char* name, const Watched& pair) const {
  return world_.rng.stream(name).stream(pair.from.index).stream(pair.to.index);
}

Seconds Netma::spread(Seconds period, Rng& rng) const {
  return period * (1 + rng.uniform(-spec_.spread, spec_.spread));
}

Seconds Netma::next_scrape() const { return spec_.scrape * std::ceil(now() / spec_.scrape); }

BytesPerSecond Netma::nominal(ClusterId from, ClusterId to) const {
  const std::vector<LinkId> path = world_.network.path(from, to);
  if (path.empty()) return BytesPerSecond(0);
  const auto narrower = [this](LinkId a, LinkId b) {
    return world_.network.spec(a).bandwidth < world_.network.spec(b).bandwidth;
  };
  return world_.network.spec(*std::min_element(path.begin(), path.end(), narrower)).bandwidth;
}

std::uint32_t Netma::node_links(ClusterId cluster) const {
  const std::uint32_t nodes = world_.federation.cluster(cluster).nodes;
  return spec_.node_mesh ? nodes * (nodes - 1) : 0;
}

}  // namespace codecosim
