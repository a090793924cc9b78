#include "policies/placement/kube_profile.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "policies/placement/kube_scores.hpp"
#include "sim/base/lowest.hpp"

namespace codecosim {
namespace {

// Plugin weights of the default profile (pkg/scheduler/apis/config/v1/default_plugins.go).
constexpr std::int64_t taint_toleration_weight = 3;
constexpr std::int64_t topology_spread_weight = 2;
// NodeResourcesFit, NodeResourcesBalancedAllocation and ImageLocality have the weight 1.

// kube-scheduler's default topology spread constraints for the pods of one component.
constexpr std::int64_t host_max_skew = 3;
constexpr std::int64_t zone_max_skew = 5;
constexpr const char* zone_label = "topology.kubernetes.io/zone";

constexpr std::uint32_t none = PlacementProblem::none;

}  // namespace

KubeProfile::KubeProfile(const PlacementProblem& problem, Weights weights)
    : problem_(problem),
      weights_(weights),
      siblings_(problem),
      zones_(problem.rows.size()),
      has_image_(problem.rows.size()) {
  std::map<std::string_view, std::uint32_t> numbers;
  for (std::size_t row = 0; row < problem.rows.size(); ++row) {
    const auto label = problem.rows[row].labels->find(zone_label);
    zones_[row].labelled = label != problem.rows[row].labels->end();
    const std::string_view name = zones_[row].labelled ? std::string_view(label->second) : std::string_view();
    zones_[row].number = numbers.emplace(name, static_cast<std::uint32_t>(numbers.size())).first->second;
  }
  zone_pods_.resize(numbers.size());
  zone_used_.resize(numbers.size());
}

Choice KubeProfile::best(const Feasible& feasible, std::uint32_t workload, Rng& rng, const Plugin& plugin) {
  candidates_.clear();
  for (std::uint32_t row = 0; row < problem_.rows.size(); ++row)
    if (feasible.fits(workload, row)) candidates_.push_back(row);
  const std::vector<std::int64_t>& siblings = siblings_.of(workload);
  Choice choice(none);
  if (candidates_.size() == 1) choice = candidates_.front();
  if (candidates_.size() > 1) {
    totals_.assign(candidates_.size(), 0);
    add_resources(feasible, workload);
    add_image(workload);
    add_taints(workload);
    add_spread(feasible, workload, siblings);
    if (plugin) plugin(candidates_, totals_);
    Lowest<std::int64_t> highest(rng);
    for (std::size_t i = 0; i < candidates_.size(); ++i)
      highest.offer(candidates_[i], -totals_[i], problem_.rows[candidates_[i]].id);
    choice = {*highest.index(), highest.indifferent()};
  }
  siblings_.decide(workload, choice.row);
  return choice;
}

void KubeProfile::add_resources(const Feasible& feasible, std::uint32_t workload) {
  const Feasible::Demand& demand = feasible.demand(workload);
  const std::int64_t assumed_cpu = demand.millicores == 0 ? kube_default_millicores : 0;
  const std::int64_t assumed_memory = demand.bytes == 0 ? kube_default_memory : 0;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const Feasible::Room& room = feasible.room(candidates_[i]);
    // The row where the pod is already counts its request as taken.
    const bool is_here = problem_.workloads[workload].current == candidates_[i];
    std::array<ResourceUse, 2> uses{{{room.allocatable.millicores - room.free.millicores, room.allocatable.millicores},
                                     {room.allocatable.bytes - room.free.bytes, room.allocatable.bytes}}};
    if (!is_here) {
      uses[0].requested += demand.millicores;
      uses[1].requested += demand.bytes;
    }
    totals_[i] += balanced_allocation_score(uses);
    uses[0].requested += room.assumed.millicores + assumed_cpu;
    uses[1].requested += room.assumed.bytes + assumed_memory;
    totals_[i] += weights_.least_allocated * least_allocated_score(uses);
  }
}

void KubeProfile::add_image(std::uint32_t workload) {
  const PlacementProblem::Workload& asked = problem_.workloads[workload];
  if (!image_known_ || image_ != asked.image) {
    image_known_ = true;
    image_ = asked.image;
    nodes_with_image_ = 0;
    for (std::size_t row = 0; row < problem_.rows.size(); ++row) {
      has_image_[row] = std::ranges::binary_search(problem_.rows[row].images, image_);
      nodes_with_image_ += has_image_[row] ? 1 : 0;
    }
  }
  const std::int64_t size = static_cast<std::int64_t>(std::clamp(asked.image_size.value, 0.0, 9e15));
  const std::int64_t rows = static_cast<std::int64_t>(problem_.rows.size());
  const std::int64_t score = image_locality_score(spread_image_size(size, nodes_with_image_, rows), 1);
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    if (has_image_[candidates_[i]]) totals_[i] += score;
}

void KubeProfile::add_taints(std::uint32_t workload) {
  scores_.clear();
  for (std::uint32_t row : candidates_)
    scores_.push_back(untolerated_preferences(*problem_.rows[row].taints, *problem_.workloads[workload].tolerations));
  normalize_scores(scores_, kube_max_score, true);
  add_scores(taint_toleration_weight);
}

void KubeProfile::add_spread(const Feasible& feasible, std::uint32_t workload,
                             const std::vector<std::int64_t>& siblings) {
  const double zone_weight = topology_weight(count_zones(feasible, workload, siblings));
  const double host_weight = topology_weight(candidates_.size());
  scores_.clear();
  for (std::uint32_t row : candidates_) {
    const std::array<SpreadTerm, 2> terms{
        {{siblings[row], host_max_skew, host_weight}, {zone_pods_[zones_[row].number], zone_max_skew, zone_weight}}};
    scores_.push_back(topology_spread_score(std::span(terms).first(zones_[row].labelled ? 2 : 1)));
  }
  normalize_spread_scores(scores_);
  add_scores(topology_spread_weight);
}

/// Counts the siblings by zone, on all rows that the node selector allows and not on candidates only. Returns the
/// number of zones of the candidates; all rows without a zone count as one zone.
std::size_t KubeProfile::count_zones(const Feasible& feasible, std::uint32_t workload,
                                     const std::vector<std::int64_t>& siblings) {
  std::ranges::fill(zone_pods_, 0);
  zone_used_.assign(zone_used_.size(), false);
  for (std::size_t row = 0; row < zones_.size(); ++row)
    if (siblings[row] > 0 && feasible.selected(workload, row)) zone_pods_[zones_[row].number] += siblings[row];
  for (std::uint32_t row : candidates_) zone_used_[zones_[row].number] = true;
  return static_cast<std::size_t>(std::ranges::count(zone_used_, true));
}

void KubeProfile::add_scores(std::int64_t weight) {
  for (std::size_t i = 0; i < scores_.size(); ++i) totals_[i] += weight * scores_[i];
}

}  // namespace codecosim
