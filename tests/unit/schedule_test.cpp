// Which runs a sweep makes: levels that are compared run the same replications, and what stays imprecise is told.
#include <cmath>
#include <functional>
#include <map>

#include "analysis/statistics.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/rng.hpp"
#include "sweep/schedule.hpp"
#include "tests/catch.hpp"

using namespace codecosim;

namespace {
StoppingRule rule(double relative, std::uint32_t at_least, std::uint32_t at_most, std::uint32_t step) {
  StoppingRule one;
  one.metric = "m";
  one.relative = relative;
  one.at_least = at_least;
  one.at_most = at_most;
  one.step = step;
  return one;
}
/// Makes all runs that it asks for; the values by point and replication.
std::map<std::size_t, std::vector<double>> make_all(
    Schedule& schedule, std::uint32_t at_most,
    const std::function<double(std::size_t point, std::size_t replication)>& value) {
  std::map<std::size_t, std::vector<double>> made;
  while (const auto run = schedule.next()) {
    const std::size_t point = *run / at_most, replication = *run % at_most;
    const double one = value(point, replication);
    auto& values = made[point];
    values.resize(std::max(values.size(), replication + 1));
    values[replication] = one;
    schedule.record(*run, true, one);
  }
  return made;
}
}  // namespace

TEST_CASE("Points that are compared run the same replications, until the last is precise", "[unit]") {
  // Point 0 is precise at once, 1 never, 2 and 3 after six replications.
  const auto value = [](std::size_t point, std::size_t replication) {
    const double swing = replication % 2 == 0 ? 1 : -1;
    if (point == 0) return 1 + 0.0001 * swing;
    if (point == 1) return 1 + 0.5 * swing;
    return 1 + (replication < 3 ? 0.02 : 0.0001) * swing;
  };
  Schedule schedule({0, 0, 1, 1}, rule(0.015, 3, 12, 3), {});
  const auto made = make_all(schedule, 12, value);
  CHECK(made.at(0).size() == 12);
  CHECK(made.at(1).size() == 12);
  CHECK(made.at(2).size() == made.at(3).size());
  CHECK(made.at(2).size() < 12);
  CHECK(made.at(2).size() > 3);
  CHECK(schedule.imprecise() == std::vector<std::size_t>{1});
  CHECK(schedule.recorded() == schedule.planned());
}

TEST_CASE("The chunks of a sweep hold whole groups", "[unit]") {
  for (std::size_t index = 0; index < 2; ++index) {
    Schedule schedule({0, 0, 1, 1}, rule(0.5, 3, 6, 3), {index, 2});
    const auto made = make_all(
        schedule, 6, [](std::size_t, std::size_t replication) { return 1 + 0.001 * static_cast<double>(replication); });
    CHECK(made.size() == 2);
    CHECK(made.contains(2 * index));
    CHECK(made.contains(2 * index + 1));
  }
}

TEST_CASE("The interval of a paired difference after a stopping rule holds as often as it says", "[unit]") {
  constexpr int sweeps = 1000;
  constexpr double difference = 0.3;
  int held = 0;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const Rng root(static_cast<std::uint64_t>(sweep), 0);
    // A world that both levels share has a heavy tail; what each makes of it has none.
    const auto value = [&](std::size_t point, std::size_t replication) {
      Rng world = root.stream("world").stream(replication),
          own = root.stream(point == 0 ? "a" : "b").stream(replication);
      const double shared = Law::pareto(1, 2.2).sample(world);
      return shared + (point == 1 ? difference : 0) + Law::normal(0, 1, -1e9).sample(own);
    };
    Schedule schedule({0, 0}, rule(0.1, 5, 60, 5), {});
    const auto made = make_all(schedule, 60, value);
    REQUIRE(made.at(0).size() == made.at(1).size());
    std::vector<double> differences;
    for (std::size_t r = 0; r < made.at(0).size(); ++r) differences.push_back(made.at(1)[r] - made.at(0)[r]);
    held += student_interval(differences, 0.95)->contains(difference);
  }
  CAPTURE(held);
  CHECK(held >= 930);
  CHECK(held <= 970);
}
