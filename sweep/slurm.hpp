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

/// Submits `command --chunk K/N` for each chunk K of N; logs go to `directory`/slurm. Returns the job's number. Throws
/// Error(output) with what sbatch says where it cannot be submitted.
std::string submit(const std::vector<std::string>& command, const SlurmOptions&, const std::string& directory);

}  // namespace codecosim
