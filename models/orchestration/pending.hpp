#pragma once
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/kubernetes/kubernetes.hpp"
#include "models/orchestration/placement/placer.hpp"

namespace codecosim {

// The replicas that are not ready at the end of a run, with their reasons. These functions read the state of the placer
// and of the clusters at once.

/// Whether all replicas of an application are ready. A replica that leaves a cluster with its state serves there until
/// it serves elsewhere.
bool all_ready(ApplicationId, const Applications&, const Placer&, const Kubernetes&);
/// Adds the replicas that are not ready, each with its reason.
void add_pending(ApplicationId, const Applications&, const Placer&, const Kubernetes&, std::vector<Pending>&);
/// Adds the replicas that are ready, but of an older revision than is wanted.
void add_outdated(ApplicationId, const Applications&, const Placer&, const Kubernetes&, std::vector<Pending>&);
/// Adds all replicas, with one reason.
void add_all_pending(ApplicationId, const Applications&, const std::string& reason, std::vector<Pending>&);

}  // namespace codecosim
