#pragma once
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/policy.hpp"

namespace codecosim {

/// The feasible rows of each workload, while the workloads of a problem are placed one after another: resources given
/// to one workload are taken from the next. Counts in whole millicores and bytes, as Kubernetes does, so that ten
/// tenths of a core fill one core. Must not outlive the problem.
///
/// Filters, in kube-scheduler's order: the problem's own mask, node name (nodes only), taints (NoSchedule and NoExecute
/// as Kubernetes has them, those of clusters as is_tolerated() says), node selector, then pods, cpu and memory
/// together. A resource that is not requested is not checked. A workload that stays on its row takes nothing more
/// there. A workload that moves away frees nothing before the old pod is gone.
class Feasible {
 public:
  /// Requests of a workload.
  struct Demand {
    std::int64_t millicores = 0;
    std::int64_t bytes = 0;
  };
  /// Allocatable and free resources of a row.
  struct Room {
    Demand allocatable;
    Demand free;
    Demand largest;  ///< Free on the best single node; a pod must fit in it.
    Demand assumed;  ///< Default requests of pods put here that state none; scores count them, filters do not.
    std::int64_t pods = 0;
    std::int64_t max_pods = 0;
  };

  explicit Feasible(const PlacementProblem& problem);

  bool fits(std::size_t workload, std::size_t row) const { return obstacles(workload, row) == 0; }
  /// Whether the workload passes all filters of the row but pods, cpu and memory.
  bool admits(std::size_t workload, std::size_t row) const;
  void put(std::size_t workload, std::size_t row);
  /// The row on which the workload was put; none: not placed yet.
  std::uint32_t row_of(std::size_t workload) const { return targets_[workload]; }
  /// Keeps the workload away from the row for a reason of the policy's own, as the problem's mask does.
  void bar(std::size_t workload, std::size_t row);
  std::uint32_t id(std::size_t row) const { return problem_.rows[row].id; }
  std::uint32_t rows() const { return static_cast<std::uint32_t>(rooms_.size()); }
  const Demand& demand(std::size_t workload) const { return demands_[workload]; }
  const Room& room(std::size_t row) const { return rooms_[row]; }
  /// Whether the labels of the row have what the workload's node selector asks for.
  bool selected(std::size_t workload, std::size_t row) const;
  /// Whether the application was on the row when the problem was posed, with this workload or another one.
  bool chosen_before(std::size_t workload, std::size_t row) const;
  /// The reason why no row takes the workload, in the words of a FailedScheduling event: counts by reason, sorted as
  /// text.
  std::string reason(std::size_t workload) const;

 private:
  std::uint32_t obstacles(std::size_t workload, std::size_t row) const;
  std::uint32_t shortages(std::size_t workload, std::size_t row) const;
  const Taint* untolerated(std::size_t workload, std::size_t row) const;

  const PlacementProblem& problem_;
  std::vector<Demand> demands_;
  std::vector<Room> rooms_;
  std::vector<std::uint32_t> targets_;
  std::vector<std::vector<bool>> barred_;  // By workload; empty where no row is.
};

/// The row that a policy chooses for a workload, or none.
struct Choice {
  Choice(std::uint32_t chosen, bool all_alike = false) : row(chosen), indifferent(all_alike) {}
  std::uint32_t row;
  bool indifferent;  ///< Several rows fit, and the policy rates all of them equally.
};

/// Places the workloads of a problem in this order, each where `choose(feasible, workload)` says: a Choice. Every
/// workload gets an assignment, and every one that is not placed gets a reason, both in the order of the problem.
template <class Choose>
Placement place_in_order(const PlacementProblem& problem, std::span<const std::uint32_t> order, Choose&& choose) {
  Feasible feasible(problem);
  Placement placement;
  placement.assignments.resize(problem.workloads.size());
  std::vector<std::string> reasons(problem.workloads.size());
  for (const std::uint32_t workload : order) {
    const Choice choice = choose(feasible, workload);
    if (choice.row == PlacementProblem::none)
      reasons[workload] = feasible.reason(workload);
    else
      feasible.put(workload, choice.row);
    placement.assignments[workload] = {workload, choice.row, problem.workloads[workload].current, choice.indifferent};
  }
  for (std::string& reason : reasons)
    if (!reason.empty()) placement.reasons.push_back(std::move(reason));
  return placement;
}

/// Places the workloads in the order of the problem.
template <class Choose>
Placement place_one_by_one(const PlacementProblem& problem, Choose&& choose) {
  std::vector<std::uint32_t> order(problem.workloads.size());
  std::iota(order.begin(), order.end(), 0U);
  return place_in_order(problem, order, choose);
}

}  // namespace codecosim
