// Traces of shipped scenarios, through the program itself, read by programs of others.
#include <fmt/format.h>

#include <filesystem>
#include <functional>

#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/trace.hpp"

namespace codecosim::test {
namespace {

using nlohmann::json;

const std::string drill = library("partition-drill.json") + " --until '70 s'";
const std::string factory = library("agv-factory.json") + " --until '40 s'";

/// A run that writes a trace.
struct Traced {
  explicit Traced(const std::string& arguments) {
    const Ran ran = codecosim("run " + arguments + " --progress none --out " + (scratch / "out"));
    INFO(arguments << ": " << ran.err);
    REQUIRE(ran.status == 0);
    fingerprint = json::parse(contents(file("manifest.json")))["fingerprint"];
  }
  std::string file(const std::string& name) const { return scratch / ("out/" + name); }
  std::vector<json> records() const { return trace_records(file("trace.jsonl.zst")); }
  Scratch scratch;
  std::string fingerprint;
};

std::string before_slash(const json& name) {
  const std::string text = name.get<std::string>();
  return text.substr(0, text.find('/'));
}

/// Whether a record names `app` or a pod of it, as its text tells.
bool of_application(const json& record, const std::string& app) {
  if (record.contains("application") && record["application"] == app) return true;
  for (const char* key : {"pod", "from", "to"})
    if (record.contains(key) && (record["kind"] != "channel") && record[key].is_string() &&
        before_slash(record[key]) == app)
      return true;
  return false;
}
bool of_cluster(const json& record, const std::string& cluster) {
  for (const char* key : {"cluster", "hub"})
    if (record.contains(key) && record[key] == cluster) return true;
  for (const char* key : {"node", "source", "target"})
    if (record.contains(key) && record[key].is_string() && before_slash(record[key]) == cluster) return true;
  return record["kind"] == "channel" && (record["from"] == cluster || record["to"] == cluster);
}

}  // namespace

TEST_CASE("no format of a trace and no filter changes what a run does", "[property]") {
  const std::string plain = simulate(factory)["manifest"]["fingerprint"];
  for (const std::string options :
       {"--trace all", "--trace all --trace-format perfetto", "--trace all --trace-format paje",
        "--trace all --trace-match 'app=control-1*'", "--trace all --trace-match kind=pod",
        "--trace requests --trace-sample 0.1 --trace-from 10s --trace-until 30s"}) {
    INFO(options);
    CHECK(Traced(factory + " " + options).fingerprint == plain);
  }
}

TEST_CASE("a filtered trace is what the filter leaves of the whole", "[property]") {
  const auto number = [](const json& record) { return record["t_s"].get<double>(); };
  struct Case {
    std::string options;
    std::function<bool(const json&)> passes;
  };
  const std::string scenario = GENERATE_COPY(drill, factory);
  const std::vector<json> whole = Traced(scenario + " --trace all").records();
  // Something that is there in either.
  std::string app, cluster;
  for (const json& record : whole) {
    if (record["kind"] != "pod" || record["phase"] != "pulling") continue;
    app = before_slash(record["pod"]);
    cluster = before_slash(record["node"]);
  }
  REQUIRE(!app.empty());
  const std::vector<Case> cases{
      {"--trace-match app=" + app, [&](const json& r) { return of_application(r, app); }},
      {"--trace-match cluster=" + cluster, [&](const json& r) { return of_cluster(r, cluster); }},
      {"--trace-match kind=pod --trace-match kind=decision --trace-match application=" + app,
       [&](const json& r) { return (r["kind"] == "pod" || r["kind"] == "decision") && of_application(r, app); }},
      {"--trace-match 'phase=pul*'", [&](const json& r) { return r["kind"] == "pod" && r["phase"] == "pulling"; }},
      {"--trace-from 20s --trace-until 30s", [&](const json& r) { return number(r) >= 20 && number(r) <= 30; }},
      {"--trace-sample 0", [&](const json& r) { return r["kind"] != "request"; }},
  };
  for (const Case& one : cases) {
    std::vector<json> expected;
    std::copy_if(whole.begin(), whole.end(), std::back_inserter(expected), one.passes);
    INFO(one.options);
    CHECK(!expected.empty());
    CHECK(expected.size() < whole.size());
    CHECK(Traced(scenario + " --trace all " + one.options).records() == expected);
  }
}

TEST_CASE("a trace of one application stays small", "[property]") {
  const Traced whole(drill + " --trace all"), one(drill + " --trace all --trace-match app=monitor-3");
  const auto size = [](const Traced& run) { return std::filesystem::file_size(run.file("trace.jsonl.zst")); };
  CHECK(!one.records().empty());
  CHECK(size(one) * 50 < size(whole));
}

TEST_CASE("every line of a trace is valid by the JSON Schema of records", "[property]") {
  if (std::system("/usr/bin/python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null") != 0) {
    WARN("skipped: python3-jsonschema is missing (apt-get install python3-jsonschema)");
    return;
  }
  const Scratch scratch;
  const std::string schema = scratch.write("schema.json", codecosim("describe records --json-schema").out);
  const std::string script = scratch.write("validate.py", R"(
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
kinds = {kind['title']: Draft202012Validator(kind) for kind in schema['oneOf']}
whole = Draft202012Validator(schema)
seen = {}
for line in open(sys.argv[2]):
    record = json.loads(line)
    kind = record['kind']
    seen[kind] = seen.get(kind, 0) + 1
    # The branch of its kind says more of what is wrong, and quicker.
    for error in (whole if seen[kind] == 1 else kinds[kind]).iter_errors(record):
        print(line.strip() + ': ' + error.message)
print(' '.join(sorted(seen)))
)");
  const auto validate = [&](const std::string& lines) {
    (void)!std::system(
        ("/usr/bin/python3 " + script + " " + schema + " " + lines + " >" + (scratch / "out") + " 2>&1").c_str());
    return contents(scratch / "out");
  };
  const auto validate_run = [&](const std::string& arguments) {
    std::string text;
    for (const json& record : Traced(arguments + " --trace all").records()) text += record.dump() + "\n";
    return validate(scratch.write("lines", text));
  };
  CHECK(validate_run(drill) == "channel decision image node pod request work\n");
  CHECK(validate_run(factory) == "attachment decision image migration pod request stop\n");
  // And it can fail.
  CHECK(validate(scratch.write("lines", R"({"t_s":1,"kind":"pod","pod":"a/b-0","node":null,"phase":"dancing"})"
                                        "\n"))
            .find("is not valid under any of the given schemas") != std::string::npos);
  CHECK(validate(scratch.write("lines", R"({"t_s":1,"kind":"pod","pod":"a/b-0","phase":"ready"})"
                                        "\n"))
            .find("is not valid under any of the given schemas") != std::string::npos);
}

TEST_CASE("Perfetto shows every record of a run, where it belongs", "[property]") {
  if (!has_program("protoc")) {
    WARN("skipped: protoc is missing (apt-get install protobuf-compiler)");
    return;
  }
  const std::string scenario = GENERATE_COPY(drill, factory);
  const std::vector<json> records = Traced(scenario + " --trace all").records();
  const Traced run(scenario + " --trace all --trace-format perfetto");
  const PerfettoTrace trace(run.file("trace.perfetto-trace"));
  CHECK(trace.problems == std::vector<std::string>());
  // Every request is a slice from its start to its end, of its application.
  std::multiset<std::string> expected, drawn;
  const auto nanoseconds = [](double seconds) { return std::llround(seconds * 1e9); };
  for (const json& one : records)
    if (one["kind"] == "request")
      expected.insert(fmt::format("application {} / requests {} {} {}", one["application"].get<std::string>(),
                                  one["client"].get<std::string>(), nanoseconds(one["start_s"]),
                                  nanoseconds(one["t_s"])));
  for (const Slice& one : trace.slices)
    if (one.category == "request")
      drawn.insert(fmt::format("{} {} {} {}", one.track, one.arguments.at("client"), one.begin, one.end));
  CHECK(expected.size() > 100);
  CHECK(drawn == expected);
  // Every other record that begins something is there as well: all but those that only end a state.
  std::map<std::string, std::size_t> by_kind;
  for (const Slice& one : trace.slices) ++by_kind[one.category];
  for (const json& one : records) {
    const std::string kind = one["kind"];
    const bool ends = (one.contains("up") && one["up"] == true) ||
                      (one.contains("available") && one["available"] == true) ||
                      (one.contains("stopped") && one["stopped"] == false) ||
                      (kind == "attachment" && one["after"].is_null()) || (kind == "pod" && one["phase"] == "gone") ||
                      (kind == "channel" && (one["state"] == "DELETED" || one["state"] == "CANCELED"));
    if (!ends) --by_kind[kind];
  }
  for (const auto& [kind, left] : by_kind) {
    INFO(kind);
    CHECK(left == (kind.empty() ? 1 : 0));  // the end of the run has no kind
  }
}

TEST_CASE("pj_dump reads the trace of a run", "[property]") {
  if (!has_program("pj_dump")) {
    WARN("skipped: pj_dump is missing (apt-get install pajeng)");
    return;
  }
  const std::string scenario = GENERATE_COPY(drill, factory);
  const std::vector<json> records = Traced(scenario + " --trace all").records();
  const Traced run(scenario + " --trace all --trace-format paje");
  std::size_t requests = 0, ready = 0, nodes = 0, others = 0;
  for (const std::string& line : pj_dump(run.file("trace.paje"))) {
    if (line.starts_with("Event, requests, request, ")) ++requests;
    if (line.starts_with("State, ") && line.find(", pod, ") != std::string::npos && line.ends_with(", ready")) ++ready;
    if (line.starts_with("Container, ") && line.find(", node, ") != std::string::npos) ++nodes;
    if (!line.starts_with("Container, ") && !line.starts_with("State, ") && !line.starts_with("Event, ")) ++others;
  }
  const auto count = [&](const auto& is) {
    return static_cast<std::size_t>(std::count_if(records.begin(), records.end(), is));
  };
  CHECK(requests == count([](const json& r) { return r["kind"] == "request"; }));
  CHECK(ready == count([](const json& r) { return r["kind"] == "pod" && r["phase"] == "ready"; }));
  CHECK(nodes > 1);
  CHECK(others == 0);
}

TEST_CASE("wrong options of a trace end with 2", "[property]") {
  const auto error = [](const std::string& options) {
    const Ran ran = codecosim("run " + library("quickstart.json") + " --no-output --until 1s " + options);
    INFO(options);
    CHECK(ran.status == 2);
    return ran.err;
  };
  CHECK(error("--trace all --trace-match ap=x") ==
        "--trace-match ap=x: no record has a \"ap\"; did you mean \"app\"?\n");
  CHECK(error("--trace-match app=x") ==
        "nothing is traced that could be filtered: --trace says what, such as --trace requests\n");
  CHECK(error("--trace all --trace-from soon").starts_with("--trace-from: "));
  CHECK(error("--trace all --trace-sample 2").find("--trace-sample") != std::string::npos);
  CHECK(error("--trace all --trace-format csv").find("--trace-format") != std::string::npos);
}

}  // namespace codecosim::test
