#pragma once
#include <optional>

#include "models/application/applications.hpp"
#include "models/data/datasets.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

/// The first rule, but for that of energy, which is a matter of amounts, by which an application may not run in a cluster;
/// `security` is the cluster's class as the asker knows it.
std::optional<Rule> broken_rule(const ApplicationSpec&, const Datasets&, const Federation&, ClusterId, Security security);

/// Share of a cluster's full power that `cores` requested cores stand for: CODECO's energy limit is a percentage whose base is not
/// published; this is our reading. Every core of a cluster counts the same.
double energy_share(const Federation&, ClusterId, Cores cores);
/// Requested cores of an application's pods that are in a cluster.
Cores cores_in(const World&, const Applications&, ApplicationId, ClusterId);

/// Holds a pod that is ready against all rules, by the world as it is and not as anybody sees it; counts and records a violation.
void audit(World&, const Applications&, const Datasets&, PodId);

}  // namespace codecosim
