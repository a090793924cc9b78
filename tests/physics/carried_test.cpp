// Nodes and whole clusters on devices: what their control planes make of it when nothing reaches them, and the ways to
// them.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/radio.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using namespace codecosim::test;

namespace {
using Records = std::vector<nlohmann::json>;

/// Access points at these places of the x axis that reach about 108 m, at 1 MB/s and 1 ms; devices that follow
/// ways.csv.
void add_radio(Json& scenario, const std::string& device, int count,
               const std::vector<std::pair<double, std::string>>& cells) {
  scenario["technologies"]["plain"] = {
      {"preset", "wifi"},
      {"cell_power", "20 dBm"},
      {"device_power", "20 dBm"},
      {"latency", "1 ms"},
      {"medium_access", "ideal"},
      {"shared_airtime", false},
      {"tiers", {{{"ratio", "10 dB"}, {"down", "8 Mbit/s"}, {"up", "8 Mbit/s"}}}},
      {"propagation",
       {{"environment", "log-distance"}, {"exponent", 3}, {"loss_at_1m", "40 dB"}, {"shadowing", "0 dB"}}},
      {"handover", {{"interruption", "0 s"}, {"time_to_trigger", "0 s"}, {"gives_up_after", "0 s"}}}};
  scenario["cells"] = Json::array();
  for (const auto& [x, gateway] : cells)
    scenario["cells"].push_back({{"name", fmt::format("at-{}", scenario["cells"].size())},
                                 {"technology", "plain"},
                                 {"position", {fmt::format("{} m", x), "0 m"}},
                                 {"gateway", gateway}});
  scenario["devices"] = {
      {{"name", device}, {"count", count}, {"technology", "plain"}, {"motion", {{"csv", "ways.csv"}}}}};
}
/// Far away between each two dates, near otherwise; on the way for a second.
std::map<std::string, std::string> away(const std::vector<std::pair<double, double>>& times, double begins = 0) {
  std::string csv = fmt::format("time_s,x,y\n0,{},0\n", begins);
  for (const auto& [from, to] : times) {
    if (from > 0) csv += fmt::format("{},0,0\n{},1000,0\n", from, from + 1);
    csv += fmt::format("{},1000,0\n{},0,0\n", to, to + 1);
  }
  return {{"ways.csv", csv}};
}
/// When devices lost coverage, and when they had it again.
std::vector<double> changes(const Records& all, bool lost) {
  std::vector<double> found;
  for (const auto& one : all)
    if (one["kind"] == "attachment" && one[lost ? "after" : "before"].is_null()) found.push_back(one["t_s"]);
  return found;
}
/// What became of the requests that a client sent between two dates; "mixed" if not all of them the same.
std::string outcome(const Records& all, double from, double to, const std::string& client = "user") {
  std::string found;
  for (const auto& one : all) {
    if (one["kind"] != "request" || one["client"] != client || one["start_s"] < from || one["start_s"] >= to) continue;
    const std::string outcome = one["outcome"];
    if (found.empty()) found = outcome;
    if (found != outcome) return "mixed";
  }
  return found;
}

constexpr double scheduler = 1.0 / 50, set_up = 0.6, latency = 1, grace = 40, toleration = 300;

/// One cluster, hub and spoke at once, whose first node stands and whose second, roomier one is on a vehicle; an
/// application of one pod, submitted at 100 s, which kube-default puts on the vehicle. A client next to the first node,
/// and one on the vehicle.
Json shop() {
  Json scenario = station(4, 1, "1 ms", "1 /s", "1500 s");
  scenario["warmup"] = "0 s";
  scenario["node_types"]["robot"] = {{"cores", 64}, {"memory", "64 GiB"}};
  cluster(scenario, "c")["role"] = "hub";
  cluster(scenario, "c")["nodes"].push_back({{"type", "robot"}, {"on", "agv"}});
  scenario["control_plane"] = prompt_codeco(
      {{"local_cluster", true}, {"apply", "0 s"}},
      {{"relist", "0 s"}, {"set_up", "0.6 s"}, {"latency", "1 s"}, {"tear_down", "0.21 s"}, {"stop", "0.8 s"}});
  scenario["policy"] = {{"scheduler", "kube-default"}};
  application(scenario, "app")["submit"] = {{"at", "100 s"}};
  component(scenario, "app", "serve")["requests"] = {{"cpu", 1}};
  Json& user = client(scenario, "user");
  user["workload"] = {{"periodic", {{"period", "1 s"}}}};
  scenario["clients"].push_back(with(copy_of(user, "rider"), {{"at", {{"device", "agv"}}}}));
  add_radio(scenario, "agv", 1, {{0, "c"}});
  return scenario;
}
}  // namespace

TEST_CASE("A node out of reach is not ready after the grace, its pods are replaced after their toleration",
          "[physics]") {
  const auto run = simulation(shop(), 0, away({{200, 1000}}));
  const auto all = records(*run);
  REQUIRE(changes(all, true).size() == 1);
  const double out = changes(all, true)[0];
  CHECK(out > 200);
  CHECK(out < 201);
  CHECK(times(all, "ready", "", "c/robot-0").at(0) == Approx(100 + scheduler + set_up + latency).epsilon(1e-12));
  REQUIRE(times(all, "lost").size() == 1);
  CHECK(times(all, "lost")[0] == Approx(out + grace).epsilon(1e-12));
  const std::vector<double> ready = times(all, "ready");
  REQUIRE(ready.size() == 2);
  CHECK(ready[1] == times(all, "ready", "", "c/n-0").at(0));
  CHECK(ready[1] == Approx(out + grace + toleration + scheduler + set_up + latency).epsilon(1e-12));
  // Requests go there until the node is not ready, then nowhere, then to the new pod.
  CHECK(outcome(all, 110, 199) == "done");
  CHECK(outcome(all, out, out + grace) == "uncovered");
  CHECK(outcome(all, out + grace, ready[1]) == "refused");
  CHECK(outcome(all, ready[1], 1499) == "done");
  CHECK(value_of(*run, "placement.moves") == 1);
}

TEST_CASE("A node heard again before its pods are replaced serves at once", "[physics]") {
  const auto run = simulation(shop(), 0, away({{200, 300}}));
  const auto all = records(*run);
  const double out = changes(all, true).at(0), back = changes(all, false).at(1);
  CHECK(times(all, "lost") == std::vector<double>{out + grace});
  const std::vector<double> ready = times(all, "ready");
  REQUIRE(ready.size() == 2);
  CHECK(ready[1] == back);
  CHECK(times(all, "ready", "", "c/n-0").empty());
  CHECK(outcome(all, out + grace, back) == "refused");
  CHECK(outcome(all, back, 1499) == "done");
  CHECK(value_of(*run, "placement.moves") == 0);
}

TEST_CASE("Interruptions that are shorter than the grace change nothing, however many", "[physics]") {
  std::vector<std::pair<double, double>> gaps;
  for (double at = 200; at < 1000; at += 40) gaps.emplace_back(at, at + 38);
  const auto run = simulation(shop(), 0, away(gaps));
  const auto all = records(*run);
  CHECK(changes(all, true).size() == gaps.size());
  CHECK(times(all, "lost").empty());
  CHECK(times(all, "ready").size() == 1);
  CHECK(outcome(all, 202, 237) == "uncovered");
  CHECK(outcome(all, 1010, 1499) == "done");
}

TEST_CASE("A client and a pod on one vehicle need no air", "[physics]") {
  const auto run = simulation(shop(), 0, away({{200, 230}, {400, 1000}}));
  const auto all = records(*run);
  // 1 ms of work, and nothing else; the cluster takes the node for lost after the grace, and routes to its pod no more.
  const double out = changes(all, true).at(1);
  std::size_t served = 0;
  for (const auto& one : all) {
    if (one["kind"] != "request" || one["client"] != "rider" || one["start_s"] < 110 ||
        one["start_s"] >= out + grace - 1)
      continue;
    CHECK(one["outcome"] == "done");
    CHECK(one["latency_s"].get<double>() == Approx(0.001).epsilon(1e-9));
    ++served;
  }
  CHECK(served > 320);
  CHECK(outcome(all, 202, 230) == "uncovered");  // the other client, over the air
  CHECK(outcome(all, out + grace, 700, "rider") == "refused");
}

TEST_CASE("A node on a vehicle that fails is a node that fails", "[physics]") {
  Json scenario = shop();
  scenario["faults"] = {fault("node", "c/robot-0", 200, 300), fault("node", "c/robot-0", 400, 1200)};
  const auto run = simulation(scenario, 0, away({}));
  const auto all = records(*run);
  CHECK(times(all, "lost") == std::vector<double>{200, 400});
  const std::vector<double> ready = times(all, "ready");
  REQUIRE(ready.size() == 3);
  CHECK(ready[1] == Approx(300 + set_up + latency).epsilon(1e-12));
  CHECK(ready[2] == Approx(400 + grace + toleration + scheduler + set_up + latency).epsilon(1e-12));
  CHECK(times(all, "ready", "", "c/n-0").size() == 1);
}

TEST_CASE("A node that is repaired out of reach starts its pods when it is heard again", "[physics]") {
  Json scenario = shop();
  scenario["faults"] = {fault("node", "c/robot-0", 200, 300)};
  const auto run = simulation(scenario, 0, away({{250, 400}}));
  const auto all = records(*run);
  const std::vector<double> ready = times(all, "ready");
  REQUIRE(ready.size() == 2);
  CHECK(ready[1] == Approx(changes(all, false).at(1) + set_up + latency).epsilon(1e-12));
  CHECK(times(all, "ready", "", "c/n-0").empty());
}

TEST_CASE("A fault of a node that is out of reach is not noticed", "[physics]") {
  Json scenario = shop();
  scenario["faults"] = {fault("node", "c/robot-0", 220, 230), fault("node", "c/robot-0", 300, 320)};
  const auto run = simulation(scenario, 0, away({{200, 1000}}));
  const auto all = records(*run);
  const double out = changes(all, true).at(0);
  const std::vector<double> ready = times(all, "ready");
  REQUIRE(ready.size() == 2);
  CHECK(ready[1] == Approx(out + grace + toleration + scheduler + set_up + latency).epsilon(1e-12));
}

TEST_CASE("A node that begins out of reach is not ready after the grace", "[physics]") {
  const auto run = simulation(shop(), 0, away({{0, 1000}}, 1000));
  const auto all = records(*run);
  CHECK(times(all, "ready", "", "c/robot-0").empty());
  CHECK(times(all, "ready", "", "c/n-0").at(0) == Approx(100 + scheduler + set_up + latency).epsilon(1e-12));
}

TEST_CASE("A pod that is bound to a node out of reach starts when the node hears of it", "[physics]") {
  const auto run = simulation(shop(), 0, away({{90, 120}}));
  const auto all = records(*run);
  const std::vector<double> ready = times(all, "ready");
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] == Approx(changes(all, false).at(1) + set_up + latency).epsilon(1e-12));
  CHECK(value_of(*run, "placement.decisions") == 1);
  CHECK(value_of(*run, "scheduling.decisions") == 1);
}

TEST_CASE("A pod that is bound to a node out of reach and never starts is replaced", "[physics]") {
  const auto run = simulation(shop(), 0, away({{90, 1000}}));
  const auto all = records(*run);
  const double out = changes(all, true).at(0);
  const std::vector<double> ready = times(all, "ready");
  REQUIRE(ready.size() == 1);
  CHECK(times(all, "ready", "", "c/n-0").size() == 1);
  CHECK(ready[0] == Approx(out + grace + toleration + scheduler + set_up + latency).epsilon(1e-12));
}

namespace {
/// Clusters c-0 to c-3 whose wide area has 0.5 MB/s and 10 ms each way; c-2 and c-3 are on wheels. Cells of 1 MB/s and
/// 1 ms lead to c-0 and c-1.
struct Wheels {
  explicit Wheels(const FederationSpec& spec) : world(spec, Rng(1, 0), FlowSharing{}, {}, {}) {
    for (const std::uint32_t c : {2U, 3U}) bearers.push_back(world.network.add_bearer(ClusterId{c}));
    for (const std::uint32_t c : {0U, 1U}) cells.push_back(world.network.add_cell({c}, air(), false));
  }
  ~Wheels() { frames::destroy_processes(); }
  void attach(std::size_t vehicle, std::size_t cell) {
    world.network.attach(bearers[vehicle], cells[cell], BytesPerSecond(1e6), BytesPerSecond(1e6));
  }
  Process send(double start, std::uint32_t from, std::uint32_t to, double& took,
               Transport transport = Transport::queued) {
    co_await until(Seconds(start));
    Message message(world.network, ServiceClass::best_effort, transport);
    const Outcome outcome = co_await message.carry(Network::gateway({from}), Network::gateway({to}), Bytes(1000));
    took = outcome == Outcome::done ? now().value - start : -1;
  }
  Process then(double at, std::function<void()> what) {
    co_await until(Seconds(at));
    what();
  }
  Calendar calendar;
  World world;
  std::vector<BearerId> bearers;
  std::vector<CellId> cells;
};
// 1 kB over a link of the wide area, and over the air.
constexpr double wide = 0.002 + 0.010, hop = 0.001 + 0.001;
}  // namespace

TEST_CASE("To and from a cluster on wheels it goes by the gateway of its cell, in a star", "[physics]") {
  Wheels wheels(star(4));
  wheels.attach(0, 1);
  const Network& network = wheels.world.network;
  CHECK(network.gateway_of({2}) == ClusterId{1});
  CHECK_FALSE(network.gateway_of({3}));
  CHECK(network.latency({0}, {2}).value == Approx(0.021).epsilon(1e-12));
  CHECK(network.latency({2}, {1}).value == Approx(0.001).epsilon(1e-12));
  CHECK(network.latency({0}, {1}).value == Approx(0.020).epsilon(1e-12));
  CHECK(network.latency({0}, {3}) == forever);
  double there = 0, back = 0, near = 0, nobody = 0, across = 0, beside = 0, fixed = 0;
  spawn(wheels.send(0, 0, 2, there));
  spawn(wheels.send(1, 2, 0, back));
  spawn(wheels.send(2, 2, 1, near));
  spawn(wheels.send(3, 0, 3, nobody));
  spawn(wheels.then(4, [&] { wheels.attach(1, 0); }));
  spawn(wheels.send(5, 2, 3, across));
  spawn(wheels.then(6, [&] { wheels.attach(1, 1); }));
  spawn(wheels.send(7, 2, 3, beside));
  spawn(wheels.send(8, 0, 1, fixed));
  wheels.calendar.run(10_s);
  CHECK(there == Approx(2 * wide + hop).epsilon(1e-9));
  CHECK(back == Approx(2 * wide + hop).epsilon(1e-9));
  CHECK(near == Approx(hop).epsilon(1e-9));
  CHECK(nobody == -1);
  // Between two vehicles: by their gateways, and by the one that they share.
  CHECK(across == Approx(2 * wide + 2 * hop).epsilon(1e-9));
  CHECK(beside == Approx(2 * hop).epsilon(1e-9));
  CHECK(fixed == Approx(2 * wide).epsilon(1e-9));
}

TEST_CASE("In a mesh the distance is that to the gateway of its cell, not to where it was said to be", "[physics]") {
  FederationSpec spec = star(4);
  spec.topology = Topology::mesh;
  spec.stretch = 1.5;
  spec.clusters[0].positions = {{0, 0, 0}, {300e3, 0, 0}, {0, 900e3, 0}, {0, 900e3, 0}};
  Wheels wheels(spec);
  wheels.attach(0, 1);
  wheels.attach(1, 0);
  const double far = 300e3 * 1.5 / 204.218e6;
  CHECK(wheels.world.network.latency({0}, {2}).value == Approx(0.021 + far).epsilon(1e-6));
  double there = 0, back = 0, across = 0, near = 0, flow = 0;
  spawn(wheels.send(0, 0, 2, there));
  spawn(wheels.send(1, 2, 0, back));
  spawn(wheels.send(2, 2, 3, across));
  spawn(wheels.send(3, 0, 3, near));
  wheels.calendar.run(10_s);
  CHECK(there == Approx(2 * wide + hop + far).epsilon(1e-6));
  CHECK(back == Approx(2 * wide + hop + far).epsilon(1e-6));
  CHECK(across == Approx(2 * wide + 2 * hop + far).epsilon(1e-6));
  CHECK(near == Approx(hop).epsilon(1e-6));
  // As a flow it has the slowest link's 0.5 MB/s, and all latencies at once.
  spawn(wheels.send(11, 0, 2, flow, Transport::flow));
  wheels.calendar.run(20_s);
  CHECK(flow == Approx(0.002 + 0.021 + far).epsilon(1e-3));
}

TEST_CASE("What is on its way to a cluster on wheels follows it to another gateway, or is lost with its coverage",
          "[physics]") {
  Wheels wheels(star(4));
  wheels.attach(0, 1);
  double follows = 0, lost = 0, late = 0;
  // It is on its way down to c-1 when the vehicle goes to c-0: up again, down, and over the air.
  spawn(wheels.send(0, 0, 2, follows));
  spawn(wheels.then(0.013, [&] { wheels.attach(0, 0); }));
  spawn(wheels.then(1, [&] { wheels.attach(0, 1); }));
  spawn(wheels.send(1, 0, 2, lost));
  spawn(wheels.then(1.013, [&] { wheels.world.network.detach(wheels.bearers[0]); }));
  spawn(wheels.send(2, 2, 0, late));
  wheels.calendar.run(10_s);
  CHECK(follows == Approx(4 * wide + hop).epsilon(1e-9));
  CHECK(lost == -1);
  CHECK(late == -1);
  CHECK(wheels.world.network.latency({0}, {2}) == forever);
  CHECK_FALSE(wheels.world.network.gateway_of({2}));
}

namespace {
/// A hub, two clusters that stand, and two on vans, all at 1 Gbit/s and 5 ms; a pod on the first van, a client at the
/// hub, and cells 1 km apart that lead to the two.
Json federation() {
  Json scenario = station(4, 1, "1 ms", "1 /s", "1500 s");
  scenario["warmup"] = "0 s";
  const Json link = {{"bandwidth", "1 Gbit/s"}, {"latency", "5 ms"}};
  const Json one = with(cluster(scenario, "c"), {{"uplink", link}});
  scenario["clusters"] = {with(copy_of(one, "hub"), {{"role", "hub"}}), copy_of(one, "a"), copy_of(one, "b"),
                          with(copy_of(one, "van"), {{"count", 2}, {"on", "truck"}})};
  Json& app = application(scenario, "app");
  app["submit"] = {{"at", "100 s"}};
  component(app, "serve")["cluster"] = "van-0";
  component(app, "serve")["requests"] = {{"cpu", 1}};
  Json& user = client(scenario, "user");
  user["at"] = "hub";
  user["workload"] = {{"periodic", {{"period", "1 s"}}}};
  user["request"] = "1 kB";
  user["reply"] = "1 kB";
  scenario["clients"].push_back(with(copy_of(user, "friend"), {{"at", "van-1"}}));
  scenario["control_plane"] = prompt_codeco(
      {{"apply", "0 s"}, {"lease_jitter", 0}, {"status_jitter", 0}, {"resync_jitter", 0}, {"watch", true}},
      {{"set_up", "0 s"}, {"latency", "0 s"}, {"tear_down", "0 s"}, {"stop", "0 s"}});
  add_radio(scenario, "truck", 2, {{0, "a"}, {1000, "b"}});
  return scenario;
}
/// The second van rests at the first cell; the first is where it is told.
std::map<std::string, std::string> ways(const std::string& first) {
  return {{"ways.csv", "device,time_s,x,y\n" + first + "1,0,0,0\n"}};
}
double median_latency(const Records& all, const std::string& client, double from, double to) {
  std::vector<double> found;
  for (const auto& one : all)
    if (one["kind"] == "request" && one["client"] == client && one["start_s"] >= from && one["start_s"] < to)
      found.push_back(one["latency_s"]);
  REQUIRE_FALSE(found.empty());
  std::sort(found.begin(), found.end());
  return found[found.size() / 2];
}
std::vector<std::pair<double, bool>> availability(const Records& all, const std::string& cluster) {
  std::vector<std::pair<double, bool>> found;
  for (const auto& one : all)
    if (one["kind"] == "cluster" && one["cluster"] == cluster) found.emplace_back(one["t_s"], one["available"]);
  return found;
}
}  // namespace

TEST_CASE("A cluster on a van is reached by the gateways of the cells that it passes", "[physics]") {
  // From the cell of a to that of b, between 600 and 610 s: 100 m/s, and some 8 s without coverage.
  const auto run = simulation(federation(), 0, ways("0,0,0,0\n0,600,0,0\n0,610,1000,0\n"));
  const auto all = records(*run);
  CHECK(availability(all, "van-0").empty());
  CHECK(times(all, "ready").size() == 1);
  // Access and node at 1 Gbit/s, two links of the wide area, the air; there and back, and 1 ms of work.
  const double cable = 1000 / 125e6, both_ways = 2 * (4 * cable + 2 * 0.005 + 0.002) + 0.001;
  CHECK(outcome(all, 110, 599) == "done");
  CHECK(outcome(all, 603, 607) == "uncovered");
  CHECK(outcome(all, 610, 1499) == "done");
  CHECK(median_latency(all, "user", 110, 599) == Approx(both_ways).epsilon(1e-9));
  CHECK(median_latency(all, "user", 610, 1499) == Approx(both_ways).epsilon(1e-9));
  // From the other van: over the air up and down in one cell, then by a and b.
  CHECK(outcome(all, 110, 599, "friend") == "done");
  CHECK(median_latency(all, "friend", 110, 599) == Approx(2 * (2 * cable + 2 * 0.002) + 0.001).epsilon(1e-9));
  CHECK(outcome(all, 610, 1499, "friend") == "done");
  CHECK(median_latency(all, "friend", 610, 1499) ==
        Approx(2 * (4 * cable + 2 * 0.005 + 2 * 0.002) + 0.001).epsilon(1e-9));
}

TEST_CASE("A cluster on a van without coverage becomes Unknown by its lease, and joins again", "[physics]") {
  const auto run = simulation(federation(), 0, ways("0,0,0,0\n0,200,0,0\n0,201,500,0\n0,1000,500,0\n0,1001,0,0\n"));
  const auto all = records(*run);
  // As a cluster that is cut off: the last lease to arrive is sent in the minute before; five leases later it is
  // Unknown. A lease that fails is tried again after 75 s at most.
  const auto changes = availability(all, "van-0");
  REQUIRE(changes.size() == 2);
  CHECK_FALSE(changes[0].second);
  CHECK(changes[0].first > 200 - 60 + 300);
  CHECK(changes[0].first < 200 + 300 + 0.2);
  CHECK(changes[1].second);
  CHECK(changes[1].first > 1000);
  CHECK(changes[1].first <= 1001 + 75 + 0.2);
  CHECK(availability(all, "van-1").empty());
  CHECK(outcome(all, 202, 480) == "uncovered");
  CHECK(value_of(*run, "clusters.unknown") == 1);
  CHECK(value_of(*run, "clusters.reconnected") == 1);
}

TEST_CASE("What runs on a van goes on and heals itself while nothing reaches the van", "[physics]") {
  Json scenario = federation();
  node_pool(scenario, "van", "n")["count"] = 2;
  component(scenario, "app", "serve")["tolerations"] = {
      {{"key", "cluster.open-cluster-management.io/unreachable"}, {"operator", "Exists"}}};
  client(scenario, "user")["at"] = "van-0";
  scenario["faults"] = {fault("node", "van-0/n-0", 300, 1400)};
  const auto run = simulation(scenario, 0, ways("0,0,0,0\n0,200,0,0\n0,201,500,0\n0,1000,500,0\n0,1001,0,0\n"));
  const auto all = records(*run);
  REQUIRE(times(all, "ready", "", "van-0/n-0").size() == 1);
  CHECK(times(all, "ready", "", "van-0/n-1").at(0) == Approx(300 + grace + toleration + scheduler).epsilon(1e-9));
  CHECK(outcome(all, 202, 299) == "done");
  CHECK(outcome(all, 641, 999) == "done");
}

namespace {
/// The van passes on to the cell of b from 600 to 610 s; an end of a channel to it takes so long to be set up, from 100
/// s on.
void follow_the_van(const std::string& until_set_up) {
  Json scenario = federation();
  Json& app = application(scenario, "app");
  app["components"].push_back(with(copy_of(component(app, "serve"), "store"), {{"cluster", "a"}}));
  app["channels"] = {{{"from", "serve"},
                      {"to", "store"},
                      {"class", "ASSURED"},
                      {"bandwidth", "1 Mbit/s"},
                      {"request", "1 kB"},
                      {"reply", "1 kB"}}};
  scenario["control_plane"]["channels"] = {{"setup", until_set_up}, {"check", "10 s"}};
  const auto run = simulation(scenario, 0, ways("0,0,0,0\n0,600,0,0\n0,610,1000,0\n"));
  const auto all = records(*run);
  CHECK(outcome(all, 110, 599) == "done");
  CHECK(outcome(all, 610, 1499) == "done");
  CHECK(value_of(*run, "channels.requested") == 1);
  CHECK(value_of(*run, "channels.running") == 1);
  CHECK(value_of(*run, "channels.repathed") == 1);
  CHECK(value_of(*run, "channels.rejected") == 0);
}
}  // namespace

TEST_CASE("A channel to a van takes the way that the van is reached by, with what is reserved for it", "[physics]") {
  follow_the_van("1 s");
}

TEST_CASE("A channel that is admitted before a van passes on, and runs after, takes its new way", "[physics]") {
  follow_the_van("550 s");
}
