// The queued transport hop by hop, its two classes, and both transports on one link.
#include <algorithm>
#include <functional>
#include <memory>

#include "tests/catch.hpp"
#include "tests/net.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

TEST_CASE("A message takes size / bandwidth and latency on each hop, store and forward", "[physics]") {
  Net net;
  Net::End near, far;
  spawn(net.send(0, 0, 1, 10e3, near));  // two LAN hops: 2 * (10 ms + 1 ms)
  spawn(net.send(1, 0, 2, 10e3, far));   // LAN, uplink, downlink, LAN: 11 + 30 + 30 + 11
  net.calendar.run(10_s);
  CHECK(near.at == Approx(0.022).epsilon(1e-12));
  CHECK(far.at == Approx(1.082).epsilon(1e-12));
  CHECK(net.network->carried(net.network->uplink({0})).value == 10e3);
  CHECK(net.network->egress({0}).value == 10e3);
  CHECK(net.network->energy().value == Approx(4 * 10e3 * 1e-8).epsilon(1e-12));
}

TEST_CASE("Latency by distance: each pair's own in a mesh", "[physics]") {
  Net net(Topology::mesh);
  Net::End end;
  spawn(net.send(0, 0, 2, 10e3, end));
  net.calendar.run(10_s);
  // 100 km of straight distance, 150 km of fibre at c / 1.468.
  CHECK(end.at == Approx(0.082 + 150e3 * 1.468 / 299792458).epsilon(1e-12));
  CHECK(net.network->latency({1}, {2}).value ==
        Approx(0.020 + 1.5 * std::sqrt(5.0) * 100e3 * 1.468 / 299792458).epsilon(1e-12));
}

TEST_CASE("An explicit topology routes by latency, over other clusters", "[physics]") {
  Net net(Topology::explicit_);
  Net::End end, nowhere;
  spawn(net.send(0, 0, 4, 10e3, end));      // c-0 to c-2 over c-1: 11 + 15 + 15 + 11 ms
  spawn(net.send(0, 4, 0, 10e3, nowhere));  // the way back exists too: c-2, c-1, c-0
  net.calendar.run(10_s);
  CHECK(end.at == Approx(0.052).epsilon(1e-12));
  CHECK(nowhere.outcome == Outcome::done);
  CHECK(net.network->latency({0}, {2}).value == Approx(0.010));
  CHECK(net.network->name(net.network->match_links("c-0>c-2").at(0)) == "c-0>c-2");
}

TEST_CASE("Messages wait their turn, a full buffer drops the one that finds it full", "[physics]") {
  Net net(Topology::star, 0, 20e3);
  Net::End ends[4];
  for (Net::End& end : ends) spawn(net.send(0, 0, 1, 10e3, end));  // one sent, two wait, the fourth finds 20 kB waiting
  net.calendar.run(10_s);
  CHECK(ends[0].at == Approx(0.022).epsilon(1e-12));
  CHECK(ends[1].at == Approx(0.032).epsilon(1e-12));
  CHECK(ends[2].at == Approx(0.042).epsilon(1e-12));
  CHECK(ends[3].outcome == Outcome::buffer_full);
  CHECK(net.network->totals().dropped == 1);
  const auto [link, number] = net.network->most_dropped();
  CHECK(link == net.network->up_link(Network::endpoint(NodeId{0})));
  CHECK(number == 1);
}

TEST_CASE("When both classes wait, each gets its share, when one is idle, the other has it all", "[physics]") {
  Net net(Topology::star, 0, 16e6, 0.75);
  std::vector<Net::End> assured(60), effort(60);
  for (int i = 0; i < 60; ++i) {
    spawn(net.send(0, 0, 1, 10e3, assured[i], ServiceClass::assured));
    spawn(net.send(0, 0, 1, 10e3, effort[i], ServiceClass::best_effort));
  }
  // While both are there, three of four messages are ASSURED: of the first 60 of them on the link, 45. After 0.8 s the
  // others have it all.
  net.calendar.run(Seconds(0.61));
  int done_assured = 0, done_effort = 0;
  for (int i = 0; i < 60; ++i) {
    done_assured += assured[i].at >= 0;
    done_effort += effort[i].at >= 0;
  }
  CHECK(done_assured + done_effort >= 58);  // of two one is half way
  CHECK(done_assured == Approx(0.75 * 59).margin(1));
  net.calendar.run(10_s);
  CHECK(assured.back().at == Approx(0.8 + 0.012).margin(0.011));
  // Two that leave the first link together are one behind the other on the second, up to the last.
  CHECK(effort.back().at == Approx(1.2 + 0.012).margin(0.011));
}

TEST_CASE("A link that goes down loses what is on it and what waits for it, and nothing else", "[physics]") {
  Net net;
  Net::End past, on, waits, later, after;
  spawn(net.send(0, 0, 1, 10e3, past));     // leaves the first link at 0.010, the second at 0.021
  spawn(net.send(0.5, 0, 1, 10e3, on));     // on the first link until 0.510
  spawn(net.send(0.5, 0, 1, 10e3, waits));  // behind it
  spawn(net.send(0.6, 0, 1, 10e3, later));  // finds it down
  spawn(net.send(0.9, 0, 1, 10e3, after));  // finds it up
  struct Breaks {
    static Process run(Network& network) {
      const LinkId link = network.up_link(Network::endpoint(NodeId{0}));
      co_await until(Seconds(0.505));
      network.fail(link);
      co_await until(Seconds(0.8));
      network.repair(link);
    }
  };
  spawn(Breaks::run(*net.network));
  net.calendar.run(10_s);
  CHECK(past.outcome == Outcome::done);
  CHECK(on.outcome == Outcome::link_down);
  CHECK(waits.outcome == Outcome::link_down);
  CHECK(waits.at == Approx(0.505));
  CHECK(later.outcome == Outcome::link_down);
  CHECK(later.at == Approx(0.6));
  CHECK(after.outcome == Outcome::done);
  CHECK(net.network->totals().lost == 3);
  CHECK(frames::alive() == 0);
}

TEST_CASE("Loss: the share of messages lost is that of both hops together", "[physics]") {
  Net net(Topology::star, 0.1);
  std::vector<Net::End> ends(20000);
  for (std::size_t i = 0; i < ends.size(); ++i) spawn(net.send(static_cast<double>(i) * 0.01, 0, 1, 1e3, ends[i]));
  net.calendar.run(1000_s);
  double lost = 0;
  for (const Net::End& end : ends) lost += end.outcome == Outcome::corrupted;
  // 1 - 0.9^2 = 0.19, deviation sqrt(0.19 * 0.81 / 20000) = 0.0028.
  CHECK(lost / 20000 == Approx(0.19).margin(3 * 0.0028));
}

TEST_CASE("A message that is destroyed on its way leaves the queue", "[kernel]") {
  Net net;
  Net::End first, gone, third;
  spawn(net.send(0, 0, 1, 10e3, first));
  Process victim = net.send(0, 0, 1, 10e3, gone);
  spawn(net.send(0, 0, 1, 10e3, third));
  victim.kill();
  net.calendar.run(10_s);
  CHECK(first.at == Approx(0.022));
  CHECK(third.at == Approx(0.032));
  CHECK(gone.outcome == Outcome::refused);
}

TEST_CASE("Messages and flows on one link never carry more than it can, and waste nothing", "[physics]") {
  // One long flow and a stream of messages over the LAN links of node 0 and 1. A message alone has half of a link while
  // the flow lasts: 10 kB take 20 ms. 20 messages a second take 0.2 MB/s; the flow has the other 0.8 MB/s, less what it
  // loses where the two links withhold more at different times: a tenth at most.
  Net net;
  Net::End flow;
  std::vector<Net::End> messages(2000);
  for (std::size_t i = 0; i < messages.size(); ++i)
    spawn(net.send(static_cast<double>(i) * 0.05, 0, 1, 10e3, messages[i]));
  spawn(net.send(0.025, 0, 1, 40e6, flow, ServiceClass::best_effort, Transport::flow));
  net.calendar.run(200_s);
  CHECK(flow.outcome == Outcome::done);
  CHECK(40e6 / (flow.at - 0.025) <= 0.8e6 * 1.005);
  CHECK(40e6 / (flow.at - 0.025) >= 0.8e6 - 0.1e6);
  for (const Net::End& end : messages) REQUIRE(end.outcome == Outcome::done);
  const double during = messages[200].at - 200 * 0.05, after = messages[1900].at - 1900 * 0.05;
  CHECK(during == Approx(2 * (0.020 + 0.001)).epsilon(1e-9));
  CHECK(after == Approx(2 * (0.010 + 0.001)).epsilon(1e-9));
}

TEST_CASE("A path is the links that messages take", "[physics]") {
  Net net;
  const Network& network = *net.network;
  CHECK(network.path({0}, {2}) == std::vector{network.uplink({0}), network.downlink({2})});
  CHECK(network.path({1}, {1}).empty());
  const auto all = network.paths({0}, {2}, 3, [](LinkId) { return true; });
  REQUIRE(all.size() == 1);
  CHECK(all[0].links == network.path({0}, {2}));
  CHECK(all[0].latency == network.latency({0}, {2}));
  CHECK(network.paths({0}, {2}, 3, [&](LinkId link) { return link != network.downlink({2}); }).empty());
}

TEST_CASE("Alternative paths come by latency, without loops, over usable links", "[physics]") {
  Net net(Topology::explicit_);
  const Network& network = *net.network;
  const auto link = [&](const char* name) { return network.match_links(name).at(0); };
  const std::vector<LinkId> over{link("c-0>c-1"), link("c-1>c-2")}, direct{link("c-0>c-2")};
  CHECK(network.path({0}, {2}) == over);
  const auto all = network.paths({0}, {2}, 5, [](LinkId) { return true; });
  REQUIRE(all.size() == 2);
  CHECK(all[0].links == over);
  CHECK(all[0].latency.value == Approx(0.010));
  CHECK(all[1].links == direct);
  CHECK(all[1].latency.value == Approx(0.020));
  CHECK(network.paths({0}, {2}, 1, [](LinkId) { return true; }).size() == 1);
  const auto avoiding = network.paths({0}, {2}, 5, [&](LinkId one) { return one != over[1]; });
  REQUIRE(avoiding.size() == 1);
  CHECK(avoiding[0].links == direct);
  CHECK(network.reversed(over) == std::vector{link("c-2>c-1"), link("c-1>c-0")});
  CHECK(network.reversed(direct).empty());
}

TEST_CASE("A message follows the path it is pinned to, queued or as a flow", "[physics]") {
  Net net(Topology::explicit_);
  Network& network = *net.network;
  const LinkId direct = network.match_links("c-0>c-2").at(0);
  const PathId by = network.pin({direct});
  CHECK(network.pin({direct}) == by);
  struct Sends {
    static Process run(Net& all, Transport transport, PathId path, Net::End& end) {
      Message message(*all.network, ServiceClass::best_effort, transport);
      end.outcome = co_await message.carry(all.address(0), all.address(4), 10_kB, path);
      end.at = now().value;
    }
  };
  Net::End queued, flow;
  spawn(Sends::run(net, Transport::queued, by, queued));  // 11 + 30 + 11 ms
  net.calendar.run(1_s);
  CHECK(queued.at == Approx(0.052).epsilon(1e-12));
  CHECK(network.carried(direct).value == 10e3);
  spawn(Sends::run(net, Transport::flow, by, flow));  // 22 ms of latency, 10 ms at 1 MB/s
  net.calendar.run(2_s);
  CHECK(flow.at == Approx(1.032).epsilon(1e-9));
  CHECK(network.carried(direct).value == 20e3);
  CHECK(network.carried(network.down_link(Network::endpoint(NodeId{4}))).value == 20e3);
}

TEST_CASE("Alternative paths are those that trying all finds", "[property]") {
  // Random graphs of six clusters: every loop-free path by depth-first search against Yen's algorithm.
  FederationSpec spec = star(6);
  spec.topology = Topology::explicit_;
  Calendar calendar;
  Platform platform;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed, 0);
    FederationSpec drawn = spec;
    for (std::uint32_t from = 0; from < 6; ++from)
      for (std::uint32_t to = 0; to < 6; ++to)
        if (from != to && rng.chance(0.5)) {
          LinkSpec link = spec.clusters[0].lan;
          link.latency = Seconds(rng.uniform(0.001, 0.1));
          drawn.wan_links.push_back({from, to, link});
        }
    const Federation federation(drawn);
    const Network network(federation, platform, rng, {}, {});
    std::vector<std::vector<LinkId>> all;
    const std::function<void(std::uint32_t, std::vector<LinkId>&, std::uint32_t)> walk =
        [&](std::uint32_t at, auto& so_far, std::uint32_t visited) {
          if (at == 5) all.push_back(so_far);
          for (std::uint32_t w = 0; at != 5 && w < drawn.wan_links.size(); ++w) {
            if (drawn.wan_links[w].from != at || (visited >> drawn.wan_links[w].to & 1U)) continue;
            so_far.push_back({network.uplink({0}).index + w});
            walk(drawn.wan_links[w].to, so_far, visited | 1U << drawn.wan_links[w].to);
            so_far.pop_back();
          }
        };
    std::vector<LinkId> none;
    walk(0, none, 1);
    std::sort(all.begin(), all.end(),
              [&](const auto& a, const auto& b) { return network.latency(a) < network.latency(b); });
    const auto found = network.paths({0}, {5}, 1000, [](LinkId) { return true; });
    REQUIRE(found.size() == all.size());
    for (std::size_t p = 0; p < found.size(); ++p) REQUIRE(found[p].links == all[p]);
  }
}
