#include "models/devices.hpp"

#include <utility>

namespace codecosim {

Devices::Devices(World& world, Requests& requests, const MobilitySpec& spec)
    : world_(world), requests_(requests), spec_(spec), carried_(world.federation, spec), loops_(requests) {
  put_on_the_air();
  close_control_loops();
}

void Devices::put_on_the_air() {
  Network& network = world_.network;
  std::vector<EndpointId> machines(spec_.count());
  for (const ClusterId cluster : world_.federation.clusters()) {
    if (const DeviceId device = carried_.clusters[cluster.index])
      world_.radio.carry(device, network.add_bearer(cluster));
    for (const NodeId node : world_.federation.nodes(cluster))
      if (const DeviceId device = carried_.nodes[node.index]) {
        world_.radio.carry(device, network.add_bearer(Network::endpoint(node)));
        machines[device.index] = Network::endpoint(node);
      }
  }
  for (const ClientId client : requests_.clients())
    if (const DeviceId device = requests_.device(client)) {
      const EndpointId endpoint = network.endpoint(client);
      world_.radio.carry(device, network.add_bearer(endpoint));
      // A client and a node on one device are one machine.
      if (const EndpointId node = machines[device.index]) network.join(node, endpoint);
    }
}

void Devices::close_control_loops() {
  for (std::uint32_t k = 0; k < spec_.devices.size(); ++k)
    if (spec_.devices[k].fleet)
      fleets_.add(std::make_unique<Fleet>(*spec_.devices[k].fleet, spec_.devices[k].count, spec_.device(k, 0),
                                          world_.movers, world_.trace,
                                          world_.rng.stream("devices/" + spec_.devices[k].name)));
  loops_.on_stop.add([this](ClientId client) {
    if (Fleet* fleet = fleets_.of(requests_.device(client))) fleet->stop(requests_.device(client));
  });
  loops_.on_resume.add([this](ClientId client) {
    if (Fleet* fleet = fleets_.of(requests_.device(client))) fleet->go_on(requests_.device(client));
  });
}

void Devices::report_to(ControlPlane& control) {
  control_ = &control;
  std::vector<std::vector<ClientId>> clients(spec_.count());
  // The last cluster reported for each client; the report need not have arrived yet.
  std::vector<ClusterId> told;
  for (const ClientId client : requests_.clients()) {
    told.push_back(requests_.cluster(client));
    if (const DeviceId device = requests_.device(client)) clients[device.index].push_back(client);
  }
  std::vector<NodeId> nodes(spec_.count());
  for (const NodeId node : world_.federation.nodes())
    if (const DeviceId device = carried_.nodes[node.index]) nodes[device.index] = node;
  world_.radio.on_change.add([this, clients = std::move(clients), nodes = std::move(nodes), told = std::move(told)](
                                 DeviceId device, CellId before, CellId cell) mutable {
    if (const NodeId node = nodes[device.index]) {
      if (!cell) control_->node_silent(node);
      if (!before) control_->node_heard(node);
    }
    if (!cell) return;
    const ClusterId gateway = world_.radio.gateway(cell);
    for (const ClientId client : clients[device.index]) {
      if (std::exchange(told[client.index], gateway) == gateway) continue;
      requests_.reached_by(client, gateway);
      control_->client_moved(client, gateway);
    }
  });
}

ClusterId Devices::forecast(ClientId client, Seconds span) const {
  const DeviceId device = requests_.device(client);
  const Fleet* fleet = fleets_.of(device);
  const Position there = fleet ? fleet->ahead(device, span) : world_.movers.position(device, now() + span);
  const CellId cell = world_.radio.best(device, there);
  return cell ? world_.radio.gateway(cell) : ClusterId{};
}

void Devices::start() {
  for (std::uint32_t k = 0; k < spec_.devices.size(); ++k) {
    const DeviceSpec& kind = spec_.devices[k];
    const Rng family = world_.rng.stream("devices/" + kind.name);
    for (std::uint32_t i = 0; kind.motion && i < kind.count; ++i)
      spawn(move(spec_.device(k, i), *kind.motion, i, family.stream(i)));
  }
  fleets_.start();
  // A node that begins without coverage is silent from the start.
  for (const NodeId node : world_.federation.nodes())
    if (const DeviceId device = carried_.nodes[node.index]; device && !world_.radio.serving(device))
      control_->node_silent(node);
}

Process Devices::move(DeviceId device, const Motion& motion, std::uint32_t number, Rng rng) {
  Motion::State state{rng, {}, Seconds(0)};
  while (const auto leg = motion.next(state, number)) {
    world_.movers.travel(device, *leg);
    co_await until(leg->end);
  }
}

}  // namespace codecosim
