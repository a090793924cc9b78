#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/shell.hpp"

// Broken files of kubectl, and the lines that must be reported for them: nothing is written, and the status is 3.

namespace codecosim::test {
namespace {

std::vector<std::string> reported(const std::string& text, const std::string& arguments = "", int status = 3) {
  const Scratch scratch;
  const Ran ran = codecosim("import " + scratch.write("a.yaml", text) + " " + arguments);
  CHECK(ran.status == status);
  if (status != 0) CHECK(ran.out.empty());
  std::vector<std::string> lines;
  std::istringstream in(ran.err);
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = line.find(scratch.path() + "/");
    if (at != std::string::npos) line.erase(at, scratch.path().size() + 1);
    lines.push_back(line);
  }
  return lines;
}

using Lines = std::vector<std::string>;

std::string app(const std::string& spec) {
  return "apiVersion: codeco.he-codeco.eu/v1alpha1\nkind: CodecoApp\nmetadata: {name: app}\nspec: " + spec + "\n";
}
std::string service(const std::string& more, const std::string& container = "") {
  return app("{codecoapp-msspec: [{serviceName: a, podspec: {containers: [{name: a" + container + "}]}" + more + "}]}");
}

const std::string start = "a.yaml#/spec/codecoapp-msspec/0";

}  // namespace

TEST_CASE("a file that is neither YAML nor JSON is refused, with the place") {
  CHECK(reported("") == Lines{"a.yaml: empty, expected what `kubectl get -o yaml` or `-o json` writes"});
  CHECK(reported("{\"kind\": ") == Lines{"a.yaml: not valid JSON: at line 1, column 10: syntax error while parsing "
                                         "value - unexpected end of input; expected "
                                         "'[', '{', or a literal"});
  CHECK(reported("a: [1\nb: 2") ==
        Lines{"a.yaml: not valid YAML: at line 2, column 2: end of sequence flow not found"});
  CHECK(reported("a: \xff\n") == Lines{"a.yaml: not valid UTF-8"});
  CHECK(reported(std::string("a: b\0c", 6)) == Lines{"a.yaml: not a text: it holds a zero byte"});
  CHECK(reported("a: &x [1]\nb: *x\n") ==
        Lines{"a.yaml: at line 2, column 4: an alias (*): these are not followed; write out what it stands for"});
  CHECK(reported("a: !!binary aGk=\n") ==
        Lines{"a.yaml: at line 1, column 4: the tag tag:yaml.org,2002:binary: tags are not read"});
  CHECK(reported("? [a]\n: b\n") == Lines{"a.yaml: at line 1, column 3: a key that is not a text"});
  CHECK(reported("~: b\n") == Lines{"a.yaml: at line 1, column 1: a key that is empty"});
  CHECK(reported("just words\n") == Lines{"a.yaml#: expected an object, found \"just words\"",
                                          "these files: there is no CodecoApp, Node or ManagedCluster in them"});
}

TEST_CASE("a file that would fill the memory or the stack is refused") {
  std::string deep, wide = "{\"a\": 1", laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  for (int i = 0; i < 20'000; ++i) wide += ", \"k" + std::to_string(i) + "\": 1";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + ", " + before + "]\n";
  }
  CHECK(reported(deep).size() == 1);
  CHECK(reported("{\"a\":" + deep)[0].find("more than 64 levels of nesting") != std::string::npos);
  CHECK(reported(wide + "}") == Lines{"a.yaml#: more than 10000 keys in an object"});
  CHECK(reported(laughs)[0].find("an alias (*)") != std::string::npos);
  std::string indented;
  for (int i = 0; i < 2000; ++i) indented += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(reported(indented)[0].find("more than 64 levels of nesting") != std::string::npos);
  const Ran endless = codecosim("import /dev/zero");
  CHECK(endless.status == 3);
  CHECK(endless.err == "/dev/zero: larger than 64 MB\n");
}

TEST_CASE("files that are not there are all reported") {
  const Ran ran = codecosim("import /nowhere.yaml " + import_data("minimal.yaml") + " /tmp --lenient");
  CHECK(ran.status == 3);
  CHECK(ran.out.empty());
  CHECK(ran.err == "/nowhere.yaml: no such file\n/tmp: a directory, expected a file\n");
}

TEST_CASE("objects of other kinds are refused, but for those that matter to no simulation") {
  CHECK(reported("a: b\n")[0] == "a.yaml#: \"kind\" is missing: expected CodecoApp, Node, ManagedCluster or List");
  CHECK(reported(app("{codecoapp-msspec: [{serviceName: a}]}") + "---\napiVersion: apps/v1\nkind: Deployment\n") ==
        Lines{"a.yaml document 2#/kind: \"Deployment\" cannot be imported; CodecoApp, Node and ManagedCluster can"});
  CHECK(reported("apiVersion: v1\nkind: CodecoApp\n")[0] ==
        "a.yaml#/apiVersion: \"v1\": a CodecoApp has \"codeco.he-codeco.eu/...\"");
  CHECK(reported("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\n" + service(""), "", 0) ==
        Lines{"note: a.yaml document 1#: no effect in the simulation: Namespace"});
}

TEST_CASE("everything that is not understood is reported at once") {
  const std::string text = R"(apiVersion: codeco.he-codeco.eu/v1alpha1
kind: CodecoApp
metadata: {name: app, name: app}
spec:
  qosClass: gold
  securityClass: Great
  complianceClass: 3
  appEnergyLimit: lots
  appFailureTolerance: 101%
  codecoapp-msspec:
  - serviceName: a
    podspec:
      nodeName: nowhere
      tolerations: [{value: x}]
      containers:
      - {name: a, image: a, resources: {limits: {cpu: 2 cores, memory: 4GB}}, imagee: b}
    serviceChannels:
    - {otherService: {serviceName: b, appName: other}, serviceClass: BEST}
    - {}
  - serviceName: a
)";
  const Lines expected{
      "a.yaml#/metadata/name: the key \"name\" occurs twice",
      "a.yaml#/spec/qosClass: \"gold\" is not one of Gold, Silver, BestEffort; did you mean \"Gold\"?",
      "a.yaml#/spec/securityClass: \"Great\" is not one of High, Good, Medium, Low, None",
      "a.yaml#/spec/complianceClass: expected a text, found 3",
      "a.yaml#/spec/appEnergyLimit: \"lots\" is no percentage from 0 to 100, such as \"20\"",
      "a.yaml#/spec/appFailureTolerance: \"101%\" is no percentage from 0 to 100, such as \"20\", nor one of High, "
      "Medium, Low",
      start + "/podspec/nodeName: there is no Node \"nowhere\" in these files",
      start +
          "/podspec/tolerations/0: without a key only the operator \"Exists\" has a meaning: it tolerates every taint",
      start + "/podspec/containers/0: unknown key \"imagee\"; did you mean \"image\"?",
      start +
          "/podspec/containers/0/resources/limits/cpu: \"2 cores\" is no Kubernetes quantity, such as \"500m\", \"2\" "
          "or \"4Gi\"",
      start +
          "/podspec/containers/0/resources/limits/memory: \"4GB\" is no Kubernetes quantity, such as \"500m\", \"2\" "
          "or \"4Gi\"",
      start +
          "/serviceChannels/0/otherService: \"b\" of another application, \"other\": calls from one application into "
          "another are "
          "not simulated",
      start + "/serviceChannels/0/serviceClass: \"BEST\" is not one of ASSURED, BESTEFFORT",
      start + "/serviceChannels/1: \"otherService\" is missing (The microservice that the channel leads to.)",
      "a.yaml#/spec/codecoapp-msspec/1/serviceName: \"a\" names two microservices"};
  CHECK(reported(text) == expected);
  // On request the same lines are notes, and the rest is imported.
  const Lines notes = reported(text, "--lenient", 0);
  REQUIRE(notes.size() == expected.size());
  for (const std::string& line : expected) CHECK(std::find(notes.begin(), notes.end(), "note: " + line) != notes.end());
}

TEST_CASE("what is wrong with a microservice is said where it is") {
  CHECK(reported(app("{}")) == Lines{"a.yaml#/spec: \"codecoapp-msspec\" is missing (Its microservices.)"});
  CHECK(reported(app("{codecoapp-msspec: []}")) ==
        Lines{"a.yaml#/spec/codecoapp-msspec: an application needs at least one microservice"});
  CHECK(reported(service(", replicas: 1.5")) ==
        Lines{start + ": 1.5 replicas: expected a whole number from 1 to 10000"});
  CHECK(reported(service("", ", resources: {limits: {cpu: 2 cores}}")) ==
        Lines{start + "/podspec/containers/0/resources/limits/cpu: \"2 cores\" is no Kubernetes quantity, such as "
                      "\"500m\", \"2\" or "
                      "\"4Gi\""});
  CHECK(reported(service("", ", resources: {requests: {cpu: -1}}")) ==
        Lines{start + "/podspec/containers/0/resources/requests/cpu: \"-1\" must not be negative"});
  CHECK(reported(service("", ", resources: {requests: {cpu: 2}, limits: {cpu: 1}}")) ==
        Lines{start + "/podspec/containers/0/resources: the request of cpu is above the limit"});
}

TEST_CASE("what is wrong with a channel is said where it is") {
  const auto channel = [](const std::string& text) { return reported(service(", serviceChannels: [{" + text + "}]")); };
  CHECK(channel("chanelName: x, otherService: {serviceName: b}") ==
        Lines{start + "/serviceChannels/0: unknown key \"chanelName\"; did you mean \"channelName\"?",
              start + "/serviceChannels/0/otherService: there is no microservice \"b\"; did you mean \"a\"?"});
  CHECK(channel("otherService: {serviceName: a}") ==
        Lines{start + "/serviceChannels/0: this channel closes a circle of calls from \"a\" to itself"});
  const auto with = [&](const std::string& key, const std::string& value) {
    const Lines lines =
        reported(app("{codecoapp-msspec: [{serviceName: b}, {serviceName: a, serviceChannels: [{otherService: "
                     "{serviceName: b}, advancedChannelSettings: {" +
                     key + ": " + value + "}}]}]}"));
    REQUIRE(lines.size() == 1);
    const std::string place = "a.yaml#/spec/codecoapp-msspec/1/serviceChannels/0/advancedChannelSettings/" + key + ": ";
    REQUIRE(lines[0].rfind(place, 0) == 0);
    return lines[0].substr(place.size());
  };
  CHECK(with("maxDelay", "5m") == "\"5m\" may be minutes or thousandths of a second: write it in \"s\" or \"ms\"");
  CHECK(with("maxDelay", "0") ==
        "\"0\" is no duration from 1 ns to a year, such as \"10s\", \"20ms\", or \"0.02\" in seconds");
  CHECK(with("minBandwidth", "1K") == "\"1K\" is no Kubernetes quantity, such as \"500m\", \"2\" or \"4Gi\"");
  CHECK(with("frameSize", "1e300") == "\"1e+300\" is more than there can be");
  CHECK(with("sendInterval", "[1]") == "expected a text or a number, found [1]");
}

TEST_CASE("what is not understood is left out on request") {
  const Lines lines = reported(service(", colour: red"), "--lenient", 0);
  CHECK(lines.size() == 1);
  CHECK(lines[0].rfind("note: " + start + ": unknown key \"colour\"", 0) == 0);
}

TEST_CASE("an import overwrites nothing") {
  const Scratch scratch;
  const std::string mine = scratch.write("mine.json", "mine");
  const Ran ran = codecosim("import " + import_data("minimal.yaml") + " --out " + mine);
  CHECK(ran.status == 5);
  CHECK(ran.err.find(mine + " exists already") != std::string::npos);
  CHECK(contents(mine) == "mine");
}

TEST_CASE("an import into a scenario that is broken, or has the clusters already, is refused") {
  const Scratch scratch;
  const std::string broken = scratch.write("broken.json", "{}"), first = scratch / "first.json";
  CHECK(codecosim("import " + import_data("minimal.yaml") + " --into " + broken).status == 3);
  CHECK(codecosim("import " + import_data("nodes.yaml") + " --out " + first).status == 0);
  const Ran again = codecosim("import " + import_data("nodes.yaml") + " --into " + first);
  CHECK(again.status == 3);
  CHECK(again.err == "these files: the scenario has a cluster \"nodes\" already\n");
}

}  // namespace codecosim::test
