#pragma once
#include <memory>

#include "models/policy.hpp"

/// The factories of the placement policies, one a file of this folder.
namespace codecosim {

std::unique_ptr<PlacementPolicy> make_random();
std::unique_ptr<PlacementPolicy> make_round_robin();
std::unique_ptr<PlacementPolicy> make_first_fit();
std::unique_ptr<PlacementPolicy> make_nearest();
std::unique_ptr<PlacementPolicy> make_kube_default();
std::unique_ptr<PlacementPolicy> make_recommended();
Registry<PlacementPolicy>::Make read_ocm(Reader& reader);

}  // namespace codecosim
