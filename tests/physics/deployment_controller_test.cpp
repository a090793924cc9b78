// Workloads instead of pods: scale-out, scale-in, rolling updates and the names of pods, through works and the
// Deployment controllers of clusters.
#include <set>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// A hub too small to run anything, and clusters of two nodes of 4 cores.
Json federation(int clusters, const std::string& plane) {
  Json scenario = station(4, 1, "1 ms", "10 /s", "1000 s");
  scenario["warmup"] = "0 s";
  scenario["node_types"]["tiny"] = {{"cores", 0.1}, {"memory", "8 GiB"}};
  const Json link = {{"bandwidth", "1 Gbit/s"}, {"latency", "1 ms"}};
  Json one = with(cluster(scenario, "c"), {{"uplink", link}});
  Json hub = with(copy_of(one, "hub"), {{"role", "hub"}});
  node_pool(hub, "n")["type"] = "tiny";
  one["count"] = clusters;
  node_pool(one, "n")["count"] = 2;
  scenario["clusters"] = {hub, one};
  client(scenario, "user")["at"] = "c-0";
  application(scenario, "app")["submit"] = {{"at", "100 s"}};
  component(scenario, "app", "serve")["requests"] = {{"cpu", 1}};
  scenario["control_plane"] = plane;
  return scenario;
}
std::size_t alive(const std::vector<nlohmann::json>& all, double at) {
  std::set<std::string> pods;
  for (const auto& one : all) {
    if (one["kind"] != "pod" || one["t_s"] > at) continue;
    if (one["phase"] == "ready") pods.insert(one["pod"].get<std::string>());
    if (one["phase"] == "stopping" || one["phase"] == "lost") pods.erase(one["pod"].get<std::string>());
  }
  return pods.size();
}
}  // namespace

TEST_CASE("A component runs as many pods as its user wants, from each date on", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented", "as-designed");
  CAPTURE(plane);
  Json scenario = federation(2, plane);
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 2;
  serve["scale"] = {
      {{"at", "300 s"}, {"replicas", 10}}, {{"at", "500 s"}, {"replicas", 1}}, {{"at", "700 s"}, {"replicas", 4}}};
  const Played run = play(scenario);
  const auto& all = run.records;
  CHECK(alive(all, 290) == 2);
  CHECK(alive(all, 490) == 10);
  CHECK(alive(all, 690) == 1);
  CHECK(alive(all, 990) == 4);
  CHECK(run.value("placement.pending") == 0);
  CHECK(run.value("requests.lost") == 0);
  if (plane == "oracle") return;
  CHECK(run.value("works.open") == 0);
  CHECK(run.value("replicas.duplicate") < 200);  // until works are applied
}

TEST_CASE("A user's changes come to the hub in the order in which the user made them", "[physics]") {
  Json scenario = federation(2, "as-implemented");
  Json& app = application(scenario, "app");
  app["submit"] = {{"at", "100 s"}, {"by", "c-0"}};
  Json& serve = component(app, "serve");
  // What cannot be sent is sent again, each at its own dates: what is wanted at 103 s would be there first.
  serve["scale"] = {
      {{"at", "103 s"}, {"replicas", 5}}, {{"at", "106 s"}, {"replicas", 3}}, {{"at", "600 s"}, {"replicas", 4}}};
  scenario["faults"] = {fault("partition", "c-0", 90, 116)};
  const Played run = play(scenario);
  CHECK(alive(run.records, 590) == 3);
  CHECK(alive(run.records, 990) == 4);
}

TEST_CASE("To no replicas at all, and back", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented");
  Json scenario = federation(1, plane);
  component(scenario, "app", "serve")["scale"] = {{{"at", "300 s"}, {"replicas", 0}},
                                                  {{"at", "500 s"}, {"replicas", 1}}};
  const Played run = play(scenario);
  const auto& all = run.records;
  CHECK(alive(all, 290) == 1);
  CHECK(alive(all, 490) == 0);
  CHECK(alive(all, 990) == 1);
}

TEST_CASE("What is unschedulable goes before what runs, and what is not ready before what is", "[physics]") {
  Json scenario = federation(1, "as-implemented");
  Json& serve = component(scenario, "app", "serve");
  serve["requests"] = {{"cpu", 3}};
  serve["replicas"] = 2;
  // The third has no room, and is the one that goes.
  serve["scale"] = {{{"at", "300 s"}, {"replicas", 3}}, {{"at", "500 s"}, {"replicas", 2}}};
  const Played run = play(scenario);
  const auto& all = run.records;
  CHECK(times(all, "gone").empty());
  CHECK(alive(all, 990) == 2);
}

TEST_CASE("No two pods ever have one name", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented", "as-designed");
  CAPTURE(plane);
  Json scenario = federation(2, plane);
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 4;
  scenario["faults"] = {
      {{"kind", "node"}, {"match", "c-*/*"}, {"renewal", {{"up", {{"exponential", "200 s"}}}, {"down", "400 s"}}}}};
  const Played run = play(scenario);
  std::set<std::string> gone;
  for (const auto& one : run.records) {
    if (one["kind"] != "pod") continue;
    CHECK(!gone.contains(one["pod"].get<std::string>()));
    if (one["phase"] == "gone") gone.insert(one["pod"].get<std::string>());
  }
}

namespace {
/// The pods that exist, and are not to go, at a date: those that are ready, and all.
struct Count {
  std::size_t ready = 0, all = 0;
};
Count count(const std::vector<nlohmann::json>& records, double at) {
  std::map<std::string, std::string> phases;
  for (const auto& one : records)
    if (one["kind"] == "pod" && one["t_s"] <= at) phases[one["pod"]] = one["phase"];
  Count sum;
  for (const auto& [pod, phase] : phases) {
    if (phase == "stopping" || phase == "gone" || phase == "lost") continue;
    ++sum.all;
    sum.ready += phase == "ready";
  }
  return sum;
}
}  // namespace

// Deployment controller, pkg/controller/deployment/rolling.go: 25 % of 10 are a surge of 3 and 2 that may not be ready.
TEST_CASE("A rolling update keeps to its surge and to what must be ready, and loses nothing", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented", "as-designed");
  CAPTURE(plane);
  Json scenario = federation(1, plane);
  node_pool(scenario, "c", "n")["count"] = 4;
  scenario["warmup"] = "200 s";
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 10;
  serve["rollouts"] = {{{"at", "400 s"}, {"image", {{"name", "next"}, {"size", "10 MB"}}}}};
  const Played run = play(scenario, "all");
  std::set<std::string> old, fresh;
  double end = 0;
  std::size_t pulls = 0;
  for (const auto& one : run.records) {
    if (one["kind"] == "image" && one["image"] == 1) ++pulls;
    if (one["kind"] != "pod") continue;
    const bool is_old = one["t_s"] < 400 || old.contains(one["pod"]);
    (is_old ? old : fresh).insert(one["pod"].get<std::string>());
    if (one["t_s"] < 400) continue;
    end = std::max(end, one["t_s"].get<double>());
    const Count now = count(run.records, one["t_s"]);
    CAPTURE(one["t_s"].get<double>());
    CHECK(now.ready >= 8);
    CHECK(now.all <= 13);
  }
  CHECK(old.size() == 10);
  CHECK(fresh.size() == 10);
  CHECK(pulls == 5);  // of four nodes, and of the cluster's cache
  CHECK(end < 600);
  CHECK(count(run.records, 990).ready == 10);
  CHECK(run.value("placement.pending") == 0);
  CHECK(run.value("requests.lost") == 0);
  CHECK(run.value("requests.refused") == 0);
}

TEST_CASE("One pod is replaced by starting the next first, and where there is no room the old one stays and it is said",
          "[physics]") {
  Json scenario = federation(1, "as-implemented");
  Json& serve = component(scenario, "app", "serve");
  serve["rollouts"] = {{{"at", "300 s"}}};
  const Played run = play(scenario);
  CHECK(count(run.records, 990).ready == 1);
  CHECK(times(run.records, "gone").size() == 1);
  CHECK(run.value("requests.lost") == 0);
  CHECK(run.value("placement.pending") == 0);

  node_pool(scenario, "c", "n")["count"] = 1;
  component(scenario, "app", "serve")["requests"]["cpu"] = 3;
  const Played stuck = play(scenario);
  CHECK(count(stuck.records, 990).ready == 1);
  CHECK(times(stuck.records, "gone").empty());
  REQUIRE(stuck.pending.size() == 1);
  CHECK(stuck.pending[0]["reason"].get<std::string>().find(
            "is of an older revision; the next: 0/1 nodes are available") == 0);
}

TEST_CASE("A cluster that cannot be reached rolls out when it hears of it, and to the last revision only",
          "[physics]") {
  Json scenario = federation(1, "as-implemented");
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 2;
  serve["rollouts"] = {{{"at", "300 s"}}, {{"at", "320 s"}}};
  scenario["faults"] = {fault("partition", "c-0", 290, 490)};
  const Played run = play(scenario);
  std::set<std::string> before, all;
  for (const auto& one : run.records) {
    if (one["kind"] != "pod") continue;
    all.insert(one["pod"].get<std::string>());
    if (one["t_s"] < 490) before.insert(one["pod"].get<std::string>());
  }
  CHECK(before.size() == 2);
  CHECK(all.size() == 4);
  CHECK(count(run.records, 990).ready == 2);
}

TEST_CASE("Without a surge old pods make way one by one, or all at once, and new ones come", "[physics]") {
  const auto [unavailable, least] = GENERATE(std::pair(0.25, 3), std::pair(0.0, 3), std::pair(1.0, 0));
  CAPTURE(unavailable);
  Json scenario = federation(1, "as-implemented");
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 4;
  serve["rollouts"] = {{{"at", "300 s"}}};
  scenario["control_plane"] = {{"preset", "as-implemented"},
                               {"kubernetes", {{"max_surge", 0}, {"max_unavailable", unavailable}}}};
  const Played run = play(scenario);
  for (double at = 300; at < 500; at += 0.25) {
    CHECK(static_cast<int>(count(run.records, at).ready) >= least);
    CHECK(count(run.records, at).all <= 4);
  }
  CHECK(count(run.records, 990).ready == 4);
  CHECK(times(run.records, "gone").size() == 4);
  CHECK(run.value("placement.pending") == 0);
}

TEST_CASE("Where all fit but the surge does not, a rollout ends in place and moves nothing", "[physics]") {
  const std::string plane = GENERATE("oracle", "as-implemented", "as-designed");
  CAPTURE(plane);
  Json scenario = federation(2, plane);
  scenario["policy"] = {{"placement", "nearest"}};
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 8;  // all that the two nodes of the first cluster have room for
  serve["rollouts"] = {{{"at", "300 s"}}};
  const Played run = play(scenario);
  std::set<std::string> pods;
  for (const auto& one : run.records)
    if (one["kind"] == "pod") {
      pods.insert(one["pod"].get<std::string>());
      CHECK(one["node"].get<std::string>().find("c-0/") == 0);
    }
  CHECK(pods.size() == 16);
  CHECK(count(run.records, 990).ready == 8);
  CHECK(run.value("placement.moves") == 0);
  CHECK(run.value("placement.pending") == 0);
}

TEST_CASE("A revision that never starts makes way for the next", "[physics]") {
  Json scenario = federation(1, "as-implemented");
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 4;
  serve["rollouts"] = {{{"at", "300 s"}, {"image", {{"name", "huge"}, {"size", "1 TB"}}}},
                       {{"at", "330 s"}, {"image", {{"name", "small"}, {"size", "1 MB"}}}}};
  const Played run = play(scenario);
  CHECK(count(run.records, 990).ready == 4);
  CHECK(run.value("placement.pending") == 0);
  CHECK(run.value("requests.lost") == 0);
}

TEST_CASE("Fewer replicas in the middle of a rollout, at whatever point of it, are as many in the end", "[physics]") {
  const int at = GENERATE(range(301, 321));
  CAPTURE(at);
  Json scenario = federation(1, "as-implemented");
  node_pool(scenario, "c", "n")["count"] = 4;
  scenario["warmup"] = "200 s";
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 22;
  serve["requests"] = {{"cpu", 0.5}};
  serve["rollouts"] = {{{"at", "300 s"}}};
  serve["scale"] = {{{"at", std::to_string(at) + " s"}, {"replicas", 8}}};
  // Five at a time, so that for a while there are two old ones and all new ones: in proportion more new ones stay than
  // are wanted.
  serve["start"] = "2 s";
  scenario["control_plane"] = {{"preset", "as-implemented"},
                               {"kubernetes", {{"max_surge", 0.2}, {"max_unavailable", 0}}}};
  const Played run = play(scenario);
  CHECK(count(run.records, 990).all == 8);
  CHECK(count(run.records, 990).ready == 8);
  CHECK(run.value("requests.lost") == 0);
  CHECK(run.value("requests.refused") == 0);
  CHECK(run.value("placement.pending") == 0);
}

TEST_CASE("A rollout of which a cluster never hears is told at the end", "[physics]") {
  Json scenario = federation(1, "as-implemented");
  component(scenario, "app", "serve")["rollouts"] = {{{"at", "300 s"}}};
  scenario["faults"] = {fault("partition", "c-0", 290, 2290)};
  const Played run = play(scenario);
  REQUIRE(run.pending.size() == 1);
  CHECK(run.pending[0]["reason"] == "is of an older revision; its cluster is unreachable and has not heard of it");
}

TEST_CASE("Where a revision's image is already is where its pods are best placed", "[physics]") {
  Json scenario = federation(1, "as-implemented");
  // Five nodes alike, and one more, which only its name and a label tell from them.
  scenario["node_types"]["other"] = scenario["node_types"]["n"];
  node_pool(scenario, "c", "n")["count"] = 5;
  cluster(scenario, "c")["nodes"].push_back({{"type", "other"}, {"count", 1}, {"labels", {{"holds", "next"}}}});
  scenario["policy"] = {{"scheduler", "kube-default"}};
  const Json image = {{"name", "next"}, {"size", "900 MB"}};
  Json holder = copy_of(application(scenario, "app"), "holder");
  holder["submit"] = {{"at", "50 s"}, {"delete_at", "250 s"}};
  Json& hold = component(holder, "serve");
  hold["name"] = "hold";
  hold["node_selector"] = {{"holds", "next"}};
  hold["image"] = image;
  scenario["applications"].push_back(holder);
  component(scenario, "app", "serve")["rollouts"] = {{{"at", "300 s"}, {"image", image}}};
  const Played run = play(scenario, "all");
  std::string held, then;
  std::size_t pulls = 0;
  for (const auto& one : run.records) {
    if (one["kind"] == "image" && !one["node"].is_null()) ++pulls;
    if (one["kind"] == "pod" && one["phase"] == "ready")
      (one["pod"].get<std::string>().starts_with("holder") ? held : then) = one["node"].get<std::string>();
  }
  CHECK(held != "");
  CHECK(held == then);
  CHECK(pulls == 1);
}
