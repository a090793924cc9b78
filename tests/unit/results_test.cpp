// The table that sweeps and single runs make, and every way in which one may be broken.
#include "analysis/results.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using test::Scratch;

namespace {
const std::string about =
    "column,role,unit,meaning,better\nrun,id,,,\nplacement,factor,,,\nreplication,id,,,\nstatus,status,,,\nrequest.latency,metric,"
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

void write_run(const Scratch& scratch, const std::string& name, const std::string& manifest, const std::string& summary) {
  std::filesystem::create_directory(scratch / name);
  scratch.write(name + "/manifest.json", manifest);
  scratch.write(name + "/summary.json", summary);
}
}  // namespace

TEST_CASE("A sweep's table has its columns, numbers and folders", "[unit]") {
  const Scratch scratch;
  scratch.write("columns.csv", about);
  scratch.write("results.csv",
                "run,placement,replication,status,request.latency\na,\"near, by\",0,done,0.5\nb,far,1,failed,\nc,far,2,done,nan\n");
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
  write_run(scratch, "a", R"({"scenario": "s", "placement": "nearest", "seed": 7, "replication": 3, "fingerprint": "f"})",
            R"({"request.latency": {"value": 0.5, "unit": "s", "p99": 0.9, "count": 4}, "carbon": {"value": 2, "unit": "g"},
                "by_client": {"cars": {"request.latency": {"value": 0.25, "unit": "s", "p99": 0.3, "count": 2}}}})");
  const Results results({scratch / "a"});
  const auto unit = [&](const char* metric) { return results.columns()[results.need(metric, Results::Role::metric)].unit; };
  CHECK(results.name() == "s");
  CHECK(results.text(0, *results.find("placement")) == "nearest");
  CHECK(results.replication(0) == 3);
  CHECK(unit("request.latency.p99") == "s");
  CHECK(unit("request.latency.count") == "1");
  CHECK(unit("request.latency.p99[cars]") == "s");
  CHECK(unit("carbon") == "g");
  CHECK(results.number(0, *results.find("request.latency[cars]")) == 0.25);
  CHECK_THROWS_WITH(results.need("carbonn", Results::Role::metric), "there is no metric \"carbonn\"; did you mean \"carbon\"?");
}

TEST_CASE("What is wrong with a table is said exactly", "[unit]") {
  const Scratch scratch;
  CHECK(message_of({}) == "no results were named");
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{}/results.csv: there are no results; is it the directory of a sweep or of a run?", scratch.path()));
  scratch.write("results.csv", "run,placement,replication,status\na,x,0,done\n");
  CHECK(message_of({scratch.path()}) == fmt::format("{}/columns.csv: no such file, or not a regular one", scratch.path()));
  scratch.write("columns.csv", about);
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{0}/columns.csv:6: {0}/results.csv has no column \"request.latency\"", scratch.path()));
  scratch.write("columns.csv", "column,role,unit,meaning,better\nrun,friend,,,\n");
  CHECK(message_of({scratch.path()}) ==
        fmt::format("{}/columns.csv: \"friend\" is none of id, factor, sample, status, metric, provenance", scratch.path()));
  scratch.write("columns.csv", "column,role,unit,meaning,better\nrun,id,,,worse\n");
  CHECK(message_of({scratch.path()}) == fmt::format("{}/columns.csv: \"worse\" is none of lower, higher, ", scratch.path()));
  scratch.write("columns.csv", "column,role,unit,meaning,better\nrun,id,,,\nreplication,id,,,\n");
  CHECK(message_of({scratch.path()}) == fmt::format("{}/results.csv: the column \"status\" is missing", scratch.path()));
  scratch.write("results.csv", "run,replication\na,0,done\n");
  CHECK(message_of({scratch.path()}) == fmt::format("{}/results.csv:2: 3 fields, but the header has 2", scratch.path()));
  write_run(scratch, "run", "[1]", "{}");
  CHECK(message_of({scratch / "run"}) == fmt::format("{}/run/manifest.json: is not a JSON object", scratch.path()));
  CHECK(message_of({scratch / "run", scratch / "other"}) ==
        fmt::format("{}/run/manifest.json: is not a JSON object", scratch.path()));
}
