#pragma once
#include <memory>

#include "models/policy.hpp"
#include "policies/cost/profiles.hpp"

/// The factories of the cost policies of this folder.
namespace codecosim {

std::unique_ptr<CostPolicy> make_no_costs();
/// `profile` is one of profiles().
Registry<CostPolicy>::Make read_profile(const Profile& profile, Reader& reader);
Registry<CostPolicy>::Make read_requested_profile(Reader& reader);
Registry<CostPolicy>::Make read_weighted(Reader& reader);

}  // namespace codecosim
