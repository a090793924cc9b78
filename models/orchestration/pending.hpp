#pragma once
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/kubernetes/kubernetes.hpp"
#include "models/orchestration/placement/placer.hpp"

namespace codecosim {

// What a run tells of replicas that are not ready. It is told by who sees the books of deciders and clusters at once,
// at the end.

/// Whether all replicas of an application are ready; one that leaves a cluster with its state serves there until it
/// does elsewhere.
bool all_ready(ApplicationId, const Applications&, const Placer&, const Kubernetes&);
/// Adds those that are not, each with its reason.
void add_pending(ApplicationId, const Applications&, const Placer&, const Kubernetes&, std::vector<Pending>&);
/// Adds those that are ready, but of an older revision than is wanted.
void add_outdated(ApplicationId, const Applications&, const Placer&, const Kubernetes&, std::vector<Pending>&);
/// Adds all replicas, for one reason.
void add_all_pending(ApplicationId, const Applications&, const std::string& reason, std::vector<Pending>&);

}  // namespace codecosim
