#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "policies/placement/feasible.hpp"
#include "policies/placement/siblings.hpp"

namespace codecosim {

/// A profile of kube-scheduler: chooses among the rows that fit a workload by the scores of its plugins, with the
/// weights of its default profile for the filter and score functions here (kube_scores.hpp). Must not outlive the
/// problem.
///
/// Differences from kube-scheduler: all rows are scored, not a sample of a large cluster; there is no preemption; every
/// row is a host of its own with or without the host name label; earlier pods that request nothing are unknown, so only
/// those of this problem count with the default requests. NodeAffinity and InterPodAffinity are not modelled: without
/// such rules they give every node the same score.
class KubeProfile {
 public:
  struct Weights {
    std::int64_t least_allocated = 1;  ///< NodeResourcesFit, strategy LeastAllocated.
  };
  /// Adds the weighted scores of a further plugin to the totals of the candidates.
  using Plugin = std::function<void(std::span<const std::uint32_t> candidates, std::span<std::int64_t> totals)>;

  explicit KubeProfile(const PlacementProblem& problem) : KubeProfile(problem, Weights{}) {}
  KubeProfile(const PlacementProblem& problem, Weights weights);

  /// The feasible row with the highest total, any among equals; none when no row fits.
  Choice best(const Feasible& feasible, std::uint32_t workload, Rng& rng, const Plugin& plugin = {});

 private:
  struct Zone {
    std::uint32_t number = 0;
    bool labelled = false;
  };

  void add_resources(const Feasible& feasible, std::uint32_t workload);
  void add_image(std::uint32_t workload);
  void add_taints(std::uint32_t workload);
  void add_spread(const Feasible& feasible, std::uint32_t workload, const std::vector<std::int64_t>& siblings);
  std::size_t count_zones(const Feasible& feasible, std::uint32_t workload, const std::vector<std::int64_t>& siblings);
  void add_scores(std::int64_t weight);

  const PlacementProblem& problem_;
  Weights weights_;
  Siblings siblings_;
  std::vector<Zone> zones_;
  std::vector<std::int64_t> zone_pods_;
  std::vector<bool> zone_used_;
  std::vector<bool> has_image_;
  std::uint32_t image_ = 0;
  std::int64_t nodes_with_image_ = 0;
  bool image_known_ = false;
  // Scratch of the current workload, by candidate; members so that they are allocated once per problem.
  std::vector<std::uint32_t> candidates_;
  std::vector<std::int64_t> scores_;
  std::vector<std::int64_t> totals_;
};

}  // namespace codecosim
