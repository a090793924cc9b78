// What must hold in whatever world, played through the program itself: worlds that nobody has thought up
// (tests/worlds.hpp).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/shell.hpp"
#include "tests/worlds.hpp"

namespace codecosim::test {

namespace {
/// Far more than any of them needs, even under sanitizers.
constexpr int seconds_to_play = 600;
/// While a world that hangs is made smaller.
constexpr int seconds_to_shrink = 5;

/// Figures that are shares, by what `codecosim describe metrics` says of them.
const std::set<std::string>& shares() {
  static const std::set<std::string> all = [] {
    std::set<std::string> some;
    std::istringstream lines(codecosim("describe metrics").out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string name, unit, better, first;
      words >> name >> unit >> better >> first;
      // "Likewise" is the other direction of airtime.
      if (unit == "1" && (first == "Share" || first == "Likewise")) some.insert(name);
    }
    return some;
  }();
  return all;
}

/// What a run left, if it came to its end; else what went wrong.
struct Played {
  std::string wrong;
  Json manifest, summary, pending;
};

Played play(const std::string& scenario, const std::string& options, int seconds) {
  const Scratch scratch;
  const std::string out = scratch / "run";
  const Ran ran = codecosim(fmt::format("run {} {} --progress none --out {}", scenario, options, out),
                            fmt::format("timeout --kill-after=5 {}", seconds));
  Played played;
  const auto last_line = [&] {
    std::string line;
    std::istringstream lines(ran.err);
    for (std::string one; std::getline(lines, one);)
      if (!one.empty()) line = one;
    return line;
  };
  if (ran.status == 124 || ran.status == 137) {
    played.wrong = fmt::format("it hangs: no end after {} s", seconds);
  } else if (ran.status != 0) {
    played.wrong = fmt::format("exit status {}: {}", ran.status, last_line());
  } else if (ran.err.find("runtime error") != std::string::npos || ran.err.find("Sanitizer") != std::string::npos) {
    played.wrong = fmt::format("a sanitizer reports: {}", ran.err);
  } else {
    const auto file = [&](const char* name) { return Json::parse(contents(out + "/" + name)); };
    played.manifest = file("manifest.json");
    played.summary = file("summary.json");
    played.pending = file("pending.json");
  }
  return played;
}

/// Whether a share or a mean is one of nothing.
bool of_nothing(const std::string& name, const Json& summary) {
  const auto number = [&](const char* of) { return summary.at(of).at("value").get<double>(); };
  if (name == "requests.success" || name == "requests.in_time")
    return number("requests.ended") + number("requests.overdue") == 0;
  if (name == "decision.best") return summary.at("decision.regret").at("count") == 0;
  // Of these the summary does not say how many there were.
  static const std::set<std::string> told{"availability", "learning.loss", "recommendation.followed", "forecast.mae",
                                          "forecast.mae_last"};
  return told.contains(name) && summary.at(name).at("value").is_null();
}

/// The laws that a run has broken.
std::vector<std::string> broken_laws(const Played& played) {
  std::vector<std::string> broken;
  const Json& summary = played.summary;
  const auto law = [&](bool holds, const std::string& otherwise) {
    if (!holds) broken.push_back(otherwise);
  };
  for (const auto& [name, figure] : summary.items()) {
    if (name == "by_client" || name == "findings") continue;
    // The writer of JSON makes null of what is not finite, too.
    const bool is_spread = figure.contains("count"),
               none = is_spread ? figure["count"] == 0 : of_nothing(name, summary);
    for (const auto& [key, part] : figure.items()) {
      if (key == "unended") continue;
      const bool is_value = part.is_number() || part.is_string(), is_part = is_spread && key != "count";
      law(is_value ? !none || part.is_string() || !(key == "value" || is_part) : none && part.is_null(),
          fmt::format("a figure is missing, or is not: {} {}", name, figure.dump()));
    }
    if (!figure["value"].is_number()) continue;
    const double number = figure["value"];
    const std::string unit = figure["unit"];
    law(number >= 0 || unit == "1", fmt::format("a figure is negative: {} = {} {}", name, number, unit));
    law(!shares().contains(name) || (number >= 0 && number <= 1 + 1e-9),
        fmt::format("a share is not within 0 and 1: {} = {:.17g}", name, number));
    if (figure.contains("max") && figure["count"] > 0)
      for (const char* part : {"p50", "p90", "p99", "p999", "mean"})
        law(figure[part].get<double>() <= figure["max"].get<double>() * (1 + 1e-9),
            fmt::format("a distribution is beyond its maximum: {} {}", name, part));
  }
  const auto value = [&](const char* name) {
    return summary.at(name).at("value").is_number() ? summary.at(name).at("value").get<double>() : 0;
  };
  law(value("requests.submitted") ==
          value("requests.completed") + value("requests.failed") + value("requests.in_flight"),
      "requests are lost or made up: submitted is not completed + failed + in flight");
  law(value("requests.failed") ==
          value("requests.lost") + value("requests.refused") + value("requests.rejected") + value("requests.timed_out"),
      "requests are lost or made up: failed is not lost + refused + rejected + given up");
  law(value("requests.in_flight") >= 0, "requests are lost or made up: fewer than none are in flight");
  law(value("requests.ended") == value("requests.completed") + value("requests.failed"),
      "requests are lost or made up: ended is not completed + failed");
  law(value("requests.deadline_misses") <= value("requests.submitted"), "more deadlines are missed than requests sent");
  law(value("requests.overdue") <= std::min(value("requests.in_flight"), value("requests.deadline_misses")),
      "more requests are overdue than are under way, or were missed");
  double ways = 0;
  for (const auto& [name, figure] : summary.items())
    if (name.starts_with("requests.lost.")) ways += figure["value"].get<double>();
  law(ways == value("requests.lost"), "a request is lost in no way, or in two");
  law(summary.at("request.latency").at("unended").at("count") == summary.at("requests.in_flight").at("value"),
      "not every request under way has an age");
  law(summary.at("request.latency").at("count") == summary.at("requests.completed").at("value"),
      "not every request completed has a latency");
  if (summary.contains("works.issued"))
    law(value("works.issued") == value("works.applied") + value("works.superseded") + value("works.open"),
        fmt::format("works are lost or made up: {} issued, {} applied, {} superseded, {} open", value("works.issued"),
                    value("works.applied"), value("works.superseded"), value("works.open")));
  law(value("placement.refused") == 0, "a policy gave an answer that made no sense");
  law(value("violations.unexplained") == 0,
      "a replica became ready where its application's rules forbid it, without a fault");
  for (const Json& one : played.pending)
    law(!one.value("reason", "").empty(), "a replica is not ready, and nothing says why: " + one.dump());
  law(value("placement.pending") == static_cast<double>(played.pending.size()),
      fmt::format("placement.pending is not what pending.json holds: {}, {}", value("placement.pending"),
                  played.pending.size()));
  return broken;
}

/// What is wrong with how a world plays.
std::vector<std::string> wrong_with(const Json& world, int seconds = seconds_to_play) {
  const Scratch scratch;
  const std::string scenario = scratch.write("world.json", world.dump(2));
  const Played reference = play(scenario, "--trace none", seconds);
  if (!reference.wrong.empty()) return {reference.wrong};
  std::vector<std::string> wrong = broken_laws(reference);
  // Each level with many worlds, not all with each: starting the program is what takes long.
  const char* level = std::array{"decisions", "requests", "all"}[world.value("seed", 1U) % 3];
  for (const std::string& options : {fmt::format("--trace {}", level), std::string("--no-run-ahead")}) {
    const Played again = play(scenario, options, seconds);
    const auto print = [](const Played& one) { return one.manifest["fingerprint"].get<std::string>(); };
    if (!again.wrong.empty()) {
      wrong.push_back(fmt::format("with {}, {}", options, again.wrong));
    } else if (print(again) != print(reference)) {
      const Played same = play(scenario, "--trace none", seconds);
      const bool by_itself = !same.wrong.empty() || print(same) != print(reference);
      wrong.push_back(by_itself ? "another fingerprint, although nothing has changed"
                                : "another fingerprint with " + options);
    } else if (again.summary != reference.summary) {
      wrong.push_back("another summary with " + options);
    }
  }
  return wrong;
}

/// Failures of one kind differ in numbers and names only.
std::string kind_of(const std::string& wrong) {
  std::string kind;
  for (const char c : wrong.substr(0, std::min(wrong.find(" = "), wrong.find(": {"))))
    if (!std::isdigit(static_cast<unsigned char>(c))) kind += c;
  return wrong.starts_with("exit status") ? kind.substr(0, 60) : kind;
}

/// Plays these worlds. Of each kind of failure the first is told as a small scenario.
void play_worlds(std::uint64_t first, std::uint64_t last, const WorldOptions& options = {}) {
  struct Failure {
    std::string wrong;
    std::vector<std::uint64_t> seeds;
  };
  std::map<std::string, Failure> failures;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    for (const std::string& wrong : wrong_with(random_world(seed, options))) {
      Failure& failure = failures[kind_of(wrong)];
      if (failure.seeds.empty()) failure.wrong = wrong;
      if (failure.seeds.empty() || failure.seeds.back() != seed) failure.seeds.push_back(seed);
    }
  }
  // Before anything is made smaller, which takes long and may not come to its end.
  for (const auto& [kind, failure] : failures)
    WARN(fmt::format("worlds {}: {}", fmt::join(failure.seeds, ", "), failure.wrong));
  for (const auto& [kind, failure] : failures) {
    const bool hangs = failure.wrong.find("it hangs") != std::string::npos;
    const auto fails = [&, wanted = kind](const Json& world) {
      const std::vector<std::string> all = wrong_with(world, hangs ? seconds_to_shrink : seconds_to_play);
      return std::any_of(all.begin(), all.end(), [&](const std::string& one) { return kind_of(one) == wanted; });
    };
    const Json small = shrink(random_world(failure.seeds.front(), options), fails,
                              (hangs ? 60 : 300) / static_cast<int>(failures.size()));
    FAIL_CHECK(fmt::format("worlds {}: {}\nof the first, this is left:\n{}", fmt::join(failure.seeds, ", "),
                           failure.wrong, small.dump(2)));
  }
}
}  // namespace

// In parts, which ctest plays at the same time.
TEST_CASE("Whatever the world, the laws hold: 1 to 50", "[property]") { play_worlds(1, 50); }
TEST_CASE("Whatever the world, the laws hold: 51 to 100", "[property]") { play_worlds(51, 100); }
TEST_CASE("Whatever the world, the laws hold: 101 to 150", "[property]") { play_worlds(101, 150); }
TEST_CASE("Whatever the world, the laws hold: 151 to 200", "[property]") { play_worlds(151, 200); }

TEST_CASE("Whatever the world, the laws hold: FIRST-LAST of CODECOSIM_WORLDS", "[.worlds]") {
  const char* range = std::getenv("CODECOSIM_WORLDS");
  std::uint64_t first = 0, last = 0;
  char dash = 0;
  REQUIRE(range);
  REQUIRE(std::istringstream(range) >> first >> dash >> last);
  play_worlds(first, last);
}

TEST_CASE("A seed is one world, and worlds are as they are asked for", "[property]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    CHECK(random_world(seed) == random_world(seed));
    CHECK(random_world(seed) != random_world(seed + 1));
    const Json calm = random_world(seed, {"oracle", false, false, false});
    for (const char* key : {"devices", "cells", "faults", "learning"}) CHECK(!calm.contains(key));
    CHECK(calm.value("control_plane", Json("oracle")) == "oracle");
  }
}

TEST_CASE("Every key of the format comes up in random worlds", "[property]") {
  std::vector<std::string> used;
  for (std::uint64_t seed = 1; seed <= 8000; ++seed) note_places(random_world(seed), used);
  for (const std::string& place : places_of_format()) {
    INFO(place);
    CHECK(std::binary_search(used.begin(), used.end(), place) == comes_up(place));
  }
}

TEST_CASE("Shrinking leaves what makes a world fail, and little else", "[property]") {
  const auto fails = [](const Json& world) { return world.contains("faults") && world["applications"].size() >= 2; };
  std::uint64_t seed = 1;
  while (!fails(random_world(seed))) ++seed;
  const Json whole = random_world(seed), small = shrink(whole, fails, 2000);
  CHECK(fails(small));
  CHECK(problems_of(small).empty());
  CHECK(small["applications"].size() == 2);
  CHECK(small["clusters"].size() == 1);
  CHECK(small["faults"].size() <= 1);
  CHECK(small.dump().size() < whole.dump().size() / 3);
}

}  // namespace codecosim::test
