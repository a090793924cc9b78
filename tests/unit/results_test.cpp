// The table that sweeps and single runs make, and every way in which one may be broken.
#include "analysis/results.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using test::Scratch;

namespace {
const std::string about =
    "column,role,unit,meaning,better\nrun,id,,,\nplacement,factor,,,\nreplication,id,,,\nstatus,status,,,\nrequest."
    "latency,metric,"
    "s,"
    "From sending to answer,lower\n";

std::string message_of(const std::vector<std::string>& paths) {
  try {
    Results{paths};
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing is wrong";
}

void write_run(const Scratch& scratch, const std::string& name, const std::string& manifest,
               const std::string& summary) {
  std::filesystem::create_directory(scratch / name);
  scratch.write(name + "/manifest.json", manifest);
  scratch.write(name + "/summary.json", summary);
}
}  // namespace

TEST_CASE("A sweep's table has its columns, numbers and folders", "[unit]") {
  const Scratch scratch;
  scratch.write("columns.csv", about);
  scratch.write("results.csv",
                "run,placement,replication,status,request.latency\na,\"near, "
                "by\",0,done,0.5\nb,far,1,failed,\nc,far,2,done,nan\n");
  std::filesystem::create_directories(scratch / "runs/a");
  scratch.write("runs/a/summary.json", "{}");
  const Results results({scratch.path()});
  const std::size_t latency = results.need("request.latency", Results::Role::metric);
  CHECK(results.rows() == 3);
  CHECK(results.number(0, latency) == 0.5);
  CHECK_FALSE(results.number(1, latency));
  CHECK_FALSE(results.number(2, latency));
  CHECK(results.done(0));
  CHECK_FALSE(results.done(1));
  CHECK(results.replication(2) == 2);
  CHECK(results.columns()[latency].unit == "s");
  CHECK(results.columns()[latency].better == Better::lower);
  CHECK(results.levels(*results.find("placement")) == std::vector<std::string>{"near, by", "far"});
  CHECK(results.folder(0) == scratch / "runs/a");
  CHECK(results.folder(1).empty());
  CHECK(Results({scratch / "results.csv"}).rows() == 3);
}

TEST_CASE("Single runs make a table, with units of quantiles and of kinds of clients", "[unit]") {
  const Scratch scratch;
  write_run(
      scratch, "a", R"({"scenario": "s", "placement": "nearest", "seed": 7, "replication": 3, "fingerprint": "f"})",
      R"({"request.latency": {"value": 0.5, "unit": "s", "p99": 0.9, "count": 4}, "carbon": {"value": 2, "unit": "g"},
                "by_client": {"cars": {"request.latency": {"value": 0.25, "unit": "s", "p99": 0.3, "count": 2}}}})");
  const Results results({scratch / "a"});
  const auto unit = [&](const char* metric) {
    return results.columns()[results.need(metric, Results::Role::metric)].unit;
  };
  CHECK(results.name() == "s");
  CHECK(results.text(0, *results.find("placement")) == "nearest");
  CHECK(results.replication(0) == 3);
  CHECK(unit("request.latency.p99") == "s");
  CHECK(unit("request.latency.count") == "1");
  CHECK(unit("request.latency.p99[cars]") == "s");
  CHECK(unit("carbon") == "g");
  CHECK(results.number(0, *results.find("request.latency[cars]")) == 0.25);
  CHECK_THROWS_WITH(results.need("carbonn", Results::Role::metric),
                    "there is no metric \"carbonn\"; did you mean \"carbon\"?");
}

TEST_CASE("JSON that is nested too deep is refused before it takes the stack", "[unit]") {
  const auto nested = [](int levels) {
    return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  const Scratch scratch;
  write_run(scratch, "good", "{}", nested(64));
  CHECK(message_of({scratch / "good"}) == "nothing is wrong");
  for (const int levels : {65, 200'000}) {
    write_run(scratch, "deep", "{}", nested(levels));
    CHECK(message_of({scratch / "deep"}) == scratch / "deep/summary.json: more than 64 levels of nesting");
  }
}

// Every metric that the program describes stands here on purpose: a new one fails until somebody has thought about it.
TEST_CASE("Of every metric it is known which way it is better", "[unit]") {
  const std::vector<std::string> higher{"requests.completed",    "requests.rate",        "requests.success",
                                        "requests.in_time",      "availability",         "agv.missions",
                                        "agv.missions_per_hour", "applications.running", "recommendation.followed",
                                        "channels.running",      "radio.stay",           "images.cached"};
  const std::vector<std::string> neither{"requests.submitted",
                                         "requests.in_flight",
                                         "requests.in_flight.mean",
                                         "events",
                                         "messages.sent",
                                         "placement.decisions",
                                         "scheduling.decisions",
                                         "decision.best",
                                         "data.replications",
                                         "data.updates",
                                         "agv.charges",
                                         "agv.driven",
                                         "learning.rounds",
                                         "learning.samples",
                                         "learning.averages",
                                         "learning.updates.sent",
                                         "forecast.mae_last",
                                         "applications.deleted",
                                         "works.issued",
                                         "works.applied",
                                         "works.superseded",
                                         "clusters.joined",
                                         "hub.requests",
                                         "hub.utilisation",
                                         "catalogue.events",
                                         "catalogue.compacted",
                                         "neighbourhood.size",
                                         "channels.requested",
                                         "replicas.handed_over",
                                         "replicas.reconciled",
                                         "cpu.utilisation",
                                         "migrations",
                                         "radio.airtime.up",
                                         "radio.airtime.down"};
  const std::vector<std::string> lower{"requests.failed",
                                       "requests.lost",
                                       "requests.refused",
                                       "requests.deadline_misses",
                                       "request.latency",
                                       "channel.delay",
                                       "channel.late",
                                       "deployment.time",
                                       "recovery.time",
                                       "images.pulled",
                                       "placement.infeasible",
                                       "placement.refused",
                                       "placement.moves",
                                       "placement.pending",
                                       "decision.regret",
                                       "decision.age",
                                       "scheduling.infeasible",
                                       "scheduling.age",
                                       "energy.nodes",
                                       "energy.network",
                                       "carbon",
                                       "cost",
                                       "bytes.messages",
                                       "bytes.bulk",
                                       "bytes.control",
                                       "bytes.telemetry.across_domains",
                                       "bytes.egress",
                                       "messages.lost",
                                       "messages.dropped",
                                       "violations.compliance",
                                       "violations.unexplained",
                                       "data.stale",
                                       "data.failed",
                                       "data.lag",
                                       "bytes.data",
                                       "radio.handovers",
                                       "radio.ping_pongs",
                                       "radio.losses",
                                       "radio.interrupted",
                                       "radio.uncovered",
                                       "migrations.fresh",
                                       "migrations.failed",
                                       "bytes.state",
                                       "bytes.state.sent",
                                       "migration.downtime",
                                       "migration.time",
                                       "agv.mission_time",
                                       "agv.stops",
                                       "agv.stopped",
                                       "agv.waited",
                                       "agv.flat",
                                       "learning.rounds.lost",
                                       "learning.training",
                                       "learning.core_seconds",
                                       "learning.loss",
                                       "learning.updates.lost",
                                       "learning.updates.late",
                                       "learning.bytes",
                                       "learning.epsilon",
                                       "forecast.mae",
                                       "applications.pending",
                                       "replicas.duplicate",
                                       "containers.crashed",
                                       "works.open",
                                       "works.delay",
                                       "works.evicted",
                                       "clusters.unknown",
                                       "clusters.reconnected",
                                       "clusters.switched",
                                       "hub.refused",
                                       "hub.queue",
                                       "hub.queue.max",
                                       "hub.wait",
                                       "catalogue.age",
                                       "neighbourhood.formation",
                                       "channels.rejected",
                                       "channels.out_of_qos",
                                       "channels.repathed",
                                       "channels.setup",
                                       "bytes.desired_state",
                                       "bytes.telemetry",
                                       "bytes.catalogue",
                                       "bytes.topology"};
  std::map<std::string, Better> known;
  for (const auto& name : higher) known[name] = Better::higher;
  for (const auto& name : neither) known[name] = Better::neither;
  for (const auto& name : lower) known[name] = Better::lower;
  std::istringstream described(test::codecosim("describe metrics").out);
  std::size_t count = 0;
  for (std::string line; std::getline(described, line); ++count) {
    const std::string name = line.substr(0, line.find(' '));
    INFO(name);
    REQUIRE(known.contains(name));
    CHECK(better(name) == known[name]);
  }
  CHECK(count == known.size());
  CHECK(better("request.latency.p99[cars]") == Better::lower);
  CHECK(better("requests.completed[cars]") == Better::higher);
  CHECK(better("request.latency.count") == Better::neither);
  CHECK(better("hub.queue.max") == Better::lower);
  CHECK(better("external.placement.asked") == Better::neither);
  CHECK(better("external.placement.failures") == Better::lower);
  CHECK(better("something.new") == Better::neither);
}

TEST_CASE("What is wrong with a table is said exactly", "[unit]") {
  const Scratch scratch;
  CHECK(message_of({}) == "no results were named");
  CHECK(
      message_of({scratch.path()}) ==
      fmt::format("{}/results.csv: there are no results; is it the directory of a sweep or of a run?", scratch.path()));
  scratch.write("results.csv", "run,placement,replication,status\na,x,0,done\n");
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{}/columns.csv: no such file, or not a regular one", scratch.path()));
  scratch.write("columns.csv", about);
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{0}/columns.csv:6: {0}/results.csv has no column \"request.latency\"", scratch.path()));
  scratch.write("columns.csv", "column,role,unit,meaning,better\nrun,friend,,,\n");
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{}/columns.csv: \"friend\" is none of id, factor, sample, status, metric, provenance",
                    scratch.path()));
  scratch.write("columns.csv", "column,role,unit,meaning,better\nrun,id,,,worse\n");
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{}/columns.csv: \"worse\" is none of lower, higher, ", scratch.path()));
  scratch.write("columns.csv", "column,role,unit,meaning,better\nrun,id,,,\nreplication,id,,,\n");
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{}/results.csv: the column \"status\" is missing", scratch.path()));
  scratch.write("columns.csv", "column,role,unit,meaning,better\nrun,id,,,\nreplication,id,,,\nstatus,status,,,\n");
  scratch.write("results.csv", "run,replication,status\na,0\n");
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{}/results.csv:2: 2 fields, but the header has 3", scratch.path()));
  CHECK(message_of({scratch.path(), scratch.path()}) ==
        fmt::format("{} is a sweep's: expected one sweep, or the directories of several runs", scratch.path()));
  write_run(scratch, "run", "[1]", "{}");
  CHECK(message_of({scratch / "run"}) == fmt::format("{}/run/manifest.json: is not a JSON object", scratch.path()));
  CHECK(message_of({scratch / "run", scratch / "other"}) ==
        fmt::format("{}/run/manifest.json: is not a JSON object", scratch.path()));
}
