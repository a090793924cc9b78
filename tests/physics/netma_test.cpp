// What NetMA's probes measure, what they cost, and when the hub knows.
#include <vector>

#include "models/orchestration/netma/netma.hpp"
#include "tests/catch.hpp"
#include "tests/federation.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using codecosim::test::Land;
using codecosim::test::star;

namespace {
constexpr ClusterId c0{0}, c1{1}, c2{2}, c3{3};

/// One probe of each kind and no more, from 20 s on.
NetmaSpec once() {
  NetmaSpec spec;
  spec.ramp = Seconds(0);
  spec.node_mesh = false;
  spec.spread = 0;
  spec.rtt_period = spec.jitter_period = spec.throughput_period = Seconds(1e6);
  return spec;
}
Process load(World& world, ClusterId from, ClusterId to, Bytes size) {
  Message message(world.network, ServiceClass::best_effort, Transport::flow);
  co_await message.carry(Network::gateway(from), Network::gateway(to), size);
}
Process fail(World& world, LinkId link, Seconds from, Seconds to) {
  co_await until(from);
  world.fail(link);
  co_await until(to);
  world.repair(link);
}
/// When the exports of a cluster begin.
Seconds phase(const World& world, const NetmaSpec& spec, ClusterId cluster) {
  Rng rng = world.rng.stream("netma/export").stream(cluster.index);
  return spec.export_period * rng.uniform();
}
}  // namespace

TEST_CASE("Probes of an idle path measure what it is", "[physics]") {
  Land land(star(2));
  const NetmaSpec spec = once();
  const NetworkView& netma = land.probe(spec, c0, std::vector<Netma::Pair>{{c1, c0}});
  CHECK_FALSE(netma.seen(c1, c0));
  land.calendar.run(1000_s);
  const auto view = netma.seen(c1, c0);
  REQUIRE(view);
  // 10 ms of each of two links, and 64 B at 0.5 MB/s on each.
  CHECK(view->latency.value == Approx(0.020 + 2 * 64 / 0.5e6).epsilon(1e-9));
  CHECK(view->bandwidth.value == Approx(0.5e6).epsilon(1e-3));
  CHECK(view->jitter.value == Approx(0).margin(1e-12));
  CHECK(view->up);
}

TEST_CASE("A loaded path has the throughput that is left", "[physics]") {
  Land land(star(2));
  const NetworkView& netma = land.probe(once(), c0, std::vector<Netma::Pair>{{c1, c0}});
  spawn(load(land.world, c1, c0, Bytes(1e9)));  // shares the path equally for longer than the run
  land.calendar.run(1000_s);
  const auto view = netma.seen(c1, c0);
  REQUIRE(view);
  CHECK(view->bandwidth.value == Approx(0.25e6).epsilon(5e-3));  // less what was withheld for pings
  // A ping beside a flow gets half of each link; its answer meets none.
  CHECK(view->latency.value == Approx(0.020 + 3 * 64 / 0.5e6).epsilon(1e-6));
}

TEST_CASE("Jitter is that of RFC 3550", "[physics]") {
  // Two datagrams 11.68 ms apart, after one ping of 40.512 ms. When the second comes, a message of 5 kB, of 10 ms, has
  // 5 ms to go on the first link: J = 5 ms / 16.
  Land land(star(3));
  NetmaSpec spec = once();
  spec.datagrams = 2;
  spec.pings = 1;
  const NetworkView& netma = land.probe(spec, c0, std::vector<Netma::Pair>{{c1, c0}});
  struct Crosses {
    static Process run(World& world, Seconds at) {
      co_await until(at);
      Message message(world.network, ServiceClass::assured, Transport::queued);
      co_await message.carry(Network::gateway(c1), Network::gateway(c2), Bytes(5000));
    }
  };
  spawn(Crosses::run(land.world, Seconds(20 + 0.040512 + 0.01168 - 0.005)));
  land.calendar.run(400_s);
  const auto view = netma.seen(c1, c0);
  REQUIRE(view);
  CHECK(view->jitter.value == Approx(0.005 / 16).epsilon(1e-6));
}

TEST_CASE("Every byte of a probe crosses the links and is counted", "[physics]") {
  Land land(star(2));
  land.probe(once(), c0, std::vector<Netma::Pair>{{c0, c1}});  // the hub tells itself for nothing
  land.calendar.run(400_s);
  const Network& network = land.world.network;
  CHECK(network.carried(network.uplink(c0)).value == 10 * 64 + 100 * 1460 + 5e6);
  CHECK(network.carried(network.downlink(c1)).value == 10 * 64 + 100 * 1460 + 5e6);
  CHECK(network.carried(network.uplink(c1)).value == 10 * 64);
  CHECK(land.control(Plane::topology).value == 20 * 64 + 100 * 1460 + 5e6);
}

TEST_CASE("The hub learns of a failure by probe, scrape, export and transfer", "[physics]") {
  Land land(star(3));
  NetmaSpec spec = once();
  spec.rtt_period = 60_s;
  const NetworkView& netma = land.probe(spec, c0, std::vector<Netma::Pair>{{c2, c1}});
  spawn(fail(land.world, land.world.network.downlink(c1), 400_s, 2000_s));
  // Probes at 20 s + 60 s n: that of 440 s fails, its last ping is lost after 9 s and 10 ms on the uplink and 128 us on
  // it, all of it collected at 450 s. Then c-2's next export, of 1200 B over two links.
  Seconds told = phase(land.world, spec, c2);
  while (told < 450_s) told += spec.export_period;
  told += Seconds(2 * (1200 / 0.5e6 + 0.010));
  land.calendar.run(told - Seconds(1e-6));
  REQUIRE(netma.seen(c2, c1));
  CHECK(netma.seen(c2, c1)->up);
  const std::uint64_t changes = netma.changes();
  land.calendar.run(told + Seconds(1e-6));
  CHECK_FALSE(netma.seen(c2, c1)->up);
  CHECK(netma.seen(c2, c1)->latency.value == Approx(0.020256).epsilon(1e-2));  // from before
  CHECK(netma.changes() == changes + 1);
}

TEST_CASE("What a cluster cannot tell the hub, the hub does not know", "[physics]") {
  Land land(star(2));
  NetmaSpec spec = once();
  spec.rtt_period = spec.jitter_period = spec.throughput_period = 60_s;
  const NetworkView& netma = land.probe(spec, c0, std::vector<Netma::Pair>{{c1, c0}});
  spawn(fail(land.world, land.world.network.uplink(c1), 400_s, 3000_s));
  land.calendar.run(2900_s);
  REQUIRE(netma.seen(c1, c0));
  CHECK(netma.seen(c1, c0)->up);
  CHECK(netma.seen(c1, c0)->taken < 400_s);
  land.calendar.run(3700_s);
  CHECK(netma.seen(c1, c0)->taken > 3000_s);
}

TEST_CASE("A pair that nobody probed is put together from the ways to and from the hub", "[physics]") {
  FederationSpec spec = star(4);
  ClusterSpec far = spec.clusters[0];
  spec.clusters[0].positions.resize(2);
  far.name = "d";
  far.positions.resize(2);
  far.provider = 1;
  far.uplink.bandwidth = BytesPerSecond(0.25e6);
  far.uplink.latency = Seconds(0.030);
  spec.clusters.push_back(far);
  spec.providers.emplace_back();
  Land land(spec);
  const NetworkView& netma = land.probe(once(), c0, std::vector<Netma::Pair>{{c1, c0}, {c0, c2}, {c2, c3}});
  land.calendar.run(1000_s);
  const auto first = netma.seen(c1, c0), second = netma.seen(c0, c2), both = netma.seen(c1, c2),
             back = netma.seen(c2, c1);
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(both);
  REQUIRE(back);  // nobody probed these directions: those that were stand for them
  CHECK_FALSE(netma.probed(c1, c2));
  CHECK(both->latency == first->latency + second->latency);
  CHECK(both->bandwidth == std::min(first->bandwidth, second->bandwidth));
  CHECK(both->taken == std::min(first->taken, second->taken));
  CHECK(back->latency == both->latency);
  CHECK_FALSE(netma.seen(c1, c3));
  CHECK_FALSE(netma.seen(c1, c1));
  // At the border between the providers only c-0 > d-0 (c2) is known.
  const auto cost = netma.cost(0, 1);
  REQUIRE(cost);
  CHECK(cost->pairs == 1);
  CHECK(cost->latency == second->latency);
  CHECK(cost->bandwidth == second->bandwidth);
  CHECK_FALSE(netma.cost(1, 0));
}

TEST_CASE("Nodes of a cluster ping each other in turn", "[physics]") {
  Land land(star(1, 3));
  NetmaSpec spec = once();
  spec.node_mesh = true;
  spec.export_period = Seconds(1e6);  // c-0 is the hub and tells itself for nothing
  land.probe(spec, c0);
  land.calendar.run(100_s);
  CHECK(land.control(Plane::topology).value == 3 * 2 * 640);
  CHECK(land.world.network.totals().message_bytes.value == 3 * 2 * 640);
}
