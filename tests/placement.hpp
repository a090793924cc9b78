#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policies/add_policies.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/rng.hpp"
#include "tests/catch.hpp"

/// Placement problems small enough to check by hand, and the built-in policies, made by name as a scenario makes them.
namespace codecosim::test {

using Level = PlacementProblem::Level;
inline constexpr std::uint32_t none = PlacementProblem::none;
inline constexpr double gibibyte = 1024.0 * 1024 * 1024;
inline const Labels no_labels;
inline const std::vector<Taint> no_taints;
inline const std::vector<Toleration> no_tolerations;
using Targets = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;

inline Policies built_in() {
  Policies policies;
  add_policies(policies);
  return policies;
}

/// The placement policies that this build has.
inline Texts all_policies() {
  const Policies policies = built_in();
  Texts names;
  for (const auto& entry : policies.placement.entries())
    if (entry.missing.empty()) names.push_back(entry.name);
  return names;
}

/// A policy with these parameters, which must be in order.
inline std::unique_ptr<PlacementPolicy> make(const std::string& name, const std::string& parameters = "{}") {
  const Policies policies = built_in();
  const auto* entry = policies.placement.find(name);
  REQUIRE(entry != nullptr);
  const Json json = Json::parse(parameters);
  Reader::Log log;
  Reader reader(json, log);
  const auto made = entry->read(reader);
  reader.close();
  REQUIRE(log.problems.empty());
  return made();
}

inline PlacementProblem::Row row(std::uint32_t id, double cores, double gibibytes) {
  PlacementProblem::Row made;
  made.id = id;
  made.name = "node" + std::to_string(id);
  made.cpu = made.cpu_free = made.largest_cpu_free = Cores(cores);
  made.memory = made.memory_free = made.largest_memory_free = Bytes(gibibytes * gibibyte);
  made.labels = &no_labels;
  made.taints = &no_taints;
  return made;
}

inline PlacementProblem::Workload workload(double cores, double gibibytes) {
  PlacementProblem::Workload made;
  made.cpu = Cores(cores);
  made.memory = Bytes(gibibytes * gibibyte);
  made.node_selector = &no_labels;
  made.tolerations = &no_tolerations;
  return made;
}

inline PlacementProblem::Channel channel(std::uint32_t from, std::uint32_t to) {
  PlacementProblem::Channel made;
  made.from = from;
  made.to = to;
  return made;
}

/// `rows` nodes of 4 cores and 8 GiB, and `workloads` replicas of 1 core and 1 GiB.
inline PlacementProblem problem(std::uint32_t rows, std::uint32_t workloads, Level level = Level::cluster) {
  PlacementProblem made;
  made.level = level;
  for (std::uint32_t i = 0; i < rows; ++i) made.rows.push_back(row(i, 4, 8));
  for (std::uint32_t i = 0; i < workloads; ++i) made.workloads.push_back(workload(1, 1));
  return made;
}

inline void use(PlacementProblem::Row& target, double cores, double gibibytes) {
  target.cpu_free -= Cores(cores);
  target.memory_free -= Bytes(gibibytes * gibibyte);
  target.largest_cpu_free = target.cpu_free;
  target.largest_memory_free = target.memory_free;
}

inline Placement place(PlacementPolicy& policy, const PlacementProblem& asked, std::uint64_t seed = 1) {
  Rng rng(seed, 0);
  return policy.place(asked, rng);
}

inline std::vector<std::uint32_t> targets(const Placement& placement) {
  std::vector<std::uint32_t> all;
  for (const auto& each : placement.assignments) all.push_back(each.target);
  return all;
}

/// Whether a policy gives the first workload each of these rows as often as the others, and no other row.
inline bool takes_any_of(const std::string& policy, const PlacementProblem& asked,
                         const std::vector<std::uint32_t>& rows) {
  constexpr int times = 3000;
  const auto asks = make(policy);
  Rng rng(1, 0);
  std::vector<int> taken(asked.rows.size());
  for (int i = 0; i < times; ++i) {
    const std::uint32_t target = asks->place(asked, rng).assignments.at(0).target;
    if (std::ranges::find(rows, target) == rows.end()) return false;
    ++taken[target];
  }
  const double mean = times / static_cast<double>(rows.size()), allowed = 4 * std::sqrt(mean);
  return std::ranges::all_of(rows, [&](std::uint32_t row) { return std::abs(taken[row] - mean) <= allowed; });
}

inline std::vector<std::uint32_t> targets(const std::string& policy, const PlacementProblem& asked) {
  return targets(place(*make(policy), asked));
}

}  // namespace codecosim::test
