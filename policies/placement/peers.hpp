#pragma once
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/policy.hpp"

namespace codecosim {

/// The rows of each component's replicas, while the workloads of one problem are placed: those in the problem at first;
/// a workload that is placed no longer counts on its old row. Must not outlive the problem.
class Peers {
 public:
  explicit Peers(const PlacementProblem& problem);

  /// Rows with a replica of the component, one entry a replica.
  std::span<const std::uint32_t> of(std::uint32_t component) const;
  /// Records the row of the workload; `none`: it stays where it is, if anywhere.
  void decide(std::uint32_t workload, std::uint32_t target);

 private:
  const PlacementProblem& problem_;
  std::vector<std::vector<std::uint32_t>> rows_;  // by component
};

/// The latency of the shortest path between two rows, computed once for each pair. Must not outlive the problem.
class Ways {
 public:
  explicit Ways(const PlacementProblem& problem) : problem_(problem) {}

  /// One-way latency; `forever` where there is no path. Zero where the problem has no network.
  Seconds latency(std::uint32_t from, std::uint32_t to);

 private:
  const PlacementProblem& problem_;
  std::unordered_map<std::uint64_t, Seconds> known_;
};

}  // namespace codecosim
