#include "sweep/sweep.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/make_run.hpp"
#include "scenarios/plan.hpp"
#include "sim/base/distinct.hpp"
#include "sim/base/file.hpp"
#include "sim/base/quantity_text.hpp"
#include "sim/kernel/platform.hpp"
#include "sweep/digest.hpp"
#include "sweep/slurm.hpp"
#include "sweep/table.hpp"

namespace codecosim {

namespace fs = std::filesystem;

namespace {
struct SweepLine {
  std::string plan, out, chunk, progress = "auto", format = "table";
  std::vector<std::string> programs;  ///< NAME=COMMAND
  std::uint32_t jobs = 0;
  bool allow_outside = false, dry_run = false, resume = false, extend = false, retry = false, collect = false,
       slurm = false;
  SlurmOptions slurm_options;
};

std::string program() { return fs::read_symlink("/proc/self/exe").string(); }

/// The digest of the program and of all libraries that it may load.
std::string program_digest(std::vector<std::string> libraries) {
  for (const auto& entry : fs::directory_iterator(fs::path(program()).parent_path()))
    if (const std::string name = entry.path().filename().string();
        name.starts_with("libcodecosim-") && name.ends_with(".so"))
      libraries.push_back(entry.path().string());
  std::sort(libraries.begin(), libraries.end());
  return digest_of_program(libraries);
}

/// The progress display of a sweep, for a person or a program, on standard error.
class SweepProgress {
 public:
  explicit SweepProgress(const std::string& style)
      : style_(style == "auto" ? (isatty(STDERR_FILENO) ? "bar" : "none") : style) {}
  void show(const SweepState& now) {
    const auto wall = std::chrono::steady_clock::now();
    const auto every = style_ == "bar" ? std::chrono::milliseconds(100) : std::chrono::milliseconds(1000);
    if (style_ == "none" || wall - last_ < every) return;
    last_ = wall;
    if (style_ == "json") {
      write(json(now).dump() + "\n");
    } else {
      const std::string line =
          fmt::format("{} of {} runs, {} failed, {} running{}", now.recorded, now.planned, now.failed, now.running,
                      now.left_s < 0 ? "" : ", " + readable(Seconds(now.left_s)) + " left");
      write(style_ == "bar" ? "\r\033[K" + line : line + "\n");
    }
  }
  void done() const {
    if (style_ == "bar") write("\r\033[K");
  }
  static Json json(const SweepState& now) {
    return {{"planned", now.planned},
            {"recorded", now.recorded},
            {"failed", now.failed},
            {"running", now.running},
            {"left_s", now.left_s < 0 ? Json() : Json(now.left_s)}};
  }

 private:
  /// Write errors are ignored: the sweep goes on.
  static void write(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  }
  std::string style_;
  std::chrono::steady_clock::time_point last_;
};

Chunk parse_chunk(const std::string& text) {
  if (text.empty()) return {};
  unsigned long index = 0, of = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%lu/%lu%c", &index, &of, &rest) != 2 || index < 1 || index > of ||
      text.find('-') != std::string::npos)
    throw Error(Failure::usage, fmt::format("--chunk {}: expected K/N, 1 <= K <= N, such as 3/100", text));
  return {index - 1, of};
}

std::string file_name(const std::string& name) {
  std::string plain;
  for (const char c : name)
    plain += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ? c : '-';
  return plain.starts_with('.') ? "_" + plain : plain;
}

void print_plan(const Plan& plan) {
  fmt::print("{}: {} points", plan.name, plan.points());
  const StoppingRule& rule = plan.replications;
  if (rule.metric.empty())
    fmt::print(", {} replications each: {} runs\n\n", rule.at_most, plan.points() * rule.at_most);
  else
    fmt::print(", {} to {} replications each, until {} is known well enough: {} to {} runs\n\n", rule.at_least,
               rule.at_most, rule.metric, plan.points() * rule.at_least, plan.points() * rule.at_most);
  for (const Axis& axis : plan.axes)
    for (const Factor& factor : axis.factors) {
      constexpr std::size_t shown = 6;
      std::vector<std::string> some(factor.labels.begin(), factor.labels.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                                       shown, factor.labels.size())));
      fmt::print("  {:<20} {}{}{}\n", factor.name, fmt::join(some, ", "), factor.labels.size() > shown ? ", ..." : "",
                 &factor == &axis.factors.front() ? fmt::format("  ({})", axis.size) : "  (goes with it)");
    }
}

/// Makes the first, the middle and the last run, to estimate the cost of all.
int dry_run(const Experiment& experiment, const SweepLine& line, const MakeRun& make) {
  print_plan(experiment.plan());
  std::vector<std::size_t> pilots{0, (experiment.plan().points() / 2) * experiment.plan().replications.at_most,
                                  (experiment.plan().points() - 1) * experiment.plan().replications.at_most};
  make_distinct(pilots);
  double mean = 0, longest = 0, memory = 0;
  for (const std::size_t number : pilots) {
    const auto start = std::chrono::steady_clock::now();
    const Record record = make_one(experiment, experiment.run(number), make);
    if (!record.done())
      throw Error(Failure::model, fmt::format("the pilot run {} {}: {}", number, record.status, record.reason));
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    mean += took / static_cast<double>(pilots.size());
    longest = std::max(longest, took);
    memory = std::max(memory, record.provenance["peak_memory_bytes"].get<double>());
  }
  const StoppingRule& rule = experiment.plan().replications;
  const double runs = static_cast<double>(experiment.plan().points()), jobs = line.jobs;
  fmt::print("\n  {} pilot run{}: {} on average, {} at most, {} of memory\n", pilots.size(),
             pilots.size() == 1 ? "" : "s", readable(Seconds(mean)), readable(Seconds(longest)),
             readable(Bytes(memory)));
  const std::string least = readable(Seconds(mean * runs * rule.at_least / jobs));
  const std::string most = readable(Seconds(mean * runs * rule.at_most / jobs));
  fmt::print("  about {} with --jobs {}\n", rule.at_least == rule.at_most ? most : least + " to " + most, line.jobs);
  return 0;
}

std::string point_text(const Plan& plan, std::size_t point) {
  const std::vector<std::string> factors = plan.factors(), labels = plan.labels(point);
  std::string text;
  for (std::size_t f = 0; f < factors.size(); ++f)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", factors[f], labels[f]);
  return text;
}

int collect(const Experiment& experiment, const SweepLine& line) {
  Journals journals(experiment.file("journal"));
  const Schedule schedule = schedule_of(experiment, journals, {}, false);
  const std::vector<std::size_t> imprecise = schedule.imprecise();
  const Tally tally = write_table(experiment, journals, imprecise);
  const std::size_t missing = schedule.planned() - schedule.recorded();
  if (line.format == "json")
    fmt::print("{}\n", Json{{"done", tally.done},
                            {"failed", tally.failed},
                            {"missing", missing},
                            {"lost_directories", tally.lost},
                            {"findings", tally.findings},
                            {"results", experiment.file("results.csv")}}
                           .dump());
  else
    fmt::print("{}: {} runs done, {} failed, {} missing\n  results in {}, and in results.sqlite beside it\n",
               experiment.plan().name, tally.done, tally.failed, missing, experiment.file("results.csv"));
  const Plan& plan = experiment.plan();
  if (tally.lost > 0 && line.format == "table")
    fmt::print("  the directories of {} runs are gone from {}: curves of distributions and of time leave these out\n",
               tally.lost, experiment.file("runs"));
  constexpr std::size_t shown = 8;
  for (std::size_t i = 0; i < std::min(shown, imprecise.size()) && line.format == "table"; ++i)
    fmt::print("  not as precise as asked, or not measured: {} where {}\n", plan.replications.metric,
               point_text(plan, imprecise[i]));
  if (imprecise.size() > shown && line.format == "table")
    fmt::print("  and {} more points; the column \"findings\" says which\n", imprecise.size() - shown);
  for (const auto& [kind, count] : tally.findings)
    if (line.format == "table") fmt::print("  finding {}: in {} of {} runs\n", kind, count, tally.done);
  if (!tally.findings.empty() && line.format == "table")
    fmt::print("  \"codecosim describe findings\" says what they mean\n");
  if (tally.failed > 0 && line.format == "table")
    fmt::print("  why runs failed is in the column \"reason\"; --resume --retry makes them again\n");
  return tally.failed > 0 || missing > 0 ? static_cast<int>(Failure::model) : 0;
}

int run_here(const Experiment& experiment, const SweepLine& line, const MakeRun& make) {
  catch_interrupts();
  SweepProgress progress(line.progress);
  SweepOptions options{line.jobs, parse_chunk(line.chunk), line.retry, interrupted,
                       [&](const SweepState& now) { progress.show(now); }};
  const auto start = std::chrono::steady_clock::now();
  const SweepState standing = sweep(experiment, options, make);
  progress.done();
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  int status = standing.failed > 0 ? static_cast<int>(Failure::model) : 0;
  if (line.chunk.empty())
    status = collect(experiment, line);
  else if (line.format == "json")
    fmt::print("{}\n", SweepProgress::json(standing).dump());
  else
    fmt::print("{}: chunk {}: {} of {} runs recorded, {} failed\n", experiment.plan().name, line.chunk,
               standing.recorded, standing.planned, standing.failed);
  if (interrupted() && line.format == "table")
    fmt::print("  interrupted; {} goes on\n", line.chunk.empty() ? "--resume" : "the same command");
  if (!interrupted() && line.format == "table") fmt::print("  {} at once, {}\n", line.jobs, readable(Seconds(took)));
  return interrupted() ? exit_interrupted : status;
}

int submit_chunks(const Experiment& experiment, const SweepLine& line, const std::vector<std::string>& plugins) {
  const auto absolute = [](const std::string& path) { return fs::absolute(path).lexically_normal().string(); };
  std::vector<std::string> command{program()};
  for (const std::string& plugin : plugins) command.insert(command.end(), {"--plugin", absolute(plugin)});
  command.insert(command.end(), {"sweep", absolute(line.plan), "--out", absolute(experiment.directory()), "--jobs",
                                 std::to_string(line.slurm_options.cpus), "--progress", "none"});
  for (const std::string& one : line.programs) command.insert(command.end(), {"--program", one});
  if (line.allow_outside) command.emplace_back("--allow-outside");
  if (line.retry) command.emplace_back("--retry");
  const Plan& plan = experiment.plan();
  Journals journals(experiment.file("journal"));
  const Schedule schedule = schedule_of(experiment, journals, {}, line.retry);
  SlurmJob job;
  SlurmOptions options = line.slurm_options;
  const std::size_t most =
      plan.replications.metric.empty() ? experiment.runs() : plan.points();  // chunks that are not empty
  options.tasks = static_cast<std::uint32_t>(std::min<std::size_t>(options.tasks, most));
  if (schedule.recorded() == schedule.planned())
    options.tasks = 0;
  else
    job = submit(command, options, file_name(plan.name), absolute(experiment.directory()));
  const std::string then =
      fmt::format("`codecosim sweep {} --out {} --collect` writes the table", line.plan, experiment.directory());
  if (line.format == "json")
    fmt::print("{}\n", Json{{"job", job.number.empty() ? Json() : Json(job.number)},
                            {"after", job.after.empty() ? Json() : Json(job.after)},
                            {"tasks", options.tasks},
                            {"directory", experiment.directory()}}
                           .dump());
  else if (job.number.empty())
    fmt::print("{}: all {} runs are recorded, nothing is submitted; {}\n", plan.name, schedule.planned(), then);
  else
    fmt::print("{}: submitted job {}, {} tasks, for {} of {} runs{}\n  when it has ended, {}\n", plan.name, job.number,
               options.tasks, schedule.planned() - schedule.recorded(), schedule.planned(),
               job.after.empty() ? "" : fmt::format("; it begins when job {} has ended", job.after), then);
  return 0;
}

int act(SweepLine line, Policies policies, const std::vector<std::string>& plugins) {
  const Programs programs = parse_programs(line.programs, policies);
  if (line.jobs == 0) line.jobs = std::max(1U, std::thread::hardware_concurrency());
  (void)parse_chunk(line.chunk);
  std::vector<Measure> metrics;
  Plan plan = read_plan(line.plan, line.allow_outside, policies, [&](const Document& scenario) {
    metrics = metrics_told(scenario, policies);
    std::map<std::string, std::string> units;
    for (const Measure& one : metrics) units.emplace(one.name, one.unit);
    return units;
  });
  if (line.out.empty()) line.out = "out/" + file_name(plan.name);
  while (line.out.size() > 1 && line.out.back() == '/') line.out.pop_back();
  constexpr std::size_t most_columns = 2000, others = 40;  // SQLite's limit; columns that are neither metric nor factor
  if (metrics.size() + plan.factors().size() + others > most_columns)
    throw Error(Failure::scenario, fmt::format("{}: runs tell {} metrics, too many for a table of at most {} columns: "
                                               "its scenario has too many kinds of clients",
                                               line.plan, metrics.size(), most_columns));
  add_metrics_of_others(metrics, policies);
  const Json versions = {{"codecosim", CODECOSIM_VERSION}, {"simgrid", Platform::simgrid_version()}};
  Experiment::Provenance provenance{digest(program_digest(plugins) + versions.dump()),
                                    programs.empty() ? "" : digest_of(programs), versions};
  const auto existing = line.extend ? Experiment::Existing::extend
                        : line.resume || line.collect || line.slurm || !line.chunk.empty()
                            ? Experiment::Existing::resume
                            : Experiment::Existing::refuse;
  if (line.dry_run) {
    plan.keep = false;
    const Experiment experiment(std::move(plan), metrics, provenance);
    return dry_run(experiment, line, [&](const Run& run) { return make_run(experiment, run, policies, programs, ""); });
  }
  if (line.collect && !fs::exists(line.out + "/sweep.json"))
    throw Error(Failure::usage, fmt::format("{}: no sweep to collect; --out names its directory", line.out));
  const Experiment experiment(std::move(plan), metrics, provenance, line.out, existing);
  if (line.collect) return collect(experiment, line);
  if (line.slurm) return submit_chunks(experiment, line, plugins);
  const std::string scratch = experiment.file("partial-" + unique_name());
  const auto make = [&](const Run& run) { return make_run(experiment, run, policies, programs, scratch); };
  const int status = run_here(experiment, line, make);
  fs::remove_all(scratch);  // leftovers of killed runs
  return status;
}
}  // namespace

Command sweep_command(const CommandLine& app, const Policies& policies, const std::vector<std::string>& plugins) {
  auto line = std::make_shared<SweepLine>();
  const CommandLine sweep = app.subcommand("sweep", "Run a plan: a scenario, what of it is varied, and replications");
  sweep.option("plan", line->plan, "Plan file; `codecosim describe plans` says what is in it").required();
  sweep.option("--out", line->out, "Directory for the results; missing: out/NAME of the plan");
  const Option jobs = sweep.option("--jobs", line->jobs, "Processes at once; missing: one a core").between(1, 4096);
  const Option dry =
      sweep.flag("--dry-run", line->dry_run, "Print how many runs there are and, from pilot runs, how long they take");
  const Option resume = sweep.flag("--resume", line->resume, "Go on with the sweep in the directory");
  sweep.flag("--extend", line->extend,
             "Go on although plan, scenario or program have changed; runs that are the same are kept");
  sweep.flag("--retry", line->retry, "With --resume: run again what is recorded as not done");
  const Option chunk = sweep.option(
      "--chunk", line->chunk, "K/N: only the K-th of N parts, for any scheduler; --collect then writes the table");
  const Option collect = sweep.flag("--collect", line->collect, "Only write the table of what is recorded");
  const Option slurm =
      sweep.flag("--slurm", line->slurm, "Submit a job array to Slurm, a chunk a task").excludes({jobs});
  SlurmOptions& options = line->slurm_options;
  const auto of_slurm = [&](const Option& one) { one.needs(slurm).group("Slurm"); };
  of_slurm(sweep.option("--tasks", options.tasks, "Tasks of the array").between(1, 100'000));
  of_slurm(sweep.option("--cpus", options.cpus, "Processors of a task, each for one run at a time").between(1, 4096));
  of_slurm(sweep.option("--partition", options.partition, "As sbatch takes it"));
  of_slurm(sweep.option("--account", options.account, "As sbatch takes it"));
  of_slurm(sweep.option("--time", options.time, "Limit of a task, as sbatch takes it"));
  of_slurm(sweep.option("--mem", options.memory, "Memory of a task, as sbatch takes it"));
  of_slurm(
      sweep.option("--sbatch", options.more, "A further option of sbatch, such as --sbatch=--qos=long").one_value());
  slurm.excludes({chunk, collect, dry});
  chunk.excludes({collect, dry, resume});
  dry.excludes({collect, resume});
  sweep.option("--program", line->programs, "NAME=COMMAND: a program that the plan may name as a placement policy")
      .one_value();
  sweep.option("--progress", line->progress, "How to show progress").one_of({"auto", "plain", "json", "none"});
  sweep.option("--format", line->format, "How to print the result").one_of({"table", "json"});
  sweep.flag("--allow-outside", line->allow_outside, "Let plan and scenario read files outside the plan's folder");
  return {sweep, [line, &policies, &plugins] { return act(*line, policies, plugins); }};
}

}  // namespace codecosim
