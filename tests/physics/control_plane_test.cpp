// Hub and spokes by hand: leases, Unknown, tolerations, works, status, reconnection, duplicates, orphans, the hub as a
// server.
//
// A hub and two edge clusters on a star: every message between a hub and a cluster takes 2 x (size / 125 MB/s + 5 ms).
// Jitter is off and the hub takes no time, so that every date follows from the parameters.
#include <cmath>

#include "sim/base/rng.hpp"
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

namespace {
Json federation(const std::string& duration = "2000 s") {
  Json scenario = station(4, 1, "1 ms", "0.01 /s", duration);
  scenario["warmup"] = "0 s";
  const Json link = {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}};
  const Json one = with(cluster(scenario, "c"), {{"uplink", link}});
  scenario["clusters"] = {with(copy_of(one, "hub"), {{"role", "hub"}}), copy_of(one, "a"), copy_of(one, "b")};
  client(scenario, "user")["at"] = "a";
  Json& app = application(scenario, "app");
  app["submit"] = {{"at", "100 s"}};
  component(app, "serve")["requests"] = {{"cpu", 1}};
  scenario["control_plane"] = prompt_codeco(
      {{"apply", "0 s"}, {"lease_jitter", 0}, {"status_jitter", 0}, {"resync_jitter", 0}, {"watch", true}},
      {{"set_up", "0 s"}, {"latency", "0 s"}, {"tear_down", "0 s"}, {"stop", "0 s"}});
  return scenario;
}
/// As designed: a has room for the two pods of its application as long as both its nodes are up; b has room for one
/// more.
Json neighbours() {
  Json scenario = federation("3000 s");
  node_pool(scenario, "a", "n")["count"] = 2;
  component(scenario, "app", "serve")["requests"] = {{"cpu", 3}};
  component(scenario, "app", "serve")["replicas"] = 2;
  scenario["control_plane"]["preset"] = "as-designed";
  scenario["control_plane"]["ocm"]["toleration"] = "2 h";
  return scenario;
}
/// A hub that is one worker, and so many clusters that tell it little but that they are alive: telemetry is so far
/// apart.
Json fleet(int clusters, const std::string& duration, const std::string& service, const std::string& telemetry) {
  Json scenario = federation(duration);
  scenario["clusters"] = {cluster(scenario, "hub"),
                          with(copy_of(cluster(scenario, "a"), "edge"), {{"count", clusters}})};
  client(scenario, "user")["at"] = "edge-0";
  scenario["control_plane"]["hub"] = {{"service", service}, {"workers", 1}};
  scenario["control_plane"]["telemetry"] = {{"scrape", telemetry}, {"refresh", telemetry}};
  return scenario;
}
/// When a cluster, by its number, renewed its lease of 60 s for the last time before a date: it does from a phase of
/// its own on.
double last_renewal(std::uint64_t cluster, double before) {
  const double phase = 60 * Rng(1, 0).stream("spokes/lease").stream(cluster).uniform();
  return phase + 60 * std::floor((before - phase) / 60);
}
constexpr double way(double bytes) { return 2 * (bytes / 125e6 + 0.005); }
}  // namespace

TEST_CASE("From a CodecoApp to a ready pod: admission, decision, push, schedule", "[physics]") {
  const auto run = simulation(federation());
  const auto all = records(*run);
  // The user sits at the hub: the CodecoApp is there at 100 s, decided upon at once, and pushed: 1 kB and one manifest
  // of 2 kB.
  const auto works = of_kind(all, "work");
  REQUIRE(works.size() == 1);
  CHECK(works[0]["issued_s"] == 100);
  CHECK(works[0]["t_s"].get<double>() == Approx(100 + way(3000)).epsilon(1e-12));
  const auto ready = times(all, "ready");
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] == Approx(100 + way(3000) + 1.0 / 50).epsilon(1e-12));
  CHECK(value_of(*run, "works.delay") == Approx(way(3000)).epsilon(1e-9));
  CHECK(value_of(*run, "applications.running") == 1);
}

TEST_CASE("ACM is one serial worker: the third of three applications waits for three times 8 s", "[physics]") {
  Json scenario = federation();
  application(scenario, "app")["count"] = 3;
  scenario["control_plane"]["acm"]["wait"] = "8 s";
  const auto run = simulation(scenario);
  const auto works = of_kind(records(*run), "work");
  REQUIRE(works.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(works[i]["issued_s"].get<double>() == Approx(100 + 8.0 * static_cast<double>(i + 1)));
}

TEST_CASE("A cluster is Unknown five leases after the last renewal that arrived, and available when one does again",
          "[physics]") {
  Json scenario = federation();
  scenario["faults"] = {fault("partition", "a", 200, 1000)};
  const auto run = simulation(scenario);
  const auto changes = of_kind(records(*run), "cluster");
  // The agent renews every 60 s and the way there and back.
  REQUIRE(changes.size() == 2);
  const double unknown = changes[0]["t_s"];
  CHECK(changes[0]["cluster"] == "a");
  CHECK(changes[0]["available"] == false);
  CHECK(unknown == Approx(last_renewal(1, 200) + 300).margin(0.1));
  // A lease that fails takes 1 + 2 + 4 + 8 s of retransmissions, then 60 s until the next: sent at 1000 s or up to 75 s
  // later.
  const double back = changes[1]["t_s"];
  CHECK(changes[1]["available"] == true);
  CHECK(back > 1000);
  CHECK(back <= 1000 + 75 + 0.1);
  CHECK(value_of(*run, "clusters.unknown") == 1);
  CHECK(value_of(*run, "clusters.reconnected") == 1);
}

TEST_CASE("What an Unknown cluster runs is placed elsewhere, runs twice, and once again when the cluster hears of it",
          "[physics]") {
  Json scenario = federation();
  scenario["faults"] = {fault("partition", "a", 200, 1000)};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  const auto ready = times(all, "ready");
  REQUIRE(ready.size() == 2);
  CHECK(ready[1] == Approx(last_renewal(1, 200) + 300).margin(0.2));  // on b, at once: no toleration
  const auto gone = times(all, "gone");
  REQUIRE(gone.size() == 1);
  CHECK(gone[0] > 1000);
  // Both were ready meanwhile.
  CHECK(value_of(*run, "replicas.duplicate") == Approx(gone[0] - ready[1]).margin(0.1));
  CHECK(value_of(*run, "placement.moves") == 1);
  // It heals from when the hub has taken the cluster for Unknown.
  CHECK(figure(*run, "recovery.time").distribution->count() == 1);
  CHECK(value_of(*run, "recovery.time") == Approx(ready[1] - (last_renewal(1, 200) + 300)).margin(0.1));
  CHECK(value_of(*run, "works.issued") == value_of(*run, "works.applied") + value_of(*run, "works.superseded"));
  CHECK(value_of(*run, "works.open") == 0);
}

TEST_CASE("An application that tolerates an unreachable cluster for longer stays", "[physics]") {
  Json scenario = federation();
  scenario["faults"] = {fault("partition", "a", 200, 1000)};
  scenario["control_plane"]["ocm"]["toleration"] = "1 h";
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "clusters.unknown") == 1);
  CHECK(value_of(*run, "placement.moves") == 0);
  CHECK(value_of(*run, "replicas.duplicate") == 0);
}

TEST_CASE("A component's own toleration of an unreachable cluster holds for it", "[physics]") {
  Json scenario = federation();
  scenario["faults"] = {fault("partition", "a", 200, 1000)};
  component(scenario, "app", "serve")["tolerations"] = {{{"key", "cluster.open-cluster-management.io/unreachable"},
                                                         {"operator", "Exists"},
                                                         {"effect", "NoSelect"},
                                                         {"seconds", "100 s"}}};
  const auto run = simulation(scenario);
  const auto ready = times(records(*run), "ready");
  REQUIRE(ready.size() == 2);
  CHECK(ready[1] == Approx(last_renewal(1, 200) + 300 + 100).margin(0.2));
}

TEST_CASE("A cluster goes on healing itself while its hub is gone, and reports when it is back", "[physics]") {
  Json scenario = federation();
  // Its pod prefers the first node.
  scenario["node_types"]["spare"] = scenario["node_types"]["n"];
  cluster(scenario, "a")["nodes"].push_back(
      {{"type", "spare"}, {"taints", {{{"key", "spare"}, {"effect", "PreferNoSchedule"}}}}});
  scenario["control_plane"]["ocm"]["toleration"] = "1 h";
  scenario["faults"] = {fault("cluster", "hub", 200, 1400), fault("node", "a/n-0", 300, 1990)};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  const auto lost = times(all, "lost");
  const auto ready = times(all, "ready");
  REQUIRE(lost.size() == 1);
  REQUIRE(ready.size() == 2);
  // Given up after 40 s of grace and 300 s of toleration.
  CHECK(ready[1] == Approx(lost[0] + 340 + 1.0 / 50).epsilon(1e-9));
  CHECK(value_of(*run, "applications.running") == 1);
}

TEST_CASE("The agents of a hub that comes back all list again, and its queue shows it", "[physics]") {
  Json scenario = fleet(200, "1500 s", "50 ms", "1000 s");
  scenario["faults"] = {fault("cluster", "hub", 300, 600)};
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "clusters.joined") == 200);
  CHECK(value_of(*run, "clusters.reconnected") == 200);
  CHECK(value_of(*run, "hub.queue.max") > 50);
}

TEST_CASE("A worker counts as busy while it is, and a request that waits at the end has waited", "[physics]") {
  Json scenario = fleet(20, "300 s", "1000 s", "1000 s");
  scenario["warmup"] = "100 s";
  const auto run = simulation(scenario);
  run->run();
  // Its first request keeps the only worker for longer than the run.
  CHECK(value_of(*run, "hub.utilisation") <= 1);
  CHECK(value_of(*run, "hub.utilisation") > 0.999);
  CHECK(value_of(*run, "hub.queue") > 10);
}

TEST_CASE("A hub whose queue is full refuses, and what was refused is tried again", "[physics]") {
  Json scenario = fleet(100, "3000 s", "200 ms", "1000 s");
  scenario["control_plane"]["hub"]["queue"] = 10;
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "hub.refused") > 0);
  CHECK(value_of(*run, "hub.queue.max") == 9);  // who finds ten is refused
  CHECK(value_of(*run, "clusters.joined") == 100);
}

TEST_CASE("The hub is the queueing station that it says it is", "[physics]") {
  // 300 clusters that do nothing but renew leases, and one worker of 100 ms: a closed network of two stations, a delay
  // of 60 s (1 + 0.125) and the ways there and back, and the hub. Mean value analysis (Reiser and Lavenberg, J. ACM
  // 27(2), 1980) holds for any law of the delay (Baskett et al., J. ACM 22(2), 1975); M/M/1 with the same rate would
  // let them wait 1.1 % longer. The start, when all connect at once, is left out.
  Json scenario = fleet(300, "610000 s", "100 ms", "10000000 s");
  scenario["control_plane"]["ocm"]["lease_jitter"] = 0.25;
  const auto run = simulation(scenario);
  Metrics::Hubs& hubs = run->world().metrics.hubs;
  struct Storm {
    static Process forget(Metrics::Hubs& all) {
      co_await until(10000_s);
      all = {};
    }
  };
  spawn(Storm::forget(hubs));
  run->run();
  const double think = 60 * 1.125 + 2 * way(1000), service = 0.1, span = 600000;
  double rate = 0, response = 0;
  for (int clusters = 1; clusters <= 300; ++clusters) {
    response = service * (1 + rate * response);  // who comes finds what one cluster less leaves there
    rate = clusters / (think + response);
  }
  // 2.7 million requests: the mean wait deviates by 0.3 % (by theory, and over ten seeds), the time of service by 0.1
  // %. Requests are as regular as the leases.
  CHECK(static_cast<double>(hubs.requests) / span == Approx(rate).epsilon(0.001));
  CHECK(hubs.busy.integral() / span == Approx(rate * service).epsilon(0.004));
  CHECK(hubs.wait.mean() == Approx(response - service).epsilon(0.01));
}

TEST_CASE("An agent that goes over to another hub removes what only the old one knew, an hour later", "[physics]") {
  Json scenario = federation("3 h");
  scenario["clusters"].push_back(copy_of(cluster(scenario, "hub"), "hub-2"));
  scenario["control_plane"]["ocm"]["hub_switch"] = "600 s";
  scenario["control_plane"]["ocm"]["toleration"] = "10 h";
  application(scenario, "app")["submit"]["by"] = "b";
  component(scenario, "app", "serve")["cluster"] = "b";
  client(scenario, "user")["at"] = "b";
  // Clusters go to the hubs in turn: b, the third, to the first.
  scenario["faults"] = {fault("cluster", "hub", 200, 1e4)};
  const auto run = simulation(scenario);
  const auto gone = times(records(*run), "gone");
  CHECK(value_of(*run, "clusters.switched") == 1);
  CHECK(value_of(*run, "works.evicted") == 1);
  REQUIRE(gone.size() == 1);
  CHECK(gone[0] > last_renewal(2, 200) + 600 + 3600);
  CHECK(gone[0] < last_renewal(2, 200) + 600 + 3600 + 200);
}

TEST_CASE(
    "A hub that misses a cluster moves its own pods out of it, and not those of the hub that the agent has gone over "
    "to",
    "[physics]") {
  Json scenario = federation("3000 s");
  scenario["clusters"].push_back(copy_of(cluster(scenario, "hub"), "hub-2"));
  scenario["clusters"].push_back(copy_of(cluster(scenario, "a"), "c"));
  scenario["control_plane"]["ocm"]["hub_switch"] = "100 s";
  application(scenario, "app")["submit"]["by"] = "b";
  client(scenario, "user")["at"] = "b";
  scenario["applications"].push_back(copy_of(application(scenario, "app"), "late"));
  application(scenario, "late")["submit"]["at"] = "450 s";
  scenario["clients"].push_back(with(copy_of(client(scenario, "user"), "late-user"), {{"application", "late"}}));
  // Clusters go to the hubs in turn: b and c to the first, a to the second. It goes over when its lease is older than
  // 100 s, before 400 s, and `late` is handed in there; the first hub takes it for Unknown 300 s after its last
  // renewal.
  scenario["faults"] = {with(fault("partition", "b", 200, 2990), {{"from", "hub"}})};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  CHECK(value_of(*run, "clusters.switched") == 1);
  CHECK(value_of(*run, "clusters.unknown") == 1);
  const auto in_b = times(all, "ready", "", "b/n-0"), in_c = times(all, "ready", "", "c/n-0");
  REQUIRE(in_b.size() == 2);
  CHECK(in_b[1] == Approx(450).margin(1));
  REQUIRE(in_c.size() == 1);
  CHECK(in_c[0] == Approx(last_renewal(2, 200) + 300).margin(1));
  CHECK(value_of(*run, "placement.moves") == 1);
  CHECK(times(all, "gone").empty());
}

TEST_CASE(
    "While the hub is gone a neighbour takes the pod for which a cluster has no room, and the hub takes it into what "
    "it wants",
    "[physics]") {
  Json scenario = neighbours();
  scenario["faults"] = {fault("cluster", "hub", 200, 2000), fault("node", "a/n-0", 300, 2900)};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  CHECK(value_of(*run, "replicas.handed_over") == 1);
  const auto ready = times(all, "ready");
  REQUIRE(ready.size() == 3);
  CHECK(ready[2] > 640);
  CHECK(ready[2] < 640 + 30);
  // After the hub is back nothing moves again, and nothing is left open.
  CHECK(times(all, "gone").empty());
  CHECK(value_of(*run, "applications.running") == 1);
  CHECK(value_of(*run, "works.open") == 0);
}

TEST_CASE("A member that cannot be reached when its neighbourhood is formed is told of it when it can", "[physics]") {
  Json scenario = neighbours();
  // Until b knows a it does not tell it its state, and a does not ask whom it has never heard.
  scenario["faults"] = {fault("partition", "b", 99, 199), fault("cluster", "hub", 250, 2000),
                        fault("node", "a/n-0", 300, 2900)};
  const auto run = simulation(scenario);
  (void)records(*run);
  CHECK(value_of(*run, "replicas.handed_over") == 1);
  CHECK(value_of(*run, "neighbourhood.size") == 2);
  CHECK(figure(*run, "neighbourhood.formation").distribution->count() == 1);
  CHECK(value_of(*run, "neighbourhood.formation") > 90);
  CHECK(value_of(*run, "neighbourhood.formation") < 199 - 100 + 50);
}

TEST_CASE("What a neighbour took over is deleted there", "[physics]") {
  Json scenario = neighbours();
  application(scenario, "app")["submit"]["delete_at"] = "2500 s";
  scenario["faults"] = {fault("cluster", "hub", 200, 2000), fault("node", "a/n-0", 300, 2900)};
  const auto run = simulation(scenario);
  const auto gone = times(records(*run), "gone");
  CHECK(value_of(*run, "replicas.handed_over") == 1);
  CHECK(gone.size() == 2);
  CHECK(value_of(*run, "applications.deleted") == 1);
  CHECK(value_of(*run, "works.open") == 0);
}

TEST_CASE("A pod whose name was handed over once is where it is placed when the name is used again", "[physics]") {
  Json scenario = federation("4000 s");
  node_pool(scenario, "a", "n")["count"] = 2;
  scenario["clusters"].push_back(copy_of(cluster(scenario, "b"), "c"));
  application(scenario, "app")["security"] = "Good";
  component(scenario, "app", "serve")["requests"] = {{"cpu", 3}};
  component(scenario, "app", "serve")["replicas"] = 2;
  scenario["control_plane"]["preset"] = "as-designed";
  scenario["control_plane"]["ocm"]["toleration"] = "2 h";
  // Without the hub b takes the pod that has lost its node in a. Then b, and after it c, lose their class: the replica
  // goes on under another name in c, and from there back to a, under the name that was handed over, which nobody has
  // any more.
  scenario["faults"] = {fault("cluster", "hub", 200, 2000), fault("node", "a/n-0", 300, 2700),
                        fault("security", "b", 2500, 3990), fault("security", "c", 3000, 3990)};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  CHECK(value_of(*run, "replicas.handed_over") == 1);
  CHECK(value_of(*run, "placement.moves") == 2);  // by the hub: to c, and to a
  const auto in_b = times(all, "ready", "", "b/n-0"), in_c = times(all, "ready", "", "c/n-0"),
             back = times(all, "ready", "", "a/n-0");
  REQUIRE(in_b.size() == 1);
  REQUIRE(in_c.size() == 1);
  REQUIRE(back.size() == 2);
  CHECK(in_c[0] > 2500);
  CHECK(back[1] > 3000);
  CHECK(times(all, "gone", "", "a/n-0").empty());
  CHECK(value_of(*run, "applications.running") == 1);
}

TEST_CASE(
    "A neighbour that has lost its security class takes no pod that asks for one, though the hub has not heard of it",
    "[physics]") {
  Json scenario = federation("3000 s");
  node_pool(scenario, "a", "n")["count"] = 2;
  application(scenario, "app")["security"] = "Good";
  component(scenario, "app", "serve")["requests"] = {{"cpu", 3}};
  component(scenario, "app", "serve")["replicas"] = 2;
  scenario["control_plane"]["preset"] = "as-designed";
  scenario["control_plane"]["ocm"]["toleration"] = "2 h";
  scenario["faults"] = {fault("cluster", "hub", 200, 2000), fault("node", "a/n-0", 300, 1900),
                        fault("security", "b", 250, 2900)};
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "replicas.handed_over") == 0);
  CHECK(value_of(*run, "violations.compliance") == 0);
  CHECK(value_of(*run, "applications.running") == 1);
}

TEST_CASE("What a hub knows is as old as the scrape that it comes from", "[physics]") {
  Json scenario = federation();
  application(scenario, "app")["submit"]["at"] = "1000 s";
  scenario["control_plane"]["context"] = "local";
  scenario["control_plane"]["telemetry"] = {{"scrape", "300 s"}};
  const auto run = simulation(scenario);
  const auto works = of_kind(records(*run), "work");
  REQUIRE(works.size() == 1);
  REQUIRE(works[0]["cluster"] == "a");
  // Cluster a, the second, scrapes from a phase of its own; what it found last is what both decisions see, the hub's at
  // 1000 s and the scheduler's when the work has been pushed.
  const double phase = 300 * Rng(1, 0).stream("telemetry").stream(1).uniform();
  const double scraped = phase + 300 * std::floor((1000 - phase) / 300);
  const Histogram seen = *figure(*run, "scheduling.age").distribution;
  CHECK(seen.count() == 1);
  CHECK(seen.mean() == Approx(1000 + way(3000) - scraped).epsilon(1e-9));
  // The state that goes to the hub is taken when the node's page of 20 kB has crossed the LAN.
  const double page = 20e3 / 125e6;
  const Histogram known = *figure(*run, "decision.age").distribution;
  CHECK(known.count() == 1);
  CHECK(known.mean() == Approx(1000 - scraped - page).epsilon(1e-9));
}
