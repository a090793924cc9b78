// Where real time goes: what a profile tells, and that it changes nothing.
#include <cmath>
#include <set>

#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
nlohmann::ordered_json quickstart() {
  const std::string file = std::string(CODECOSIM_SOURCE) + "/scenarios/library/quickstart.json";
  nlohmann::ordered_json scenario = nlohmann::ordered_json::parse(contents(file), nullptr, true, true);
  scenario["duration"] = "60 s";
  scenario["warmup"] = "0 s";
  return scenario;
}
}  // namespace

TEST_CASE("A profile tells of all events, by the classes that they are of", "[profile]") {
  const auto run = simulation(quickstart());
  run->clock().start_profile();
  run->run();
  const Profile& profile = *run->clock().profile();
  double events = 0;
  std::set<std::string> kinds;
  for (const Profile::Row& one : profile.kinds()) {
    events += static_cast<double>(one.count);
    kinds.insert(one.name);
    CHECK(one.seconds >= 0);
    CHECK(one.name.find("::<") == std::string::npos);
    CHECK(one.name.find("other") == std::string::npos);
  }
  CHECK(std::abs(events - static_cast<double>(run->clock().events())) <= Profile::stride);
  for (const char* one : {"Network", "Compute", "Requests"}) CHECK(kinds.contains(one));
  REQUIRE(!profile.plugins().empty());
  double calls = 0;
  for (const Profile::Row& one : profile.plugins()) calls += static_cast<double>(one.count);
  CHECK(calls >= static_cast<double>(run->decisions().asked()));
}

TEST_CASE("A run with a profile has the fingerprint of one without", "[profile]") {
  const std::string command = "run " + std::string(CODECOSIM_SOURCE) +
                              "/scenarios/library/quickstart.json --until 60s --no-output --format json";
  const auto fingerprint = [](const Ran& ran) {
    return nlohmann::json::parse(ran.out)["manifest"]["fingerprint"].get<std::string>();
  };
  const Ran plain = test::codecosim(command), profiled = test::codecosim(command + " --profile");
  REQUIRE(plain.status == 0);
  REQUIRE(profiled.status == 0);
  CHECK(fingerprint(plain) == fingerprint(profiled));
  CHECK(nlohmann::json::parse(profiled.out)["manifest"]["profile"]["kinds"].size() > 3);
  CHECK(!nlohmann::json::parse(plain.out)["manifest"].contains("profile"));
}

TEST_CASE("The class of a coroutine is told from what the compiler says of it", "[profile]") {
  const std::string before = "static const char* codecosim::OwnedPromise::signature() [with T = ";
  CHECK(class_in(before + "codecosim::Requests]") == "Requests");
  CHECK(class_in(before + "codecosim::Platform::Engine]") == "Platform::Engine");
  CHECK(class_in(before + "codecosim::Simulation::run(int)::<lambda()>]") == "Simulation::run");
  CHECK(class_in("SimGrid") == "SimGrid");
}
