#pragma once
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/policy.hpp"

namespace codecosim {

/// Where the components of an application are, as seen while the workloads of one problem are placed: what the rows say
/// at first; a workload that is placed no longer counts where it was. Lives no longer than the problem.
class Peers {
 public:
  explicit Peers(const PlacementProblem& problem);

  /// Rows with a replica of the component, one entry a replica.
  std::span<const std::uint32_t> of(std::uint32_t component) const;
  /// Where the workload goes; `none`: it stays where it is, if anywhere.
  void decide(std::uint32_t workload, std::uint32_t target);

 private:
  const PlacementProblem& problem_;
  std::vector<std::vector<std::uint32_t>> rows_;  // by component
};

/// How long the shortest way between two rows takes, each pair asked for once. Lives no longer than the problem.
class Ways {
 public:
  explicit Ways(const PlacementProblem& problem) : problem_(problem) {}

  /// One way; `forever` where there is none. Zero where the network is no matter.
  Seconds latency(std::uint32_t from, std::uint32_t to);

 private:
  const PlacementProblem& problem_;
  std::unordered_map<std::uint64_t, Seconds> known_;
};

}  // namespace codecosim
