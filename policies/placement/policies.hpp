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
Registry<PlacementPolicy>::Make read_ocm(Reader& reader);
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
