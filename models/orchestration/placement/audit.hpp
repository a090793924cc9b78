#pragma once
#include "models/application/applications.hpp"
#include "models/data/dataset_spec.hpp"

namespace codecosim {

/// Holds a pod that is ready against all rules, by the world as it is and not as anybody sees it; counts and records a
/// violation.
void audit(World&, const Applications&, const std::vector<DatasetSpec>&, PodId);

}  // namespace codecosim
