#pragma once
#include "models/policy.hpp"

namespace codecosim {

std::unique_ptr<MigrationPolicy> make_never();
Registry<MigrationPolicy>::Make read_follow_user(Reader&);
Registry<MigrationPolicy>::Make read_on_qos(Reader&);
Registry<MigrationPolicy>::Make read_predictive(Reader&);
Registry<MigrationPolicy>::Make read_swm_migration(Reader&);

/// The allowed row of a replica with the least of a latency; where it runs, if that is as near as any, else any of
/// equals.
std::uint32_t best_row(const MigrationProblem&, const MigrationProblem::Replica&, Rng&,
                       Seconds MigrationProblem::Row::* latency);

}  // namespace codecosim
