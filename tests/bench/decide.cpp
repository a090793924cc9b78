#include "tests/bench/decide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"

using namespace codecosim;

namespace {
struct Size {
  std::uint32_t workloads, rows;
  PlacementProblem::Level level;
};
const std::vector<Size> sizes{{10, 20, PlacementProblem::Level::cluster},
                              {10, 100, PlacementProblem::Level::federation},
                              {10, 1000, PlacementProblem::Level::federation}};

const Labels no_labels;
const std::vector<Taint> no_taints;
const std::vector<Toleration> no_tolerations;

/// Rows at random places of a square that light crosses in 10 ms, half in use, with everything that a policy may look
/// at; an application of as many components as workloads, each of which calls the next.
PlacementProblem problem(const Size& size) {
  Rng rng(1, 0);
  PlacementProblem made;
  made.level = size.level;
  made.application = "bench";
  made.profile = "Greenness";
  made.data_sizes = {Bytes(1e9), Bytes(1e8)};
  made.time_limit = Seconds(1);
  std::vector<std::pair<double, double>> places;
  for (std::uint32_t i = 0; i < size.rows; ++i) {
    places.emplace_back(rng.uniform(), rng.uniform());
    PlacementProblem::Row row;
    row.id = i;
    row.name = "row" + std::to_string(i);
    row.labels = &no_labels;
    row.taints = &no_taints;
    row.cpu = Cores(16);
    row.cpu_free = row.largest_cpu_free = Cores(rng.uniform(0, 16));
    row.cpu_busy = Cores(rng.uniform(0, 16));
    row.memory = Bytes(64e9);
    row.memory_free = row.largest_memory_free = Bytes(rng.uniform(0, 64e9));
    if (rng.chance(0.5)) row.data = {static_cast<std::uint32_t>(rng.below(2))};
    row.client_latency = Seconds(rng.uniform(0, 0.01));
    row.monitored.node_energy = Watts(rng.uniform(50, 200));
    row.monitored.net_energy = Watts(rng.uniform(1, 5));
    row.monitored.node_degree = 1 + static_cast<double>(rng.below(4));
    row.monitored.latency = Seconds(rng.uniform(0, 0.01));
    row.monitored.carbon = GramsPerJoule(rng.uniform(1e-5, 1e-4));
    row.monitored.cpu_price = EurosPerCoreSecond(rng.uniform());
    made.rows.push_back(row);
    made.row_costs.push_back(rng.uniform());
  }
  for (std::uint32_t i = 0; i < size.workloads; ++i) {
    PlacementProblem::Workload workload;
    workload.component = i;
    workload.cpu = Cores(1);
    workload.memory = Bytes(1e9);
    workload.image = i;
    workload.image_size = Bytes(1e8);
    workload.node_selector = &no_labels;
    workload.tolerations = &no_tolerations;
    workload.reads = {i % 2};
    made.workloads.push_back(workload);
    if (i == 0) continue;
    PlacementProblem::Channel channel;
    channel.from = i - 1;
    channel.to = i;
    made.channels.push_back(channel);
  }
  made.paths = [places](std::uint32_t from, std::uint32_t to) {
    const double x = places[from].first - places[to].first, y = places[from].second - places[to].second;
    return std::vector<PlacementProblem::Path>{{Seconds(0.01 * std::sqrt(x * x + y * y)), {}}};
  };
  return made;
}

/// Decisions a second, over at least a tenth of a second.
double rate(PlacementPolicy& policy, const PlacementProblem& asked) {
  using Clock = std::chrono::steady_clock;
  Rng rng(1, 0);
  const auto start = Clock::now();
  for (int decisions = 1;; ++decisions) {
    (void)policy.place(asked, rng);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (seconds >= 0.1) return decisions / seconds;
  }
}
}  // namespace

void decide(int rounds) {
  Policies policies;
  add_policies(policies);
  std::vector<PlacementProblem> problems;
  fmt::print("| decisions a second |");
  for (const Size& size : sizes) {
    problems.push_back(problem(size));
    fmt::print(" {} workloads x {} {} |", size.workloads, size.rows,
               size.level == PlacementProblem::Level::cluster ? "nodes" : "clusters");
  }
  fmt::print("\n|---|---:|---:|---:|\n");
  for (const auto& entry : policies.placement.entries()) {
    if (!entry.missing.empty()) continue;
    fmt::print("| `{}` |", entry.name);
    for (const PlacementProblem& asked : problems) {
      std::vector<double> rates;
      for (int round = 0; round < rounds; ++round)
        rates.push_back(rate(*policies.placement.choose(entry.name).make(), asked));
      std::ranges::sort(rates);
      fmt::print(" {:.3g} |", rates[rates.size() / 2]);
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
}
