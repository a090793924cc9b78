#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace codecosim {

/// The options of a Slurm job array whose tasks make one chunk of a sweep each.
struct SlurmOptions {
  std::uint32_t tasks = 1;
  std::uint32_t cpus = 1;                        ///< Per task.
  std::string partition, account, time, memory;  ///< As sbatch takes them; empty: its defaults.
  std::vector<std::string> more;                 ///< Further options of sbatch.
};

struct SlurmJob {
  std::string number;
  std::string after;  ///< Earlier job for the same directory, on which this one depends; empty: it has ended.
};

/// Submits `command --chunk K/N` for each chunk K of N, as a job of this name; logs go to `directory`/slurm. Throws
/// Error(output) with what sbatch says where it cannot be submitted.
SlurmJob submit(const std::vector<std::string>& command, const SlurmOptions&, const std::string& name,
                const std::string& directory);

}  // namespace codecosim
