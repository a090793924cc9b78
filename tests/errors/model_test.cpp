// What learners have learnt in one run is what those of another begin with; and a file that does not fit is refused
// before it starts.
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using namespace codecosim::test;
using Json = nlohmann::ordered_json;

namespace {
/// The smart city for a minute, with a bandit at the hub.
std::string learn(const std::string& more) {
  return library("smart-city.json") +
         " --until '60 s' --policy recommended --set '/learning/recommender={\"lin-ucb\": {\"preset\": \"estimate\"}}'"
         " --set /learning/level=federation --set '/learning/round=\"20 s\"' " +
         more;
}
}  // namespace

TEST_CASE("A model that a run has written is where another begins") {
  const Scratch scratch;
  const Ran first = test::codecosim("run " + learn("--models --out " + (scratch / "first")));
  INFO(first.err);
  REQUIRE(first.status == 0);
  const std::string model = scratch / "first/models/recommender-cloud.model";
  REQUIRE(contents(model).starts_with("codecosim-model\nversion 1\n"));

  // Another run that begins with it decides otherwise than one that begins with nothing, and always the same.
  const auto fingerprint = [&](const std::string& more) {
    const Json ran = simulate(learn(more));
    REQUIRE(!ran.empty());
    return ran["manifest"]["fingerprint"].get<std::string>();
  };
  const std::string with = "--allow-outside --set '/learning/recommender_model=\"" + model + "\"'";
  CHECK(fingerprint(with) == fingerprint(with));
  CHECK(fingerprint(with) != fingerprint(""));
}

TEST_CASE("A model that does not fit is refused before anything runs") {
  const Scratch scratch;
  const auto refused = [&](const std::string& more, const std::string& why) {
    const Ran ran = test::codecosim("run " + learn("--no-output --allow-outside " + more));
    CHECK(ran.status == 3);
    INFO(ran.err);
    CHECK(ran.err.find("/learning/") != std::string::npos);
    CHECK(ran.err.find(why) != std::string::npos);
  };
  const std::string junk = scratch.write("junk", "no model");
  refused("--set '/learning/recommender_model=\"" + junk + "\"'", "recommender_model");
  refused("--set '/learning/forecaster_model=\"" + junk + "\"'", "no learner that it could be for");
  refused("--set '/learning/recommender_model=\"" + (scratch / "none") + "\"'", "recommender_model");
}
