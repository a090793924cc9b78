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
    // Named by what they match; a second entry for the same has streams of its own.
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
        spawn(sever(fault, family));
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

// What else goes down at the date at which this comes up does so first: where outages touch, nothing is up in between.
Task<> Faults::end_of(Outage outage) {
  co_await delay(outage.duration);
  co_await behind_others();
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
    if (world_.hold_down(node)) lose(node);
    co_await end_of(*outage);
    if (notice > Seconds(0)) {
      world_.uncordon(node);
      control_.uncordoned(node);
    }
    give_back(node);
  }
}

Process Faults::fail_link(LinkId link, const Outages& outages, Rng rng) {
  std::uint64_t position = 0;
  while (const auto outage = outages.next(rng, now(), position)) {
    co_await until(outage->start);
    world_.hold_down(link);
    co_await end_of(*outage);
    world_.give_back(link);
  }
}

Process Faults::fail_cluster(ClusterId cluster, const Outages& outages, Rng rng) {
  const Federation::Cluster& one = world_.federation.cluster(cluster);
  // In an explicit topology what passes through goes on.
  std::vector<LinkId> wide;
  if (world_.federation.spec().topology != Topology::explicit_)
    wide = {world_.network.uplink(cluster), world_.network.downlink(cluster)};
  std::uint64_t position = 0;
  while (const auto outage = outages.next(rng, now(), position)) {
    co_await until(outage->start);
    // All at once: no pod may be placed on a node that goes down at the same date.
    std::vector<NodeId> lost;
    for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n)
      if (world_.hold_down(NodeId{n})) lost.push_back({n});
    world_.network.hold_down(cluster);
    for (const LinkId link : wide) world_.hold_down(link);
    for (const NodeId node : lost) lose(node);
    co_await end_of(*outage);
    for (const LinkId link : wide) world_.give_back(link);
    world_.network.give_back(cluster);
    for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n) give_back({n});
  }
}

Process Faults::sever(const FaultSpec& fault, Rng rng) {
  Network::Sides sides{world_.federation.match_clusters(fault.match), world_.federation.match_clusters(fault.from)};
  std::uint64_t position = 0;
  while (const auto outage = fault.outages->next(rng, now(), position)) {
    co_await until(outage->start);
    const std::uint32_t cut = world_.network.sever(sides);
    co_await end_of(*outage);
    world_.network.rejoin(cut);
  }
}

Process Faults::breach(ClusterId cluster, const Outages& outages, Rng rng) {
  std::uint64_t position = 0;
  while (const auto outage = outages.next(rng, now(), position)) {
    co_await until(outage->start);
    world_.breach(cluster);
    control_.security_changed(cluster);
    co_await end_of(*outage);
    world_.mend(cluster);
    control_.security_changed(cluster);
  }
}

void Faults::lose(NodeId node) {
  if (learning_) learning_->node_down(node);
  control_.node_down(node);
}

void Faults::give_back(NodeId node) {
  if (world_.give_back(node)) control_.node_up(node);
}

}  // namespace codecosim
