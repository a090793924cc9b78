#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <queue>
#include <vector>

#include "scenarios/plan.hpp"

namespace codecosim {

/// The part of an experiment that one of several processes has: every `of`-th, from number `index` on.
struct Chunk {
  std::size_t index = 0, of = 1;
};

/// By point of a plan, the number of the group of points that will be compared, as `compare` chooses the factor: that
/// differ in the only factor with several levels, or else in the policy alone. Where there is neither, each point is a
/// group.
std::vector<std::size_t> compared_groups(const Plan&);

/// Which runs are to come: first all points once, then all a second time, and so on; and, where a stopping rule asks
/// for more, those. Points that will be compared get the same replications, as many as the one that needs most: else
/// their worlds would not pair. What it decides depends on the runs' results alone, not on the order in which they
/// came.
class Schedule {
 public:
  /// `groups`: by point, the number of its group, from 0; points of a group are compared.
  Schedule(std::vector<std::size_t> groups, const StoppingRule&, Chunk);

  /// A run has been recorded, now or earlier, as done or not, with the value of the rule's metric, if it has one.
  void record(std::size_t run, bool done, std::optional<double> metric);
  /// The next run to start. None: there is none, or none yet.
  std::optional<std::size_t> next();
  /// Runs that this chunk has as things stand, and how many of them are recorded.
  std::size_t planned() const { return planned_; }
  std::size_t recorded() const { return recorded_count_; }
  /// Of those recorded, how many are not done.
  std::size_t failed() const { return failed_; }
  /// Points that have had all replications that the rule allows, and are not as precise as it asks, or whose runs went
  /// well and did not measure its metric. What is the same in all is precise enough.
  std::vector<std::size_t> imprecise() const;

 private:
  bool mine(std::size_t run) const;
  bool adaptive() const { return !rule_.metric.empty(); }
  /// Asks for more replications of a group where an interval is still too wide.
  void look(std::size_t group);
  bool has(std::size_t point, std::size_t replication) const { return recorded_[point * rule_.at_most + replication]; }
  /// Replications of a point that are asked for: no more where none of the first has the metric, since more will fail.
  std::uint32_t wanted(std::size_t point) const;
  /// The metric in these; none while one is missing.
  std::optional<std::vector<double>> sample(std::size_t point) const;

  std::vector<std::size_t> groups_;
  std::vector<std::vector<std::size_t>> members_;  ///< By group.
  StoppingRule rule_;
  Chunk chunk_;
  std::vector<bool> recorded_, done_;
  std::map<std::size_t, std::vector<std::optional<double>>>
      values_;                         ///< By point and replication; kept where a rule needs them.
  std::vector<std::uint32_t> wanted_;  ///< Replications of each point of a group, likewise.
  std::size_t cursor_ = 0, planned_ = 0, recorded_count_ = 0, failed_ = 0;
  std::queue<std::size_t> more_;
};

}  // namespace codecosim
