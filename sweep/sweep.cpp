#include "sweep/sweep.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <new>

#include "sim/base/child.hpp"
#include "sim/base/error.hpp"
#include "sim/base/file.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
constexpr int out_of_memory = 99;  // exit status of a copy

Json json_of(const Record& record) {
  return {{"status", record.status},
          {"reason", record.reason},
          {"metrics", record.metrics},
          {"provenance", record.provenance}};
}

/// Runs in the forked copy: makes the run, reports its record, and exits.
[[noreturn]] void run_in_child(const MakeRun& make, const Run& run) {
  Record record;
  try {
    record = make(run);
  } catch (const std::bad_alloc&) {
    Child::abandon(out_of_memory);
  } catch (const std::exception& wrong) {
    record.status = "failed";
    record.reason = wrong.what();
  }
  Child::answer(json_of(record).dump(-1, ' ', false, Json::error_handler_t::replace));
}

Record heard(const Child::End& end, const Plan& plan) {
  Record record;
  if (end.said) {
    const Json said = Json::parse(*end.said, nullptr, false);
    if (said.is_object()) return {{}, said["status"], said["reason"], said["metrics"], said["provenance"]};
    record.status = "crashed";
    record.reason = "its answer is not whole";
  } else if (end.out_of_time) {
    record.status = "time";
    record.reason = fmt::format("took more than {}", readable(plan.time));
  } else if (end.status == out_of_memory) {
    record.status = "memory";
    record.reason = fmt::format("needed more than {}", readable(plan.memory));
  } else if (end.signal == SIGKILL) {
    record.status = "killed";
    record.reason = fmt::format("signal {} ({}), from outside", end.signal, strsignal(end.signal));
  } else {
    record.status = "crashed";
    record.reason = end.signal ? fmt::format("signal {} ({})", end.signal, strsignal(end.signal))
                               : fmt::format("exit status {}", end.status);
    if (!end.last_words.empty()) record.reason = fmt::format("{}: {}", end.last_words, record.reason);
  }
  return record;
}

std::string utc(std::time_t when) {
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

/// Kills orphan processes of runs, such as external programs, with their process groups. This process inherits them as
/// a subreaper once the run, their parent, has ended.
void end_orphans(const std::vector<pid_t>& runs) {
  for (bool any = true; any;) {
    any = false;
    std::ifstream children("/proc/thread-self/children");
    for (pid_t id = 0; children >> id;) {
      if (std::find(runs.begin(), runs.end(), id) != runs.end()) continue;
      if (const pid_t group = getpgid(id); group > 0 && group != getpgrp()) kill(-group, SIGKILL);
      kill(id, SIGKILL);
      any = waitpid(id, nullptr, 0) == id || any;
    }
  }
}

/// The number of parallel runs, at most `jobs`, for which there are enough file descriptors: one per run here, and
/// those that a run itself opens.
std::size_t max_parallel_runs(std::size_t jobs) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  constexpr rlim_t own = 24;
  return std::min<rlim_t>(jobs, files.rlim_cur > own ? files.rlim_cur - own : 1);
}

std::optional<double> metric_of(const Record& record, const std::string& name) {
  for (const auto& [metric, value] : record.metrics)
    if (metric == name) return value;
  return std::nullopt;
}
}  // namespace

Schedule schedule_of(const Experiment& experiment, Journals& journals, Chunk chunk, bool retry) {
  const StoppingRule& rule = experiment.plan().replications;
  Schedule schedule(compared_groups(experiment.plan()), rule, chunk);
  if (journals.size() == 0) return schedule;
  for (std::size_t number = 0; number < experiment.runs(); ++number) {
    const std::string key = experiment.key(experiment.run(number));
    if (!journals.has(key) || (retry && !journals.done(key))) continue;
    const auto metric = rule.metric.empty() ? std::nullopt : metric_of(journals.read(key), rule.metric);
    schedule.record(number, journals.done(key), metric);
  }
  return schedule;
}

Record make_one(const Experiment& experiment, const Run& run, const MakeRun& make) {
  std::optional<Child> child = Child::fork({experiment.plan().time, experiment.plan().memory});
  if (!child) run_in_child(make, run);
  Child* const only = &*child;
  while (!child->ended()) Child::listen({&only, 1});
  return heard(child->reap(), experiment.plan());
}

namespace {
/// A sweep under way: the runs in their processes, and what they have come to.
class Sweep {
 public:
  Sweep(const Experiment& experiment, const SweepOptions& options, Schedule schedule)
      : experiment_(experiment),
        options_(options),
        schedule_(std::move(schedule)),
        journal_(experiment.file("journal")),
        jobs_(max_parallel_runs(options.jobs)),
        before_(schedule_.recorded()) {}

  SweepState run(const MakeRun& make) {
    bool stopped = false;
    for (;;) {
      stopped = stopped || (options_.stop && options_.stop());
      if (stopped) {
        going_.clear();
        end_leftovers();
      } else {
        start_runs(make);
      }
      const SweepState state = tell();
      if (going_.empty()) return state;
      listen();
      if (record_ended()) end_leftovers();
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Going {
    Run run;
    Child child;
    std::time_t started;
  };

  /// Starts runs, as long as there are some and there is room for them.
  void start_runs(const MakeRun& make) {
    while (going_.size() < jobs_) {
      if (!next_)
        if (const auto number = schedule_.next()) next_ = experiment_.run(*number);
      if (!next_) break;
      const Run run = *next_;
      std::optional<Child> child;
      try {
        child = Child::fork({experiment_.plan().time, experiment_.plan().memory});
      } catch (const Error&) {
        if (going_.empty()) throw;
        break;  // too many processes: retried when one has ended
      }
      if (!child) run_in_child(make, run);
      going_.push_back({run, std::move(*child), std::time(nullptr)});
      next_.reset();
    }
  }

  SweepState tell() {
    state_.planned = schedule_.planned();
    state_.recorded = schedule_.recorded();
    state_.failed = schedule_.failed();
    state_.running = going_.size();
    const std::size_t made = state_.recorded - before_;
    const double spent = std::chrono::duration<double>(Clock::now() - begin_).count();
    if (made > 0)
      state_.left_s = spent / static_cast<double>(made) * static_cast<double>(state_.planned - state_.recorded);
    if (options_.show) options_.show(state_);
    return state_;
  }

  void listen() {
    std::vector<Child*> children;
    for (Going& one : going_) children.push_back(&one.child);
    Child::listen(children);
  }

  /// Records the runs that have ended. Returns whether one of them is not done.
  bool record_ended() {
    bool any_died = false;
    std::erase_if(going_, [&](Going& one) {
      if (!one.child.ended()) return false;
      any_died = !record(one) || any_died;
      return true;
    });
    return any_died;
  }

  bool record(Going& one) {
    Record record = heard(one.child.reap(), experiment_.plan());
    record.key = experiment_.key(one.run);
    record.provenance["host"] = host_name();
    record.provenance["started"] = utc(one.started);
    record.provenance["program"] = experiment_.provenance().program;
    record.provenance.update(experiment_.provenance().versions);
    journal_.append(record);
    schedule_.record(one.run.number, record.done(), metric_of(record, experiment_.plan().replications.metric));
    return record.done();
  }

  /// Ends the processes that runs which are over have left behind.
  void end_leftovers() const {
    std::vector<pid_t> runs;
    for (const Going& one : going_) runs.push_back(one.child.id());
    end_orphans(runs);
  }

  const Experiment& experiment_;
  const SweepOptions& options_;
  Schedule schedule_;
  Journal journal_;
  SweepState state_;
  std::vector<Going> going_;
  std::optional<Run> next_;  // waits for resources
  std::size_t jobs_, before_;
  Clock::time_point begin_ = Clock::now();
};
}  // namespace

SweepState sweep(const Experiment& experiment, const SweepOptions& options, const MakeRun& make) {
  Journals earlier(experiment.file("journal"));
  Sweep under_way(experiment, options, schedule_of(experiment, earlier, options.chunk, options.retry));
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  return under_way.run(make);
}

}  // namespace codecosim
