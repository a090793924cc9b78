#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "sweep/experiment.hpp"
#include "sweep/journal.hpp"
#include "sweep/schedule.hpp"

namespace codecosim {

/// The progress of a sweep.
struct SweepState {
  std::size_t planned = 0;   ///< Runs, as currently known.
  std::size_t recorded = 0;  ///< Runs of these recorded now or earlier.
  std::size_t failed = 0;    ///< Recorded runs that are not done.
  std::size_t running = 0;
  double left_s = -1;  ///< Estimated real time left, by the mean of the runs up to now; below zero: unknown yet.
};

struct SweepOptions {
  std::uint32_t jobs = 1;  ///< Processes at once.
  Chunk chunk;
  bool retry = false;          ///< Repeats runs recorded as not done.
  std::function<bool()> stop;  ///< Polled often; true stops the sweep, and running runs are not recorded.
  std::function<void(const SweepState&)> show;  ///< Called often.
};

/// Makes a run, in a process of its own, and returns its record without the key. An exception is recorded as the reason
/// of a failure.
using MakeRun = std::function<Record(const Run&)>;

/// Makes all runs that are not recorded, each in a copy of this process, and records them. A run that fails, crashes,
/// is killed or takes more than the plan allows is recorded with its reason. Throws Error(output) where nothing can be
/// recorded.
SweepState sweep(const Experiment&, const SweepOptions&, const MakeRun&);
/// Makes one run in the same way, without recording it.
Record make_one(const Experiment&, const Run&, const MakeRun&);
/// The schedule of a chunk, with the runs that `journals` has recorded.
Schedule schedule_of(const Experiment&, Journals&, Chunk, bool retry);

}  // namespace codecosim
