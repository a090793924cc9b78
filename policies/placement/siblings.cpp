#include "policies/placement/siblings.hpp"

#include <algorithm>

namespace codecosim {
namespace {
constexpr std::uint32_t none = PlacementProblem::none;
}

Siblings::Siblings(const PlacementProblem& problem)
    : problem_(problem),
      decided_(problem.workloads.size(), false),
      targets_(problem.workloads.size(), none),
      counts_(problem.rows.size(), 0) {}

const std::vector<std::int64_t>& Siblings::of(std::uint32_t workload) {
  const PlacementProblem::Workload& asked = problem_.workloads[workload];
  if (!counted_ || asked.component != component_) recount(asked.component);
  if (asked.current != none) add(asked.current, -1);
  return counts_;
}

void Siblings::decide(std::uint32_t workload, std::uint32_t target) {
  decided_[workload] = true;
  targets_[workload] = target == none ? problem_.workloads[workload].current : target;
  if (targets_[workload] != none) add(targets_[workload], 1);
}

void Siblings::recount(std::uint32_t component) {
  counted_ = true;
  component_ = component;
  for (std::size_t row = 0; row < counts_.size(); ++row)
    counts_[row] = std::ranges::count(problem_.rows[row].components, component);
  for (std::uint32_t earlier = 0; earlier < decided_.size(); ++earlier) {
    if (!decided_[earlier] || problem_.workloads[earlier].component != component) continue;
    if (problem_.workloads[earlier].current != none) add(problem_.workloads[earlier].current, -1);
    if (targets_[earlier] != none) add(targets_[earlier], 1);
  }
}

void Siblings::add(std::uint32_t row, std::int64_t change) {
  // The rows may be older than the workloads, so the two need not agree.
  counts_[row] = std::max<std::int64_t>(0, counts_[row] + change);
}

}  // namespace codecosim
