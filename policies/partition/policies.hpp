#pragma once
#include <cstdint>
#include <memory>

#include "models/policy.hpp"

/// The factories of the partition policies, one per file of this folder. The coordinator is always
/// nearest_to_clients(), which is always a member.
namespace codecosim {

std::unique_ptr<PartitionPolicy> make_no_partition();
std::unique_ptr<PartitionPolicy> make_by_provider();
Registry<PartitionPolicy>::Make read_k_nearest(Reader& reader);
Registry<PartitionPolicy>::Make read_k_means(Reader& reader);

/// The row of least client latency, any among equals. The problem must have rows.
std::uint32_t nearest_to_clients(const PartitionProblem& problem, Rng& rng);

}  // namespace codecosim
