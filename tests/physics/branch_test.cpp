// Copies of a running world: they disturb nothing, answer within their limits, and play what would have been.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "sim/kernel/fork.hpp"
#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// Users at the cluster `near`; the cluster `far`, which is listed first, is 20 ms further away. One request a second,
/// 1 ms of work.
Json near_and_far(const std::string& placement) {
  Json scenario = station(4, 1, "1 ms", "1 /s", "100 s");
  scenario["warmup"] = "0 s";
  const Json one = cluster(scenario, "c");
  scenario["clusters"] = {copy_of(one, "far"), copy_of(one, "near")};
  cluster(scenario, "far")["uplink"]["latency"] = "20 ms";
  client(scenario, "user")["at"] = "near";
  client(scenario, "user")["workload"] = {{"periodic", {{"period", "1 s"}}}};
  scenario["policy"] = {{"placement", placement}};
  return scenario;
}
double mean_latency(const std::string& placement) {
  const Scratch scratch;
  return simulate(scratch.write("s.json", near_and_far(placement).dump()))["summary"]["request.latency"]["value"];
}
Json played(const std::string& scenario, const std::string& arguments) {
  const Ran ran = test::codecosim("branch " + scenario + " --format json " + arguments);
  INFO(ran.err);
  REQUIRE(ran.status == 0);
  return Json::parse(ran.out);
}
}  // namespace

TEST_CASE("A copy answers, ends without an answer, or is stopped at its limits", "[physics]") {
  const auto start = std::chrono::steady_clock::now();
  const Copies::Split split = Copies::split(5, {2, Seconds(0.5), Bytes(100e6)});
  if (split.number) {
    switch (*split.number) {
      case 0:
        Child::answer("so");
      case 1:
        Child::abandon();
      case 2:
        for (;;) {}
      case 3:
        try {
          const std::vector<char> much(1'000'000'000, 1);
          Child::answer(std::string(1, much.back()));
        } catch (const std::bad_alloc&) {
          Child::abandon();
        }
      default:
        Child::answer(std::string(300'000, 'x'));  // more than a pipe holds
    }
  }
  REQUIRE(split.answers.size() == 5);
  CHECK(split.answers[0] == "so");
  CHECK_FALSE(split.answers[1]);
  CHECK_FALSE(split.answers[2]);
  CHECK_FALSE(split.answers[3]);
  CHECK(split.answers[4] == std::string(300'000, 'x'));
  CHECK_FALSE(Copies::here());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("Playing alternatives leaves no trace in the run itself", "[physics]") {
  const std::string scenario = library("quickstart.json");
  const Json plain = simulate(scenario);
  const Json branched = played(scenario, "--regret 7 --horizon '30 s'");
  CHECK(branched["fingerprint"] == plain["manifest"]["fingerprint"]);
  CHECK(branched["trials"].size() + branched["without_alternative"].get<std::size_t>() +
            branched["unmeasured"].get<std::size_t>() ==
        7);
  // The same decisions, the same futures.
  CHECK(played(scenario, "--regret 7 --horizon '30 s' --jobs 1") == branched);
}

TEST_CASE("The regret of a decision is what the better one would have saved", "[physics]") {
  const Scratch scratch;
  const std::string scenario = scratch.write("s.json", near_and_far("first-fit").dump());
  const Json branched = played(scenario, "--regret 3 --horizon '1 h'");
  REQUIRE(branched["trials"].size() == 1);  // there is one decision
  const Json& trial = branched["trials"][0];
  CHECK(trial["chosen"] == "far");
  CHECK(trial["best"] == "near");
  CHECK(trial["alternatives"] == 1);
  // Each future is the run that would have been.
  CHECK(trial["value"].get<double>() == mean_latency("first-fit"));
  CHECK(trial["best_value"].get<double>() == mean_latency("nearest"));
  CHECK(trial["regret"].get<double>() == Approx(2 * 0.020).epsilon(1e-9));
  CHECK(branched["interval_95"].is_null());
}

TEST_CASE("An alternative is judged by a figure as that is better", "[physics]") {
  const auto trials = [](const std::string& figure) {
    return played(library("quickstart.json"), "--regret 3 --horizon '30 s' --figure=" + figure)["trials"];
  };
  const Json completed = trials("requests.completed");
  CHECK(completed.size() > 0);
  CHECK(completed == trials("-requests.completed"));
  CHECK(trials("requests.failed") != trials("-requests.failed"));
}

TEST_CASE("Futures of the same policy are the same, those of others differ as they should", "[physics]") {
  const Scratch scratch;
  Json scenario = near_and_far("first-fit");
  application(scenario, "app")["submit"] = {{"at", "40 s"}};
  const std::string file = scratch.write("s.json", scenario.dump());
  const Json told =
      played(file, "--at '20 s' --policy first-fit --policy nearest --policy placement=first-fit")["futures"];
  REQUIRE(told.size() == 3);
  CHECK(told["first-fit"] == told["placement=first-fit"]);
  const auto latency = [&](const char* policy) { return told[policy]["request.latency"]["value"].get<double>(); };
  CHECK(latency("first-fit") - latency("nearest") == Approx(2 * 0.020).epsilon(1e-9));
  // The table has what differs, and nothing else.
  const std::string table = test::codecosim("branch " + file + " --at '20 s' --policy first-fit --policy nearest").out;
  CHECK(table.find("\n  request.latency [s] ") != std::string::npos);
  CHECK(table.find("requests.submitted") == std::string::npos);
  CHECK(test::codecosim("branch " + file + " --at '20 s' --policy nearest").out.find("requests.submitted") !=
        std::string::npos);
}

TEST_CASE("A policy that plays the futures finds the better one, within its budget", "[physics]") {
  const auto latency = [](const Json& parameters) {
    const Scratch scratch;
    Json scenario = near_and_far("first-fit");
    scenario["policy"]["placement"] = {{"rollout", parameters}};
    return simulate(scratch.write("s.json", scenario.dump()))["summary"]["request.latency"]["value"].get<double>();
  };
  CHECK(latency({{"base", "first-fit"}, {"horizon", "10 s"}}) == mean_latency("nearest"));
  CHECK(latency({{"base", "first-fit"}, {"horizon", "10 s"}, {"budget", 1}}) == mean_latency("first-fit"));
}

TEST_CASE("What cannot be branched is said at once", "[physics]") {
  const std::string scenario = library("quickstart.json");
  const auto fails = [&](const std::string& arguments, const std::string& why) {
    const Ran ran = test::codecosim("branch " + scenario + " " + arguments);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err.find(why) != std::string::npos);
  };
  fails("", "branch needs --policy");
  fails("--policy nearest", "--at says when");
  fails("--policy nearest --at '1000 h'", "has ended by then");
  fails("--policy nearest --at 5", "--at: ");
  fails("--policy migration=never --at '5 s'", "no future can differ in \"migration\"");
  fails("--policy 'exec:true' --at '5 s'", "another program cannot be copied");
  fails("--policy rollout --at '5 s'", "there it is its base");
  fails("--regret 2 --figure requests.sucess", "there is no figure");
  fails("--regret 2 --policy nearest", "excludes");
  CHECK(test::codecosim("branch " + scenario + " --policy nearst --at '5 s'").status == 3);
}

TEST_CASE("A future counts what begins after the parting, and says what to know of it", "[physics]") {
  const Scratch scratch;
  Json scenario = near_and_far("nearest");
  // From the beginning one after the other, 3 s each: never done with what comes.
  component(scenario, "app", "serve")["work"] = "3 s";
  const Json futures = played(scratch.write("s.json", scenario.dump()), "--at '40.5 s' --policy nearest")["futures"];
  const Json& future = futures.begin().value();
  CHECK(future["requests.submitted"]["value"] == 60);  // of the 100; one a second
  CHECK(future["requests.in_flight"]["value"] == 60);  // behind the 27 that are left of the first 40
  CHECK(future["requests.ended"]["value"] == 0);
  CHECK(future["requests.success"]["value"].is_null());
  std::vector<std::string> kinds;
  for (const Json& one : future["findings"]) kinds.push_back(one["kind"]);
  CHECK(std::find(kinds.begin(), kinds.end(), "overloaded-component") != kinds.end());
  CHECK(std::find(kinds.begin(), kinds.end(), "unanswered") != kinds.end());
}
