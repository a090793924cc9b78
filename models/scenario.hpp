#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/application/requests.hpp"
#include "models/branches.hpp"
#include "models/data/dataset_spec.hpp"
#include "models/faults/faults.hpp"
#include "models/orchestration/control_planes.hpp"
#include "models/orchestration/learning/learning.hpp"
#include "models/policy.hpp"
#include "models/world.hpp"
#include "sim/base/bounds.hpp"

namespace codecosim {

/// The content of a scenario as plain values, with their defaults.
struct Scenario {
  std::string name, description;
  Seconds duration, warmup;
  std::uint64_t seed = 1;
  Seconds series_interval;  ///< Zero: a hundredth of the duration.
  template <class V>
  void fields(V&& v) {
    v("description", description, "What it is about.");
    v.need("duration", duration, "Simulated time.", Bounds{0, 1e9, true});
    v("warmup", warmup, "Measurement starts after it.", not_negative);
    v("seed", seed, "Of all random streams.", not_negative);
    v("series", series_interval, "Between two lines of series.csv; 0 s: a hundredth of the duration.", not_negative);
  }
  FederationSpec federation;
  ClusterId registry;
  std::vector<ImageSpec> images;
  std::vector<ApplicationSpec> applications;
  std::vector<ClientSpec> clients;
  std::vector<FaultSpec> faults;
  TransportSpec transports;
  std::vector<DatasetSpec> data;
  struct Plane {
    std::string name = "oracle";
    std::shared_ptr<ControlPlaneSettings> settings{};  ///< Empty: with default parameters.
  };
  Plane control_plane;
  MobilitySpec mobility;
  Registry<PlacementPolicy>::Choice placement{"nearest", {}};  ///< `make` empty: with default parameters.
  Registry<PlacementPolicy>::Choice scheduler{"kube-default", {}};
  Registry<MigrationPolicy>::Choice migration{"never", {}};
  DecisionSpec decisions;
  std::optional<LearningSpec> learning;
  FutureSpec futures;
};

}  // namespace codecosim
