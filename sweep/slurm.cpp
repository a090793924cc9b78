#include "sweep/slurm.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "sim/base/error.hpp"
#include "sim/base/file.hpp"
#include "sim/base/run_program.hpp"
#include "sweep/experiment.hpp"

namespace codecosim {

namespace {
// The command is passed as arguments, so no shell parses it. The program replaces the shell, so that it receives
// Slurm's signals.
constexpr const char* script =
    "#!/bin/sh\n"
    "# A task of a job array that codecosim submitted: one chunk of a sweep.\n"
    "chunks=$1\n"
    "shift\n"
    "echo \"job ${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID on $SLURMD_NODENAME, $(date -u +%Y-%m-%dT%H:%M:%SZ)\"\n"
    "exec \"$@\" --chunk \"$SLURM_ARRAY_TASK_ID/$chunks\"\n";

constexpr const char* missing = "is not here: --slurm needs Slurm's client commands (slurm-client)";

/// Escapes a path for sbatch, which expands % in a file's name, but nothing where the name has a backslash.
std::string literal(const std::string& path) {
  if (path.find('\\') != std::string::npos)
    throw Error(Failure::usage,
                fmt::format("--slurm: sbatch cannot write logs to {}: it has a backslash in its name", path));
  std::string text;
  for (const char c : path) text += c == '%' ? "%%" : std::string(1, c);
  return text;
}

/// The job named in `file`, if it is still in Slurm's queue.
std::string unfinished(const std::string& file) {
  std::string job;
  std::ifstream(file) >> job;
  if (job.empty() || job.find_first_not_of("0123456789") != std::string::npos) return {};
  const Ended squeue =
      run_program({"squeue", "--noheader", "--format=%A", "--jobs=" + job}, std::string("squeue ") + missing);
  return squeue.status == 0 && squeue.out.find_first_of("0123456789") != std::string::npos ? job : "";
}

[[noreturn]] void refuse(const Ended& sbatch) {
  std::string why = sbatch.err.substr(0, sbatch.err.find_last_not_of(" \n") + 1);
  if (why.find("job array") != std::string::npos)
    why += "; `scontrol show config` tells MaxArraySize, and --tasks must be below it";
  throw Error(Failure::output,
              fmt::format("--slurm: {}", why.empty() ? fmt::format("sbatch ended with {}", sbatch.status) : why));
}
}  // namespace

SlurmJob submit(const std::vector<std::string>& command, const SlurmOptions& options, const std::string& name,
                const std::string& directory) {
  const std::string folder = directory + "/slurm", last = folder + "/job";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(Failure::output, fmt::format("cannot make the directory {}: {}", folder, error.message()));
  write_whole(folder + "/task.sh", script);
  std::vector<std::string> words{"sbatch",
                                 "--parsable",
                                 "--requeue",
                                 "--open-mode=append",
                                 "--job-name=" + name,
                                 fmt::format("--array=1-{}", options.tasks),
                                 fmt::format("--cpus-per-task={}", options.cpus),
                                 "--output=" + literal(folder) + "/%a.log"};
  const auto ask = [&](const char* what, const std::string& value) {
    if (!value.empty()) words.push_back(fmt::format("--{}={}", what, value));
  };
  ask("partition", options.partition);
  ask("account", options.account);
  ask("time", options.time);
  ask("mem", options.memory);
  // In parallel, the two jobs would make the same runs twice.
  const std::string after = unfinished(last);
  if (!after.empty()) words.push_back("--dependency=afterany:" + after);
  words.insert(words.end(), options.more.begin(), options.more.end());
  words.insert(words.end(), {folder + "/task.sh", std::to_string(options.tasks)});
  words.insert(words.end(), command.begin(), command.end());
  const Ended sbatch = run_program(words, std::string("sbatch ") + missing);
  if (sbatch.status != 0) refuse(sbatch);
  const std::string number = sbatch.out.substr(0, sbatch.out.find_first_of(";\n"));
  write_whole(last, number + "\n");
  return {number, after};
}

}  // namespace codecosim
