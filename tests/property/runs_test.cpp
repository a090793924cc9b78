// What must hold for every run, checked over shipped scenarios and many seeds through the program itself.
#include <fmt/format.h>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim::test;

namespace {
std::string melbourne(const std::string& sites) {
  return fmt::format("{} --set /clusters/site/position/csv={} --set /clients/user/at/csv={} --until '60 s'",
                     library("melbourne.json"), shared_data("melbourne/" + sites),
                     shared_data("melbourne/users-cbd.csv"));
}
bool have_melbourne() {
  const bool have = std::filesystem::exists(shared_data("melbourne/sites-metro.csv"));
  if (!have) WARN("skipped: the files of Melbourne's sites are not beside the repository (../shared/data/melbourne)");
  return have;
}

void check_run(const nlohmann::ordered_json& run) {
  REQUIRE(!run.empty());
  const double completed = value(run, "requests.completed"), failed = value(run, "requests.failed"),
               left = value(run, "requests.in_flight");
  CHECK(completed > 0);
  // Every request ends in one way or is still under way.
  CHECK(value(run, "requests.submitted") == completed + failed + left);
  CHECK(failed == value(run, "requests.lost") + value(run, "requests.refused") + value(run, "requests.rejected") +
                      value(run, "requests.timed_out"));
  CHECK(value(run, "requests.deadline_misses") <= value(run, "requests.submitted"));
  CHECK(value(run, "violations.compliance") == 0);
  CHECK(value(run, "placement.refused") == 0);
  const double utilisation = value(run, "cpu.utilisation");
  CHECK(utilisation >= 0);
  CHECK(utilisation <= 1);
  CHECK(value(run, "availability") <= 1);
  // Little's law: L = lambda W, over the requests that count; those that fail and those cut off by the end are the
  // difference.
  const double little = value(run, "requests.rate") * run["summary"]["request.latency"]["mean"].get<double>();
  CHECK(value(run, "requests.in_flight.mean") == Approx(little).epsilon(0.01));
}
}  // namespace

TEST_CASE("Shipped scenarios: Little's law and conservation", "[property]") {
  const std::string name = GENERATE("quickstart", "agv-factory-static", "smart-city");
  CAPTURE(name);
  check_run(simulate(library(name + ".json")));
}

TEST_CASE("Melbourne: 125 and 1 464 real sites", "[property]") {
  if (!have_melbourne()) return;
  const auto centre = simulate(melbourne("sites-cbd.csv")), metropolis = simulate(melbourne("sites-metro.csv"));
  check_run(centre);
  check_run(metropolis);
  CHECK(centre["manifest"]["clusters"] == 126);
  CHECK(metropolis["manifest"]["clusters"] == 1465);
}

TEST_CASE("Same scenario, seed and replication: same fingerprint, with run-ahead and without, at every trace level",
          "[property]") {
  const std::string name = GENERATE("quickstart", "agv-factory-static", "smart-city");
  const std::string arguments = library(name + ".json") + " --until '60 s'";
  CAPTURE(name);
  const auto reference = simulate(arguments);
  REQUIRE(!reference.empty());
  const auto fingerprint = reference["manifest"]["fingerprint"];
  CHECK(simulate(arguments)["manifest"]["fingerprint"] == fingerprint);
  CHECK(simulate(arguments + " --no-run-ahead")["manifest"]["fingerprint"] == fingerprint);
  CHECK(simulate(arguments + " --progress json")["manifest"]["fingerprint"] == fingerprint);
  CHECK(simulate(arguments + " --seed 77")["manifest"]["fingerprint"] != fingerprint);
  CHECK(simulate(arguments + " --replication 1")["manifest"]["fingerprint"] != fingerprint);
  for (const char* level : {"none", "decisions", "requests", "all"}) {
    const Scratch scratch;
    REQUIRE(
        codecosim::test::codecosim("run " + arguments + " --trace " + level + " --out " + (scratch / "run")).status ==
        0);
    const auto manifest = nlohmann::json::parse(contents(scratch / "run/manifest.json"));
    CHECK(manifest["fingerprint"] == fingerprint);
  }
}

TEST_CASE("Run-ahead changes nothing on the real sites either", "[property]") {
  if (!have_melbourne()) return;
  const auto with = simulate(melbourne("sites-metro.csv")),
             without = simulate(melbourne("sites-metro.csv") + " --no-run-ahead");
  REQUIRE(!with.empty());
  CHECK(with["manifest"]["fingerprint"] == without["manifest"]["fingerprint"]);
}

TEST_CASE("Conservation and bounds over 50 seeds, with faults", "[property]") {
  // Idle power for all of the time is the least, busy power the most that the nodes can draw: per edge cluster 3 * 2.7
  // + 90 and 3
  // * 6.4 + 320 W.
  const double idle = 10 * (3 * 2.7 + 90) + 4 * 90, busy = 10 * (3 * 6.4 + 320) + 4 * 320;
  for (int seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    const auto run = simulate(
        fmt::format("{} --seed {} --until '120 s' --set /faults/0/match='edge-*/*'", library("quickstart.json"), seed));
    REQUIRE(!run.empty());
    CHECK(value(run, "requests.submitted") ==
          value(run, "requests.completed") + value(run, "requests.failed") + value(run, "requests.in_flight"));
    const double energy = value(run, "energy.nodes");
    CHECK(energy <= busy * 90);
    CHECK(energy >= 0.8 * idle * 90);  // nodes that are down draw nothing
    CHECK(value(run, "violations.compliance") == 0);
  }
}

TEST_CASE("A policy changes no arrival: the same requests come, whoever decides", "[property]") {
  const std::string arguments = library("quickstart.json") + " --until '100 s'";
  const auto nearest = simulate(arguments);
  REQUIRE(!nearest.empty());
  for (const char* policy : {"random", "round-robin", "first-fit", "kube-default"}) {
    const auto other = simulate(arguments + " --policy " + policy);
    REQUIRE(!other.empty());
    CHECK(value(other, "requests.submitted") == value(nearest, "requests.submitted"));
    check_run(other);
  }
}

TEST_CASE("The order of a file's keys changes nothing", "[property]") {
  auto scenario = nlohmann::ordered_json::parse(contents(library("quickstart.json")));
  nlohmann::ordered_json turned = nlohmann::ordered_json::object();
  for (auto it = scenario.rbegin(); it != scenario.rend(); ++it) turned[it.key()] = it.value();
  const Scratch scratch;
  const auto reference = simulate(library("quickstart.json") + " --until '60 s'"),
             other = simulate(scratch.write("turned.json", turned.dump()) + " --until '60 s'");
  REQUIRE(!other.empty());
  CHECK(reference["manifest"]["fingerprint"] == other["manifest"]["fingerprint"]);
}

TEST_CASE("A client that sends nothing leaves every other request as it was", "[property]") {
  auto scenario = nlohmann::ordered_json::parse(contents(library("quickstart.json")));
  auto silent = copy_of(client(scenario, "camera"), "silent");
  const Scratch scratch;
  scratch.write("none.csv", "time_s\n1e9\n");
  silent["workload"] = {{"csv", "none.csv"}};
  scenario["clients"].push_back(silent);
  const auto reference = simulate(library("quickstart.json")),
             other = simulate(scratch.write("scenario.json", scenario.dump()));
  REQUIRE(!other.empty());
  for (const char* name : {"requests.completed", "requests.failed", "requests.deadline_misses", "energy.nodes"})
    CHECK(value(reference, name) == value(other, name));
  CHECK(reference["summary"]["request.latency"] == other["summary"]["request.latency"]);
}

TEST_CASE("More bandwidth never slows a lone transfer", "[property]") {
  double before = 1e300;
  for (const char* bandwidth : {"20 Mbit/s", "50 Mbit/s", "200 Mbit/s", "1 Gbit/s"}) {
    const auto run = simulate(fmt::format(
        "{} --until '200 s' --set /applications/inspection/count=1 --set /clusters/edge/uplink/bandwidth='\"{}\"'",
        library("quickstart.json"), bandwidth));
    REQUIRE(!run.empty());
    const double longest = run["summary"]["deployment.time"]["max"];
    CHECK(longest <= before);
    before = longest;
  }
}
