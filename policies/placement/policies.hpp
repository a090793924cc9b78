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
Registry<PlacementPolicy>::Make read_swm_search(Reader& reader);
Registry<PlacementPolicy>::Make read_swm_exact(Reader& reader);
Registry<PlacementPolicy>::Make read_oracle(Reader& reader);
/// Whether this build has what `swm-exact` and `oracle` need.
bool exact_is_built();
std::unique_ptr<Yardstick> make_yardstick();
/// Improves on one of the policies that are registered by now.
Registry<PlacementPolicy>::Make read_rollout(Reader& reader, const Registry<PlacementPolicy>& bases);
std::unique_ptr<PlacementPolicy> make_ocm_default();
std::unique_ptr<PlacementPolicy> make_ocm_resource();
Registry<PlacementPolicy>::Make read_network_aware(Reader& reader);
Registry<PlacementPolicy>::Make read_latency_greedy(Reader& reader);
std::unique_ptr<PlacementPolicy> make_carbon_greedy();
std::unique_ptr<PlacementPolicy> make_data_local();
std::unique_ptr<PlacementPolicy> make_least_cost();
std::unique_ptr<PlacementPolicy> make_load_balance();
std::unique_ptr<PlacementPolicy> make_best_fit();
std::unique_ptr<PlacementPolicy> make_pdlc();

}  // namespace codecosim
