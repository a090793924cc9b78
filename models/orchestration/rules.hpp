#pragma once
#include <optional>

#include "models/application/cam.hpp"
#include "models/infrastructure/federation.hpp"
#include "sim/trace/record.hpp"

namespace codecosim {

/// The first rule, but for those of data and energy, by which an application may not run in a cluster; `security` is the cluster's
/// class as the asker knows it.
std::optional<Rule> broken_rule(const ApplicationSpec&, const Federation&, ClusterId, Security security);

/// Share of a cluster's full power that `cores` requested cores stand for: CODECO's energy limit is a percentage whose base is not
/// published; this is our reading. Every core of a cluster counts the same.
double energy_share(const Federation&, ClusterId, Cores cores);

}  // namespace codecosim
