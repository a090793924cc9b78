#pragma once
#include <nlohmann/json.hpp>
#include <string>

/// Everything on, at scale, as a scenario: so many factories of 10 clusters, 40 nodes, 4 access points and 20 AGVs,
/// whose control loops run at 1 Hz and whose controllers follow them, under this preset of CODECO's control plane or
/// under the oracle ("oracle").
nlohmann::ordered_json mega(int factories, const std::string& control_plane, const std::string& duration);
