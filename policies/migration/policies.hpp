#pragma once
#include "models/policy.hpp"

namespace codecosim {

std::unique_ptr<MigrationPolicy> make_never();
Registry<MigrationPolicy>::Make read_follow_user(Reader&);
Registry<MigrationPolicy>::Make read_on_qos(Reader&);
Registry<MigrationPolicy>::Make read_predictive(Reader&);
Registry<MigrationPolicy>::Make read_swm_migration(Reader&);

/// The allowed row of a replica with the least latency of the given kind. Among equals its current row is preferred,
/// else any of them is drawn.
std::uint32_t best_row(const MigrationProblem&, const MigrationProblem::Replica&, Rng&,
                       Seconds MigrationProblem::Row::* latency);

}  // namespace codecosim
