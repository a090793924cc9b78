// The same bulk transfers through our platform and through a plain SimGrid program end at the same times.
#include <fmt/format.h>

#include <sstream>

#include "sim/base/rng.hpp"
#include "sim/kernel/frame_pool.hpp"
#include "sim/kernel/platform.hpp"
#include "tests/catch.hpp"
#include "tests/shell.hpp"

using namespace codecosim;
using namespace codecosim::test;

namespace {
struct Transfer {
  double start, size;
  std::vector<Platform::Pipe> route;
};
Process send(Platform& platform, const Transfer& one, double latency, double& end) {
  co_await until(Seconds(one.start));
  const Outcome outcome = co_await platform.transfer(one.route, Seconds(latency), Bytes(one.size));
  if (outcome == Outcome::done) end = now().value;
}
}  // namespace

TEST_CASE("SimGrid itself agrees to 1e-9 on when transfers end", "[physics]") {
  Rng rng(20260101, 0);
  constexpr std::size_t link_count = 12, transfer_count = 300;
  std::ostringstream input;
  std::vector<double> bandwidths, latencies;
  input << link_count << "\n";
  for (std::size_t i = 0; i < link_count; ++i) {
    bandwidths.push_back(std::floor(rng.uniform(1e6, 20e6)));
    latencies.push_back(std::floor(rng.uniform(0, 20)) * 1e-3);
    input << fmt::format("{} {}\n", bandwidths.back(), latencies.back());
  }
  std::vector<Transfer> transfers;
  input << transfer_count << "\n";
  for (std::size_t i = 0; i < transfer_count; ++i) {
    Transfer one{rng.uniform(0, 60), std::floor(rng.uniform(1e4, 5e6)), {}};
    const std::size_t hops = 1 + rng.below(4);
    while (one.route.size() < hops) {
      const auto link = static_cast<Platform::Pipe>(rng.below(link_count));
      if (std::find(one.route.begin(), one.route.end(), link) == one.route.end()) one.route.push_back(link);
    }
    input << fmt::format("{} {} {}", one.start, one.size, hops);
    for (const auto link : one.route) input << " " << link;
    input << "\n";
    transfers.push_back(one);
  }
  const Scratch scratch;
  scratch.write("in", input.str());
  REQUIRE(std::system(
              fmt::format("{} <{} >{} 2>/dev/null", CODECOSIM_ORACLE, scratch / "in", scratch / "out").c_str()) == 0);
  std::istringstream output(contents(scratch / "out"));

  Calendar calendar;
  Platform platform;
  for (const double bandwidth : bandwidths) platform.add_pipe(BytesPerSecond(bandwidth));
  std::vector<double> ends(transfer_count, -1);
  for (std::size_t i = 0; i < transfer_count; ++i) {
    double latency = 0;
    for (const auto link : transfers[i].route) latency += latencies[link];
    spawn(send(platform, transfers[i], latency, ends[i]));
  }
  calendar.run(Seconds(1e5));
  for (std::size_t i = 0; i < transfer_count; ++i) {
    double expected = 0;
    output >> expected;
    CAPTURE(i, ends[i], expected);
    REQUIRE(ends[i] > 0);
    CHECK(std::abs(ends[i] - expected) <= 1e-9 * expected);
  }
  CHECK(frames::alive() == 0);
}
