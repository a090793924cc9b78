#include "models/faults/faults.hpp"

#include <map>
#include <string>

namespace codecosim {

Faults::Faults(World& world, ControlPlane& control, Learning* learning, const std::vector<FaultSpec>& specs)
    : world_(world), control_(control), learning_(learning), specs_(specs) {}

void Faults::start() {
  const Federation& federation = world_.federation;
  std::map<std::string, int> entries;
  for (const FaultSpec& fault : specs_) {
    const Outages& outages = *fault.outages;
    // The streams are named by the pattern of the fault; a second fault with the same pattern has streams of its own.
    const Rng family = world_.rng.stream("faults/" + fault.match).stream(entries[fault.match]++);
    switch (fault.kind) {
      case FaultSpec::Kind::node:
        for (const NodeId node : federation.match_nodes(fault.match))
          spawn(fail_node(node, outages, fault.notice, family.stream(federation.name(node))));
        break;
      case FaultSpec::Kind::link:
        for (const LinkId link : world_.network.match_links(fault.match))
          spawn(fail_link(link, outages, family.stream(world_.network.name(link))));
        break;
      case FaultSpec::Kind::partition:
        spawn(cut(fault, family));
        break;
      case FaultSpec::Kind::security:
        for (const ClusterId cluster : federation.match_clusters(fault.match))
          spawn(breach(cluster, outages, family.stream(federation.name(cluster))));
        break;
      case FaultSpec::Kind::cluster:
        for (const ClusterId cluster : federation.match_clusters(fault.match))
          spawn(fail_cluster(cluster, outages, family.stream(federation.name(cluster))));
        break;
    }
  }
}

// Ends after the events already scheduled for its date, so that other outages which begin then begin first: where
// outages touch, nothing is up in between.
Task<> Faults::end_of(Outage outage) {
  co_await delay(outage.duration);
  co_await yield_to_others();
}

Process Faults::fail_node(NodeId node, const Outages& outages, Seconds notice, Rng rng) {
  std::uint64_t position = 0;
  while (const auto outage = outages.next(rng, now(), position)) {
    co_await until(outage->start);
    if (notice > Seconds(0)) {
      world_.cordon(node);
      control_.cordoned(node, notice);
      co_await delay(notice);
    }
    if (world_.fail(node)) lose(node);
    co_await end_of(*outage);
    if (notice > Seconds(0)) {
      world_.uncordon(node);
      control_.uncordoned(node);
    }
    repair(node);
  }
}

Process Faults::fail_link(LinkId link, const Outages& outages, Rng rng) {
  std::uint64_t position = 0;
  while (const auto outage = outages.next(rng, now(), position)) {
    co_await until(outage->start);
    world_.fail(link);
    co_await end_of(*outage);
    world_.repair(link);
  }
}

Process Faults::fail_cluster(ClusterId cluster, const Outages& outages, Rng rng) {
  // In an explicit topology traffic through the gateway goes on.
  std::vector<LinkId> wide;
  if (world_.federation.spec().topology != Topology::explicit_)
    wide = {world_.network.uplink(cluster), world_.network.downlink(cluster)};
  std::uint64_t position = 0;
  while (const auto outage = outages.next(rng, now(), position)) {
    co_await until(outage->start);
    // All nodes go down before any pod is lost, since no pod may be placed on a node that goes down at the same date.
    std::vector<NodeId> lost;
    for (const NodeId n : world_.federation.nodes(cluster))
      if (world_.fail(n)) lost.push_back(n);
    world_.network.fail(cluster);
    for (const LinkId link : wide) world_.fail(link);
    for (const NodeId node : lost) lose(node);
    co_await end_of(*outage);
    for (const LinkId link : wide) world_.repair(link);
    world_.network.repair(cluster);
    for (const NodeId n : world_.federation.nodes(cluster)) repair(n);
  }
}

Process Faults::cut(const FaultSpec& fault, Rng rng) {
  Network::Sides sides{world_.federation.match_clusters(fault.match), world_.federation.match_clusters(fault.from)};
  std::uint64_t position = 0;
  while (const auto outage = fault.outages->next(rng, now(), position)) {
    co_await until(outage->start);
    const std::uint32_t cut = world_.network.cut(sides);
    co_await end_of(*outage);
    world_.network.heal(cut);
  }
}

Process Faults::breach(ClusterId cluster, const Outages& outages, Rng rng) {
  std::uint64_t position = 0;
  while (const auto outage = outages.next(rng, now(), position)) {
    co_await until(outage->start);
    world_.breach(cluster);
    control_.security_changed(cluster);
    co_await end_of(*outage);
    world_.restore_security(cluster);
    control_.security_changed(cluster);
  }
}

void Faults::lose(NodeId node) {
  if (learning_) learning_->node_down(node);
  control_.node_down(node);
}

void Faults::repair(NodeId node) {
  if (world_.repair(node)) control_.node_up(node);
}

}  // namespace codecosim
