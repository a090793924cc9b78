#include "sweep/slurm.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "sim/base/error.hpp"
#include "sim/base/spawn.hpp"
#include "sweep/experiment.hpp"

namespace codecosim {

namespace {
// The command comes as arguments, so no shell reads it.
constexpr const char* script =
    "#!/bin/sh\n"
    "# A task of a job array that codecosim submitted: one chunk of a sweep.\n"
    "exec \"$@\" --chunk \"$SLURM_ARRAY_TASK_ID/$CODECOSIM_CHUNKS\"\n";

/// sbatch replaces what follows a % in a file's name.
std::string literal(const std::string& path) {
  std::string text;
  for (const char c : path) text += c == '%' ? "%%" : std::string(1, c);
  return text;
}
}  // namespace

std::string submit(const std::vector<std::string>& command, const SlurmOptions& options, const std::string& directory) {
  const std::string logs = directory + "/slurm";
  std::error_code error;
  std::filesystem::create_directories(logs, error);
  if (error) throw Error(Failure::output, fmt::format("cannot make the directory {}: {}", logs, error.message()));
  write_whole(logs + "/task.sh", script);
  std::vector<std::string> words{"sbatch",
                                 "--parsable",
                                 "--requeue",
                                 "--open-mode=append",
                                 "--job-name=codecosim",
                                 fmt::format("--array=1-{}", options.tasks),
                                 fmt::format("--cpus-per-task={}", options.cpus),
                                 fmt::format("--export=ALL,CODECOSIM_CHUNKS={}", options.tasks),
                                 "--output=" + literal(logs) + "/%a.log"};
  const auto ask = [&](const char* what, const std::string& value) {
    if (!value.empty()) words.push_back(fmt::format("--{}={}", what, value));
  };
  ask("partition", options.partition), ask("account", options.account), ask("time", options.time), ask("mem", options.memory);
  words.insert(words.end(), options.more.begin(), options.more.end());
  words.push_back(logs + "/task.sh");
  words.insert(words.end(), command.begin(), command.end());
  const Spawned sbatch = spawn(words, "sbatch is not here: --slurm needs Slurm's client commands (slurm-client)");
  if (sbatch.status != 0) throw Error(Failure::output, "sbatch: " + sbatch.err);
  return sbatch.out.substr(0, sbatch.out.find_first_of(";\n"));
}

}  // namespace codecosim
