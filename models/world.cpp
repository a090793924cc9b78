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

World::World(FederationSpec spec, const Rng& root, const FlowSharing& sharing,
             const std::vector<LinkSpec>& access_specs, const std::vector<Network::Access>& clients,
             const MobilitySpec& mobility)
    : federation(std::move(spec)),
      platform(sharing),
      network(federation, platform, root.stream("network/loss"), access_specs, clients),
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
  for (const ClusterId c : federation.clusters()) up_in_.push_back(federation.cluster(c).nodes);
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

bool World::fail(NodeId node) {
  if (down_[node.index]++ > 0) return false;
  network.fail(network.up_link(Network::endpoint(node)));
  network.fail(network.down_link(Network::endpoint(node)));
  --nodes_up_;
  --up_in_[federation.cluster_of(node).index];
  node_failures_.try_emplace(node.index, failure_half_life).first->second.add(now());
  trace.emit(now(), NodeChanged{node, false});
  return true;
}

bool World::repair(NodeId node) {
  ensure(down_[node.index] > 0, "a node that is up was brought up");
  if (--down_[node.index] > 0) return false;
  network.repair(network.up_link(Network::endpoint(node)));
  network.repair(network.down_link(Network::endpoint(node)));
  compute.set_on(node, true);
  ++nodes_up_;
  ++up_in_[federation.cluster_of(node).index];
  trace.emit(now(), NodeChanged{node, true});
  return true;
}

void World::fail(LinkId link) {
  const bool was_up = network.up(link);
  network.fail(link);
  if (!was_up) return;
  link_failures_.try_emplace(link.index, failure_half_life).first->second.add(now());
  trace.emit(now(), LinkChanged{link, false});
}

void World::repair(LinkId link) {
  network.repair(link);
  if (network.up(link)) trace.emit(now(), LinkChanged{link, true});
}

void World::reset() {
  network.reset_totals();
  radio.reset_totals();
  compute.reset_totals();
  for (MovedBytes& plane : metrics.control_bytes) plane.reset();
  metrics.across_domains.reset();
  metrics.control_lost = 0;
}

void World::restart() {
  reset();
  metrics.since = now();
}

void World::figures(Figures& figures) {
  Joules energy;
  CoreSeconds busy;
  Cores cores;
  for (const NodeId n : federation.nodes()) {
    energy += compute.energy(n);
    busy += compute.busy(n);
    cores += federation.type(n).cores;
  }
  Bytes egress, control;
  for (const ClusterId c : federation.clusters()) egress += network.egress(c);
  for (const MovedBytes& plane : metrics.control_bytes) control += plane.total();
  const Network::Totals& net = network.totals();
  figures.ratio("cpu.utilisation", Better::neither, busy.value, (cores * (now() - network.measured_since())).value,
                "Share of all cores that was busy.");
  figures.add("energy.nodes", "J", Better::lower, energy.value, "Energy of all nodes.");
  figures.add("energy.network", "J", Better::lower, network.energy().value,
              "Energy of all links, by the bytes they carried.");
  figures.add("bytes.messages", "B", Better::lower, net.message_bytes.value,
              "Bytes sent over the queued transport, once a message, not once a hop.");
  figures.add("bytes.bulk", "B", Better::lower, net.flow_bytes.value,
              "Bytes sent as flows, once each: images, and messages where the scenario says so.");
  figures.add("bytes.control", "B", Better::lower, control.value,
              "Bytes of the control plane and of what learns; the oracle needs none.");
  figures.add("bytes.telemetry.across_domains", "B", Better::lower, metrics.across_domains.total().value,
              "Of telemetry and catalogue, what went between clusters of providers of different domains.");
  figures.count("control.lost", Better::lower, metrics.control_lost,
                "Messages of the control plane whose connection broke: five transmissions were lost.");
  figures.add("bytes.egress", "B", Better::lower, egress.value,
              "Bytes that left a cluster over the wide area; in an explicit topology with those it passed on.");
  figures.count("messages.sent", Better::neither, net.messages, "Requests, calls and replies sent.");
  figures.count("messages.lost", Better::lower, net.lost, "Messages and transfers lost.");
  figures.count("messages.dropped", Better::lower, net.dropped, "Messages lost to a full buffer.");
  if (radio.cell_count() > 0) radio_figures(figures);
}

void World::radio_figures(Figures& figures) {
  const Radio::Totals& totals = radio.totals();
  Seconds up, down;
  for (std::uint32_t c = 0; c < radio.cell_count(); ++c) {
    up = std::max(up, network.airtime({c}, true));
    down = std::max(down, network.airtime({c}, false));
  }
  figures.count("radio.handovers", Better::lower, totals.handovers, "Changes of a device from one cell to another.");
  figures.count("radio.ping_pongs", Better::lower, totals.ping_pongs,
                "Of those, back to a cell left less than a second before.");
  figures.count("radio.losses", Better::lower, totals.losses, "Times that a device's cell no longer reached it.");
  figures.add("radio.interrupted", "s", Better::lower, totals.interrupted.value,
              "Time between two cells, over all radios.");
  figures.add("radio.uncovered", "s", Better::lower, totals.uncovered.value, "Time without coverage, over all radios.");
  figures.spread("radio.stay", "s", Better::higher, totals.stay, "Time with one cell, when it is left.");
  const Seconds span = now() - network.measured_since();
  figures.ratio("radio.airtime.up", Better::neither, up.value, span.value,
                "Share of the airtime used in the cell where it is highest, up.");
  figures.ratio("radio.airtime.down", Better::neither, down.value, span.value,
                "Likewise down; the same where both directions share it.");
}

}  // namespace codecosim
