// What must hold of every run of CODECO's control plane, over seeds, faults and presets.
#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim::test;

namespace {
std::string drill(const std::string& preset, int seed) {
  return fmt::format(
      "{} --set '/control_plane=\"{}\"' --seed {} --set /clusters/edge-operator/count=15 --set "
      "/clusters/edge-city/count=15 "
      "--set /applications/monitor/count=75 --set /clients/sensor/count=75 --set '/duration=\"60 min\"' --set "
      "'/warmup=\"15 min\"' "
      "--set '/faults/0/outages/0/start=\"20 min\"' --set '/faults/2/renewal/up/exponential=\"2 h\"'",
      library("partition-drill.json"), preset, seed);
}
}  // namespace

TEST_CASE("Every work is applied, superseded or open, every application is running, pending for a reason, or deleted",
          "[property]") {
  for (const char* preset : {"as-implemented", "as-designed"})
    for (int seed = 1; seed <= 6; ++seed) {
      CAPTURE(preset, seed);
      const Scratch scratch;
      const Ran ran = codecosim::test::codecosim("run " + drill(preset, seed) + " --out " + (scratch / "out"));
      REQUIRE(ran.status == 0);
      const nlohmann::ordered_json run = {
          {"summary", nlohmann::ordered_json::parse(contents(scratch / "out/summary.json"))}};
      CHECK(value(run, "works.issued") ==
            value(run, "works.applied") + value(run, "works.superseded") + value(run, "works.open"));
      CHECK(value(run, "applications.running") + value(run, "applications.pending") +
                value(run, "applications.deleted") ==
            75);
      CHECK(value(run, "violations.compliance") == 0);
      const auto pending = nlohmann::json::parse(contents(scratch / "out/pending.json"));
      CHECK((pending.size() > 0) == (value(run, "applications.pending") > 0));
      for (const auto& one : pending) CHECK(!one["reason"].get<std::string>().empty());
      CHECK(value(run, "requests.submitted") ==
            value(run, "requests.completed") + value(run, "requests.failed") + value(run, "requests.in_flight"));
    }
}

TEST_CASE("The control plane is deterministic, with run-ahead and without", "[property]") {
  for (const char* preset : {"as-implemented", "as-designed"}) {
    const auto one = simulate(drill(preset, 1)), again = simulate(drill(preset, 1)),
               without = simulate(drill(preset, 1) + " --no-run-ahead"), other = simulate(drill(preset, 2));
    REQUIRE(!one.empty());
    CHECK(one["manifest"]["fingerprint"] == again["manifest"]["fingerprint"]);
    CHECK(one["manifest"]["fingerprint"] == without["manifest"]["fingerprint"]);
    CHECK(one["manifest"]["fingerprint"] != other["manifest"]["fingerprint"]);
  }
}

TEST_CASE("A run with the control plane that a manifest prints is the same run", "[property]") {
  const std::string chosen = GENERATE(
      R"("as-implemented")", R"({"preset": "as-designed", "neighbourhood": {"partition": "by-provider"}})",
      R"({"preset": "as-designed", "probes": "none", "neighbourhood": {"partition": {"k-nearest": {"k": 2}}, "exchange": "45 s"}})",
      R"({"preset": "as-designed", "neighbourhood": {"partition": {"k-means": {"size": 3, "resources": 0.3}}}})");
  CAPTURE(chosen);
  const auto with = [](const std::string& plane) {
    return simulate(fmt::format("{} --until '30 min' --set '/control_plane={}'", drill("oracle", 1), plane));
  };
  const auto one = with(chosen);
  REQUIRE(!one.empty());
  const auto again = with(one["manifest"]["control_plane"].dump());
  REQUIRE(!again.empty());
  CHECK(again["manifest"]["control_plane"] == one["manifest"]["control_plane"]);
  CHECK(again["manifest"]["fingerprint"] == one["manifest"]["fingerprint"]);
  if (chosen.find("partition") != std::string::npos)  // the choice matters, so that losing it would show
    CHECK(with(R"("as-designed")")["manifest"]["fingerprint"] != one["manifest"]["fingerprint"]);
}

TEST_CASE("A control plane that must hear of things is never better than one that knows them", "[property]") {
  for (int seed = 1; seed <= 3; ++seed) {
    const auto oracle = simulate(drill("oracle", seed)), designed = simulate(drill("as-designed", seed)),
               implemented = simulate(drill("as-implemented", seed));
    CAPTURE(seed);
    CHECK(value(oracle, "availability") >= value(designed, "availability"));
    CHECK(value(oracle, "availability") >= value(implemented, "availability"));
    CHECK(value(oracle, "requests.submitted") == value(designed, "requests.submitted"));
    CHECK(value(oracle, "bytes.control") == 0);
  }
}

TEST_CASE("The load of a hub is the arithmetic of its clusters", "[property]") {
  // 3 500 clusters that renew every 60 to 75 s, write every 15 s and read back every 30 s, in 20 minutes.
  const auto run = simulate(library("fleet.json") + " --until '20 min'");
  REQUIRE(!run.empty());
  CHECK(value(run, "clusters.joined") == 3500);
  CHECK(value(run, "applications.running") == 7000);
  CHECK(value(run, "works.open") == 0);
  const double leases = 3500 / 67.5, writes = 3500 / 15.0, reads = 3500 / 30.0, listing = 3500 / 1200.0,
               works = 2 * 7000 / 1200.0;
  CHECK(value(run, "hub.requests") == Approx(leases + writes + reads + listing + works).epsilon(0.05));
  CHECK(value(run, "hub.utilisation") == Approx(value(run, "hub.requests") * 0.004 / 16).epsilon(0.02));
}
