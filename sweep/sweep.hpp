#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "sweep/experiment.hpp"
#include "sweep/journal.hpp"
#include "sweep/schedule.hpp"

namespace codecosim {

/// How far a sweep has come.
struct Standing {
  std::size_t planned = 0;   ///< Runs, as things stand.
  std::size_t recorded = 0;  ///< Of those, recorded now or earlier.
  std::size_t failed = 0;    ///< Of those recorded, not done.
  std::size_t running = 0;
  double left_s = -1;  ///< Real time until the end, by the mean of the runs up to now; below zero: nobody knows yet.
};

struct SweepOptions {
  std::uint32_t jobs = 1;  ///< Processes at once.
  Chunk chunk;
  bool retry = false;                         ///< Runs again what is recorded as not done.
  std::function<bool()> stop;                 ///< Asked often; what runs then is given up, and not recorded.
  std::function<void(const Standing&)> show;  ///< Told often.
};

/// Makes a run, in a process of its own, and tells its record but the key. What it throws is recorded as the reason of
/// a failure.
using MakeRun = std::function<Record(const Run&)>;

/// Makes all runs that are not recorded, each in a copy of this process, and records them. A run that fails, crashes,
/// is killed or takes more than the plan allows is recorded with its reason. Throws Error(output) where nothing can be
/// recorded.
Standing sweep(const Experiment&, const SweepOptions&, const MakeRun&);
/// One run, made in the same way, and not recorded.
Record make_one(const Experiment&, const Run&, const MakeRun&);
/// The runs of a chunk that are recorded as `journals` say.
Schedule schedule_of(const Experiment&, Journals&, Chunk, bool retry);

}  // namespace codecosim
