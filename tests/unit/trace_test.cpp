// The formats of a trace and its filters, on records made by hand.
#include <fmt/format.h>

#include <cmath>

#include "sim/base/error.hpp"
#include "sim/trace/filter.hpp"
#include "sim/trace/jsonl.hpp"
#include "sim/trace/paje.hpp"
#include "sim/trace/perfetto.hpp"
#include "sim/trace/trace.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/trace.hpp"

namespace codecosim::test {
namespace {

/// Ten nodes a cluster, ten pods an application.
struct ByNumber : Names {
  std::string name(ClusterId id) const override { return fmt::format("edge-{}", id.index); }
  std::string name(NodeId id) const override { return fmt::format("edge-{}/pi-{}", id.index / 10, id.index % 10); }
  std::string name(LinkId id) const override { return fmt::format("link-{}", id.index); }
  std::string name(PodId id) const override { return fmt::format("app-{}/work-{}", id.index / 10, id.index % 10); }
  std::string name(ApplicationId id) const override { return fmt::format("app-{}", id.index); }
  std::string name(ClientId id) const override { return fmt::format("a \"client\"\n\\{}", id.index); }
  std::string name(DeviceId id) const override { return fmt::format("car-{}", id.index); }
  std::string name(CellId id) const override { return fmt::format("cell-{}", id.index); }
  ApplicationId application_of(PodId id) const override { return {id.index / 10}; }
  ClusterId cluster_of(NodeId id) const override { return {id.index / 10}; }
};
const ByNumber names;

/// Keeps nothing but whether it was given anything.
struct Listener : TraceSink {
  explicit Listener(bool& told) : heard(told) {}
  void write(const TraceEntry&) override { heard = true; }
  void close(Seconds) override {}
  bool& heard;
};

template <class Record>
bool passes(const std::vector<std::string>& matches, const Record& record, Seconds now = Seconds(1)) {
  TraceFilter filter;
  for (const std::string& one : matches) filter.match(one);
  bool heard = false;
  Trace trace;
  trace.write_to(Detail::all, std::make_unique<FilteredTrace>(filter, names, std::make_unique<Listener>(heard)));
  trace.emit(now, record);
  return heard;
}

const RequestDone quick{{7}, {1}, {25}, Seconds(2), Seconds(1), Outcome::done, true};

/// A short life: a pod starts, serves, is lost with its node, and comes back elsewhere.
template <class Format>
std::string a_run(const Scratch& scratch) {
  const std::string path = scratch / "trace";
  Trace trace;
  trace.write_to(Detail::all, std::make_unique<Format>(path, names));
  trace.emit(Seconds(0), Decided{{11}, {1}, 0, {2}, {25}, Outcome::done});
  trace.emit(Seconds(0), PodEntered{{11}, {}, PodPhase::pending});
  trace.emit(Seconds(0.5), PodEntered{{11}, {25}, PodPhase::pulling});
  trace.emit(Seconds(1.00001), PodEntered{{11}, {25}, PodPhase::ready});
  trace.emit(Seconds(3), quick);
  trace.emit(Seconds(4), RequestDone{{7}, {1}, {25}, Seconds(2.5), Seconds(1.5), Outcome::done, false});
  trace.emit(Seconds(5), RequestDone{{8}, {1}, {}, Seconds(3.5), Seconds(1.5), Outcome::gone, false});
  trace.emit(Seconds(6), NodeChanged{{25}, false});
  trace.emit(Seconds(6), PodEntered{{11}, {25}, PodPhase::lost});
  trace.emit(Seconds(7), NodeChanged{{25}, true});
  trace.emit(Seconds(7), PodEntered{{11}, {31}, PodPhase::ready});
  trace.emit(Seconds(8), AttachmentChanged{{3}, {}, {4}});
  trace.emit(Seconds(8.5), PodEntered{{11}, {}, PodPhase::gone});
  trace.emit(Seconds(9), ClusterChanged{{2}, {0}, false});
  trace.emit(Seconds(9.5), WorkApplied{{1}, {2}, 1, 2, Seconds(8)});
  trace.close(Seconds(10));
  return path;
}

}  // namespace

TEST_CASE("a record is a line of JSON, whatever names hold") {
  const Scratch scratch;
  const auto lines = trace_records(a_run<JsonLines>(scratch));
  REQUIRE(lines.size() == 15);
  CHECK(lines[1].dump() == R"({"kind":"pod","node":null,"phase":"pending","pod":"app-1/work-1","t_s":0})");
  CHECK(lines[4].at("client") == "a \"client\"\n\\7");
  CHECK(lines[4].at("latency_s") == 1.0);
  CHECK(lines[4].at("in_time") == true);
  CHECK(lines[4].at("node") == "edge-2/pi-5");
  CHECK(lines[14].at("generation") == 1);
}

TEST_CASE("a trace for Perfetto holds the slices that a person expects") {
  if (!has_program("protoc")) {
    WARN("skipped: protoc is missing (apt-get install protobuf-compiler)");
    return;
  }
  const Scratch scratch;
  const PerfettoTrace trace(a_run<Perfetto>(scratch));
  CHECK(trace.problems == std::vector<std::string>());
  std::vector<std::string> drawn;
  for (const Slice& one : trace.slices)
    drawn.push_back(one.instant ? fmt::format("{}: {} at {}", one.track, one.name, one.begin)
                                : fmt::format("{}: {} from {} to {}", one.track, one.name, one.begin, one.end));
  CHECK(drawn == std::vector<std::string>{
                     "application app-1 / decisions: done at 0",
                     "application app-1 / app-1/work-1: pending from 0 to 500000000",
                     "cluster edge-2 / edge-2/pi-5 / app-1/work-1: pulling from 500000000 to 1000010000",
                     "cluster edge-2 / edge-2/pi-5 / app-1/work-1: ready from 1000010000 to 6000000000",
                     "application app-1 / requests: done from 2000000000 to 3000000000",
                     "application app-1 / requests: late from 2500000000 to 4000000000",
                     "application app-1 / requests: gone from 3500000000 to 5000000000",
                     "cluster edge-2 / edge-2/pi-5: down from 6000000000 to 7000000000",
                     "cluster edge-2 / edge-2/pi-5 / app-1/work-1: lost from 6000000000 to 7000000000",
                     "cluster edge-3 / edge-3/pi-1 / app-1/work-1: ready from 7000000000 to 8500000000",
                     "devices / car-3 / attachment: cell-4 from 8000000000 to -1",
                     "cluster edge-2 / works: app-1 from 8000000000 to 9500000000",
                     "cluster edge-0 / managed clusters / edge-2: Unknown from 9000000000 to -1",
                     ": end of the run at 10000000000",
                 });
  const Slice& lost = trace.slices[6];
  CHECK(lost.category == "request");
  CHECK(lost.arguments == std::map<std::string, std::string>{{"application", "app-1"},
                                                             {"client", R"(a \"client\"\n\\8)"},  // as protoc quotes it
                                                             {"in_time", "false"},
                                                             {"latency_s", "1.5"},
                                                             {"outcome", "gone"},
                                                             {"start_s", "3.5"}});
}

TEST_CASE("a trace for Paje is what pj_dump reads") {
  if (!has_program("pj_dump")) {
    WARN("skipped: pj_dump is missing (apt-get install pajeng)");
    return;
  }
  const Scratch scratch;
  std::vector<std::string> drawn;
  for (const std::string& line : pj_dump(a_run<Paje>(scratch)))
    if (!line.starts_with("Container, ") || line.find(", node, ") != std::string::npos) drawn.push_back(line);
  CHECK(drawn == std::vector<std::string>{
                     "Container, edge-2, node, 0.5, 10, 9.5, edge-2/pi-5",
                     "Container, edge-3, node, 7, 10, 3, edge-3/pi-1",
                     "Event, decisions, decision, 0.000000, done",
                     "Event, requests, request, 3.000000, done",
                     "Event, requests, request, 4.000000, late",
                     "Event, requests, request, 5.000000, gone",
                     "Event, works, work, 9.500000, app-1",
                     "State, app-1/work-1, pod, 0.000000, 0.500000, 0.500000, 0.000000, pending",
                     "State, app-1/work-1, pod, 0.500000, 1.000010, 0.500010, 0.000000, pulling",
                     "State, app-1/work-1, pod, 1.000010, 6.000000, 4.999990, 0.000000, ready",
                     "State, app-1/work-1, pod, 6.000000, 7.000000, 1.000000, 0.000000, lost",
                     "State, app-1/work-1, pod, 7.000000, 8.500000, 1.500000, 0.000000, ready",
                     "State, attachment, attachment, 8.000000, 10.000000, 2.000000, 0.000000, cell-4",
                     "State, edge-2, cluster, 9.000000, 10.000000, 1.000000, 0.000000, Unknown",
                     "State, edge-2/pi-5, node, 6.000000, 7.000000, 1.000000, 0.000000, down",
                 });
}

namespace {
template <class Format>
std::string trace_of_nothing(const std::string& file) {
  Trace trace;
  trace.write_to(Detail::all, std::make_unique<Format>(file, names));
  trace.close(Seconds(10));
  return file;
}
}  // namespace

TEST_CASE("a trace of nothing is valid, too") {
  const Scratch scratch;
  CHECK(trace_records(trace_of_nothing<JsonLines>(scratch / "jsonl")).empty());
  if (has_program("pj_dump")) CHECK(pj_dump(trace_of_nothing<Paje>(scratch / "paje")).size() == 2);
  if (!has_program("protoc")) return;
  const PerfettoTrace trace(trace_of_nothing<Perfetto>(scratch / "perfetto"));
  CHECK(trace.problems == std::vector<std::string>());
  CHECK(trace.slices.size() == 1);
}

TEST_CASE("a key of a filter finds things under any field, and what they belong to") {
  const Migrated move{{11}, {12}, {25}, {31}, Bytes(1), Seconds(1), Seconds(0.1)};
  const ChannelEntered channel{{1}, 3, {2}, {4}, ChannelState::running};
  CHECK(passes({}, quick));
  CHECK(passes({"kind=request"}, quick));
  CHECK_FALSE(passes({"kind=pod"}, quick));
  CHECK(passes({"kind=pod", "kind=req*"}, quick));
  CHECK(passes({"app=app-1"}, quick));
  CHECK(passes({"application=app-?"}, quick));
  CHECK_FALSE(passes({"app=app"}, quick));
  CHECK(passes({"app=app-1", "node=edge-2/*"}, quick));
  CHECK_FALSE(passes({"app=app-1", "node=edge-3/*"}, quick));
  CHECK(passes({"outcome=done", "in_time=true", "latency_s=1"}, quick));
  CHECK_FALSE(passes({"outcome=gone"}, quick));
  // A pod belongs to its application, a node to its cluster.
  CHECK(passes({"app=app-1"}, PodEntered{{11}, {25}, PodPhase::ready}));
  CHECK_FALSE(passes({"app=app-2"}, PodEntered{{11}, {25}, PodPhase::ready}));
  CHECK(passes({"cluster=edge-2"}, PodEntered{{11}, {25}, PodPhase::ready}));
  CHECK(passes({"cluster=edge-2"}, NodeChanged{{25}, false}));
  CHECK_FALSE(passes({"cluster=edge-3"}, NodeChanged{{25}, false}));
  // Both ends count, and the hub is a cluster; a field can be named, too.
  CHECK(passes({"node=edge-2/pi-5"}, move));
  CHECK(passes({"node=edge-3/pi-1"}, move));
  CHECK(passes({"cluster=edge-3", "app=app-1"}, move));
  CHECK(passes({"target=edge-3/*"}, move));
  CHECK_FALSE(passes({"source=edge-3/*"}, move));
  CHECK(passes({"cluster=edge-4", "channel=3", "state=RUN*"}, channel));
  CHECK(passes({"cluster=edge-0"}, ClusterChanged{{2}, {0}, false}));
  CHECK_FALSE(passes({"hub=edge-2"}, ClusterChanged{{2}, {0}, false}));
  // What is not there does not match, not even *.
  CHECK_FALSE(passes({"app=*"}, NodeChanged{{25}, false}));
  CHECK_FALSE(passes({"node=*"}, PodEntered{{11}, {}, PodPhase::pending}));
  CHECK_FALSE(passes({"before=*"}, AttachmentChanged{{3}, {}, {4}}));
  CHECK(passes({"cell=cell-4"}, AttachmentChanged{{3}, {}, {4}}));
}

TEST_CASE("a filter with a key that no record has is a mistake") {
  const auto message = [](const std::string& text) -> std::string {
    try {
      TraceFilter().match(text);
    } catch (const Error& error) {
      return error.failure == Failure::usage ? error.what() : "another failure";
    }
    return "";
  };
  CHECK(message("app=x") == "");
  CHECK(message("issued_s=*") == "");
  CHECK(message("aplication=x") ==
        "--trace-match aplication=x: no record has a \"aplication\"; did you mean \"application\"?");
  CHECK(message("app") == "--trace-match app: expected KEY=GLOB, such as app=inspection-3");
  CHECK(message("=x") == "--trace-match =x: expected KEY=GLOB, such as app=inspection-3");
}

TEST_CASE("a sample is of the size asked for, always the same, and part of every larger one") {
  const auto kept = [](double share, std::uint32_t i) {
    TraceFilter filter;
    filter.share = share;
    bool heard = false;
    Trace trace;
    trace.write_to(Detail::all, std::make_unique<FilteredTrace>(filter, names, std::make_unique<Listener>(heard)));
    trace.emit(Seconds(i + 1),
               RequestDone{{i % 10}, {1}, {}, Seconds(std::floor(i / 10.)), Seconds(i), Outcome::done, true});
    return heard;
  };
  constexpr std::uint32_t all = 20000;
  std::uint32_t few = 0, many = 0;
  for (std::uint32_t i = 0; i < all; ++i) {
    const bool in_few = kept(0.01, i), in_many = kept(0.3, i);
    few += in_few;
    many += in_many;
    if (in_few && !in_many) FAIL("request " << i << " is in the small sample alone");
    if (i < 100) CHECK(kept(0.3, i) == in_many);
  }
  // Four standard deviations of a binomial.
  CHECK(std::abs(few - 0.01 * all) < 4 * std::sqrt(0.01 * 0.99 * all));
  CHECK(std::abs(many - 0.3 * all) < 4 * std::sqrt(0.3 * 0.7 * all));
  CHECK_FALSE(kept(0, 5));
  CHECK(kept(1, 5));
  TraceFilter nothing;
  nothing.share = 0;
  bool heard = false;
  Trace trace;
  trace.write_to(Detail::all, std::make_unique<FilteredTrace>(nothing, names, std::make_unique<Listener>(heard)));
  trace.emit(Seconds(1), NodeChanged{{25}, false});
  CHECK(heard);  // requests alone are sampled
}

}  // namespace codecosim::test
