#pragma once
#include <memory>

#include "models/policy.hpp"

/// The factories of the placement policies, one per file of this folder.
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
/// Whether the library that `swm-exact` and `oracle` need is built; why_not_exact() gives the reason if not.
bool exact_is_built();
/// Builds the library of exact placement, where it is not built yet.
void provide_exact();
std::string why_not_exact();
std::unique_ptr<Yardstick> make_yardstick();
/// Reads a rollout policy, whose base policy is one of those registered in `bases`.
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
