#pragma once
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/kubelet.hpp"
#include "models/policy.hpp"

namespace codecosim {

// How a control plane asks a placement policy, and what it takes for an answer.

/// The problem of placing these pods of an application, still without rows.
PlacementProblem pose(const Applications&, ApplicationId, const std::vector<PodId>&);

/// A node as the API server of its cluster has it.
PlacementProblem::Row row_of(const World&, const Applications&, const Kubelet&, NodeId, ApplicationId, const PlacementProblem&);

/// What a policy chose for each workload: a row, or none and why.
struct Answer {
  std::vector<std::uint32_t> rows;
  std::vector<std::string> reasons;
};
/// Asks. What makes no sense in the answer is refused and counted.
Answer ask(PlacementPolicy&, const PlacementProblem&, Rng&, Metrics&);

}  // namespace codecosim
