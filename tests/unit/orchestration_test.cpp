// The parts of control planes by themselves, without a scenario: what a hub knows, the engine that decides, hub and
// agents, the catalogue, telemetry.
#include "tests/orchestration.hpp"
#include "models/orchestration/codeco/mdm.hpp"
#include "models/orchestration/codeco/telemetry.hpp"
#include "models/orchestration/ocm/spokes.hpp"
#include "models/orchestration/placement/hub_view.hpp"
#include "models/orchestration/placement/placer.hpp"
#include "tests/catch.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

namespace {
/// Declared last, it ends what is suspended before what that waits for.
struct Curtain {
  ~Curtain() { frames::destroy_processes(); }
};
constexpr ClusterId c0{0}, c1{1}, c2{2};

/// A state of one node of 4 cores and 1 GB, of which `free` cores are free, with pods of the first service.
ClusterState state(double free, std::uint32_t pods_of_first = 0, double taken = 0) {
  ClusterState state;
  state.taken = Seconds(taken);
  state.nodes = 1;
  state.max_pods = 110;
  state.pods = pods_of_first;
  state.cpu = Cores(4);
  state.cpu_free = ExactSum<Cores>(Cores(free));
  state.largest_cpu_free = Cores(free);
  state.memory = state.memory_free = state.largest_memory_free = Bytes(1e9);
  if (pods_of_first > 0) state.held.push_back({{0}, pods_of_first});
  return state;
}

/// Decides by a view that the test fills, and notes what it would tell clusters.
struct Desk : Placer::Executor {
  Desk(Stage& on, const Knowledge& knowledge)
      : placer(on.applications, on.land.world.federation, on.data.specs(), knowledge, on.decisions, *this,
               Placer::Timing{Seconds(0), Seconds(0), Seconds(10), 5, 1}, on.policy("first-fit")) {}
  ClusterId at() const override { return c0; }
  Task<> available() override { co_return; }
  std::vector<ClusterId> scope(ApplicationId, const std::vector<ClusterId>&) override { return {}; }
  void scope_changed(ApplicationId) override {}
  void issue(ApplicationId app, ClusterId cluster, const Workloads& workloads) override {
    issued.push_back({app, cluster, workloads.pods()});
  }
  void relocated(ApplicationId) override {}

  struct Issued {
    ApplicationId app;
    ClusterId cluster;
    std::uint32_t pods;
    auto operator<=>(const Issued&) const = default;
  };
  std::vector<Issued> issued;
  Placer placer;
};

/// A hub of the federation star(n) that has heard of all others.
HubView informed(Stage& on, double free) {
  HubView view(c0, on.land.world.federation, on.plan, HubView::Clients(on.applications.count()));
  for (std::uint32_t c = 1; c < on.land.world.federation.cluster_count(); ++c) {
    view.join({c});
    view.observe_state({c}, state(free));
  }
  return view;
}
WorkloadStatus status(std::uint32_t ready, std::uint32_t unschedulable) {
  WorkloadStatus status;
  status.application = {0};
  status.pods = ready + unschedulable;
  status.ready = ready;
  status.unschedulable = unschedulable;
  if (unschedulable > 0) status.reason = "no room.";
  return status;
}
}  // namespace

TEST_CASE("What is assigned counts until the report that holds its pod, and not beside it") {
  Stage on(star(2));
  HubView view = informed(on, 4);
  const std::vector<Assigned> assigned{{{0}, 1, Cores(3), Bytes(0)}};
  CHECK(view.sums(c1, assigned).cpu_free.value() == Cores(1));
  view.observe_state(c1, state(1, 1, 15));  // the pod is in it
  CHECK(view.sums(c1, assigned).cpu_free.value() == Cores(1));
  const std::vector<Assigned> two{{{0}, 2, Cores(0.5), Bytes(0)}};
  CHECK(view.sums(c1, two).cpu_free.value() == Cores(0.5));
  CHECK(view.sums(c1, {}).cpu_free.value() == Cores(1));
}

TEST_CASE("A hub offers a cluster that has joined, is available and has told its state") {
  Stage on(star(3));
  HubView view(c0, on.land.world.federation, on.plan, {});
  CHECK(view.obstacle(c1) == "had not joined");
  view.join(c1);
  CHECK(view.obstacle(c1) == "had not told their state yet");
  CHECK(view.observe_state(c1, state(4)));
  CHECK_FALSE(view.obstacle(c1));
  CHECK_FALSE(view.observe_state(c1, state(3)));  // less room is no good news
  CHECK(view.observe_state(c1, state(3.5)));
  view.set_available(c1, false);
  CHECK(view.obstacle(c1) == "were unreachable");
  CHECK(view.clusters() == std::vector<ClusterId>{c1});
}

TEST_CASE("Latency is what was measured of the way itself, else what the links are built for") {
  Stage on(star(3));
  HubView view(c0, on.land.world.federation, on.plan, {});
  CHECK(view.latency(c1, c2) == Seconds(0.02));
  LinkView measured;
  measured.latency = Seconds(0.5);
  view.network.tell(c1, c2, measured);
  CHECK(view.latency(c1, c2) == Seconds(0.5));
  CHECK(view.latency(c2, c1) == Seconds(0.02));
}

TEST_CASE("The engine gives replicas to clusters and tells each how many it runs") {
  Stage on(star(3), {simple_application("app", 3, 2)});
  const HubView view = informed(on, 4);
  Desk desk(on, view);
  const Curtain curtain;
  desk.placer.add({0}, Seconds(0));
  CHECK(desk.issued == std::vector<Desk::Issued>{{{0}, c1, 1}, {{0}, c2, 1}});
  CHECK(desk.placer.row(c1).cpu_free == Cores(1));
}

TEST_CASE("A replica without a place waits, and is placed when a report makes one feasible") {
  Stage on(star(2), {simple_application("app", 3, 2)});
  HubView view = informed(on, 4);
  Desk desk(on, view);
  const Curtain curtain;
  desk.placer.add({0}, Seconds(0));
  CHECK(desk.issued == std::vector<Desk::Issued>{{{0}, c1, 1}});
  CHECK(desk.placer.replicas({0})[1].reason == "0/1 clusters are available: 1 Insufficient cpu.");
  on.land.calendar.run(100_s);
  desk.placer.reconsider(c1);  // nothing has changed
  on.land.calendar.run(200_s);
  CHECK(desk.issued.size() == 1);
  view.observe_state(c1, state(3, 1, 200));
  desk.placer.reconsider(c1, true);
  on.land.calendar.run(300_s);
  CHECK(desk.issued.size() == 2);
  CHECK(desk.issued.back() == Desk::Issued{{0}, c1, 2});
}

TEST_CASE("A cluster that could not place a replica is asked again when it has said something since") {
  Stage on(star(3), {simple_application("app", 3, 1)});
  HubView view = informed(on, 4);
  Desk desk(on, view);
  const Curtain curtain;
  desk.placer.add({0}, Seconds(0));
  on.land.calendar.run(20_s);
  desk.placer.observe(c1, status(0, 1));
  CHECK(desk.issued.back() == Desk::Issued{{0}, c2, 1});
  desk.placer.observe(c2, status(0, 1));
  on.land.calendar.run(100_s);
  const std::size_t before = desk.issued.size();
  desk.placer.reconsider(c1);
  on.land.calendar.run(200_s);
  CHECK(desk.issued.size() == before);  // what it knows of c1 is from before
  view.observe_state(c1, state(4, 0, 150));
  desk.placer.reconsider(c1);
  on.land.calendar.run(300_s);
  REQUIRE(desk.issued.size() == before + 2);
  CHECK(desk.placer.replicas({0})[0].cluster == c1);
}

TEST_CASE("A cluster that could not place a replica is asked again when it has made room, be it at the same moment") {
  Stage on(star(2), {simple_application("app", 3, 1)});
  HubView view = informed(on, 4);
  Desk desk(on, view);
  const Curtain curtain;
  desk.placer.add({0}, Seconds(0));
  on.land.calendar.run(20_s);
  desk.placer.observe(c1, status(0, 1));
  desk.placer.observe(c1, status(0, 0));
  desk.placer.replace({0}, c1, {1});
  CHECK_FALSE(desk.placer.replicas({0})[0].cluster);
  view.observe_state(c1, state(4, 0, 20));
  desk.placer.reconsider(c1, true);
  on.land.calendar.run(100_s);
  CHECK(desk.placer.replicas({0})[0].cluster == c1);
}

TEST_CASE("A replica that has no room stays wanted elsewhere when other reasons end") {
  Stage on(star(2), {simple_application("app", 3, 1)});
  HubView view = informed(on, 4);
  Desk desk(on, view);
  const Curtain curtain;
  desk.placer.add({0}, Seconds(0));
  on.land.calendar.run(20_s);
  desk.placer.observe(c1, status(0, 1));
  const Replica& one = desk.placer.replicas({0})[0];
  for (const Move why : {Move::unreachable, Move::rule}) {
    desk.placer.leave({0}, c1, why, "for another reason.", now());
    desk.placer.stay({0}, c1, why);
    CHECK(one.wanting());
    CHECK(one.leaves(Move::unschedulable));
    CHECK_FALSE(one.leaves(why));
  }
  desk.placer.observe(c1, status(1, 0));
  CHECK_FALSE(one.wanting());
}

TEST_CASE("Which pods are ready is counted, not named") {
  Stage on(star(2), {simple_application("app", 1, 3)});
  const HubView view = informed(on, 4);
  Desk desk(on, view);
  const Curtain curtain;
  desk.placer.add({0}, Seconds(0));
  desk.placer.observe(c1, status(2, 0));
  const auto known = [&](Replica::Known what) {
    return std::ranges::count(desk.placer.replicas({0}), what, &Replica::known);
  };
  CHECK(known(Replica::Known::ready) == 2);
  CHECK(known(Replica::Known::issued) == 1);
  desk.placer.scale({0}, 0, 2);  // the one that does not serve goes
  CHECK(known(Replica::Known::ready) == 2);
  CHECK(desk.issued.back() == Desk::Issued{{0}, c1, 2});
}

namespace {
struct Office : Hub::Listener {
  void joined(ClusterId cluster) override { log.push_back("joined " + std::to_string(cluster.index)); }
  void became_unknown(ClusterId cluster) override { log.push_back("unknown " + std::to_string(cluster.index)); }
  void became_available(ClusterId cluster) override { log.push_back("available " + std::to_string(cluster.index)); }
  void status_reported(ClusterId cluster, const StatusReport& report) override {
    for (const WorkloadStatus& one : report.workloads)
      log.push_back("status " + std::to_string(cluster.index) + " " + std::to_string(one.ready) + "/" +
                    std::to_string(one.pods));
    for (const StatusReport::HandOver& one : report.hand_overs) hand_overs.push_back(one);
  }
  void deliver(const Work& work) override { spokes->receive(work); }
  std::vector<std::string> log;
  std::vector<StatusReport::HandOver> hand_overs;
  std::optional<Spokes> spokes;
};
/// A hub at c-0 and agents in the other clusters; leases without jitter, reports at once.
struct Federated {
  explicit Federated(Stage& on) : stage(on) {
    ocm.watch = true;
    ocm.lease_jitter = ocm.resync_jitter = 0;
    hub_spec.service = Seconds(0);
    hub.emplace(on.land.world, on.land.wire, on.kubernetes, c0, hub_spec, ocm, office);
    std::vector<ClusterId> managed;
    for (std::uint32_t c = 1; c < on.land.world.federation.cluster_count(); ++c) managed.push_back({c});
    office.spokes.emplace(on.land.world, on.applications, on.land.wire, on.kubernetes, ocm, std::vector<Hub*>{&*hub},
                          managed);
    on.on_change = [this](ClusterId cluster, ServiceId service) { office.spokes->changed(cluster, service); };
    office.spokes->start();
  }
  void issue(ClusterId cluster, std::uint32_t pods) {
    Workloads workloads;
    workloads.replicas = {pods};
    workloads.since = now();
    hub->issue(cluster, {0}, workloads);
  }
  Stage& stage;
  HubSpec hub_spec;
  OcmSpec ocm;
  Office office;
  std::optional<Hub> hub;
};
}  // namespace

TEST_CASE("An agent joins, applies a work of so many pods, and reports how many are ready") {
  Stage on(star(2), {simple_application("app", 1, 2)});
  Federated federated(on);
  const Curtain curtain;
  on.land.calendar.run(10_s);
  CHECK(federated.office.log == std::vector<std::string>{"joined 1"});
  federated.issue(c1, 2);
  on.land.calendar.run(30_s);
  CHECK(on.kubernetes.pods(c1, {0}).size() == 2);
  CHECK(federated.office.log.back() == "status 1 2/2");
  federated.issue(c1, 1);
  on.land.calendar.run(60_s);
  CHECK(on.kubernetes.pods(c1, {0}).size() == 1);
  CHECK(federated.office.log.back() == "status 1 1/1");
  CHECK(federated.hub->open(c1) == 0);
}

TEST_CASE("A cluster that is cut off becomes Unknown after five leases, and available with the next that arrives") {
  Stage on(star(2));
  Federated federated(on);
  const Curtain curtain;
  on.land.calendar.run(100_s);
  const std::uint32_t cut = on.land.world.network.cut({{c1}, {c0}});
  on.land.calendar.run(1000_s);
  CHECK(federated.office.log == std::vector<std::string>{"joined 1", "unknown 1"});
  on.land.world.network.heal(cut);
  on.land.calendar.run(1100_s);
  CHECK(federated.office.log.back() == "available 1");
}

TEST_CASE("What a neighbour took runs there whatever works pass it, until one counts it") {
  Stage on(star(3), {simple_application("app", 1, 2)});
  Federated federated(on);
  const Curtain curtain;
  on.land.calendar.run(10_s);
  federated.issue(c1, 2);
  on.land.calendar.run(20_s);
  federated.office.spokes->hand_over({0}, 0, c1, c2, now());
  const auto pods = [&](ClusterId cluster) { return on.kubernetes.pods(cluster, {0}).size(); };
  CHECK(pods(c1) == 1);
  CHECK(pods(c2) == 1);
  federated.issue(c1, 2);  // from before the hub has heard of it
  on.land.calendar.run(40_s);
  CHECK(pods(c1) == 1);
  REQUIRE(federated.office.hand_overs.size() == 1);
  federated.hub->absorb(federated.office.hand_overs[0], c1);
  federated.issue(c1, 1);
  federated.issue(c2, 1);
  on.land.calendar.run(60_s);
  CHECK(pods(c1) == 1);
  CHECK(pods(c2) == 1);
}

TEST_CASE("A fact enters the graph of the hub that its cluster belongs to, the latest of each key only") {
  struct Heard : Mdm::Listener {
    void fact_learnt(std::size_t hub, const Mdm::Key& key, const Mdm::Fact& fact) override {
      log.push_back({static_cast<std::uint32_t>(hub), key.cluster, fact.value});
    }
    std::vector<std::array<std::uint32_t, 3>> log;
  } heard;
  Stage on(star(2));
  Federated federated(on);
  const MdmSpec spec;
  Mdm mdm(on.land.world, on.land.wire, on.kubernetes, *federated.office.spokes, spec, {&*federated.hub}, heard);
  const Curtain curtain;
  const std::uint32_t cut = on.land.world.network.cut({{c1}, {c0}});
  const Mdm::Key key{Mdm::Key::Kind::security, 1, 0};
  mdm.tell(c1, key, 3);
  on.land.calendar.run(60_s);
  mdm.tell(c1, key, 1);
  on.land.calendar.run(150_s);  // longer than what is under way is sent again
  CHECK(heard.log.empty());
  on.land.world.network.heal(cut);
  on.land.calendar.run(300_s);
  CHECK(heard.log == std::vector<std::array<std::uint32_t, 3>>{{0, 1, 1}});
  CHECK(mdm.totals().compacted == 1);
}

TEST_CASE("A cluster's state is written to its hub each scrape, as it was then") {
  struct Written : Telemetry::Listener {
    void state_written(std::size_t, ClusterId cluster, const ClusterState& state) override {
      CHECK(cluster == c1);
      taken.push_back(state.taken.value);
    }
    std::vector<double> taken;
  } written;
  Stage on(star(2));
  Federated federated(on);
  const TelemetrySpec spec;
  Telemetry telemetry(on.land.world, on.land.wire, on.kubernetes, *federated.office.spokes, spec,
                      CodecoSpec::Context::local, {&*federated.hub}, written);
  const Curtain curtain;
  telemetry.start();
  on.land.calendar.run(100_s);
  REQUIRE(written.taken.size() >= 6);
  for (std::size_t i = 1; i < written.taken.size(); ++i)
    CHECK(written.taken[i] - written.taken[i - 1] == Approx(15).epsilon(1e-6));
}
