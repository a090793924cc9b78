#pragma once
#include "models/application/applications.hpp"
#include "models/data/dataset_spec.hpp"

namespace codecosim {

/// Checks a ready pod against all rules, by the true state of the world, and counts and records a violation.
void audit(World&, const Applications&, const std::vector<DatasetSpec>&, PodId);

}  // namespace codecosim
