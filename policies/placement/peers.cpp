#include "policies/placement/peers.hpp"

#include <algorithm>

namespace codecosim {
namespace {
constexpr std::uint32_t none = PlacementProblem::none;
}

Peers::Peers(const PlacementProblem& problem) : problem_(problem) {
  std::size_t components = 0;
  for (const auto& workload : problem.workloads) components = std::max<std::size_t>(components, workload.component + 1);
  for (const auto& row : problem.rows)
    for (std::uint32_t component : row.components) components = std::max<std::size_t>(components, component + 1);
  rows_.resize(components);
  for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
    for (std::uint32_t component : problem.rows[row].components) rows_[component].push_back(row);
}

std::span<const std::uint32_t> Peers::of(std::uint32_t component) const {
  return component < rows_.size() ? std::span<const std::uint32_t>(rows_[component]) : std::span<const std::uint32_t>();
}

void Peers::decide(std::uint32_t workload, std::uint32_t target) {
  const PlacementProblem::Workload& asked = problem_.workloads[workload];
  if (target == none) return;
  std::vector<std::uint32_t>& rows = rows_[asked.component];
  // The rows may be older than the workloads, so the component need not be on the row.
  if (const auto old = std::ranges::find(rows, asked.current); old != rows.end()) rows.erase(old);
  rows.push_back(target);
}

Seconds Ways::latency(std::uint32_t from, std::uint32_t to) {
  if (from == to || !problem_.paths) return Seconds(0);
  const auto [found, asked] = known_.try_emplace((std::uint64_t{from} << 32) | to, forever);
  if (asked)
    if (const auto paths = problem_.paths(from, to); !paths.empty()) found->second = paths.front().latency;
  return found->second;
}

}  // namespace codecosim
