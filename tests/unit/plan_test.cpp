// The points of a plan.
#include <cmath>
#include <set>

#include "policies/add_policies.hpp"
#include "scenarios/plan.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
Plan read(const std::string& factors, const std::string& more = "") {
  const Scratch scratch;
  const std::string file =
      scratch.write("plan.json", R"({"scenario": "library:quickstart", "factors": )" + factors + more + "}");
  Policies policies;
  add_policies(policies);
  return read_plan(file, false, policies,
                   [](const Document&) { return std::map<std::string, std::string>{{"request.latency", "s"}}; });
}
const Factor& only_factor(const Plan& plan) { return plan.axes.at(0).factors.at(0); }
const std::string load = R"("at": "/clients/camera/workload/poisson")";
}  // namespace

TEST_CASE("Factors are crossed, the last one varying fastest", "[plan]") {
  const Plan plan = read(R"({"placement": {"at": "/policy/placement", "values": ["nearest", "random"]},
                             "load": {)" +
                             load + R"(, "values": ["1 /s", "2 /s", "3 /s"]}})",
                         R"(, "replications": 7)");
  CHECK(plan.points() == 6);
  CHECK(plan.replications.at_most == 7);
  CHECK(plan.factors() == std::vector<std::string>{"placement", "load"});
  CHECK(plan.labels(0) == std::vector<std::string>{"nearest", "1 /s"});
  CHECK(plan.labels(1) == std::vector<std::string>{"nearest", "2 /s"});
  CHECK(plan.labels(5) == std::vector<std::string>{"random", "3 /s"});
  CHECK(plan.settings(5) == Settings{{"/policy/placement", "random"}, {"/clients/camera/workload/poisson", "3 /s"}});
}

TEST_CASE("Paired factors go together, and are crossed with the others", "[plan]") {
  const Plan plan = read(R"({"a": {"at": "/seed", "values": [1, 2]},
                             "b": {"at": "/policy/placement", "values": ["nearest", "random"]},
                             "c": {)" +
                             load + R"(, "values": ["1 /s", "2 /s"], "labels": ["low", "high"]}})",
                         R"(, "pair": [["a", "c"]])");
  CHECK(plan.points() == 4);
  CHECK(plan.factors() == std::vector<std::string>{"a", "c", "b"});
  CHECK(plan.labels(0) == std::vector<std::string>{"1", "low", "nearest"});
  CHECK(plan.labels(1) == std::vector<std::string>{"1", "low", "random"});
  CHECK(plan.labels(2) == std::vector<std::string>{"2", "high", "nearest"});
}

TEST_CASE("Levels of several pointers, and values that are objects", "[plan]") {
  const Plan plan = read(R"({"policy": {"levels": {
      "plain": {"/policy/placement": "nearest"},
      "green": {"/policy/placement": "pdlc", "/policy/cost": {"greenness": {}}}}}})");
  CHECK(plan.points() == 2);
  CHECK(plan.labels(1) == std::vector<std::string>{"green"});
  CHECK(plan.settings(1) ==
        Settings{{"/policy/placement", "pdlc"}, {"/policy/cost", Json{{"greenness", Json::object()}}}});
}

TEST_CASE("Steps lie evenly or by equal ratios, with their unit, both ends included", "[plan]") {
  CHECK(only_factor(read("{\"x\": {" + load + R"(, "from": "1 /s", "to": "2 /s", "steps": 5}})")).labels ==
        std::vector<std::string>{"1 /s", "1.25 /s", "1.5 /s", "1.75 /s", "2 /s"});
  CHECK(only_factor(read("{\"x\": {" + load + R"(, "from": "1 /s", "to": "1000 /s", "steps": 4, "scale": "log"}})"))
            .labels == std::vector<std::string>{"1 /s", "10 /s", "100 /s", "1000 /s"});
  const Plan seeds = read(R"({"x": {"at": "/seed", "from": 1000000, "to": 1000009, "steps": 10, "whole": true}})");
  CHECK(only_factor(seeds).labels.front() == "1000000");
  CHECK(only_factor(seeds).labels.back() == "1000009");
  CHECK(seeds.points() == 10);
  CHECK(only_factor(
            read(R"({"x": {"at": "/clients/camera/request", "from": "1048576 B", "to": "4194304 B", "steps": 3}})"))
            .labels == std::vector<std::string>{"1048576 B", "2621440 B", "4194304 B"});
  CHECK(only_factor(read(R"({"x": {"at": "/seed", "from": 1, "to": 4, "steps": 9, "whole": true}})")).labels ==
        std::vector<std::string>{"1", "2", "3", "4"});
}

TEST_CASE("A Latin hypercube takes one value of each stratum of each factor", "[plan]") {
  const std::string factors = "{\"x\": {" + load + R"(, "low": "10 /s", "high": "20 /s"},
                                "y": {"at": "/clusters/cloud/uplink/latency", "low": "1 ms", "high": "100 ms", "scale": "log"},
                                "z": {"at": "/seed", "low": 1, "high": 25, "whole": true}})";
  constexpr int points = 50;
  const Plan plan = read(factors, R"(, "sample": {"points": 50})");
  CHECK(plan.points() == points);
  REQUIRE(plan.axes.size() == 1);
  std::set<int> x, y;
  std::multiset<int> z;
  double products = 0;
  for (std::size_t point = 0; point < points; ++point) {
    const auto labels = plan.labels(point);
    const double a = (std::stod(labels[0]) - 10) / 10, b = std::log(std::stod(labels[1])) / std::log(100.0);
    x.insert(static_cast<int>(a * points));
    y.insert(static_cast<int>(b * points));
    z.insert(std::stoi(labels[2]));
    products += (a - 0.5) * (b - 0.5) / points * 12;
  }
  CHECK(x.size() == points);
  CHECK(y.size() == points);
  for (int value = 1; value <= 25; ++value) CHECK(z.count(value) == 2);
  CHECK(std::abs(products) < 0.5);  // no order of one follows the other's: 3.5 standard errors

  CHECK(read(factors, R"(, "sample": {"points": 50})").labels(7) == plan.labels(7));
  CHECK(read(factors, R"(, "sample": {"points": 50, "seed": 2})").labels(7) != plan.labels(7));
  std::set<int> random;
  const Plan independent = read(factors, R"(, "sample": {"points": 50, "method": "random"})");
  for (std::size_t point = 0; point < points; ++point)
    random.insert(static_cast<int>((std::stod(independent.labels(point)[0]) - 10) / 10 * points));
  CHECK(random.size() < 45);  // about 32 of 50 strata have any
}

TEST_CASE("Drawn factors are one axis, which is crossed with the others", "[plan]") {
  const Plan plan =
      read("{\"x\": {" + load +
               R"(, "low": "10 /s", "high": "20 /s"}, "p": {"at": "/policy/placement", "values": ["nearest", "random"]},
                           "z": {"at": "/seed", "low": 1, "high": 9, "whole": true}})",
           R"(, "sample": {"points": 3})");
  CHECK(plan.points() == 6);
  CHECK(plan.factors() == std::vector<std::string>{"x", "z", "p"});
  CHECK(plan.labels(0)[0] == plan.labels(1)[0]);  // the same draw under both policies
  CHECK(plan.labels(0)[1] == plan.labels(1)[1]);
  CHECK(plan.labels(0)[2] != plan.labels(1)[2]);
}

TEST_CASE("A plan without factors is replications of its scenario, with what it sets", "[plan]") {
  const Plan plan = read(
      "{}",
      R"(, "set": {"/duration": "7 s", "/warmup": "1 s"}, "replications": {"metric": "request.latency", "half_width": "2 ms"})");
  CHECK(plan.points() == 1);
  CHECK(plan.name == "quickstart");
  CHECK(plan.scenario.root()["duration"] == "7 s");
  CHECK(plan.replications.half_width == 0.002);
  CHECK(plan.replications.at_least == 5);
}

TEST_CASE("Draws from few values are points once each", "[plan]") {
  const Plan plan =
      read(R"({"x": {"at": "/seed", "low": 1, "high": 2, "whole": true}})", R"(, "sample": {"points": 40})");
  CHECK(plan.points() == 2);
}

TEST_CASE("Paired factors are checked as pairs, in which alone they occur", "[plan]") {
  const Plan plan = read(
      R"({"a": {"at": "/warmup", "values": ["10 s", "60 s"]}, "b": {"at": "/duration", "values": ["20 s", "70 s"]}})",
      R"(, "pair": [["a", "b"]])");
  CHECK(plan.points() == 2);
}
