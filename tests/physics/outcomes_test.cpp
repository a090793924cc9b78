// What becomes of requests: those that have not ended are part of the result, a share of nothing is missing, and what
// is lost says how.
#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "sim/base/censoring.hpp"
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/copies.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// One that comes every second, on the whole second or soon after, from the beginning.
Json every_second(const std::string& work, const std::string& duration) {
  Json scenario = station(1, 1, work, "1 /s", duration);
  scenario["warmup"] = "0 s";
  client(scenario, "user")["workload"] = {{"csv", "arrivals.csv"}};
  return scenario;
}
std::map<std::string, std::string> seconds(int from, int to) {
  std::string text = "time_s\n";
  for (int i = from; i <= to; ++i) text += fmt::format("{}\n", i);
  return {{"arrivals.csv", text}};
}
}  // namespace

TEST_CASE("A server that answers nobody has no success, and misses every deadline that has passed", "[physics]") {
  Json scenario = every_second("500 s", "100 s");
  client(scenario, "user")["deadline"] = "10 s";
  const auto run = simulation(scenario, 0, seconds(1, 99));
  run->run();
  CHECK(value_of(*run, "requests.submitted") == 99);
  CHECK(value_of(*run, "requests.ended") == 0);
  CHECK(value_of(*run, "requests.in_flight") == 99);
  CHECK(value_of(*run, "requests.overdue") == 89);  // sent before 90 s
  CHECK(value_of(*run, "requests.deadline_misses") == 89);
  CHECK(value_of(*run, "requests.success") == 0);
  CHECK(value_of(*run, "requests.in_time") == 0);
  CHECK_FALSE(figure(*run, "request.latency").value);
  const Figure latency = figure(*run, "request.latency");
  const Censored all(*latency.distribution, *latency.unended);
  CHECK(all.unended() == 99);
  CHECK(all.mean_at_least() == Approx(50));
  CHECK_FALSE(all.quantile_at_most(0.5));
}

TEST_CASE("Without a deadline nothing is known of what has not ended", "[physics]") {
  const auto run = simulation(every_second("500 s", "100 s"), 0, seconds(1, 99));
  run->run();
  CHECK(value_of(*run, "requests.in_flight") == 99);
  for (const char* share : {"requests.success", "requests.in_time"}) CHECK_FALSE(figure(*run, share).value);
}

TEST_CASE("A request is missed when its deadline passes, and once", "[physics]") {
  // Served one after the other, 4 s each, from 1 s on: answered at 5, 9, 13, 17 s, after 4, 7, 10, 13 s.
  Json scenario = every_second("4 s", "14 s");
  client(scenario, "user")["deadline"] = "8 s";
  const auto run = simulation(scenario, 0, seconds(1, 4));
  run->run();
  CHECK(value_of(*run, "requests.completed") == 3);
  CHECK(value_of(*run, "requests.overdue") == 1);
  CHECK(value_of(*run, "requests.deadline_misses") == 2);
  CHECK(value_of(*run, "requests.success") == 0.75);
  CHECK(value_of(*run, "requests.in_time") == 0.5);
}

TEST_CASE("A request that is lost after its deadline was missed, and one lost before was not", "[physics]") {
  Json scenario = every_second("500 s", "60 s");
  client(scenario, "user")["deadline"] = "10 s";
  scenario["faults"] = {fault("node", "c/*", "fault.csv")};
  auto files = seconds(1, 4);
  files["fault.csv"] = "start_s,duration_s\n12.5,100\n";
  const auto run = simulation(scenario, 0, files);
  run->run();
  CHECK(value_of(*run, "requests.lost") == 4);
  CHECK(value_of(*run, "requests.lost.gone") == 4);
  CHECK(value_of(*run, "requests.deadline_misses") == 2);  // sent at 1 s and 2 s
  CHECK(value_of(*run, "requests.overdue") == 0);
  CHECK(value_of(*run, "requests.in_time") == 0);
}

TEST_CASE("What comes at the end of the warm-up counts, and what is under way then does not", "[physics]") {
  Json scenario = every_second("4 s", "60 s");
  scenario["warmup"] = "3 s";
  const auto run = simulation(scenario, 0, seconds(1, 4));
  run->run();
  CHECK(value_of(*run, "requests.submitted") == 2);
  CHECK(value_of(*run, "requests.completed") == 2);
  CHECK(value_of(*run, "requests.in_flight") == 0);
}

namespace {
/// The user is in `c`, the replica in `far`, 100 ms away; a request every second, sent on the whole second.
struct Far {
  Json scenario = every_second("300 ms", "60 s");
  std::map<std::string, std::string> files = seconds(1, 50);
  std::string how;  // as they are lost
  explicit Far(std::string outcome) : how(std::move(outcome)) {
    Json far = copy_of(cluster(scenario, "c"), "far");
    far["role"] = "hub";
    far["uplink"]["latency"] = "100 ms";
    scenario["clusters"].push_back(far);
    component(scenario, "app", "serve")["cluster"] = "far";
  }
  Far& hit_by(const char* kind, const char* match, const char* outage) {
    scenario["faults"] = {fault(kind, match, "fault.csv")};
    files["fault.csv"] = std::string("start_s,duration_s\n") + outage + "\n";
    return *this;
  }
  Json& uplink() { return cluster(scenario, "far")["uplink"]; }
};
}  // namespace

TEST_CASE("Requests are lost in the way in which they are", "[physics]") {
  std::vector<Far> cases{Far("link_down").hit_by("link", "far.down", "9.95,10"),  // sent while it is
                         Far("link_down").hit_by("link", "far.down", "10.05,9"),  // on it
                         Far("partitioned").hit_by("partition", "c", "9.95,10"),
                         Far("gone").hit_by("node", "far/*", "10.2,0.2"),   // at work
                         Far("gone").hit_by("node", "far/*", "10.05,0.2"),  // on the way to it
                         Far("corrupted"),
                         Far("buffer_full")};
  cases[5].uplink()["loss"] = 0.5;
  client(cases[6].scenario, "user")["request"] = "100 kB";
  cases[6].uplink()["bandwidth"] = "400 kbit/s";
  cases[6].uplink()["buffer"] = "150 kB";
  const auto said = said_by_copies(cases.size(), [&](std::size_t i) {
    const Far& one = cases[i];
    const auto run = simulation(one.scenario, 0, one.files);
    run->run();
    double ways = 0;
    for (const Figure& figure : run->summary())
      if (figure.name.starts_with("requests.lost.")) ways += *figure.value;
    const double lost = value_of(*run, "requests.lost"), so = value_of(*run, "requests.lost." + one.how);
    return fmt::format("{} lost, {} so, {} in all", lost, so, ways);
  });
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i, cases[i].how);
    const std::string count = said[i].substr(0, said[i].find(' '));
    CHECK(count != "0");
    CHECK(said[i] == fmt::format("{0} lost, {0} so, {0} in all", count));
  }
}

namespace {
/// What a run says after `span`, and what became of the same requests until ten times that: whether its bounds hold.
std::string bounds_hold(const Json& scenario, std::uint64_t replication, Seconds span) {
  const Scratch scratch;
  const auto run = simulation(scenario, replication);
  const std::string path = scratch / "trace";
  run->trace().write_to(Detail::all, std::make_unique<JsonLines>(path, run->names()));
  run->run(span);
  const double submitted = value_of(*run, "requests.submitted");
  const Figure latency = figure(*run, "request.latency"), in_time = figure(*run, "requests.in_time");
  const double unknown = value_of(*run, "requests.in_flight") - value_of(*run, "requests.overdue");
  const double known = submitted - unknown, good = in_time.value.value_or(0) * known;
  const Censored censored(*latency.distribution, *latency.unended);
  run->clock().run(span * 10);
  run->trace().close(now());
  double sum = 0, on_time = 0, ended = 0;
  std::vector<double> latencies;
  for (const auto& one : trace_records(path)) {
    if (one["kind"] != "request" || one["start_s"] > span.value) continue;
    ++ended;
    on_time += one["in_time"] == true;
    sum += one["latency_s"].get<double>();
    latencies.push_back(one["latency_s"]);
  }
  const double never = submitted - ended;  // not even by then
  const double share_low = good / submitted, share_high = (good + unknown) / submitted;
  const bool share = share_low <= (on_time + 1e-9) / submitted && on_time / submitted <= share_high + 1e-9;
  std::sort(latencies.begin(), latencies.end());
  const auto median = static_cast<std::size_t>(std::ceil(0.5 * submitted)) - 1;
  const double real = median < latencies.size() ? latencies[median] : span.value * 10;
  const auto most = censored.quantile_at_most(0.5);
  constexpr double bucket = 1.008;  // of the histogram
  const bool quantile = censored.quantile_at_least(0.5) <= real * bucket && (!most || real <= *most * bucket);
  const bool mean = never > 0 || censored.mean_at_least() <= sum / submitted + 1e-9;
  return share && quantile && mean ? "yes" : "no";
}
}  // namespace

TEST_CASE("What a run says of all its requests holds for what becomes of them in one ten times as long", "[physics]") {
  constexpr int replications = 200;
  for (const int concurrency : {1, 1000})  // first come, first served; processor sharing
    for (const double load : {0.5, 0.8, 1.0, 1.2, 2.0}) {
      Json scenario = station(1, concurrency, {{"exponential", "1 s"}}, fmt::format("{} /s", load), "2000 s");
      scenario["warmup"] = "0 s";
      client(scenario, "user")["deadline"] = "5 s";
      const auto said = said_by_copies(replications, [&](std::size_t i) {
        return bounds_hold(scenario, static_cast<std::uint64_t>(i), Seconds(200));
      });
      const auto held = std::count(said.begin(), said.end(), "yes");
      CAPTURE(concurrency, load);
      CHECK(held == replications);
    }
}

TEST_CASE("The last sample of a series is at the end, whatever the interval", "[physics]") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"60 s", ""},      {"0.7 s", ""},   {"120 s", "1.2 s"}, {"1 s", "0.1 s"},
      {"7 s", "0.07 s"}, {"3 h", "11 s"}, {"33.3 s", "0.3 s"}};
  const auto said = said_by_copies(cases.size(), [&](std::size_t i) {
    const auto [duration, interval] = cases[i];
    Json scenario = station(1, 1, "1 ms", "1 /s", duration);
    scenario["warmup"] = "0 s";
    if (*interval) scenario["series"] = interval;
    const auto run = simulation(scenario);
    run->run();
    const double end = run->scenario().duration.value, step = run->scenario().series_interval.value;
    const auto& rows = run->series().rows();
    const bool divides = std::abs(std::round(end / step) - end / step) < 1e-6;
    return fmt::format("{} samples, the last at {}", rows.size(),
                       divides && *rows.back()[0] == end ? "the end" : "another date");
  });
  const std::vector<std::string> wanted{"100 samples, the last at the end", "100 samples, the last at the end",
                                        "100 samples, the last at the end", "10 samples, the last at the end",
                                        "100 samples, the last at the end", "981 samples, the last at another date",
                                        "111 samples, the last at the end"};
  CHECK(said == wanted);
}

TEST_CASE("Of replicas that are equally near each gets its turn, whoever else calls, and no other gets any",
          "[physics]") {
  // Two in each of the clusters `c` and `far`, and users in both, whose requests come by turns.
  Json scenario = station(4, 1, "10 ms", "100 /s", "200 s");
  Json& serve = component(scenario, "app", "serve");
  serve["replicas"] = 4;
  serve["routing"] = "nearest";
  serve["requests"] = {{"cpu", "2"}};
  scenario["clusters"].push_back(copy_of(cluster(scenario, "c"), "far"));
  cluster(scenario, "far")["uplink"]["latency"] = "10 ms";
  scenario["policy"] = {{"placement", "first-fit"}};
  std::string here = "time_s\n", there = here;
  for (int i = 0; i < 10'000; ++i) {
    here += fmt::format("{}\n", 100 + 0.01 * i);
    there += fmt::format("{}\n", 100.005 + 0.01 * i);
  }
  scenario["clients"].push_back(with(copy_of(client(scenario, "user"), "away"), {{"at", "far"}}));
  client(scenario, "user")["workload"] = {{"csv", "here.csv"}};
  client(scenario, "away")["workload"] = {{"csv", "there.csv"}};
  const auto run = simulation(scenario, 0, {{"here.csv", here}, {"there.csv", there}});
  run->run();
  const std::vector<PodId> pods = run->applications().pods_of(ServiceId{0});
  REQUIRE(pods.size() == 4);
  std::map<std::uint32_t, int> in;
  for (const PodId pod : pods) {
    ++in[run->world().federation.cluster_of(run->applications().node(pod)).index];
    CHECK(run->world().compute.started(pod) == 5'000);
  }
  CHECK(in == std::map<std::uint32_t, int>{{0, 2}, {1, 2}});
}
