// The workload W1 on the bare calendar: coroutines, run-ahead, and nothing else. No statistics, no traces, no policies,
// first in first out everywhere. What the product is held against: `codecosim-limit CLUSTERS SIMULATED_SECONDS
// [remote]` prints one JSON line.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "sim/base/rng.hpp"
#include "sim/kernel/platform.hpp"
#include "sim/kernel/process.hpp"

using namespace codecosim;

namespace {
struct Link {
  double seconds_per_byte, latency, busy = 0;
  Until transmit(double bytes) {
    busy = std::max(now().value, busy) + bytes * seconds_per_byte;
    return until(Seconds(busy + latency));
  }
};

struct Node {
  double free_at[4] = {};
  Until compute(double seconds) {
    double* core = std::min_element(free_at, free_at + 4);
    *core = std::max(now().value, *core) + seconds;
    return until(Seconds(*core));
  }
};

std::vector<Link> links;
std::vector<Node> nodes;
std::uint32_t clusters = 0;
bool remote = false;
double horizon = 0, latency_sum = 0;
std::uint64_t done = 0;

// Per cluster: four nodes up and down, one user up and down; then one uplink and downlink a cluster; then the cloud's.
std::uint32_t node_link(std::uint32_t node, bool up) { return node / 4 * 10 + node % 4 * 2 + (up ? 0 : 1); }
std::uint32_t user_link(std::uint32_t user, bool up) { return user * 10 + 8 + (up ? 0 : 1); }
std::uint32_t wan(std::uint32_t cluster, bool up) { return clusters * 10 + cluster * 2 + (up ? 0 : 1); }

Process serve(std::uint32_t user, std::uint32_t node) {
  const double start = now().value;
  co_await links[user_link(user, true)].transmit(100e3);
  if (remote) {
    co_await links[wan(user, true)].transmit(100e3);
    co_await links[wan(clusters, false)].transmit(100e3);
  }
  co_await links[node_link(node, false)].transmit(100e3);
  co_await nodes[node].compute(0.05);
  co_await links[node_link(node, true)].transmit(10e3);
  if (remote) {
    co_await links[wan(clusters, true)].transmit(10e3);
    co_await links[wan(user, false)].transmit(10e3);
  }
  co_await links[user_link(user, false)].transmit(10e3);
  ++done;
  latency_sum += now().value - start;
}

Process generate(std::uint32_t user) {
  Rng rng = Rng(1, 0).stream("clients").stream(user);
  std::uint32_t turn = 0;
  for (;;) {
    co_await delay(Seconds(rng.exponential(0.1)));
    spawn(serve(user, user * 4 + turn++ % 4));
  }
}
}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  clusters = static_cast<std::uint32_t>(std::atoi(argv[1]));
  horizon = std::atof(argv[2]);
  remote = argc > 3;
  Calendar calendar;
  const Platform platform;
  links.assign(clusters * 12 + 2, {8e-9, 1e-3});
  links[wan(clusters, true)] = links[wan(clusters, false)] = {8e-10, 20e-3};
  nodes.resize(clusters * 4);
  for (std::uint32_t user = 0; user < clusters; ++user) spawn(generate(user));
  const auto start = std::chrono::steady_clock::now();
  calendar.run(Seconds(horizon));
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{{\"requests\":{},\"wall_s\":{},\"events\":{},\"mean_latency_s\":{},\"peak_memory_bytes\":{}}}\n", done,
             wall, calendar.events(), latency_sum / static_cast<double>(done), usage.ru_maxrss * 1024L);
  std::_Exit(std::fflush(stdout));
}
