// The life of channels: when they run, who is admitted, what happens when their path no longer does.
#include <cmath>
#include <vector>

#include "tests/catch.hpp"
#include "tests/federation.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using codecosim::test::Land;
using codecosim::test::star;
using codecosim::test::triangle;

namespace {
constexpr ClusterId c0{0}, c1{1}, c2{2}, c3{3};

/// Components a and b, and a channel from a to b.
ApplicationSpec application(double bits, Seconds max_delay = forever,
                            ServiceClass service_class = ServiceClass::assured) {
  ApplicationSpec app;
  app.name = "app";
  app.numbered = true;
  for (const char* name : {"a", "b"}) {
    ComponentSpec component;
    component.name = name;
    app.components.push_back(component);
  }
  ChannelSpec channel;
  channel.from = 0;
  channel.to = 1;
  channel.service_class = service_class;
  channel.bandwidth = BytesPerSecond(bits / 8);
  channel.max_delay = max_delay;
  app.channels.push_back(channel);
  return app;
}
NetmaSpec quiet() {
  NetmaSpec spec;
  spec.node_mesh = false;
  return spec;
}
/// One instance of each application, channels between them, and NetMA.
void populate(Land& land, const std::vector<ApplicationSpec>& apps, const std::vector<Netma::Pair>& watched = {},
              const NetmaSpec& netma = quiet(), const ChannelsSpec& channels = {}, ClusterId hub = c0) {
  std::vector<ImageSpec> images(1);
  land.applications.emplace(land.world, images, apps);
  NetworkView& view = land.probe(netma, hub, watched);
  land.channels.emplace(land.world, *land.applications, land.wire, view, channels);
}
std::vector<std::pair<std::uint32_t, ClusterId>> between(ClusterId a, ClusterId b) { return {{0, a}, {1, b}}; }
ChannelState state(const Land& land, std::uint32_t app, ClusterId from, ClusterId to) {
  return land.channels->status({{app}, 0, from, to})->state;
}
double in(const Land& land, ChannelState state) {
  return static_cast<double>(land.channels->totals().channels[static_cast<std::size_t>(state)]);
}
Process fail(World& world, LinkId link, Seconds at) {
  co_await until(at);
  world.fail(link);
}
}  // namespace

TEST_CASE("Setting up a channel takes its messages and the set-up at both ends", "[physics]") {
  // Request 1000 B c-1 > c-0: 2 (2 + 10) ms. Definitions 2000 B to both ends: the second waits 4 ms for the first, then
  // 2 (4 + 10) ms. Set-up: 1 s. Acknowledgement 200 B: 2 (0.4 + 10) ms.
  Land land(star(3));
  populate(land, {application(1e6)});
  land.channels->require({0}, between(c1, c2));
  const double expected = 0.024 + 0.004 + 0.028 + 1 + 0.0208;
  land.calendar.run(Seconds(expected - 1e-9));
  CHECK(state(land, 0, c1, c2) == ChannelState::implemented);
  land.calendar.run(Seconds(expected + 1e-9));
  CHECK(state(land, 0, c1, c2) == ChannelState::running);
  const Channels::Totals totals = land.channels->totals();
  CHECK(totals.setup_time.count() == 1);
  CHECK(totals.setup_time.mean() == Approx(expected).epsilon(1e-12));
  CHECK(in(land, ChannelState::running) == 1);
  CHECK(land.control(Plane::desired_state).value == 1000 + 2 * 2000 + 2 * 200);
}

TEST_CASE("A channel inside a cluster is set up and takes nothing of the wide area", "[physics]") {
  Land land(star(2));
  populate(land, {application(1e12)});
  land.channels->require({0}, between(c1, c1));
  land.calendar.run(10_s);
  CHECK(state(land, 0, c1, c1) == ChannelState::running);
  CHECK(land.channels->totals().setup_time.mean() == Approx(0.024 + 0.028 + 1 + 0.0208).epsilon(1e-12));
  CHECK(land.channels->status({{0}, 0, c1, c1})->path.empty());
}

TEST_CASE("A channel is admitted up to the last bit of the assured share", "[physics]") {
  // 3/4 of 4 Mbit/s are 3 Mbit/s.
  Land land(star(4));
  populate(land, {application(1e6), application(2e6), application(2e6 + 1),
                  application(9e9, forever, ServiceClass::best_effort)});
  const Network& network = land.world.network;
  land.channels->require({0}, between(c1, c2));
  land.channels->require({1}, between(c1, c3));  // 3 Mbit/s on c-1's uplink
  land.calendar.run(5_s);
  CHECK(state(land, 0, c1, c2) == ChannelState::running);
  CHECK(state(land, 1, c1, c3) == ChannelState::running);
  CHECK(land.view->reserved(network.uplink(c1)).value == 3e6 / 8);
  CHECK(land.view->reserved(network.downlink(c2)).value == 1e6 / 8);
  land.channels->require({2}, between(c3, c2));  // 3 Mbit/s + 1 bit/s on c-2's downlink
  land.channels->require({3}, between(c1, c2));  // takes nothing
  land.calendar.run(10_s);
  CHECK(state(land, 2, c3, c2) == ChannelState::rejected);
  CHECK(land.channels->status({{2}, 0, c3, c2})->reason == Rejection::bandwidth);
  CHECK(state(land, 3, c1, c2) == ChannelState::running);
  CHECK(land.view->reserved(network.uplink(c3)).value == 0);
}

TEST_CASE("Of two that compete one is admitted, and the other when it goes", "[physics]") {
  Land land(star(3));
  populate(land, {application(2e6), application(2e6)});
  land.channels->require({0}, between(c1, c2));
  land.channels->require({1}, between(c1, c2));
  land.calendar.run(10_s);
  CHECK(state(land, 0, c1, c2) == ChannelState::running);
  CHECK(state(land, 1, c1, c2) == ChannelState::rejected);
  land.channels->remove({0});
  CHECK_FALSE(land.channels->status({{0}, 0, c1, c2}));
  land.calendar.run(20_s);
  // The deletion reaches the hub after 24 ms, then definitions, set-up, acknowledgement.
  CHECK(state(land, 1, c1, c2) == ChannelState::running);
  CHECK(land.channels->totals().setup_time.max() == Approx(10 + 0.024 + 0.032 + 1 + 0.0208).epsilon(1e-12));
  CHECK(in(land, ChannelState::deleted) == 1);
  CHECK(land.view->reserved(land.world.network.uplink(c1)).value == 2e6 / 8);
  CHECK(land.channels->totals().rejections[static_cast<std::size_t>(Rejection::bandwidth)] == 1);
}

TEST_CASE("What is no longer wanted before it runs is canceled, at whatever point", "[physics]") {
  Land land(star(3));
  populate(land, std::vector<ApplicationSpec>(4, application(3e6)));
  double start = 0;
  std::uint32_t app = 0;
  for (const double when : {0.01, 0.03, 0.5, 1.06}) {
    land.channels->require({app}, between(c1, c2));
    land.calendar.run(Seconds(start + when));
    land.channels->require({app}, between(c2, c1));  // now the other way round
    land.calendar.run(Seconds(start + 10));
    CHECK(in(land, ChannelState::canceled) == app + 1);
    CHECK(state(land, app, c2, c1) == ChannelState::running);
    CHECK(land.view->reserved(land.world.network.uplink(c1)).value == 0);
    CHECK(land.view->reserved(land.world.network.uplink(c2)).value == 3e6 / 8);
    land.channels->remove({app++});
    land.calendar.run(Seconds(start += 20));
  }
}

TEST_CASE("An ASSURED channel keeps its delay by what is known, a frame on each link included", "[physics]") {
  // 20 ms, and 500 B at 0.5 MB/s on each of two links: 22 ms.
  Land land(star(3));
  populate(land, {application(1, Seconds(0.022)), application(1, Seconds(0.0219)),
                  application(1, Seconds(0.0219), ServiceClass::best_effort)});
  for (std::uint32_t app = 0; app < 3; ++app) land.channels->require({app}, between(c1, c2));
  land.calendar.run(10_s);
  CHECK(state(land, 0, c1, c2) == ChannelState::running);
  CHECK(state(land, 1, c1, c2) == ChannelState::rejected);
  CHECK(land.channels->status({{1}, 0, c1, c2})->reason == Rejection::delay);
  CHECK(state(land, 2, c1, c2) == ChannelState::running);
}

TEST_CASE("A channel stays rejected after its last review", "[physics]") {
  Land land(star(3));
  ChannelsSpec spec;
  spec.attempts = 3;
  populate(land, {application(4e6), application(1e6)}, {}, quiet(), spec);
  land.channels->require({0}, between(c1, c2));
  for (int turn = 0; turn < 5; ++turn) {
    land.channels->require({1}, between(c1, c2));
    land.calendar.run(now() + 5_s);
    land.channels->remove({1});
    land.calendar.run(now() + 5_s);
  }
  CHECK(state(land, 0, c1, c2) == ChannelState::rejected);
  CHECK(land.channels->totals().rejections[static_cast<std::size_t>(Rejection::bandwidth)] == 3);
}

TEST_CASE("A channel whose measured delay breaks its bound is out of QoS when the hub has heard of it", "[physics]") {
  // Nominally 22 ms; a ping of 64 B says 20.256 ms, and 2 ms for the frame.
  Land land(star(3));
  populate(land, {application(1, Seconds(0.0221))}, {{c1, c2}});
  land.channels->require({0}, between(c1, c2));
  std::vector<Seconds> calls;
  land.channels->out_of_qos.add([&](ApplicationId app, std::uint32_t channel) {
    CHECK(app == ApplicationId{0});
    CHECK(channel == 0);
    calls.push_back(now());
    land.channels->require(app, between(c1, c1));  // moves the callee
  });
  while (!land.view->seen(c1, c2)) land.calendar.run(now() + Seconds(0.1));
  CHECK(state(land, 0, c1, c2) == ChannelState::running);
  const Seconds known = now();
  CHECK(calls.empty());
  land.calendar.run(known + 30_s);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].value == Approx(30 * std::ceil(known.value / 30)));
  land.calendar.run(known + 60_s);
  CHECK(state(land, 0, c1, c1) == ChannelState::running);
  CHECK(land.channels->totals().out_of_qos == 1);
  CHECK(land.channels->totals().out_of_qos_time.value == 0);  // it was moved at once
  CHECK(in(land, ChannelState::deleted) == 1);
}

TEST_CASE("Late calls put a channel out of QoS, once its cluster has told the hub", "[physics]") {
  Land land(star(3));
  populate(land, {application(1)});
  land.channels->require({0}, between(c1, c2));
  int called = 0;
  land.channels->out_of_qos.add([&](ApplicationId, std::uint32_t) { ++called; });
  const Channels::Key key{{0}, 0, c1, c2};
  land.calendar.run(10_s);
  for (int call = 0; call < 100; ++call) land.applications->vlinks.called(key, call < 5);
  land.calendar.run(100_s);
  CHECK(called == 0);  // 5 % are allowed
  for (int call = 0; call < 100; ++call) land.applications->vlinks.called(key, call < 6);
  land.calendar.run(149_s);  // counted at 120 s, told 20.8 ms later, seen at 150 s
  CHECK(state(land, 0, c1, c2) == ChannelState::running);
  land.calendar.run(151_s);
  CHECK(called == 1);
  CHECK(state(land, 0, c1, c2) == ChannelState::ooqos);
  land.calendar.run(1000_s);  // no late calls counted at 180 s, seen at 210 s
  CHECK(state(land, 0, c1, c2) == ChannelState::running);
  CHECK(land.channels->totals().out_of_qos_time.value == Approx(60));
}

TEST_CASE("A channel leaves a dead link for another path, and its calls with it", "[physics]") {
  // The triangle of c-0, c-1 and c-2, and a hub c-3 that is 30 ms from each and so on nobody's way.
  FederationSpec spec = triangle();
  spec.clusters[0].positions.resize(4);
  LinkSpec far = spec.wan_links[0].link;
  far.latency = Seconds(0.030);
  for (std::uint32_t c = 0; c < 3; ++c) {
    spec.wan_links.push_back({c, 3, far});
    spec.wan_links.push_back({3, c, far});
  }
  ClientSpec client;
  client.name = "user";
  client.workload = periodic_workload(1_s, {});
  client.at = {c0};
  client.access = spec.clusters[0].lan;
  Land land(spec, {client});
  ApplicationSpec app = application(1e6);
  app.channels[0].request = app.channels[0].reply = Distribution<Bytes>(Law::constant(1000));
  NetmaSpec netma = quiet();
  netma.rtt_period = 60_s;
  populate(land, {app}, {{c1, c2}}, netma, {}, c3);
  land.requests.emplace(land.world, *land.applications, std::vector{client}, Transport::queued, 0_s);
  for (std::uint32_t component = 0; component < 2; ++component) {
    const PodId pod = land.applications->create(land.applications->service(ApplicationId{0}, component));
    land.applications->bind(pod, {2 * component});
    land.applications->enter(pod, PodPhase::ready);
    land.applications->set_endpoint(pod, Endpoints::State::ready);
  }
  land.requests->start();
  land.channels->require({0}, between(c0, c2));

  const Network& network = land.world.network;
  const auto link = [&](const char* name) { return network.match_links(name).at(0); };
  const std::vector<LinkId> over{link("c-0>c-1"), link("c-1>c-2")}, direct{link("c-0>c-2")};
  const auto status = [&] { return land.channels->status({{0}, 0, c0, c2}); };
  const Metrics::Requests& users = land.world.metrics.clients[0];
  land.calendar.run(400_s);
  CHECK(status()->path == over);
  CHECK(land.view->reserved(over[1]).value == 1e6 / 8);
  CHECK(users.lost() == 0);
  spawn(fail(land.world, over[1], 400_s));
  spawn(fail(land.world, link("c-2>c-1"), 400_s));
  land.calendar.run(410_s);
  CHECK(status()->state == ChannelState::running);  // as if nothing had happened
  CHECK(users.lost() == 10);
  land.calendar.run(1000_s);
  CHECK(status()->state == ChannelState::running);
  CHECK(status()->path == direct);
  CHECK(land.view->reserved(over[0]).value == 0);
  CHECK(land.view->reserved(direct[0]).value == 1e6 / 8);
  const Channels::Totals totals = land.channels->totals();
  CHECK(totals.repathed == 1);
  // Two definitions over 30 ms, 2 ms each, the second not on the same link; set-up; acknowledgements.
  CHECK(totals.out_of_qos_time.value == Approx(0.032 + 1 + 0.0302).epsilon(1e-9));
  const std::uint64_t lost = users.lost(), completed = users.completed();
  const Bytes carried = network.carried(direct[0]), back = network.carried(link("c-2>c-0"));
  land.calendar.run(1100_s);
  CHECK(users.lost() == lost);
  CHECK(users.completed() == completed + 100);
  CHECK(network.carried(direct[0]) - carried == 100_kB);
  CHECK(network.carried(link("c-2>c-0")) - back == 100_kB);
}

TEST_CASE("Calls go BESTEFFORT until their channel runs", "[physics]") {
  Land land(star(3));
  populate(land, {application(1)});
  const Channels::Key key{{0}, 0, c1, c2};
  const auto service_class = [&] { return land.applications->vlinks.way(key, ServiceClass::assured).service_class; };
  CHECK(service_class() == ServiceClass::assured);  // nobody runs channels
  land.channels->require({0}, between(c1, c2));
  land.calendar.run(1_s);
  CHECK(service_class() == ServiceClass::best_effort);
  land.calendar.run(2_s);
  CHECK(service_class() == ServiceClass::assured);
}

TEST_CASE("Whatever is asked for, no link is promised more than it has, and all is given back", "[property]") {
  FederationSpec spec = triangle();
  spec.clusters[0].positions.resize(6);
  Rng rng(7, 0);
  const LinkSpec link = spec.clusters[0].lan;
  for (std::uint32_t from = 0; from < 6; ++from)
    for (std::uint32_t to = 3; to < 6; ++to)
      if (from != to && rng.chance(0.6)) {
        spec.wan_links.push_back({from, to, link});
        spec.wan_links.push_back({to, from, link});
      }
  Land land(spec);
  std::vector<ApplicationSpec> apps;
  for (int a = 0; a < 40; ++a)
    apps.push_back(application(rng.uniform(0.1e6, 4e6), Seconds(rng.uniform(0.005, 0.05)),
                               rng.chance(0.8) ? ServiceClass::assured : ServiceClass::best_effort));
  populate(land, apps);
  const Network& network = land.world.network;
  const auto within_capacity = [&] {
    for (std::uint32_t l = 0; l < network.link_count(); ++l) {
      const LinkSpec& one = network.spec({l});
      if (land.view->reserved({l}) > one.bandwidth * one.assured_share) return false;
    }
    return true;
  };
  for (int turn = 0; turn < 2000; ++turn) {
    const ApplicationId app{static_cast<std::uint32_t>(rng.below(apps.size()))};
    std::vector<std::pair<std::uint32_t, ClusterId>> placement;
    for (std::uint64_t r = rng.below(4); r > 0; --r)
      placement.emplace_back(rng.below(2), ClusterId{static_cast<std::uint32_t>(rng.below(6))});
    land.channels->require(app, placement);
    land.calendar.run(now() + Seconds(rng.exponential(0.3)));
    REQUIRE(within_capacity());
  }
  const Channels::Totals totals = land.channels->totals();
  CHECK(totals.setup_time.count() > 100);
  CHECK(totals.rejections[static_cast<std::size_t>(Rejection::bandwidth)] > 10);
  CHECK(totals.rejections[static_cast<std::size_t>(Rejection::delay)] > 10);
  for (std::uint32_t app = 0; app < apps.size(); ++app) land.channels->remove({app});
  land.calendar.run(now() + 100_s);
  for (std::uint32_t l = 0; l < network.link_count(); ++l) REQUIRE(land.view->reserved({l}).value == 0);
  CHECK(in(land, ChannelState::canceled) + in(land, ChannelState::deleted) ==
        static_cast<double>(land.channels->totals().requested));
}
