// Calls in parallel, time-outs, retries, hedges, and servers that reject, against theory and by hand.
#include <cmath>
#include <memory>

#include "tests/build.hpp"
#include "tests/catch.hpp"
#include "tests/scenario.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
/// An entry that does nothing itself and calls `a` and `b`, each on a node of its own.
Json fork_of_two(const Json& work, const std::string& rate, const std::string& duration, const Json& channel) {
  Json all = station(1, 1, "0 s", rate, duration);
  node_pool(all, "c", "n")["count"] = 3;
  Json& app = application(all, "app");
  component(app, "serve")["requests"]["cpu"] = 1;
  component(app, "serve")["concurrency"] = 1000000;
  app["channels"] = Json::array();
  for (const char* name : {"a", "b"}) {
    app["components"].push_back(with(copy_of(component(app, "serve"), name), {{"work", work}, {"concurrency", 1}}));
    app["channels"].push_back(with({{"from", "serve"}, {"to", name}, {"request", "0 B"}, {"reply", "0 B"}}, channel));
  }
  return all;
}

/// As tests/physics/queues_test.cpp: within the run's own interval.
void agrees(Simulation& run, double theory) {
  run.run();
  const Interval found = latency_interval(run);
  CAPTURE(theory, found.mean, found.half_width);
  CHECK(found.half_width < 0.01 * theory);
  CHECK(std::abs(value_of(run, "request.latency") - theory) < 1.4 * found.half_width);
}

double share(Simulation& run, const std::string& of, const std::string& all) {
  return value_of(run, of) / value_of(run, all);
}
}  // namespace

TEST_CASE("Fork and join of two M/M/1: the exact mean", "[physics]") {
  // Nelson, Tantawi, "Approximate analysis of fork/join synchronization in parallel queues", IEEE Trans. Computers
  // 37(6), 1988: (12 - rho) / 8 times the mean of M/M/1. S = 10 ms, lambda = 60/s.
  agrees(*simulation(fork_of_two({{"exponential", "10 ms"}}, "60 /s", "60000 s", {{"parallel", true}})),
         (12 - 0.6) / 8 * 0.025);
}

TEST_CASE("One after the other, calls take the sum of both", "[physics]") {
  // Not independent: both queues see the same arrivals, the second those that leave the first (Burke).
  agrees(*simulation(fork_of_two({{"exponential", "10 ms"}}, "60 /s", "40000 s", Json::object())), 2 * 0.025);
}

TEST_CASE("Calls happen with their probability, as often as is said", "[physics]") {
  const auto run = simulation(fork_of_two("2 ms", "20 /s", "2000 s", {{"probability", 0.25}, {"calls", 3}}));
  run->run();
  // Two times 0.25 * 3 calls of 2 ms a request, and three cores.
  CHECK(value_of(*run, "cpu.utilisation") == Approx(20 * 2 * 0.75 * 0.002 / 3).epsilon(0.02));
  CHECK(value_of(*run, "request.latency") == Approx(2 * 0.75 * 0.002).epsilon(0.1));
}

TEST_CASE("Calls that are one way take their work, and nobody's time", "[physics]") {
  const Json one_way = {{"probability", 0.25}, {"calls", 3}, {"one_way", true}};
  const auto run = simulation(fork_of_two("2 ms", "20 /s", "2000 s", one_way));
  run->run();
  CHECK(value_of(*run, "cpu.utilisation") == Approx(20 * 2 * 0.75 * 0.002 / 3).epsilon(0.02));
  CHECK(value_of(*run, "request.latency") == 0);
}

TEST_CASE("Many calls at once wait for one server", "[physics]") {
  const auto run = simulation(fork_of_two("2 ms", "1 /s", "2000 s", {{"calls", 5}, {"parallel", true}}));
  run->run();
  // Five, at each of both.
  CHECK(value_of(*run, "request.latency") == Approx(0.010).epsilon(0.02));
}

TEST_CASE("More calls than can be simulated end the run, and it says which", "[physics]") {
  const auto run = simulation(fork_of_two(
      "2 ms", "1 /s", "2000 s", {{"calls", {{"weibull", {{"scale", 100}, {"shape", 0.25}}}}}, {"one_way", true}}));
  CHECK_THROWS_WITH(run->run(), Catch::Contains("calls from \"serve\" to") && Catch::Contains("at most 10000"));
}

TEST_CASE("Erlang's loss formula: a server without a queue rejects what comes while it is busy", "[physics]") {
  // a = 2.1 Erlang on three servers: B = (a^3 / 3!) / sum a^k / k!.
  auto scenario = station(3, 3, {{"exponential", "10 ms"}}, "210 /s", "10000 s");
  component(scenario, "app", "serve")["max_queue"] = 0;
  const auto run = simulation(scenario);
  run->run();
  const double a = 2.1, top = a * a * a / 6, loss = top / (1 + a + a * a / 2 + top);
  CHECK(share(*run, "requests.rejected", "requests.ended") == Approx(loss).epsilon(0.01));
  CHECK(value_of(*run, "request.latency") == Approx(0.010).epsilon(0.01));
  CHECK(value_of(*run, "requests.lost") == 0);
}

TEST_CASE("M/M/2/K: a queue with few places", "[physics]") {
  // lambda = 250/s, two servers of 10 ms, three places to wait: K = 5. p_n by birth and death.
  auto scenario = station(2, 2, {{"exponential", "10 ms"}}, "250 /s", "10000 s");
  component(scenario, "app", "serve")["max_queue"] = 3;
  const auto run = simulation(scenario);
  run->run();
  double p = 1, sum = 1, number = 0;
  for (int n = 1; n <= 5; ++n) {
    p *= 250 * 0.010 / std::min(n, 2);
    sum += p;
    number += n * p;
  }
  const double blocked = p / sum;
  CHECK(share(*run, "requests.rejected", "requests.ended") == Approx(blocked).epsilon(0.01));
  CHECK(value_of(*run, "request.latency") == Approx(number / sum / (250 * (1 - blocked))).epsilon(0.01));
}

TEST_CASE("What has waited too long is shed when its turn comes", "[physics]") {
  // Constant work of 10 ms, and one that waits for more than 25 ms is not served: nothing takes longer than 35 ms.
  auto scenario = station(1, 1, "10 ms", "150 /s", "1000 s");
  component(scenario, "app", "serve")["queue_timeout"] = "25 ms";
  const auto run = simulation(scenario);
  run->run();
  // The server is idle at times, when all that waited are shed.
  const double served = value_of(*run, "requests.rate");
  CHECK(served > 95);
  CHECK(value_of(*run, "cpu.utilisation") == Approx(served / 100).epsilon(0.001));
  CHECK(share(*run, "requests.rejected", "requests.ended") == Approx(1 - served / 150).epsilon(0.02));
  CHECK(figure(*run, "request.latency").distribution->quantile(0.999) < 0.0355);
}

namespace {
std::unique_ptr<Simulation> impatient(bool cancel) {
  auto scenario = station(1, 1, {{"exponential", "10 ms"}}, "60 /s", "20000 s");
  client(scenario, "user")["timeout"] = "50 ms";
  client(scenario, "user")["cancel"] = cancel;
  auto run = simulation(scenario);
  run->run();
  return run;
}
}  // namespace

TEST_CASE("A client that gives up: the share that M/M/1 takes longer for, and the server works on", "[physics]") {
  const auto run = impatient(false);
  // P(T > t) = exp(-t / W), W = 25 ms, and giving up changes nothing for those behind.
  CHECK(share(*run, "requests.timed_out", "requests.ended") == Approx(std::exp(-2)).epsilon(0.02));
  CHECK(value_of(*run, "cpu.utilisation") == Approx(0.6).epsilon(0.01));
  CHECK(value_of(*run, "requests.lost") == 0);
}

TEST_CASE("What is given up and cancelled spares the server", "[physics]") {
  const auto run = impatient(true);
  CHECK(value_of(*run, "cpu.utilisation") < 0.59);
  CHECK(share(*run, "requests.timed_out", "requests.ended") < std::exp(-2));
  // Work that is done, and work that is cut short, are what the core did.
  CHECK(value_of(*run, "cpu.utilisation") > 0.01 * value_of(*run, "requests.rate") * 0.8);
}

TEST_CASE("Retries against the geometric law", "[physics]") {
  // Each message is lost with probability 0.2 on the client's access, there and back: a try succeeds with 0.64. Of a
  // loss the client hears nothing and waits for its time-out.
  auto scenario = station(1, 1000000, "1 ms", "20 /s", "5000 s");
  client(scenario, "user")["access"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "0 s"}, {"loss", 0.2}};
  client(scenario, "user")["retries"] = {{"attempts", 2}, {"per_try_timeout", "100 ms"}, {"backoff", "0 s"}};
  const auto run = simulation(scenario);
  run->run();
  const double q = 1 - 0.8 * 0.8;
  CHECK(share(*run, "requests.timed_out", "requests.ended") == Approx(q * q * q).epsilon(0.05));
  CHECK(share(*run, "calls.retries", "requests.ended") == Approx(q + q * q).epsilon(0.02));
  CHECK(share(*run, "calls.given_up", "requests.ended") == Approx(q + q * q + q * q * q).epsilon(0.02));
  // Those that succeed wait for 100 ms before each retry.
  const double mean = (0.1 * q * (1 - q) + 0.2 * q * q * (1 - q)) / (1 - q * q * q);
  CHECK(value_of(*run, "request.latency") == Approx(mean + 0.001).epsilon(0.02));
}

namespace {
/// A server that rejects everything, as it is busy for the whole run, and a client that tries four times.
Json hopeless() {
  auto scenario = station(1, 1, "100000 s", "10 /s", "1000 s");
  scenario["warmup"] = "10 s";
  component(scenario, "app", "serve")["max_queue"] = 0;
  client(scenario, "user")["retries"] = {{"attempts", 3}, {"backoff", "100 ms"}, {"most_backoff", "500 ms"}};
  return scenario;
}
}  // namespace

TEST_CASE("Retries wait as Envoy's do", "[physics]") {
  const auto run = simulation(hopeless());
  run->run();
  CHECK(value_of(*run, "calls.retries") == Approx(3 * value_of(*run, "requests.rejected")).epsilon(0.01));
  // Waits of 50, 150 and 250 ms in the mean: 450 ms under way each, ten a second.
  CHECK(value_of(*run, "requests.in_flight.mean") == Approx(4.5).epsilon(0.03));
}

TEST_CASE("A budget bounds retries", "[physics]") {
  auto scenario = hopeless();
  client(scenario, "user")["retries"].update({{"budget", 0}, {"least_concurrent", 1}});
  const auto run = simulation(scenario);
  run->run();
  // One at a time may retry: for 450 ms, and then the next that comes, after 100 ms in the mean.
  CHECK(value_of(*run, "calls.retries") == Approx(3 * 990 / 0.55).epsilon(0.05));
  CHECK(value_of(*run, "calls.retries") / 3 + value_of(*run, "calls.over_budget") ==
        Approx(value_of(*run, "requests.rejected")).epsilon(0.01));
}

TEST_CASE("Hedges: the first of two answers counts", "[physics]") {
  // Exponential service of mean s without queues; after d another try: d is passed with exp(-d / s), and then the rest
  // is the minimum of two.
  auto scenario = station(1000, 1000000, {{"exponential", "100 ms"}}, "50 /s", "4000 s");
  client(scenario, "user")["hedge"] = {{"after", "100 ms"}};
  const auto run = simulation(scenario);
  run->run();
  const double passed = std::exp(-1);
  CHECK(value_of(*run, "request.latency") == Approx(0.1 * (1 - passed) + passed * 0.05).epsilon(0.01));
  CHECK(share(*run, "calls.hedges", "requests.ended") == Approx(passed).epsilon(0.02));
  // The slower of both works on.
  CHECK(value_of(*run, "cpu.utilisation") == Approx(50 * 0.1 * (1 + passed) / 1000).epsilon(0.02));
}

namespace {
/// The first request occupies both callees for ever.
Json busy_callees(bool one_way) {
  auto scenario = fork_of_two("100000 s", "10 /s", "200 s", {{"parallel", true}, {"one_way", one_way}});
  for (const char* name : {"a", "b"}) component(scenario, "app", name)["max_queue"] = 0;
  return scenario;
}
}  // namespace

TEST_CASE("A call that fails fails the request", "[physics]") {
  const auto run = simulation(busy_callees(false));
  run->run();
  CHECK(value_of(*run, "requests.rejected") == value_of(*run, "requests.submitted"));
}

TEST_CASE("A call for which nobody waits fails nothing", "[physics]") {
  const auto run = simulation(busy_callees(true));
  run->run();
  CHECK(value_of(*run, "requests.completed") == value_of(*run, "requests.submitted"));
}

namespace {
/// A request a second, over 10 ms, to a server that rejects all but the first.
Json over_10_ms() {
  auto scenario = station(1, 1, "100000 s", "1 /s", "2000 s");
  client(scenario, "user")["workload"] = {{"periodic", {{"period", "1 s"}}}};
  component(scenario, "app", "serve")["max_queue"] = 0;
  client(scenario, "user")["access"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "10 ms"}};
  return scenario;
}
}  // namespace

TEST_CASE("Who tries again hears of a failure by a message", "[physics]") {
  auto scenario = over_10_ms();
  client(scenario, "user")["retries"] = {{"attempts", 1}, {"backoff", "0 s"}};
  const auto run = simulation(scenario);
  run->run();
  // Two tries of 20 ms each, and the 200 B of two answers.
  CHECK(value_of(*run, "requests.in_flight.mean") == Approx(0.040).epsilon(0.01));
}

TEST_CASE("Who gives up hears nothing of a loss", "[physics]") {
  auto scenario = over_10_ms();
  client(scenario, "user")["access"]["loss"] = 1;
  client(scenario, "user")["timeout"] = "500 ms";
  const auto run = simulation(scenario);
  run->run();
  CHECK(value_of(*run, "requests.in_flight.mean") == Approx(0.5).epsilon(0.01));
  CHECK(value_of(*run, "requests.timed_out") == value_of(*run, "requests.ended"));
}
