// Loops that are closed over the network: when a device must stop, and when it may go on.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "models/application/control_loop.hpp"
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/federation.hpp"
#include "tests/records.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// A client with a loop, told by hand what is sent and answered.
struct Controlled {
  Controlled(double deadline, std::uint32_t tolerated, std::uint32_t resumes_after) {
    ClientSpec client;
    client.at = {ClusterId{0}};
    client.access = star(1).clusters[0].lan;
    client.deadline = Seconds(deadline);
    client.control = ClientSpec::Control{tolerated, resumes_after};
    ApplicationSpec app;
    app.components.emplace_back();
    land.emplace(star(1), std::vector{client});
    land->applications.emplace(land->world, std::vector<ImageSpec>(1), std::vector{app});
    land->requests.emplace(land->world, *land->applications, std::vector{client}, Transport::queued, Seconds(0));
    loops.emplace(*land->requests);
    loops->on_stop.add([this](ClientId) { stops.push_back(now().value); });
    loops->on_resume.add([this](ClientId) { resumes.push_back(now().value); });
  }
  ~Controlled() { frames::destroy_processes(); }

  /// A request, and its answer so much later; none: below zero.
  Process round(double start, double answer) {
    co_await until(Seconds(start));
    land->requests->on_sent({0});
    if (answer < 0) co_return;
    co_await delay(Seconds(answer));
    land->requests->on_answer({0}, Seconds(start));
  }

  std::optional<Land> land;
  std::optional<ControlLoops> loops;
  std::vector<double> stops, resumes;
};

void check_dates(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).epsilon(1e-12));
}

/// A station whose vehicles drive between two places 40 m apart, with an access point that reaches about 108 m.
Json factory(double ap = 0) {
  Json scenario = station(16, 4, "1 ms", "1 /s", "600 s");
  scenario["warmup"] = "0 s";
  scenario["technologies"]["plain"] = {
      {"preset", "wifi"},
      {"cell_power", "20 dBm"},
      {"device_power", "20 dBm"},
      {"latency", "1 ms"},
      {"tiers", {{{"ratio", "10 dB"}, {"down", "8 Mbit/s"}, {"up", "8 Mbit/s"}}}},
      {"propagation",
       {{"environment", "log-distance"}, {"exponent", 3}, {"loss_at_1m", "40 dB"}, {"shadowing", "0 dB"}}},
      {"handover", {{"interruption", "0 s"}, {"time_to_trigger", "0 s"}, {"gives_up_after", "0 s"}}}};
  scenario["cells"] = {{{"name", "ap"}, {"technology", "plain"}, {"position", {fmt::format("{} m", ap), "0 m"}}}};
  scenario["devices"] = {{{"name", "agv"},
                          {"technology", "plain"},
                          {"fleet",
                           {{"stations", {{"a", {{"at", {"0 m", "0 m"}}}}, {"b", {{"at", {"40 m", "0 m"}}}}}},
                            {"lanes", {{{"from", "a"}, {"to", "b"}}}},
                            {"handling", "5 s"}}}}};
  Json& user = client(scenario, "user");
  user["at"] = {{"device", "agv"}};
  user["workload"] = {{"periodic", {{"period", "1 s"}}}};
  user["deadline"] = "500 ms";
  user["control"] = {{"tolerated", 0}, {"resumes_after", 1}};
  return scenario;
}
std::vector<double> dates(const std::vector<nlohmann::json>& all, bool stopped) {
  std::vector<double> found;
  for (const auto& one : all)
    if (one["kind"] == "stop" && one["stopped"] == stopped) found.push_back(one["t_s"]);
  return found;
}
/// When the n-th request of a client from a date on was sent.
double sent(const std::vector<nlohmann::json>& all, const std::string& client, double from, std::size_t n = 1) {
  std::vector<double> starts;
  for (const auto& one : all)
    if (one["kind"] == "request" && one["client"] == client && one["start_s"] >= from) starts.push_back(one["start_s"]);
  std::sort(starts.begin(), starts.end());
  return starts.at(n - 1);
}
}  // namespace

TEST_CASE("Misses count at their deadline, more in a row than tolerated stop, answers in time in a row go on",
          "[physics]") {
  Controlled loop(0.1, 2, 3);
  const double none = -1, late = 0.15, good = 0.05;
  //                             0     1     2     3     4     5     6     7     8     9     10    11    12    13    14
  const std::vector<double> answers{good, none, none, good, none, late, none, late,
                                    good, good, late, good, good, good, good};
  for (std::size_t n = 0; n < answers.size(); ++n) spawn(loop.round(static_cast<double>(n), answers[n]));
  loop.land->calendar.run(Seconds(6.0999));
  CHECK(loop.stops.empty());
  loop.land->calendar.run(Seconds(100));
  check_dates(loop.stops, {6.1});
  check_dates(loop.resumes, {13.1});
}

TEST_CASE("A loop that tolerates nothing stops at the first deadline, before a late answer, and again after each",
          "[physics]") {
  Controlled loop(0.1, 0, 1);
  spawn(loop.round(1, 0.2));
  spawn(loop.round(2, 0.1 - 1e-9));
  spawn(loop.round(3, 0.1 + 1e-9));
  spawn(loop.round(4, 0));
  loop.land->calendar.run(Seconds(100));
  check_dates(loop.stops, {1.1, 3.1});
  check_dates(loop.resumes, {2.1, 4.1});
}

TEST_CASE("Requests that overlap are judged in the order in which they were sent", "[physics]") {
  // The answer to the second is there before the deadline of the first, which misses.
  Controlled loop(0.12, 0, 1);
  spawn(loop.round(0, -1));
  spawn(loop.round(0.05, 0.01));
  spawn(loop.round(0.1, 0.01));
  spawn(loop.round(0.2, -1));
  loop.land->calendar.run(Seconds(100));
  check_dates(loop.stops, {0.12, 0.32});
  check_dates(loop.resumes, {0.17});
}

TEST_CASE("Two loops on one vehicle hold it together", "[physics]") {
  Json scenario = factory();
  scenario["duration"] = "400 s";
  scenario["node_types"]["m"] = scenario["node_types"]["n"];
  cluster(scenario, "c")["nodes"].push_back({{"type", "m"}});
  scenario["node_types"]["n"]["labels"] = {{"of", "user"}};
  scenario["node_types"]["m"]["labels"] = {{"of", "other"}};
  scenario["applications"].push_back(copy_of(application(scenario, "app"), "other"));
  component(scenario, "app", "serve")["node_selector"] = {{"of", "user"}};
  component(scenario, "other", "serve")["node_selector"] = {{"of", "other"}};
  scenario["clients"].push_back(with(copy_of(client(scenario, "user"), "other"), {{"application", "other"}}));
  scenario["faults"] = {fault("node", "c/n-0", 100, 200), fault("node", "c/m-0", 150, 250)};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  const double stop = sent(all, "user", 100) + 0.5, end = sent(all, "other", 250) + 0.5;
  check_dates(dates(all, true), {stop});
  check_dates(dates(all, false), {end});
  CHECK(value_of(*run, "agv.stops") == 1);
  CHECK(value_of(*run, "agv.stopped") == Approx(end - stop).epsilon(1e-9));
}

TEST_CASE("A late answer stops as a lost one does", "[physics]") {
  // Each answer takes 600 ms of work, its deadline is 500 ms: it stops for good.
  Json scenario = factory();
  component(scenario, "app", "serve")["work"] = "600 ms";
  const auto run = simulation(scenario);
  const auto all = records(*run);
  check_dates(dates(all, true), {sent(all, "user", 0) + 0.5});
  CHECK(dates(all, false).empty());
  CHECK(value_of(*run, "requests.completed") > 500);
  CHECK(value_of(*run, "agv.missions") == 0);
}

TEST_CASE("A vehicle in a coverage hole stops, and its missions suffer", "[physics]") {
  // The cell ends between the two places, 108 m from its access point: 20 m before the far one.
  Json scenario = factory(-88);
  client(scenario, "user")["control"] = {{"tolerated", 2}, {"resumes_after", 1}};
  const auto run = simulation(scenario);
  const auto all = records(*run);
  double lost = -1;
  for (const auto& one : all)
    if (one["kind"] == "attachment" && one["after"].is_null() && lost < 0) lost = one["t_s"];
  REQUIRE(lost > 0);
  // The third request that nothing answers. Nothing gets it out of there.
  check_dates(dates(all, true), {sent(all, "user", lost, 3) + 0.5});
  CHECK(dates(all, false).empty());
  CHECK(value_of(*run, "agv.missions") == 0);
  CHECK(value_of(*run, "agv.stopped") == Approx(600 - dates(all, true).at(0)).epsilon(1e-9));
  CHECK(value_of(*run, "radio.uncovered") == Approx(600 - lost).epsilon(1e-9));
}

TEST_CASE("Without its loop the same vehicle goes on through the hole", "[physics]") {
  Json scenario = factory(-88);
  client(scenario, "user").erase("control");
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "agv.stops") == 0);
  CHECK(value_of(*run, "agv.missions") > 5);
}
