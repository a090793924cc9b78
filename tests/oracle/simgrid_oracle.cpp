// A plain SimGrid program, as its users would write it: hosts, links, routes of a full zone, one actor a transfer.
// Reads
//   LINKS, then "bandwidth latency" each; TRANSFERS, then "start size hops link link ..." each
// and prints when each transfer ends. What our platform is held against.
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <simgrid/s4u.hpp>

#include <simgrid/version.h>  // needs the one above

namespace sg = simgrid::s4u;

int main(int argc, char** argv) {
  sg::Engine engine(&argc, argv);
  sg::Engine::set_config("network/model:CM02");
  sg::Engine::set_config("network/crosstraffic:0");
#if SIMGRID_VERSION >= 40000
  sg::NetZone* zone = engine.get_netzone_root()->add_netzone_full("zone");
#else
  sg::NetZone* zone = sg::create_full_zone("zone");
#endif
  std::size_t count = 0;
  std::cin >> count;
  std::vector<sg::Link*> links;
  for (std::size_t i = 0; i < count; ++i) {
    double bandwidth = 0, latency = 0;
    std::cin >> bandwidth >> latency;
#if SIMGRID_VERSION >= 40000
    links.push_back(zone->add_link("l" + std::to_string(i), bandwidth)->set_latency(latency)->seal());
#else
    links.push_back(zone->create_link("l" + std::to_string(i), bandwidth)->set_latency(latency)->seal());
#endif
  }
  std::cin >> count;
  std::vector<double> ends(count, -1);
  for (std::size_t i = 0; i < count; ++i) {
    double start = 0, size = 0;
    std::size_t hops = 0;
    std::cin >> start >> size >> hops;
#if SIMGRID_VERSION >= 40000
    sg::Host* from = zone->add_host("f" + std::to_string(i), 1e9);
    sg::Host* to = zone->add_host("t" + std::to_string(i), 1e9);
#else
    sg::Host* from = zone->create_host("f" + std::to_string(i), 1e9);
    sg::Host* to = zone->create_host("t" + std::to_string(i), 1e9);
#endif
    std::vector<sg::LinkInRoute> route;
    for (std::size_t h = 0; h < hops; ++h) {
      std::size_t link = 0;
      std::cin >> link;
      route.emplace_back(links[link]);
    }
#if SIMGRID_VERSION >= 40000
    zone->add_route(from, to, route, false);
#else
    zone->add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, route, false);
#endif
    const auto body = [from, to, start, size, &ends, i] {
      sg::this_actor::sleep_until(start);
      sg::Comm::sendto(from, to, static_cast<std::uint64_t>(size));
      ends[i] = sg::Engine::get_clock();
    };
#if SIMGRID_VERSION >= 40100
    from->add_actor("a" + std::to_string(i), body);
#else
    sg::Actor::create("a" + std::to_string(i), from, body);
#endif
  }
  zone->seal();
  engine.run();
  for (const double end : ends) std::printf("%.17g\n", end);
}
