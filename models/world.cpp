#include "models/world.hpp"

#include <fmt/format.h>

#include "models/policy.hpp"

namespace codecosim {

std::string MobilitySpec::name(DeviceId id) const {
  std::uint32_t number = id.index;
  for (const DeviceSpec& one : devices) {
    if (number < one.count) return one.count == 1 ? one.name : fmt::format("{}-{}", one.name, number);
    number -= one.count;
  }
  return {};
}

std::optional<std::uint32_t> MobilitySpec::find(const std::string& kind) const {
  for (std::uint32_t k = 0; k < devices.size(); ++k)
    if (devices[k].name == kind) return k;
  return std::nullopt;
}

World::World(FederationSpec spec, const Rng& root, Bytes tcp_window, std::vector<LinkSpec> access_specs,
             const std::vector<Network::Access>& clients, const MobilitySpec& mobility)
    : federation(std::move(spec)),
      platform(tcp_window),
      network(federation, platform, root.stream("network/loss"), std::move(access_specs), clients),
      compute(federation),
      movers(mobility.count()),
      radio(federation, network, movers, trace, root, mobility.technologies, mobility.cells, mobility.devices),
      rng(root),
      meters_(federation.spec().providers.size()),
      reserved_(federation.node_count()),
      down_(federation.node_count()),
      cordoned_(federation.node_count()),
      breached_(federation.cluster_count()),
      nodes_up_(federation.node_count()) {
  for (std::uint32_t c = 0; c < federation.cluster_count(); ++c) up_in_.push_back(federation.cluster({c}).nodes);
}

bool World::reserve(NodeId node, Cores cpu, Bytes memory) {
  Resources& taken = reserved_[node.index];
  const NodeType& type = federation.type(node);
  const bool fits = ExactSum<Cores>(cpu) <= exact_free_cpu(node) && memory <= free_memory(node);
  if (!fits || taken.pods >= type.max_pods) return false;
  taken.cpu += cpu;
  taken.memory += memory;
  ++taken.pods;
  requests_change(node, cpu);
  return true;
}

void World::release(NodeId node, Cores cpu, Bytes memory) {
  Resources& taken = reserved_[node.index];
  ensure(taken.pods > 0, "a pod released what it had not reserved");
  --taken.pods;
  taken.cpu -= cpu;
  taken.memory -= memory;
  requests_change(node, -cpu);
}

void World::requests_change(NodeId node, Cores by) {
  const std::uint32_t provider = federation.cluster_spec(federation.cluster_of(node)).provider;
  requested(provider);
  meters_[provider].cores += by;
}

CoreSeconds World::requested(std::uint32_t provider) {
  Meter& meter = meters_[provider];
  meter.total += meter.cores.value() * (now() - meter.since);
  meter.since = now();
  return meter.total;
}

bool World::hold_down(NodeId node) {
  if (down_[node.index]++ > 0) return false;
  network.hold_down(network.up_link(Network::endpoint(node)));
  network.hold_down(network.down_link(Network::endpoint(node)));
  --nodes_up_;
  --up_in_[federation.cluster_of(node).index];
  node_failures_.try_emplace(node.index, failure_half_life).first->second.add(now());
  trace.emit(now(), NodeChanged{node, false});
  return true;
}

bool World::give_back(NodeId node) {
  ensure(down_[node.index] > 0, "a node that is up was brought up");
  if (--down_[node.index] > 0) return false;
  network.give_back(network.up_link(Network::endpoint(node)));
  network.give_back(network.down_link(Network::endpoint(node)));
  compute.set_on(node, true);
  ++nodes_up_;
  ++up_in_[federation.cluster_of(node).index];
  trace.emit(now(), NodeChanged{node, true});
  return true;
}

void World::hold_down(LinkId link) {
  const bool was_up = network.up(link);
  network.hold_down(link);
  if (!was_up) return;
  link_failures_.try_emplace(link.index, failure_half_life).first->second.add(now());
  trace.emit(now(), LinkChanged{link, false});
}

void World::give_back(LinkId link) {
  network.give_back(link);
  if (network.up(link)) trace.emit(now(), LinkChanged{link, true});
}

}  // namespace codecosim
