#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace codecosim {

/// What is asked of Slurm for a job array whose tasks make one chunk of a sweep each.
struct SlurmOptions {
  std::uint32_t tasks = 1;
  std::uint32_t cpus = 1;                        ///< Of each task.
  std::string partition, account, time, memory;  ///< As sbatch takes them; empty: its defaults.
  std::vector<std::string> more;                 ///< Further options of sbatch.
};

struct SlurmJob {
  std::string number;
  std::string
      after;  ///< The job submitted for the same directory before, which this one waits for; empty: that has ended.
};

/// Submits `command --chunk K/N` for each chunk K of N, as a job of this name; logs go to `directory`/slurm. Throws
/// Error(output) with what sbatch says where it cannot be submitted.
SlurmJob submit(const std::vector<std::string>& command, const SlurmOptions&, const std::string& name,
                const std::string& directory);

}  // namespace codecosim
