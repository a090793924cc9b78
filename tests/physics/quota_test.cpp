// CPU limits as CFS bandwidth control has them: vectors by hand, and an own simulation of quota and period in small
// steps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/base/rng.hpp"
#include "tests/catch.hpp"
#include "tests/machine.hpp"

using namespace codecosim;
using namespace codecosim::literals;
using codecosim::test::Machine;

namespace {
struct Request {
  double at = 0, work = 0, end = 0;  // [s]
};

/// Quota and period, step by step, exact within a step: requests in service run until the pool is empty, which is
/// filled at each multiple of the period.
void step_by_step(std::vector<Request>& requests, double limit, std::size_t threads) {
  constexpr double step = 20e-6, period = 0.1;
  const long steps_a_period = std::lround(period / step);
  const double quota = limit * period;
  std::vector<std::size_t> line;
  std::vector<double> left;
  for (const Request& one : requests) left.push_back(one.work);
  std::size_t come = 0, gone = 0;
  double pool = quota;
  for (long t = 0; gone < requests.size(); ++t) {
    while (come < requests.size() && requests[come].at <= static_cast<double>(t) * step + step / 4)
      line.push_back(come++);
    if (t % steps_a_period == 0) pool = quota;
    constexpr double rounding = 1e-12;
    for (double rest = step; rest > rounding && !line.empty() && pool > rounding;) {
      const std::size_t running = std::min(threads, line.size());
      double run = std::min(rest, pool / static_cast<double>(running));
      for (std::size_t i = 0; i < running; ++i) run = std::min(run, left[line[i]]);
      rest -= run;
      pool -= run * static_cast<double>(running);
      for (std::size_t i = 0; i < running; ++i) {
        left[line[i]] -= run;
        if (left[line[i]] > rounding) continue;
        requests[line[i]].end = static_cast<double>(t + 1) * step - rest;
        ++gone;
      }
      std::erase_if(line, [&](std::size_t one) { return left[one] <= rounding; });
    }
  }
}

/// The same requests by Compute.
std::vector<Request> computed(std::vector<Request> requests, double limit, std::uint32_t threads) {
  Machine machine(64);
  const PodId pod = machine.pod(1, limit, threads);
  for (Request& one : requests) spawn(machine.job(pod, one.at, one.work, one.end));
  machine.calendar.run(1e6_s);
  return requests;
}
}  // namespace

TEST_CASE("A limit is a quota a period: what is shorter is not slowed, what is longer waits for the next",
          "[physics]") {
  struct Vector {
    double work, quota, offset;  // [ms]
    std::uint32_t threads;
    double wall;
  };
  const auto [work, quota, offset, threads, wall] = GENERATE(
      Vector{26, 60, 0, 1, 26}, Vector{60, 60, 0, 1, 60}, Vector{100, 50, 0, 1, 150}, Vector{100, 50, 50, 1, 100},
      Vector{50, 50, 0, 1, 50}, Vector{200, 50, 0, 1, 350}, Vector{100, 50, 0, 4, 112.5}, Vector{200, 200, 0, 8, 25},
      Vector{10, 20, 90, 1, 10}, Vector{30, 20, 90, 1, 30}, Vector{30, 20, 0, 1, 110});
  CAPTURE(work, quota, offset, threads);
  std::vector<Request> requests;
  for (std::uint32_t i = 0; i < threads; ++i) requests.push_back({offset / 1000, work / 1000 / threads, 0});
  for (const Request& one : computed(requests, quota / 100, threads))
    CHECK((one.end - one.at) * 1000 == Approx(wall).margin(0.001));
}

TEST_CASE("Limits are what quota and period give step by step, over limits, loads, lengths and threads", "[physics]") {
  const double limit = GENERATE(0.1, 0.3, 0.8, 1.5, 3.0);
  const std::uint32_t threads = GENERATE(1U, 2U, 8U);
  const double load = GENERATE(0.3, 0.7, 0.95);
  const double mean_work = GENERATE(0.004, 0.02, 0.15);
  CAPTURE(limit, threads, load, mean_work);
  const double cores = std::min(limit, static_cast<double>(threads));
  constexpr double step = 20e-6;
  Rng rng(7, 0);
  std::vector<Request> requests;
  double at = 0;
  for (int i = 0; i < 300; ++i) {
    at += std::round(rng.exponential(mean_work / (load * cores)) / step) * step;
    const double work = std::max(1.0, std::round(rng.exponential(mean_work) / step)) * step;
    requests.push_back({at, work, 0});
  }
  std::vector<Request> stepped = requests;
  step_by_step(stepped, limit, threads);
  const std::vector<Request> ours = computed(requests, limit, threads);
  double mean = 0, reference = 0;
  std::size_t other = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    mean += ours[i].end - ours[i].at;
    reference += stepped[i].end - stepped[i].at;
    // By rounding, what ends with its quota may end on the other side of the wait, and those behind it.
    other += std::abs(ours[i].end - stepped[i].end) > 1e-6;
  }
  CHECK(mean == Approx(reference).epsilon(0.001));
  CHECK(other <= 3);
}

TEST_CASE("A pod that is always busy gets its limit in the long run, and no more", "[physics]") {
  const double limit = GENERATE(0.25, 0.5, 1.7, 4.0);
  std::vector<Request> requests(8, {0, 5 * limit, 0});  // 40 s of its limit
  double last = 0;
  for (const Request& one : computed(requests, limit, 8)) last = std::max(last, one.end);
  CHECK(last == Approx(40).margin(0.1));
}
