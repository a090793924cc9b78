#pragma once
#include <memory>

#include "models/compute/compute.hpp"
#include "sim/kernel/frame_pool.hpp"

namespace codecosim::test {

/// One node, its pods, and jobs that tell when they end.
struct Machine {
  explicit Machine(double cores, double speed = 1,
                   std::shared_ptr<const PowerModel> power = linear_power(Watts(10), Watts(30))) {
    FederationSpec spec;
    spec.providers.emplace_back();
    NodeType type;
    type.name = "n";
    type.cores = Cores(cores);
    type.memory = Bytes(1e9);
    type.speed = speed;
    type.power = std::move(power);
    spec.node_types.push_back(type);
    ClusterSpec cluster;
    cluster.name = "c";
    cluster.positions.resize(1);
    cluster.pools.push_back({0, 1, {}, {}, {}});
    spec.clusters.push_back(cluster);
    federation = std::make_unique<Federation>(spec);
    compute = std::make_unique<Compute>(*federation);
  }
  ~Machine() { frames::destroy_processes(); }

  PodId pod(double request, double limit = 1e9, std::uint32_t concurrency = 1) {
    const PodId id = compute->add_pod({Cores(request), Cores(limit), concurrency});
    compute->bind(id, {0});
    return id;
  }
  Process job(PodId pod, double start, double work, double& ended, Outcome* how = nullptr) {
    co_await until(Seconds(start));
    const Outcome outcome = co_await compute->run(pod, CoreSeconds(work));
    ended = now().value;
    if (how) *how = outcome;
  }

  Calendar calendar;
  std::unique_ptr<Federation> federation;
  std::unique_ptr<Compute> compute;
};

}  // namespace codecosim::test
