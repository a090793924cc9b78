// The control plane inside a cluster, by hand: scheduler, kubelets, lost nodes, probes, crashes, pulls, deletion.
//
// One cluster is hub and spoke at once, so that what is wanted reaches it at once; the hub and ACM take no time. So an
// application that is submitted at 100 s is created at 100 s, and every later date follows from Kubernetes alone:
//   bound of the j-th pod = created + j / scheduler; ready of the k-th pod of a node = bound of its first + k set_up +
//   latency (+ start)
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
constexpr double created = 100, scheduler = 50, set_up = 0.6, latency = 1, tear_down = 0.21, stop = 0.8;

/// `nodes` nodes of 4 cores, and an application of `replicas` replicas that request `cpu` cores each.
Json one_cluster(int nodes, int replicas, double cpu = 0.5) {
  Json scenario = station(4, 1, "1 ms", "0.01 /s", "3000 s");
  scenario["warmup"] = "0 s";
  cluster(scenario, "c")["role"] = "hub";
  node_pool(scenario, "c", "n")["count"] = nodes;
  scenario["control_plane"] = prompt_codeco(
      {{"local_cluster", true}, {"apply", "0 s"}},
      {{"relist", "0 s"}, {"set_up", "0.6 s"}, {"latency", "1 s"}, {"tear_down", "0.21 s"}, {"stop", "0.8 s"}});
  Json& app = application(scenario, "app");
  app["submit"] = {{"at", "100 s"}};
  Json& serve = component(app, "serve");
  serve["replicas"] = replicas;
  serve["requests"] = {{"cpu", cpu}};
  return scenario;
}
std::map<std::string, std::string> from_to(double start, double end) {
  return {{"outage.csv", "start_s,duration_s\n" + std::to_string(start) + "," + std::to_string(end - start) + "\n"}};
}
}  // namespace

TEST_CASE("Twelve pods on three nodes are ready after a + 12 b", "[physics]") {
  const auto run = simulation(one_cluster(3, 12));
  run->run();
  const Histogram time = *figure(*run, "deployment.time").distribution;
  CHECK(time.count() == 12);
  // a = 1 s and the wait of the third node for its first pod, b = 0.6 s / 3.
  CHECK(time.max() == Approx(3 / scheduler + 12 * set_up / 3 + latency).epsilon(1e-9));
  // The k-th on its node after k set-ups.
  CHECK(time.mean() == Approx(2 / scheduler + set_up * (1 + 2 + 3 + 4) / 4 + latency).epsilon(1e-9));
}

TEST_CASE("Twenty-four pods on three nodes are ready after a + 24 b", "[physics]") {
  const auto run = simulation(one_cluster(3, 24));
  run->run();
  CHECK(figure(*run, "deployment.time").distribution->count() == 24);
  CHECK(figure(*run, "deployment.time").distribution->max() ==
        Approx(3 / scheduler + 24 * set_up / 3 + latency).epsilon(1e-9));
}

TEST_CASE("The scheduler binds so many pods a second, one application after the other", "[physics]") {
  Json scenario = one_cluster(3, 6);
  scenario["control_plane"]["kubernetes"]["scheduler"] = "2 /s";
  scenario["applications"].push_back(copy_of(application(scenario, "app"), "other"));
  const auto run = simulation(scenario);
  std::vector<double> bound;
  for (const auto& one : records(*run))
    if (one["kind"] == "decision" && !one["node"].is_null()) bound.push_back(one["t_s"]);
  REQUIRE(bound.size() == 12);
  for (std::size_t i = 0; i < bound.size(); ++i)
    CHECK(bound[i] == Approx(created + static_cast<double>(i + 1) / 2).epsilon(1e-12));
}

TEST_CASE("The pods of a lost node are replaced after grace and toleration", "[physics]") {
  Json scenario = one_cluster(2, 4, 1);
  scenario["faults"] = {fault("node", "c/n-0", "outage.csv")};
  const auto run = simulation(scenario, 0, from_to(200, 2000));
  const auto all = records(*run);
  CHECK(times(all, "lost") == std::vector<double>{200, 200});
  // Both are given up at 200 + 40 + 300 s, and scheduled one after the other.
  const std::vector<double> ready = times(all, "ready", "", "c/n-1");
  REQUIRE(ready.size() == 4);
  CHECK(ready[2] == Approx(540 + 1 / scheduler + set_up + latency).epsilon(1e-9));
  CHECK(ready[3] == Approx(540 + 1 / scheduler + 2 * set_up + latency).epsilon(1e-9));
  CHECK(value_of(*run, "placement.moves") == 2);
  CHECK(figure(*run, "deployment.time").distribution->max() == Approx(ready[3] - 200).epsilon(1e-9));
}

TEST_CASE("A component's own toleration of an unreachable node holds for it alone", "[physics]") {
  Json scenario = one_cluster(2, 1, 1);
  const Json unreachable = {{"key", "node.kubernetes.io/unreachable"}, {"operator", "Exists"}, {"effect", "NoExecute"}};
  const Json serve = component(scenario, "app", "serve");
  Json hasty = copy_of(serve, "hasty"), patient = copy_of(serve, "patient");
  hasty["tolerations"] = {with(unreachable, {{"seconds", "30 s"}})};
  patient["tolerations"] = {unreachable};  // for ever
  application(scenario, "app")["components"] = {serve, hasty, patient};
  cluster(scenario, "c")["nodes"] = {{{"type", "n"}}, {{"type", "big"}}};
  scenario["node_types"]["big"] = {{"cores", 64}, {"memory", "8 GiB"}};
  // The roomier node gets all three, and is lost.
  scenario["faults"] = {fault("node", "c/big-0", "outage.csv")};
  const auto run = simulation(scenario, 0, from_to(200, 1000));
  const auto all = records(*run);
  REQUIRE(times(all, "lost") == std::vector<double>{200, 200, 200});
  // Those that are evicted get successors.
  const auto only = [&](const std::string& pod) {
    const std::vector<double> ready = times(all, "ready", pod);
    REQUIRE(ready.size() == 1);
    return ready[0];
  };
  CHECK(only("app/hasty-1") == Approx(200 + 40 + 30 + 1 / scheduler + set_up + latency).epsilon(1e-9));
  CHECK(only("app/serve-1") == Approx(200 + 40 + 300 + 1 / scheduler + set_up + latency).epsilon(1e-9));
  REQUIRE(times(all, "ready", "app/patient-0").size() == 2);
  CHECK(times(all, "ready", "app/patient-0")[1] == Approx(1000 + set_up + latency).epsilon(1e-9));
  CHECK(value_of(*run, "placement.moves") == 2);
}

TEST_CASE("A node that is back before its pods are given up starts them in place", "[physics]") {
  Json scenario = one_cluster(2, 4, 1);
  scenario["faults"] = {fault("node", "c/n-0", "outage.csv")};
  const auto run = simulation(scenario, 0, from_to(200, 500));  // after the grace, before the toleration
  const std::vector<double> ready = times(records(*run), "ready", "", "c/n-0");
  REQUIRE(ready.size() == 4);
  CHECK(ready[2] == Approx(500 + set_up + latency).epsilon(1e-9));
  CHECK(ready[3] == Approx(500 + 2 * set_up + latency).epsilon(1e-9));
  CHECK(value_of(*run, "placement.moves") == 0);
  CHECK(figure(*run, "deployment.time").distribution->count() == 6);
}

TEST_CASE("Two short outages are no long one: grace and toleration begin anew", "[physics]") {
  Json scenario = one_cluster(2, 4, 1);
  scenario["faults"] = {fault("node", "c/n-0", "outage.csv")};
  // 320 s and 330 s, each shorter than 340 s.
  const auto run = simulation(scenario, 0, {{"outage.csv", "start_s,duration_s\n200,320\n521,330\n"}});
  run->run();
  CHECK(value_of(*run, "placement.moves") == 0);
}

TEST_CASE("A pod with a readiness probe is ready at the first look that finds it started", "[physics]") {
  Json scenario = one_cluster(1, 1, 0.5);
  Json& serve = component(scenario, "app", "serve");
  serve["readiness"] = {{"initial_delay", "1 s"}, {"period", "2 s"}};
  serve["start"] = "2.5 s";  // looks at 1, 3, 5 s: found at 3 s
  Json& apps = scenario["applications"];
  for (const char* start : {"3 s", "0.5 s", "3.001 s"}) {  // at 3 s, 1 s, 5 s
    Json next = copy_of(application(scenario, "app"), "app-" + std::to_string(apps.size() + 1));
    next["submit"]["at"] = std::to_string(100 * (apps.size() + 1)) + " s";
    component(next, "serve")["start"] = start;
    apps.push_back(next);
  }
  const auto run = simulation(scenario);
  const std::vector<double> ready = times(records(*run), "ready");
  REQUIRE(ready.size() == 4);
  const double before = 1 / scheduler + set_up + latency;
  CHECK(ready[0] == Approx(100 + before + 3).epsilon(1e-12));
  CHECK(ready[1] == Approx(200 + before + 3).epsilon(1e-12));
  CHECK(ready[2] == Approx(300 + before + 1).epsilon(1e-12));
  CHECK(ready[3] == Approx(400 + before + 5).epsilon(1e-12));
}

TEST_CASE("A container that crashes starts again after 0, 10, 20, ... 300 s", "[physics]") {
  Json scenario = one_cluster(1, 1);
  component(scenario, "app", "serve")["crash"] = "5 s";
  component(scenario, "app", "serve")["start"] = "3 s";
  const auto run = simulation(scenario);
  const auto all = records(*run);
  const std::vector<double> crashed = times(all, "crashed"), ready = times(all, "ready");
  REQUIRE(crashed.size() >= 9);
  CHECK(crashed[0] == Approx(ready[0] + 5).epsilon(1e-12));
  const double pauses[] = {0, 10, 20, 40, 80, 160, 300, 300};
  for (std::size_t i = 0; i < std::size(pauses); ++i) {
    INFO(i);
    CHECK(ready[i + 1] - crashed[i] == Approx(pauses[i] + latency + 3).epsilon(1e-9));
  }
  CHECK(value_of(*run, "containers.crashed") == static_cast<double>(crashed.size()));
}

TEST_CASE("A container that ran for ten minutes starts without pause again", "[physics]") {
  Json scenario = one_cluster(1, 1);
  component(scenario, "app", "serve")["crash"] = "600 s";
  const auto run = simulation(scenario);
  const auto all = records(*run);
  const std::vector<double> crashed = times(all, "crashed"), ready = times(all, "ready");
  REQUIRE(crashed.size() == 4);  // at 702 s and every 601 s
  for (std::size_t i = 0; i < 4; ++i) CHECK(ready[i + 1] - crashed[i] == Approx(latency).epsilon(1e-9));
}

TEST_CASE("A container that ran for a second less does not", "[physics]") {
  Json scenario = one_cluster(1, 1);
  component(scenario, "app", "serve")["crash"] = "599 s";
  const auto run = simulation(scenario);
  const auto all = records(*run);
  const std::vector<double> crashed = times(all, "crashed"), ready = times(all, "ready");
  REQUIRE(crashed.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const double pause[] = {0, 10, 20, 40};
    CHECK(ready[i + 1] - crashed[i] == Approx(latency + pause[i]).epsilon(1e-9));
  }
}

TEST_CASE("An exit is noticed at the kubelet's next look", "[physics]") {
  Json scenario = one_cluster(1, 20, 0.1);
  scenario["control_plane"]["kubernetes"]["relist"] = "4 s";
  component(scenario, "app", "serve")["crash"] = "1000 s";
  const auto run = simulation(scenario);
  const auto all = records(*run);
  double sum = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string pod = "app/serve-" + std::to_string(i);
    const std::vector<double> crashed = times(all, "crashed", pod), ready = times(all, "ready", pod);
    REQUIRE(crashed.size() == 2);
    const double noticed = ready[1] - crashed[0] - latency;
    CHECK(noticed >= 0);
    CHECK(noticed <= 4);
    sum += noticed;
  }
  // Uniform on 4 s: mean 2 s, standard error 4 / sqrt(12 * 20) = 0.26 s; within five of them.
  CHECK(sum / 20 == Approx(2).margin(1.3));
}

TEST_CASE("A kubelet starts ten pulls at once and then five a second", "[physics]") {
  Json scenario = one_cluster(1, 1, 0.1);
  scenario["control_plane"]["kubernetes"]["set_up"] = "0 s";
  scenario["control_plane"]["kubernetes"]["scheduler"] = "1000000 /s";
  const Json serve = component(scenario, "app", "serve");
  Json& components = application(scenario, "app")["components"];
  components = Json::array();
  for (int i = 0; i < 12; ++i) {
    Json one = copy_of(serve, "s" + std::to_string(i));
    one["image"] = {{"name", "i" + std::to_string(i)},
                    {"size", "1 MB"}};  // at 125 MB/s: 8 ms each, one after the other
    components.push_back(one);
  }
  client(scenario, "user")["entry"] = "s0";
  const auto run = simulation(scenario);
  std::vector<double> starts;
  for (const auto& record : records(*run))
    if (record["kind"] == "image") starts.push_back(record["start_s"]);
  REQUIRE(starts.size() == 12);
  const double bound = created + 1e-6;
  for (std::size_t i = 0; i < 10; ++i) CHECK(starts[i] == Approx(bound + 0.008 * static_cast<double>(i)).epsilon(1e-6));
  // The bucket of ten is empty after the tenth; it has gained whole tokens 0.2 s and 0.4 s after the first was taken.
  CHECK(starts[10] == Approx(bound + 0.2).epsilon(1e-9));
  CHECK(starts[11] == Approx(bound + 0.4).epsilon(1e-9));
}

TEST_CASE("A cluster that went down as a whole starts its pods in place when it is back", "[physics]") {
  Json scenario = one_cluster(2, 4, 1);
  scenario["faults"] = {fault("cluster", "c", "outage.csv")};
  const auto run = simulation(scenario, 0, from_to(200, 1400));  // long after grace and toleration
  const auto all = records(*run);
  CHECK(times(all, "lost").size() == 4);
  for (const char* node : {"c/n-0", "c/n-1"}) {
    const std::vector<double> ready = times(all, "ready", "", node);
    REQUIRE(ready.size() == 4);
    CHECK(ready[2] == Approx(1400 + set_up + latency).epsilon(1e-9));
    CHECK(ready[3] == Approx(1400 + 2 * set_up + latency).epsilon(1e-9));
  }
  CHECK(value_of(*run, "placement.moves") == 0);
  CHECK(value_of(*run, "applications.running") == 1);
}

TEST_CASE("A control plane that is back gives nodes that are not their grace anew", "[physics]") {
  Json scenario = one_cluster(2, 4, 1);
  scenario["faults"] = {fault("cluster", "c", "outage.csv"), fault("node", "c/n-0", "longer.csv")};
  auto files = from_to(200, 1400);
  files["longer.csv"] = "start_s,duration_s\n250,2250\n";
  const auto run = simulation(scenario, 0, files);
  const std::vector<double> ready = times(records(*run), "ready", "", "c/n-1");
  REQUIRE(ready.size() == 6);
  CHECK(ready[4] == Approx(1400 + 40 + 300 + 1 / scheduler + set_up + latency).epsilon(1e-9));
  CHECK(ready[5] == Approx(1400 + 40 + 300 + 1 / scheduler + 2 * set_up + latency).epsilon(1e-9));
  CHECK(value_of(*run, "placement.moves") == 2);
}

TEST_CASE("What is deleted is torn down pod by pod, and its room is for others", "[physics]") {
  Json scenario = one_cluster(1, 2, 2);  // all of the node
  scenario["applications"].push_back(copy_of(application(scenario, "app"), "next"));
  application(scenario, "app")["submit"]["delete_at"] = "300 s";
  application(scenario, "next")["submit"]["at"] = "200 s";
  const auto run = simulation(scenario);
  const Scratch scratch;
  run->trace().write_to(Detail::all, std::make_unique<JsonLines>(scratch / "trace", run->names()));
  run->run(Seconds(299));
  CHECK(reason(*run, "next/serve") == "0/1 clusters are available: 1 Insufficient cpu.");
  CHECK(value_of(*run, "applications.running") == 1);
  CHECK(value_of(*run, "applications.pending") == 1);
  CHECK(value_of(*run, "applications.deleted") == 0);
  run->clock().run(Seconds(1000));
  run->trace().close(now());
  const auto all = trace_records(scratch / "trace");
  CHECK(times(all, "stopping") == std::vector<double>{300, 300});
  const std::vector<double> gone = times(all, "gone"), ready = times(all, "ready", "next/serve-0");
  REQUIRE(gone.size() == 2);
  CHECK(gone[0] == Approx(300 + tear_down + stop).epsilon(1e-12));
  CHECK(gone[1] == Approx(300 + 2 * tear_down + stop).epsilon(1e-12));
  // The hub hears of the room with the next scrape, of 15 s, and has tried again 10 s before at the earliest.
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] > gone[1]);
  CHECK(ready[0] < gone[1] + 15 + 10 + 2 / scheduler + 2 * set_up + latency);
  CHECK(value_of(*run, "applications.running") == 1);
  CHECK(value_of(*run, "applications.pending") == 0);
  CHECK(value_of(*run, "applications.deleted") == 1);
  CHECK(run->control_plane().pending().empty());
}

TEST_CASE("What fits on no node is pending, says why, and is placed when a node is back", "[physics]") {
  // Three of 2.5 cores fit the cluster's sum of 8 free cores, but one each a node.
  Json scenario = one_cluster(3, 3, 2.5);
  scenario["faults"] = {fault("node", "c/n-2", "outage.csv")};
  const auto run = simulation(scenario, 0, from_to(20, 500));
  const Scratch scratch;
  run->trace().write_to(Detail::all, std::make_unique<JsonLines>(scratch / "trace", run->names()));
  run->run(Seconds(499));
  CHECK(reason(*run, "app/serve").starts_with("0/2 nodes are available: 2 Insufficient cpu. Elsewhere: 0/1 clusters"));
  CHECK(run->control_plane().pending().size() == 1);
  run->clock().run(Seconds(600));
  run->trace().close(now());
  const std::vector<double> ready = times(trace_records(scratch / "trace"), "ready", "app/serve-2");
  REQUIRE(ready.size() == 1);
  CHECK(ready[0] == Approx(500 + 1 / scheduler + set_up + latency).epsilon(1e-9));
  CHECK(run->control_plane().pending().empty());
}
