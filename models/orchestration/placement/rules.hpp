#pragma once
#include <optional>
#include <vector>

#include "models/application/cam.hpp"
#include "models/data/dataset_spec.hpp"
#include "models/infrastructure/federation.hpp"
#include "sim/base/exact_sum.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

/// The first rule that forbids an application to run in a cluster, except the energy rule, which depends on amounts.
/// `security` is the cluster's class as the asker knows it.
std::optional<Rule> broken_rule(const ApplicationSpec&, const std::vector<DatasetSpec>&, const Federation&, ClusterId,
                                Security security);

/// Whether `cores` requested cores use no larger share of a cluster's full power than the application's energy limit
/// allows. CODECO's energy limit is a percentage whose base is not published; this is our interpretation. Every core of
/// a cluster counts the same.
bool within_energy_limit(const ApplicationSpec&, const Federation&, ClusterId, ExactSum<Cores> cores);

}  // namespace codecosim
