#pragma once
#include <memory>
#include <vector>

#include "models/network/network.hpp"
#include "sim/kernel/frame_pool.hpp"
#include "tests/federation.hpp"

namespace codecosim::test {

/// Three clusters of two nodes, as star() or triangle() has them, but apart in space, and without a direct way from c-2
/// to c-0.
struct Net {
  explicit Net(Topology topology = Topology::star, double loss = 0, double buffer = 16e6, double assured = 0.75,
               double latency = 0.010) {
    const bool explicitly = topology == Topology::explicit_;
    FederationSpec spec = explicitly ? triangle(2) : star(3, 2);
    ClusterSpec& cluster = spec.clusters[0];
    cluster.positions = {Position{0, 0, 0}, Position{100e3, 0, 0}, Position{0, 200e3, 0}};
    cluster.lan.loss = loss;
    cluster.lan.energy = JoulesPerByte(1e-8);
    for (LinkSpec* link : {&cluster.lan, &cluster.uplink}) {
      link->buffer = Bytes(buffer);
      link->assured_share = assured;
    }
    cluster.uplink.latency = Seconds(latency);
    spec.topology = topology;
    if (explicitly)
      spec.wan_links.pop_back();
    else
      spec.stretch = topology == Topology::mesh ? 1.5 : 0;
    federation = std::make_unique<Federation>(spec);
    platform = std::make_unique<Platform>();
    network = std::make_unique<Network>(*federation, *platform, Rng(1, 0), std::vector<LinkSpec>{},
                                        std::vector<Network::Access>{});
  }
  ~Net() { frames::destroy_processes(); }

  struct End {
    double at = -1;
    Outcome outcome = Outcome::refused;
  };
  Process send(double start, std::uint32_t from, std::uint32_t to, double bytes, End& end,
               ServiceClass service_class = ServiceClass::best_effort, Transport transport = Transport::queued) {
    co_await until(Seconds(start));
    Message message(*network, service_class, transport);
    end.outcome = co_await message.carry(address(from), address(to), Bytes(bytes));
    end.at = now().value;
  }
  Address address(std::uint32_t node) const { return network->address(Network::endpoint(NodeId{node})); }

  Calendar calendar;
  std::unique_ptr<Federation> federation;
  std::unique_ptr<Platform> platform;
  std::unique_ptr<Network> network;
};

}  // namespace codecosim::test
