#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <queue>
#include <vector>

#include "scenarios/plan.hpp"

namespace codecosim {

/// The part of an experiment that one of several processes runs: every `of`-th run, from number `index` on.
struct Chunk {
  std::size_t index = 0, of = 1;
};

/// The groups of points that will be compared: a group's number by point of a plan. As `compare` chooses the factor,
/// points of a group differ in the only factor with several levels, or else in the policy alone. Where there is
/// neither, each point is a group.
std::vector<std::size_t> compared_groups(const Plan&);

/// The order of the runs: first all points once, then all a second time, and so on; then further ones where a stopping
/// rule asks for them. Points that will be compared get the same replications, as many as the one that needs most,
/// because their runs are paired. Its decisions depend on the runs' results alone, not on the order in which they came.
class Schedule {
 public:
  /// `groups`: by point, the number of its group, from 0; points of a group are compared.
  Schedule(std::vector<std::size_t> groups, const StoppingRule&, Chunk);

  /// Notes that a run has been recorded, now or earlier, as done or not, with the value of the rule's metric, if it has
  /// one.
  void record(std::size_t run, bool done, std::optional<double> metric);
  /// The next run to start; none: there is none, or none yet.
  std::optional<std::size_t> next();
  /// Number of runs of this chunk as currently known, and of those recorded.
  std::size_t planned() const { return planned_; }
  std::size_t recorded() const { return recorded_count_; }
  /// Number of recorded runs that are not done.
  std::size_t failed() const { return failed_; }
  /// Points that are less precise than the rule asks after all replications that it allows, or whose runs ended well
  /// without its metric. A metric without variance is precise enough.
  std::vector<std::size_t> imprecise() const;

 private:
  bool mine(std::size_t run) const;
  bool adaptive() const { return !rule_.metric.empty(); }
  /// Asks for more replications of a group where an interval is still too wide.
  void look(std::size_t group);
  bool has(std::size_t point, std::size_t replication) const { return recorded_[point * rule_.at_most + replication]; }
  /// Replications of a point that are asked for. There are no more where none of the first has the metric, since more
  /// will fail.
  std::uint32_t wanted(std::size_t point) const;
  /// The values of the metric at a point; none while one is missing.
  std::optional<std::vector<double>> sample(std::size_t point) const;

  std::vector<std::size_t> groups_;
  std::vector<std::vector<std::size_t>> members_;  ///< By group.
  StoppingRule rule_;
  Chunk chunk_;
  std::vector<bool> recorded_, done_;
  std::map<std::size_t, std::vector<std::optional<double>>>
      values_;                         ///< By point and replication; kept where a rule needs them.
  std::vector<std::uint32_t> wanted_;  ///< By group: replications of each of its points.
  std::size_t cursor_ = 0, planned_ = 0, recorded_count_ = 0, failed_ = 0;
  std::queue<std::size_t> more_;
};

}  // namespace codecosim
