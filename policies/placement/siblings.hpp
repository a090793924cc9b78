#pragma once
#include <cstdint>
#include <vector>

#include "models/policy.hpp"

namespace codecosim {

/// The number of pods of one component on each row, while the workloads of one problem are placed: those in the
/// problem, and those placed since. A pod that is moved away no longer counts on its old row, as terminating pods do
/// not in Kubernetes. Must not outlive the problem.
class Siblings {
 public:
  explicit Siblings(const PlacementProblem& problem);

  /// Counts by row of this workload's siblings, itself left out. Every call is followed by decide() for the same
  /// workload.
  const std::vector<std::int64_t>& of(std::uint32_t workload);
  /// Records the row of the workload; `none`: it stays where it is, if anywhere.
  void decide(std::uint32_t workload, std::uint32_t target);

 private:
  void recount(std::uint32_t component);
  void add(std::uint32_t row, std::int64_t change);

  const PlacementProblem& problem_;
  std::vector<bool> decided_;
  std::vector<std::uint32_t> targets_;
  std::vector<std::int64_t> counts_;
  std::uint32_t component_ = 0;
  bool counted_ = false;
};

}  // namespace codecosim
