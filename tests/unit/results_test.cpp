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
  CHECK(message_of({scratch / "good"}) == scratch / "good/summary.json: \"a\" is no figure");
  for (const int levels : {65, 200'000}) {
    write_run(scratch, "deep", "{}", nested(levels));
    CHECK(message_of({scratch / "deep"}) == scratch / "deep/summary.json: more than 64 levels of nesting");
  }
}

TEST_CASE("What is no figure in a summary is said", "[unit]") {
  const Scratch scratch;
  const std::string file = scratch / "run/summary.json";
  for (const auto& [summary, wrong] : {std::pair{R"({"a": 1})", "\"a\" is no figure"},
                                       {R"({"a": {"unit": "s"}})", "\"a\" is no figure"},
                                       {R"({"a": {"value": 1, "unit": 7}})", "\"a\" is no figure"},
                                       {R"({"a": {"value": 1, "unit": "s", "better": 1}})", "\"a\" is no figure"},
                                       {R"({"a": {"value": 1, "unit": "s", "better": "worse"}})", "\"a\" is no figure"},
                                       {R"({"by_client": {"cars": 1}})", "\"cars\" of by_client has no figures"},
                                       {R"({"by_client": {"cars": {"b": []}}})", "\"b\" is no figure"}}) {
    write_run(scratch, "run", "{}", summary);
    CHECK(message_of({scratch / "run"}) == file + ": " + wrong);
  }
}

TEST_CASE("Columns say of themselves what their summary says of its figures", "[unit]") {
  const Json latency = {{"value", 0.2}, {"unit", "s"}, {"better", "lower"}, {"meaning", "How long."},
                        {"mean", 0.2},  {"p50", 0.1},  {"p90", 0.3},        {"p99", 0.4},
                        {"p999", 0.5},  {"max", 0.6},  {"count", 7}};
  Json nothing = latency;
  nothing["count"] = 0;
  const Json summary = {{"request.latency", latency},
                        {"recovery.time", nothing},
                        {"requests.rate", {{"value", 3}, {"unit", "1/s"}, {"better", "higher"}, {"meaning", "Rate."}}},
                        {"events", {{"value", 9}, {"unit", "1"}}},
                        {"by_client", {{"cars", {{"request.latency", latency}}}}}};
  std::map<std::string, Measure> all;
  for (const Measure& one : measures_of(summary)) CHECK(all.emplace(one.name, one).second);
  CHECK(all.size() == 7 + 7 + 1 + 1 + 7);
  CHECK(all.at("request.latency").value == 0.2);
  CHECK(all.at("request.latency.p99").better == Better::lower);
  CHECK(all.at("request.latency.p99").unit == "s");
  CHECK(all.at("request.latency.p99[cars]").meaning == "How long. 99th percentile. Of one kind of client.");
  CHECK(all.at("request.latency.p99[cars]").better == Better::lower);
  CHECK(all.at("request.latency.count").better == Better::neither);
  CHECK(all.at("request.latency.count").unit == "1");
  CHECK(all.at("requests.rate").better == Better::higher);
  CHECK_FALSE(all.at("recovery.time").value);
  CHECK_FALSE(all.at("recovery.time.max").value);
  CHECK(all.at("recovery.time.count").value == 0);
  CHECK(all.at("events").better == Better::neither);  // as summaries of older versions
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
