#include "scenarios/import/import.hpp"

#include <cmath>
#include <sstream>

#include "scenarios/import/manifest.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {
namespace {

/// The scenario of files that are understood in full.
Json imported(const std::vector<std::string>& names, Json into = Json::object()) {
  std::vector<std::string> files;
  for (const std::string& name : names) files.push_back(import_data(name));
  const Import result = import_kubernetes(files, std::move(into));
  CHECK(result.fatal.empty());
  for (const Problem& problem : result.problems) FAIL_CHECK(problem.where + ": " + problem.what);
  return result.scenario;
}

/// The first application of a CodecoApp whose only microservice has this PodSpec, or of a pair with this channel
/// between them.
Json component_of(const std::string& podspec, const std::string& more = "") {
  const Scratch scratch;
  const Import result = import_kubernetes({scratch.write("app.yaml", R"(apiVersion: codeco.he-codeco.eu/v1alpha1
kind: CodecoApp
metadata: {name: app}
spec:
  codecoapp-msspec:
  - serviceName: a
    podspec: )" + podspec + "\n" + more)},
                                          Json::object());
  for (const Problem& problem : result.problems) FAIL_CHECK(problem.where + ": " + problem.what);
  return result.scenario["applications"][0];
}
Json channel_of(const std::string& settings) {
  return component_of("{containers: [{name: a, image: a}]}",
                      "    serviceChannels: [{otherService: {serviceName: b}, advancedChannelSettings: " + settings +
                          "}]\n  - {serviceName: b, podspec: {containers: [{name: b, image: b}]}}")["channels"][0];
}

}  // namespace

TEST_CASE("quantities are those of Kubernetes") {
  for (const auto& [text, value] :
       std::vector<std::pair<std::string, double>>{{"2", 2},        {"500m", 0.5},   {"1.5", 1.5},
                                                   {".5", 0.5},     {"5.", 5},       {"+3", 3},
                                                   {"-1", -1},      {"1k", 1e3},     {"2M", 2e6},
                                                   {"3G", 3e9},     {"1T", 1e12},    {"1P", 1e15},
                                                   {"1E", 1e18},    {"1e3", 1e3},    {"1E3", 1e3},
                                                   {"10e-3", 0.01}, {"2e+2", 200},   {"100u", 1e-4},
                                                   {"5n", 5e-9},    {"1Ki", 1024},   {"1Mi", 1048576},
                                                   {"4Gi", 0x1p32}, {"1Ti", 0x1p40}, {"1Pi", 0x1p50},
                                                   {"1Ei", 0x1p60}, {"0", 0},        {"128974848000m", 128974848}}) {
    INFO(text);
    const auto parsed = kubernetes_quantity(text);
    REQUIRE(parsed);
    CHECK(std::abs(*parsed - value) <= 1e-15 * std::abs(value));
  }
  for (const std::string text : {"", "m", "1K", "4GB", "1 Gi", "1e", "1e1.5", "1e999", "0x10", "inf", "nan", "--1",
                                 "1.2.3", "1Kim", "one", "+", ".", "1e3m"}) {
    INFO(text);
    CHECK_FALSE(kubernetes_quantity(text));
  }
}

TEST_CASE("durations are those of Go") {
  for (const auto& [text, value] : std::vector<std::pair<std::string, double>>{{"10s", 10},
                                                                               {"1m30s", 90},
                                                                               {"1.5h", 5400},
                                                                               {"20ms", 0.02},
                                                                               {"7us", 7e-6},
                                                                               {"7µs", 7e-6},
                                                                               {"9ns", 9e-9},
                                                                               {"0", 0},
                                                                               {"-2s", -2},
                                                                               {"2h45m", 9900},
                                                                               {"1s500ms", 1.5},
                                                                               {"+1m", 60}}) {
    INFO(text);
    const auto parsed = go_duration(text);
    REQUIRE(parsed);
    CHECK(std::abs(*parsed - value) <= 1e-15 * std::abs(value));
  }
  for (const std::string text : {"", "10", "s", "1d", "1s2", "1 s", "1s ", "1e3s", "1m-30s"}) {
    INFO(text);
    CHECK_FALSE(go_duration(text));
  }
}

TEST_CASE("YAML is typed as Kubernetes types it, and null is nothing") {
  const Scratch scratch;
  const ManifestFile file = read_manifests(scratch.write("a.yaml",
                                                         "---\n# nothing\n---\na: 2\nb: \"2\"\nc: 1e3\nd: on\ne: ~\nf: "
                                                         "true\ng: 010\nh: -5\ni: null\nj: [null]\n---\n[x]\n"));
  REQUIRE(file.documents.size() == 2);
  CHECK(file.documents[0].content ==
        Json::parse(R"({"a":2,"b":"2","c":1000.0,"d":"on","f":true,"g":"010","h":-5,"j":[null]})"));
  CHECK(file.documents[0].name == scratch / "a.yaml document 1");
  CHECK(file.documents[1].content == Json::array({"x"}));
}

TEST_CASE("a CodecoApp of two microservices becomes an application, a client and two nodes") {
  const Json scenario = imported({"minimal.yaml"});
  CHECK(scenario["applications"] == Json::parse(R"([
    { "name": "shop", "qos": "Gold", "compliance": "High", "security": "Good", "profile": "Greenness",
      "energy_limit": 0.3, "components": [
        { "name": "front", "image": { "name": "nginx:1.25", "size": "200 MB" }, "requests": { "cpu": "2", "memory": "4Gi" },
          "limits": { "cpu": "2", "memory": "4Gi" }, "work": { "exponential": "20 ms" } },
        { "name": "back", "image": { "name": "example.org/back:7", "size": "200 MB" }, "requests": { "cpu": "2", "memory": "4Gi" },
          "limits": { "cpu": "2", "memory": "4Gi" }, "work": { "exponential": "20 ms" } } ],
      "channels": [ { "from": "front", "to": "back", "class": "ASSURED", "request": "500 B", "reply": "500 B",
                      "bandwidth": "5 Mbit/s", "max_delay": "1 s" } ] } ])"));
  CHECK(scenario["clients"] == Json::parse(R"([
    { "name": "shop", "application": "shop", "at": "cluster", "entry": "front", "workload": { "poisson": "10 /s" },
      "request": "1 kB", "reply": "10 kB" } ])"));
  CHECK(scenario["name"] == "shop");
  CHECK(scenario["clusters"][0]["nodes"] == Json::parse(R"([ { "type": "server", "count": 2 } ])"));
  CHECK(scenario["description"].get<std::string>().find("two nodes of 16 cores and 64 GiB") != std::string::npos);
}

TEST_CASE("Nodes that are alike are one pool, and one that an application names stands alone") {
  const Json scenario = imported({"pair.yaml", "nodes.yaml"});
  CHECK(scenario["clusters"][0]["name"] == "nodes");
  CHECK(scenario["clusters"][0]["nodes"] ==
        Json::parse(R"([ { "type": "control" }, { "type": "pi" }, { "type": "worker-b" }, { "type": "nodes.pi" } ])"));
  CHECK(scenario["node_types"]["worker-b"] == Json::parse(R"(
    { "cores": "3800m", "memory": "7Gi", "arch": "arm64", "power": { "idle": "10.64 W", "busy": "38 W" }, "max_pods": 110,
      "labels": { "disk": "fast", "kubernetes.io/arch": "arm64", "kubernetes.io/hostname": "worker-b",
                  "node.kubernetes.io/instance-type": "pi" } })"));
  // worker-c is cordoned, without the taint that Kubernetes would have added by now.
  CHECK(scenario["node_types"]["nodes.pi"]["taints"] ==
        Json::parse(R"([ { "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule" } ])"));
  CHECK(scenario["applications"][0]["components"][1]["node_name"] == "nodes/worker-b-0");
  CHECK(imported({"nodes.yaml"})["clusters"][0]["nodes"] ==
        Json::parse(R"([ { "type": "control" }, { "type": "pi", "count": 2 }, { "type": "nodes.pi" } ])"));
}

TEST_CASE("a pod asks for what Kubernetes' scheduler counts") {
  const Json db = imported({"pair.yaml", "nodes.yaml"})["applications"][0]["components"][1];
  CHECK(db["requests"]["cpu"] == "3");  // `migrate` alone, before the sidecar: more than 100m + 1500m + 250m
  CHECK(db["requests"]["memory"] == "1207296256 B");        // 32Mi + 1Gi + 100M > 64Mi
  CHECK(db["limits"] == Json::parse(R"({ "cpu": "3" })"));  // 200m + 2 + 250m, raised to the request
  CHECK(db["image"] == Json::parse(R"({ "name": "postgres:16", "size": "154000000 B" })"));  // as a node lists it
  CHECK(db["tolerations"].size() == 2);

  const auto needs = [](const std::string& pod) {
    const Json component = component_of(pod)["components"][0];
    return std::pair{component.value("requests", Json()), component.value("limits", Json())};
  };
  CHECK(
      needs(
          "{containers: [{name: a, resources: {limits: {cpu: 2}}}, {name: b, resources: {requests: {cpu: 1500m}}}]}") ==
      std::pair{Json{{"cpu", "3500m"}}, Json()});
  CHECK(needs("{containers: [{name: a, resources: {requests: {cpu: 0.1}}}], initContainers: [{name: s, restartPolicy: "
              "Always, "
              "resources: {requests: {cpu: 1}}}, {name: i, resources: {requests: {cpu: 1}}}]}") ==
        std::pair{Json{{"cpu", "2"}}, Json()});
  CHECK(needs("{containers: [{name: a, resources: {requests: {cpu: 1, memory: 1Ki}, limits: {cpu: 1}}}], "
              "overhead: {cpu: 250m, memory: 1}}") ==
        std::pair{Json{{"cpu", "1250m"}, {"memory", "1025 B"}}, Json{{"cpu", "1250m"}}});
  CHECK(needs("{containers: [{name: a, resources: {requests: {cpu: 1}}}], resources: {requests: {cpu: 3}, limits: "
              "{cpu: 4}}}") == std::pair{Json{{"cpu", "3"}}, Json{{"cpu", "4"}}});
}

TEST_CASE("a readiness probe and how long taints are tolerated are those of the pod") {
  const auto readiness = [](const std::string& probe) {
    return component_of("{containers: [{name: a, readinessProbe: " + probe + "}]}")["components"][0]["readiness"];
  };
  CHECK(readiness("{httpGet: {port: 80}, initialDelaySeconds: 5, periodSeconds: 3}") ==
        Json::parse(R"({ "initial_delay": "5 s", "period": "3 s" })"));
  CHECK(readiness("{exec: {command: [x]}}") == Json::parse(R"({ "initial_delay": "0 s", "period": "10 s" })"));
  CHECK(readiness("{tcpSocket: {port: 1}, periodSeconds: 0}")["period"] == "10 s");
  CHECK_FALSE(component_of("{containers: [{name: a}]}")["components"][0].contains("readiness"));
  CHECK(
      component_of(
          "{containers: [{name: a}], tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: "
          "NoExecute, tolerationSeconds: 30}, {operator: Exists, effect: NoExecute, tolerationSeconds: -1}, {operator: "
          "Exists}]}")["components"][0]["tolerations"] == Json::parse(R"([
    { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "seconds": "30 s" },
    { "operator": "Exists", "effect": "NoExecute", "seconds": "0 s" }, { "operator": "Exists" } ])"));
}

TEST_CASE("classes and limits of an application are those of the CodecoApp, in every spelling") {
  const auto app = [](const std::string& spec) {
    const Scratch scratch;
    const Import result = import_kubernetes({scratch.write("app.yaml",
                                                           "apiVersion: codeco.he-codeco.eu/v1alpha1\nkind: CodecoApp\n"
                                                           "metadata: {name: app}\nspec: {" +
                                                               spec +
                                                               ", codecoapp-msspec: [{serviceName: a, podspec: "
                                                               "{containers: [{name: a, image: a}]}}]}\n")},
                                            Json::object());
    for (const Problem& problem : result.problems) FAIL_CHECK(problem.where + ": " + problem.what);
    return result.scenario["applications"][0];
  };
  for (const std::string word : {"None", "Low", "Medium", "Good", "High"}) {
    CHECK(app("securityClass: " + word)["security"] == word);
    CHECK(app("securityclass: " + word)["security"] == word);
  }
  for (const std::string word : {"Low", "Medium", "High"}) {
    CHECK(app("complianceClass: " + word)["compliance"] == word);
    CHECK(app("complianceclass: " + word)["compliance"] == word);
  }
  CHECK(app("appEnergyLimit: 20%")["energy_limit"] == 0.2);
  CHECK(app("appEnergyLimit: 100")["energy_limit"] == 1);
  CHECK(app("appenergylimit: \"0\"")["energy_limit"] == 0);
  CHECK_FALSE(app("appEnergyLimit: \"\"").contains("energy_limit"));
}

TEST_CASE("a channel carries its frame, or what its bandwidth makes of its interval, or 500 B") {
  const auto settings = [](const std::string& text) {
    const Json channel = channel_of(text);
    return std::vector<std::string>{channel["request"], channel.value("bandwidth", ""), channel.value("max_delay", "")};
  };
  using S = std::vector<std::string>;
  CHECK(settings("{}") == S{"500 B", "", ""});
  CHECK(settings("{minBandwidth: 5M}") == S{"500 B", "5 Mbit/s", ""});
  CHECK(settings("{minBandwidth: \"5\"}") == S{"500 B", "5 bit/s", ""});
  CHECK(settings("{frameSize: 1k, sendInterval: 10e-3}") == S{"1000 B", "800 kbit/s", ""});
  CHECK(settings("{frameSize: 1k, sendInterval: \"10\"}") == S{"1000 B", "800 kbit/s", ""});  // no interval above 10 ms
  CHECK(settings("{minBandwidth: 8M, sendInterval: 5ms}") == S{"5000 B", "8 Mbit/s", ""});
  CHECK(settings("{minBandwidth: 1e9, maxDelay: 1m30s}") == S{"500 B", "1 Gbit/s", "90 s"});
  CHECK(settings("{maxDelay: 1}")[2] == "1 s");
  CHECK(settings("{maxDelay: 20e-3}")[2] == "20 ms");
  CHECK(settings("{maxDelay: 250us}")[2] == "0.25 ms");
}

TEST_CASE("the channel back of a pair is the way of the answers") {
  const Json channels = imported({"pair.yaml", "nodes.yaml"})["applications"][0]["channels"];
  CHECK(channels ==
        Json::parse(R"([ { "from": "load", "to": "db", "class": "BESTEFFORT", "request": "100 B", "reply": "2000 B",
                                       "bandwidth": "1 Mbit/s", "max_delay": "10 s" } ])"));
}

TEST_CASE("the older field sets are read") {
  const Json apps = imported({"older.yaml"})["applications"];
  REQUIRE(apps.size() == 2);
  CHECK(apps[0]["name"] == "my-plant");
  CHECK(apps[0]["components"][0] ==
        Json::parse(R"({ "name": "sensor-hub", "image": { "name": "sensors", "size": "200 MB" },
    "requests": { "cpu": "2", "memory": "120000000 B" }, "work": { "exponential": "20 ms" } })"));
  CHECK(apps[0]["components"][1]["requests"]["memory"] == "7812500Ki");  // 8 GB
  CHECK(apps[1]["failure_tolerance"] == 0.05);
  CHECK(apps[1]["channels"] == Json::parse(R"([
    { "from": "web", "to": "db", "request": "3125 B", "reply": "500 B", "bandwidth": "5 Mbit/s", "max_delay": "3 ms" },
    { "from": "web", "to": "cache", "request": "500 B", "reply": "500 B", "bandwidth": "1.2 Mbit/s", "max_delay": "3 ms" } ])"));
}

TEST_CASE("a list of kubectl in JSON: six microservices, what the cluster added, ManagedClusters") {
  const Json scenario = imported({"books.json", "clusters.yaml"});
  CHECK(scenario["applications"][0]["components"].size() == 6);
  CHECK(scenario["applications"][0]["channels"].size() == 5);
  CHECK(scenario["applications"][0]["failure_tolerance"] == 0.05);
  REQUIRE(scenario["clusters"].size() == 2);  // the hub does not accept edge-2
  CHECK(scenario["clusters"][0]["role"] == "hub");
  CHECK(scenario["clusters"][1]["labels"] ==
        Json::parse(R"({ "zone": "north", "platform.open-cluster-management.io": "Other" })"));
  CHECK(scenario["clusters"][1]["nodes"] == Json::parse(R"([
    { "type": "edge-1", "taints": [ { "key": "gpu", "value": "true", "effect": "NoSchedule" } ] } ])"));
  CHECK(scenario["clients"][0]["at"] == "edge-1");
  CHECK(scenario["clients"][0]["entry"] == "page");
}

TEST_CASE("what was there stays when more is imported into it") {
  const Json before = Json::parse(contents(library("quickstart.json")));
  Json after = imported({"books.json", "minimal.yaml"}, before);
  CHECK(after["applications"].size() == before["applications"].size() + 2);
  CHECK(after["clients"].back()["at"] == "edge-0");
  CHECK(after["clusters"] == before["clusters"]);
  CHECK(after["applications"][0] == before["applications"][0]);
  for (const char* key : {"applications", "clients", "description"}) after[key] = before[key];
  CHECK(after == before);
  // The same once more: the resource's own name, then a number.
  const Json twice = imported({"minimal.yaml", "minimal.yaml"})["applications"];
  CHECK(twice[1]["name"] == "demo-shop");
}

TEST_CASE("what is known but not simulated is a note, once a document") {
  const Import result = import_kubernetes({import_data("books.json")}, Json::object());
  std::vector<std::string> notes;
  for (const Problem& note : result.notes) notes.push_back(note.where.substr(note.where.find('#')) + ": " + note.what);
  CHECK(notes ==
        std::vector<std::string>{
            "#/items/0/spec/codecoapp-msspec/0/podspec/containers/0: no effect in the simulation: env, ports (and 5 "
            "more)",
            "#/items/0/spec/codecoapp-msspec/0/podspec: no effect in the simulation: schedulerName (and 5 more)"});
}

}  // namespace codecosim::test
