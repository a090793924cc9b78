#include "policies/learning/features.hpp"

#include <algorithm>
#include <optional>

#include "sim/base/portable_math.hpp"

namespace codecosim {
namespace {

constexpr double gigabyte = 1e9;

double share(double part, double whole) { return whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0; }

FreeShares shares(const Feasible::Room& room, Feasible::Demand taken) {
  const auto share_of = [](std::int64_t part, std::int64_t whole) {
    return share(static_cast<double>(part), static_cast<double>(whole));
  };
  return {share_of(room.free.millicores - taken.millicores, room.allocatable.millicores),
          share_of(room.free.bytes - taken.bytes, room.allocatable.bytes)};
}

double energy(const PlacementProblem::Row& row, const Feasible::Room& room) {
  const Potency drawn = potency(row.id);
  const double cores = static_cast<double>(room.allocatable.millicores - room.free.millicores) / 1000;
  const double gigabytes = static_cast<double>(room.allocatable.bytes - room.free.bytes) / gigabyte;
  const double links = row.monitored.link_energy.value * gigabyte * row.monitored.node_degree;
  return (cores * drawn.cpu + gigabytes * drawn.memory) * links;
}

double resilience(const Monitored& monitored) {
  return monitored.node_degree / (1 + monitored.node_failures) / (1 + monitored.link_failures);
}

double on_log_scale(Seconds latency) {
  constexpr double longest = 1000;  // milliseconds
  const double milliseconds = std::clamp(latency.value * 1000, 0.0, longest);
  return portable::log(1 + milliseconds) / portable::log(1 + longest);
}

/// The least latency between a row and a row with a replica of the component; nothing where no row has one.
std::optional<Seconds> to_nearest(const PlacementProblem& problem, const Feasible& so_far, std::uint32_t component,
                                  std::uint32_t row, bool from_row) {
  std::optional<Seconds> least;
  const auto consider = [&](std::uint32_t peer) {
    const auto ways = from_row ? problem.paths(row, peer) : problem.paths(peer, row);
    const Seconds latency = ways.empty() ? forever : ways.front().latency;
    least = least ? std::min(*least, latency) : latency;
  };
  for (std::uint32_t other = 0; other < problem.rows.size(); ++other)
    if (std::ranges::count(problem.rows[other].components, component)) consider(other);
  for (std::uint32_t other = 0; other < problem.workloads.size(); ++other)
    if (problem.workloads[other].component == component && so_far.row_of(other) != PlacementProblem::none)
      consider(so_far.row_of(other));
  return least;
}

}  // namespace

FreeShares free_shares(const Feasible& so_far, std::uint32_t row) { return shares(so_far.room(row), {}); }

FreeShares free_shares_with(const PlacementProblem& problem, const Feasible& so_far, std::uint32_t workload,
                            std::uint32_t row) {
  const bool stays = problem.workloads[workload].current == row;
  return shares(so_far.room(row), stays ? Feasible::Demand{} : so_far.demand(workload));
}

Potency potency(std::uint32_t row_id) {
  static const Rng stream = Rng(0, 0).stream("codeco-potency");
  Rng own = stream.stream(row_id);
  const double cpu = 0.01 + own.uniform(0.01, 0.03);
  return {cpu, 0.0001 + own.uniform(0.0001, 0.0003)};
}

CodecoRow codeco_row(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                     const Feasible& so_far) {
  const FreeShares free = free_shares(so_far, row);
  return {static_cast<float>(problem.workloads[workload].cpu.value),
          static_cast<float>(problem.workloads[workload].memory.value / gigabyte),
          static_cast<float>(free.cpu),
          static_cast<float>(free.memory),
          static_cast<float>(energy(problem.rows[row], so_far.room(row))),
          static_cast<float>(resilience(problem.rows[row].monitored)),
          1};
}

CodecoState codeco_state(const PlacementProblem& problem, std::uint32_t workload, const Feasible& so_far) {
  CodecoState state{};
  state[0] = static_cast<float>(problem.workloads[workload].cpu.value);
  state[1] = static_cast<float>(problem.workloads[workload].memory.value / gigabyte);
  const auto rows = std::min<std::size_t>(codeco_rows, problem.rows.size());
  for (std::uint32_t row = 0; row < rows; ++row) {
    const CodecoRow figures = codeco_row(problem, workload, row, so_far);
    std::copy_n(figures.begin() + 2, 4, state.begin() + 2 + 4 * row);
  }
  return state;
}

Seconds latency_to_peers(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                         const Feasible& so_far) {
  if (!problem.paths) return Seconds(0);
  const std::uint32_t component = problem.workloads[workload].component;
  Seconds sum;
  int peers = 0;
  for (const PlacementProblem::Channel& channel : problem.channels) {
    if ((channel.from == component) == (channel.to == component)) continue;
    const bool outgoing = channel.from == component;
    const auto latency = to_nearest(problem, so_far, outgoing ? channel.to : channel.from, row, outgoing);
    if (latency) {
      sum += *latency;
      ++peers;
    }
  }
  return peers > 0 ? sum / peers : Seconds(0);
}

RowFeatures row_features(const PlacementProblem& problem, std::uint32_t workload, std::uint32_t row,
                         const Feasible& so_far) {
  const PlacementProblem::Row& target = problem.rows[row];
  const FreeShares free = free_shares_with(problem, so_far, workload, row);
  const double busy = share(target.cpu_expected.value_or(target.cpu_busy).value, target.cpu.value);
  const bool has_image = std::ranges::binary_search(target.images, problem.workloads[workload].image);
  const double cost = row < problem.row_costs.size() ? problem.row_costs[row] : 0;
  const double age = target.age.value / (target.age.value + 60);
  const double failures = target.monitored.node_failures + target.monitored.link_failures;
  return {static_cast<float>(free.cpu),
          static_cast<float>(free.memory),
          static_cast<float>(busy),
          static_cast<float>(on_log_scale(target.client_latency)),
          static_cast<float>(on_log_scale(latency_to_peers(problem, workload, row, so_far))),
          has_image ? 1.0f : 0.0f,
          static_cast<float>(cost),
          static_cast<float>(age),
          static_cast<float>(failures / (failures + 1)),
          1};
}

}  // namespace codecosim
