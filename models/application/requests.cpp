#include "models/application/requests.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace codecosim {

Requests::Requests(World& world, Applications& applications, std::vector<ClientSpec> specs, Transport transport,
                   Seconds warmup)
    : world_(world),
      applications_(applications),
      specs_(std::move(specs)),
      clients_of_(applications.count()),
      transport_(transport),
      warmup_(warmup) {
  world_.metrics.clients.resize(specs_.size());
  for (std::uint32_t s = 0; s < specs_.size(); ++s) {
    const ClientSpec& spec = specs_[s];
    const std::uint32_t instances = applications.specs()[spec.application].count;
    for (std::uint32_t i = 0; i < spec.count; ++i) {
      const ApplicationId app = applications.instance(spec.application, i % instances);
      clients_.push_back({s, i, app, applications.service(app, spec.entry),
                          static_cast<std::uint32_t>(clients_of_[app.index].size()), spec.at[i]});
      clients_of_[app.index].push_back(spec.at[i]);
    }
  }
}

std::vector<LinkSpec> Requests::access_specs(const std::vector<ClientSpec>& specs) {
  std::vector<LinkSpec> all;
  for (const ClientSpec& spec : specs) all.push_back(spec.access);
  return all;
}

std::vector<Network::Access> Requests::accesses(const std::vector<ClientSpec>& specs) {
  std::vector<Network::Access> all;
  for (std::uint32_t s = 0; s < specs.size(); ++s)
    for (const ClusterId cluster : specs[s].at) all.push_back({cluster, s});
  return all;
}

void Requests::start() {
  for (std::uint32_t c = 0; c < clients_.size(); ++c) spawn(generate({c}));
}

Process Requests::generate(ClientId id) {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  const Rng own = world_.rng.stream("clients/" + spec.name).stream(client.index);
  Workload::State state{own.stream("arrivals"), now(), 0, Seconds(0)};
  const bool moves = !spec.on.empty();
  for (std::uint64_t n = 0; const auto when = spec.workload->next(state, client.index); ++n) {
    co_await until(*when);
    if (moves && world_.movers.leg(spec.on[client.index]).away) continue;
    spawn(serve(id, own.stream(n)));
  }
}

// All that is drawn for a request comes from a stream of its own, so that no policy changes what any request brings.
Process Requests::serve(ClientId id, Rng rng) {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  const Seconds start = now();
  if (start >= warmup_) world_.metrics.change_in_flight(now(), +1);
  if (on_sent) [[unlikely]]
    on_sent(id);

  Place here = place(id);
  PodId pod = applications_.route(client.entry, here.cluster);
  if (!pod) {
    finish(id, {}, start, Outcome::refused);
    co_return;
  }
  applications_.enter_request(pod);
  NodeId node = applications_.address(pod);
  Place there = world_.network.place(Network::endpoint(node));

  const ApplicationSpec& application = applications_.specs()[spec.application];

  Message message(world_.network, spec.service_class, transport_);
  Outcome outcome = co_await message.carry(here, there, spec.request.sample(rng));
  if (outcome == Outcome::done && applications_.node(pod) != node) outcome = Outcome::lost;
  if (outcome == Outcome::done && applications_.any_moving()) [[unlikely]] {
    outcome = co_await follow(pod, message);
    node = applications_.node(pod);
  }
  if (outcome == Outcome::done)
    outcome = co_await world_.compute.run(pod, application.components[spec.entry].work.sample(rng));
  if (outcome == Outcome::done && !application.channels.empty())
    outcome = co_await calls(client.application, spec.entry, pod, rng);
  if (outcome == Outcome::done && applications_.node(pod) != node) outcome = Outcome::lost;
  if (outcome == Outcome::done && world_.network.any_on_the_air()) [[unlikely]]  // both may be elsewhere by now
  {
    here = place(id);
    there = world_.network.place(Network::endpoint(node));
  }
  if (outcome == Outcome::done) outcome = co_await message.carry(there, here, spec.reply.sample(rng));
  applications_.leave_request(pod);
  finish(id, node, start, outcome);
}

Task<Outcome> Requests::follow(PodId& pod, Message& message) {
  const auto place_of = [this](PodId at) { return world_.network.place(Network::endpoint(applications_.node(at))); };
  for (;;) {
    if (!applications_.node(pod)) co_return Outcome::lost;
    const Place from = place_of(pod);
    const PodId next = co_await applications_.serving(pod);
    if (next == pod) co_return applications_.node(pod) ? Outcome::done : Outcome::lost;
    if (!applications_.node(next)) co_return Outcome::lost;
    const Outcome outcome = co_await message.carry(from, place_of(next), message.size());
    if (outcome != Outcome::done) co_return outcome;
    applications_.leave_request(pod);
    applications_.enter_request(next);
    pod = next;
  }
}

Task<Outcome> Requests::calls(ApplicationId app, std::uint32_t component, PodId caller, Rng& rng) {
  const std::vector<ChannelSpec>& channels = applications_.spec(app).channels;
  const NodeId node = applications_.node(caller);
  if (!node) co_return Outcome::lost;
  // Where a node is reached changes while it moves.
  const auto place_of = [this](NodeId at) { return world_.network.place(Network::endpoint(at)); };
  for (const ChannelSpec& channel : channels) {
    if (channel.from != component) continue;
    const Place here = place_of(node);
    PodId pod = applications_.route(applications_.service(app, channel.to), here.cluster);
    if (!pod) co_return Outcome::refused;
    applications_.enter_request(pod);
    NodeId callee = applications_.address(pod);
    const Place there = place_of(callee);

    const Seconds sent = now();
    const Vlinks::Key vlink{app, static_cast<std::uint32_t>(&channel - channels.data()), here.cluster, there.cluster};
    const Vlinks::Way way = applications_.vlinks.way(vlink, channel.service_class);
    Message message(world_.network, way.service_class, transport_);
    Outcome outcome = co_await message.carry(here, there, channel.request.sample(rng), way.there);
    const bool late = outcome != Outcome::done || now() - sent > channel.max_delay;
    applications_.vlinks.called(vlink, late);
    if (outcome == Outcome::done && sent >= warmup_) {
      world_.metrics.channel_delay.add((now() - sent).value);
      world_.metrics.channel_late += late;
    }
    if (outcome == Outcome::done && applications_.node(pod) != callee) outcome = Outcome::lost;
    if (outcome == Outcome::done && applications_.any_moving()) [[unlikely]] {
      outcome = co_await follow(pod, message);
      callee = applications_.node(pod);
    }
    if (outcome == Outcome::done)
      outcome = co_await world_.compute.run(pod, applications_.component(pod).work.sample(rng));
    if (outcome == Outcome::done) outcome = co_await calls(app, channel.to, pod, rng);
    if (outcome == Outcome::done && applications_.node(pod) != callee) outcome = Outcome::lost;
    if (outcome == Outcome::done)
      outcome = co_await message.carry(place_of(callee), place_of(node), channel.reply.sample(rng), way.back);
    applications_.leave_request(pod);
    if (outcome != Outcome::done) co_return outcome;
  }
  co_return Outcome::done;
}

void Requests::finish(ClientId id, NodeId node, Seconds start, Outcome outcome) {
  const Client& client = clients_[id.index];
  const Seconds latency = now() - start;
  const bool in_time = outcome == Outcome::done && latency <= specs_[client.spec].deadline;
  if (!tallies_.empty()) [[unlikely]] {
    Tally& tally = tallies_[client.application.index];
    ++tally.ended;
    tally.missed += !in_time;
    if (outcome == Outcome::done) {
      ++tally.answered;
      tally.latency += latency;
    }
  }
  if (in_time && on_answer) [[unlikely]]
    on_answer(id, start);
  world_.trace.emit(now(), RequestDone{id, client.application, node, start, latency, outcome, in_time});
  if (start < warmup_) return;

  world_.metrics.change_in_flight(now(), -1);
  Metrics::Requests& counts = world_.metrics.clients[client.spec];
  ++counts.submitted;
  if (outcome == Outcome::done) {
    ++counts.completed;
    counts.latency.add(latency.value);
    counts.deadline_misses += !in_time;
  } else {
    ++(outcome == Outcome::refused ? counts.refused : counts.lost);
  }
}

Place Requests::place(ClientId id) const {
  const Client& client = clients_[id.index];
  const EndpointId endpoint = world_.network.endpoint(id);
  return specs_[client.spec].on.empty() ? Place{endpoint, client.home} : world_.network.place(endpoint);
}

ClusterId Requests::cluster(ClientId id) const {
  const Client& client = clients_[id.index];
  return clients_of_[client.application.index][client.place];
}

const Requests::Tally& Requests::tally(ApplicationId app) {
  if (tallies_.empty()) tallies_.resize(applications_.count());
  return tallies_[app.index];
}

void Requests::reached_by(ClientId id, ClusterId cluster) {
  const Client& client = clients_[id.index];
  clients_of_[client.application.index][client.place] = cluster;
}

std::string Requests::name(ClientId id) const {
  const Client& client = clients_[id.index];
  const ClientSpec& spec = specs_[client.spec];
  return spec.count == 1 ? spec.name : fmt::format("{}-{}", spec.name, client.index);
}

}  // namespace codecosim
