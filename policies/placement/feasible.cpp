#include "policies/placement/feasible.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "policies/placement/kube_scores.hpp"
#include "policies/placement/ocm_scores.hpp"
#include "sim/base/error.hpp"

namespace codecosim {
namespace {

enum Obstacle : std::uint32_t {
  not_allowed = 1,
  other_name = 2,
  tainted = 4,
  not_selected = 8,
  too_many_pods = 16,
  short_of_cpu = 32,
  short_of_memory = 64,
};

constexpr std::uint32_t no_room = too_many_pods | short_of_cpu | short_of_memory;

// Beyond this a double is no longer a whole number, and a hundred times it still fits 64 bits.
constexpr double largest_whole = 9e15;

std::int64_t nearest_whole(double value) { return std::llround(std::clamp(value, -largest_whole, largest_whole)); }

// Requests are rounded up, as Kubernetes does, but not for the last bits of a conversion.
std::int64_t whole_above(double value) {
  return static_cast<std::int64_t>(std::ceil(std::clamp(value, -largest_whole, largest_whole) - 1e-6));
}

Feasible::Demand available(Cores cpu, Bytes memory) {
  return {nearest_whole(cpu.value * 1000), nearest_whole(memory.value)};
}

/// Whether the taint, of a node or of a cluster, keeps out a workload with these tolerations.
bool repels(const Taint& taint, const std::vector<Toleration>& tolerations, Seconds now, bool chosen_before) {
  switch (taint.effect) {
    case Taint::Effect::prefer_no_schedule:
      return false;
    case Taint::Effect::no_schedule:
    case Taint::Effect::no_execute:
      return codecosim::repels(taint, tolerations);
    default:
      return !is_tolerated(taint, tolerations, now, chosen_before);
  }
}

std::string text_of(Obstacle obstacle, const std::string& noun) {
  switch (obstacle) {
    case not_allowed:
      return noun + "(s) didn't satisfy the application's constraints";
    case other_name:
      return noun + "(s) didn't match the requested node name";
    case not_selected:
      return noun + "(s) didn't match Pod's node affinity/selector";
    case too_many_pods:
      return "Too many pods";
    case short_of_cpu:
      return "Insufficient cpu";
    case short_of_memory:
      return "Insufficient memory";
    case tainted:
      break;
  }
  return noun + "(s) had untolerated taint";
}

}  // namespace

Feasible::Feasible(const PlacementProblem& problem)
    : problem_(problem), targets_(problem.workloads.size(), PlacementProblem::none) {
  demands_.reserve(problem.workloads.size());
  barred_.resize(problem.workloads.size());
  for (const PlacementProblem::Workload& workload : problem.workloads) {
    ensure(workload.node_selector && workload.tolerations, "a workload without a node selector or tolerations");
    ensure(workload.allowed.empty() || workload.allowed.size() == problem.rows.size(), "a mask that covers other rows");
    demands_.push_back({whole_above(workload.cpu.value * 1000), whole_above(workload.memory.value)});
  }
  rooms_.reserve(problem.rows.size());
  for (const PlacementProblem::Row& row : problem.rows) {
    ensure(row.labels && row.taints, "a row without labels or taints");
    Room room;
    room.allocatable = available(row.cpu, row.memory);
    room.free = available(row.cpu_free, row.memory_free);
    room.largest = available(row.largest_cpu_free, row.largest_memory_free);
    room.pods = row.pods;
    room.max_pods = row.max_pods;
    rooms_.push_back(room);
  }
}

void Feasible::put(std::size_t workload, std::size_t row) {
  ensure(workload < demands_.size() && row < rooms_.size(), "a placement outside of the problem");
  targets_[workload] = static_cast<std::uint32_t>(row);
  if (problem_.workloads[workload].current == row) return;
  const Demand& demand = demands_[workload];
  Room& room = rooms_[row];
  room.free.millicores -= demand.millicores;
  room.free.bytes -= demand.bytes;
  // The node of a cluster that takes the pod is unknown, and need not be the best one.
  if (problem_.level == PlacementProblem::Level::cluster) {
    room.largest.millicores -= demand.millicores;
    room.largest.bytes -= demand.bytes;
  }
  if (demand.millicores == 0) room.assumed.millicores += kube_default_millicores;
  if (demand.bytes == 0) room.assumed.bytes += kube_default_memory;
  ++room.pods;
}

void Feasible::bar(std::size_t workload, std::size_t row) {
  barred_[workload].resize(rooms_.size());
  barred_[workload][row] = true;
}

bool Feasible::selected(std::size_t workload, std::size_t row) const {
  return selects(*problem_.workloads[workload].node_selector, *problem_.rows[row].labels);
}

bool Feasible::chosen_before(std::size_t workload, std::size_t row) const {
  return problem_.workloads[workload].current == row || !problem_.rows[row].components.empty();
}

bool Feasible::admits(std::size_t workload, std::size_t row) const {
  return (obstacles(workload, row) & ~no_room) == 0;
}

const Taint* Feasible::untolerated(std::size_t workload, std::size_t row) const {
  const std::vector<Toleration>& tolerations = *problem_.workloads[workload].tolerations;
  for (const Taint& taint : *problem_.rows[row].taints)
    if (repels(taint, tolerations, problem_.now, chosen_before(workload, row))) return &taint;
  return nullptr;
}

std::uint32_t Feasible::shortages(std::size_t workload, std::size_t row) const {
  const Demand& demand = demands_[workload];
  const Room& room = rooms_[row];
  std::uint32_t found = 0;
  if (room.pods >= room.max_pods) found |= too_many_pods;
  if (demand.millicores > 0 && demand.millicores > std::min(room.free.millicores, room.largest.millicores))
    found |= short_of_cpu;
  if (demand.bytes > 0 && demand.bytes > std::min(room.free.bytes, room.largest.bytes)) found |= short_of_memory;
  return found;
}

std::uint32_t Feasible::obstacles(std::size_t workload, std::size_t row) const {
  const PlacementProblem::Workload& asked = problem_.workloads[workload];
  if (!asked.allowed.empty() && !asked.allowed[row]) return not_allowed;
  if (!barred_[workload].empty() && barred_[workload][row]) return not_allowed;
  const bool is_node = problem_.level == PlacementProblem::Level::cluster;
  if (is_node && !asked.node_name.empty() && asked.node_name != problem_.rows[row].name) return other_name;
  if (untolerated(workload, row)) return tainted;
  if (!selected(workload, row)) return not_selected;
  return asked.current == row ? 0 : shortages(workload, row);
}

std::string Feasible::reason(std::size_t workload) const {
  const std::string noun = problem_.level == PlacementProblem::Level::cluster ? "node" : "cluster";
  if (rooms_.empty()) return "no " + noun + "s available to schedule pods";
  std::map<Obstacle, std::size_t> counts;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> taints;
  for (std::size_t row = 0; row < rooms_.size(); ++row) {
    const std::uint32_t found = obstacles(workload, row);
    for (Obstacle each : {not_allowed, other_name, not_selected, too_many_pods, short_of_cpu, short_of_memory})
      if (found & each) ++counts[each];
    if (found & tainted) {
      const Taint& taint = *untolerated(workload, row);
      ++taints[{taint.key, taint.value}];
    }
  }
  std::vector<std::string> texts;
  for (const auto& [obstacle, count] : counts) texts.push_back(std::to_string(count) + " " + text_of(obstacle, noun));
  for (const auto& [taint, count] : taints)
    texts.push_back(std::to_string(count) + " " + text_of(tainted, noun) + " {" + std::string(taint.first) + ": " +
                    std::string(taint.second) + "}");
  std::ranges::sort(texts);
  std::string message = "0/" + std::to_string(rooms_.size()) + " " + noun + "s are available: ";
  for (std::size_t i = 0; i < texts.size(); ++i) message += (i == 0 ? "" : ", ") + texts[i];
  return message + ".";
}

}  // namespace codecosim
