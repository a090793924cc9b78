#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdio>
#include <memory>
#include <set>
#include <utility>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/scenario_options.hpp"
#include "scenarios/load.hpp"
#include "sim/base/number.hpp"
#include "sim/base/plugin_call.hpp"

namespace codecosim {

namespace {
/// The options of `codecosim branch`.
struct BranchOptions {
  ScenarioOptions scenario;
  std::string at;                     ///< Time at which the futures branch.
  std::vector<std::string> policies;  ///< One per future.
  std::uint32_t regret = 0;           ///< Number of decisions whose regret is measured.
  std::uint32_t best = 0;             ///< Number of the most promising alternatives that are simulated; 0: all.
  std::string horizon = "60 s";
  std::string figure = "request.latency";
  std::uint32_t jobs = 2;
  std::string time = "10 min";
  std::string memory = "2 GB";
  std::string format = "table";
};

constexpr std::uint32_t none = PlacementProblem::none;

void stop_when_interrupted(Simulation& simulation) {
  catch_interrupts();
  simulation.clock().on_pulse([&simulation] {
    if (interrupted()) simulation.clock().stop();
  });
}

Scenario load_future(const BranchOptions& options, const Policies& policies, const std::string& policy) {
  const auto [seam, name] = parse_policy(policy);
  const std::vector<std::string> seams{"placement", "scheduler"};
  if (std::find(seams.begin(), seams.end(), seam) == seams.end())
    throw Error(Failure::usage,
                fmt::format("--policy {}: no future can differ in \"{}\"{}", policy, seam, suggestion(seam, seams)));
  const auto wrong = [&](const char* why) { throw Error(Failure::usage, fmt::format("--policy {}: {}", policy, why)); };
  if (name.starts_with("exec:") || name == "stdio")
    wrong("another program cannot be copied; futures take policies that are built in, or plug-ins");
  if (name == "rollout") wrong("copies play no futures, so there it is its base; name that");
  std::vector<std::pair<std::string, std::string>> settings;
  if (!policy.empty()) settings.emplace_back("/policy/" + seam, name);
  Scenario scenario = load(options.scenario.document(settings), policies);
  scenario.futures.figure = options.figure;
  scenario.futures.limits = {options.jobs, parse_option<Seconds>("--time", options.time),
                             parse_option<Bytes>("--memory", options.memory), interrupted};
  return scenario;
}

const auto& made(Registry<PlacementPolicy>::Choice& choice, const Policies& policies) {
  if (!choice.make) choice = policies.placement.choose(choice.name);
  return choice;
}

std::string text_of(double value) { return fmt::format("{:.6g}", value); }

/// A figure in each of the summaries, for people.
std::vector<std::string> values_of(const std::string& figure, const std::vector<Json>& summaries) {
  std::vector<std::string> values;
  for (const Json& one : summaries)
    values.push_back(!one.is_object()                   ? "failed"
                     : one[figure]["value"].is_number() ? text_of(one[figure]["value"].get<double>())
                                                        : "-");
  return values;
}

/// The figures in which futures differ, a column a future.
std::string futures_table(const std::vector<std::string>& policies, const std::vector<Json>& summaries) {
  std::string table = fmt::format("  {:<28}", "");
  for (const std::string& policy : policies) table += fmt::format(" {:>18}", policy);
  table += "\n";
  const auto first = std::find_if(summaries.begin(), summaries.end(), [](const Json& one) { return one.is_object(); });
  if (first == summaries.end()) return table;
  for (const auto& [figure, what] : first->items()) {
    if (!what.is_object() || !what.contains("value")) continue;
    const std::vector<std::string> values = values_of(figure, summaries);
    if (values.size() > 1 &&
        std::all_of(values.begin(), values.end(), [&](const auto& one) { return one == values.front(); }))
      continue;
    table += fmt::format("  {:<28}", figure + " [" + what["unit"].get<std::string>() + "]");
    for (const std::string& value : values) table += fmt::format(" {:>18}", value);
    table += "\n";
  }
  return summaries.size() > 1 ? table + "\n  what is not listed is the same in all\n" : table;
}

std::string findings_of_futures(const std::vector<std::string>& policies, const std::vector<Json>& summaries) {
  std::string lines;
  for (std::size_t f = 0; f < summaries.size(); ++f)
    for (const Json& one : summaries[f].is_object() ? summaries[f]["findings"] : Json::array())
      lines += fmt::format("  finding of {}: {}: {}\n", policies[f], one["kind"].get<std::string>(),
                           one["what"].get<std::string>());
  return lines;
}

/// Runs the simulation up to this date, and the futures from there on. Returns their summaries; null for one that
/// failed.
std::vector<Json> play_futures(Simulation& simulation, Seconds at, std::vector<std::function<void()>> changes) {
  simulation.branches().report_by([&] {
    Json summary = summary_json(simulation);
    summary["findings"] = findings_json(findings_after(simulation));
    return summary.dump();
  });
  report_crashes();
  spawn(simulation.branches().fork_at(at, std::move(changes)));
  stop_when_interrupted(simulation);
  simulation.run();
  std::vector<Json> summaries;
  for (const auto& told : simulation.branches().reports()) summaries.push_back(told ? Json::parse(*told) : Json());
  return summaries;
}

int compare_futures(const BranchOptions& options, const Policies& policies) {
  if (options.at.empty()) throw Error(Failure::usage, "--at says when the futures part, such as --at \"10 min\"");
  const Seconds at = parse_option<Seconds>("--at", options.at);
  Scenario scenario = load_future(options, policies, "");
  if (at >= scenario.duration) throw Error(Failure::usage, "--at: the run has ended by then");
  std::vector<Scenario> futures;
  for (const std::string& policy : options.policies) futures.push_back(load_future(options, policies, policy));

  Simulation simulation(std::move(scenario), options.scenario.replication, policies);
  std::vector<std::function<void()>> changes;
  for (Scenario& future : futures)
    changes.push_back([&] { simulation.use(made(future.placement, policies), made(future.scheduler, policies)); });
  const std::vector<Json> summaries = play_futures(simulation, at, std::move(changes));
  if (interrupted()) return exit_interrupted;

  if (options.format == "json") {
    Json all = Json::object();
    for (std::size_t f = 0; f < summaries.size(); ++f) all[options.policies[f]] = summaries[f];
    fmt::print("{}\n", Json{{"at_s", at.value}, {"futures", all}}.dump(2));
  } else {
    fmt::print("{} parts at {} into {} futures; measured from there on\n\n{}{}", simulation.scenario().name, options.at,
               summaries.size(), futures_table(options.policies, summaries),
               findings_of_futures(options.policies, summaries));
  }
  const bool all = std::all_of(summaries.begin(), summaries.end(), [](const Json& one) { return one.is_object(); });
  if (!all) throw Error(Failure::model, "a future failed, or ran out of its time or memory (--time, --memory)");
  return 0;
}

/// Whether a row could take a workload, by the data of the problem.
bool could_take(const PlacementProblem::Row& row, const PlacementProblem::Workload& workload, std::size_t number) {
  return (workload.allowed.empty() || workload.allowed[number]) && workload.cpu <= row.largest_cpu_free &&
         workload.memory <= row.largest_memory_free && row.pods < row.max_pods;
}

struct Trial {
  Seconds at;
  std::string pod;
  double chosen = 0, best = 0;
  std::string chosen_row, best_row;
  std::size_t alternatives = 0, failed = 0;
};

/// Another row for one workload of an answer, with its value of the objective (or its client latency).
struct Alternative {
  std::uint32_t row;
  double promise;
};

/// Finds the alternatives to an answer, the most promising first.
class Ranking {
 public:
  /// `most`: of them, only so many; 0: all.
  Ranking(std::unique_ptr<Yardstick> yardstick, std::uint32_t most) : yardstick_(std::move(yardstick)), most_(most) {}

  std::vector<Alternative> alternatives(const PlacementProblem& problem, const Answer& answer,
                                        std::size_t workload) const {
    std::vector<Alternative> all;
    std::vector<std::uint32_t> rows = answer.rows;
    for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
      if (row == answer.rows[workload] || !could_take(problem.rows[row], problem.workloads[workload], row)) continue;
      rows[workload] = row;
      all.push_back({row, yardstick_ ? yardstick_->value(problem, rows) : problem.rows[row].client_latency.value});
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.promise < b.promise; });
    if (most_ > 0 && all.size() > most_) all.resize(most_);
    return all;
  }

 private:
  std::unique_ptr<Yardstick> yardstick_;
  std::uint32_t most_;
};

/// Some decisions of a run, by number, and the stream that has drawn them.
struct Sample {
  std::set<std::uint64_t> decisions;
  Rng rng;
};

/// A uniform sample of the run's decisions, of the size that the options ask for. A copy runs ahead to count them.
Sample sample_decisions(const BranchOptions& options, const Policies& policies, Rng rng) {
  Copies::Limits limits = load_future(options, policies, "").futures.limits;
  limits.time = forever;  // this is the run itself
  const Copies::Split ahead = Copies::split(1, limits);
  if (ahead.number) {
    Simulation simulation(load_future(options, policies, ""), options.scenario.replication, policies);
    std::uint64_t count = 0;
    simulation.decisions().futures = nullptr;
    simulation.decisions().on_answer.add([&](const Question& question, Answer&) {
      count += question.problem.level == PlacementProblem::Level::federation;
    });
    simulation.branches().report_by([&] { return std::to_string(count); });
    simulation.run();
  }
  if (interrupted()) return {{}, rng};
  if (!ahead.answers.front()) throw Error(Failure::model, "the run fails, or needs more than its memory (--memory)");
  const std::uint64_t count = parse_whole<std::uint64_t>(*ahead.answers.front()).value();
  std::set<std::uint64_t> chosen;
  // Floyd's sampling without replacement.
  for (std::uint64_t last = count - std::min<std::uint64_t>(count, options.regret); last < count; ++last) {
    const std::uint64_t one = rng.below(last + 1);
    chosen.insert(chosen.contains(one) ? last : one);
  }
  return {std::move(chosen), rng};
}

/// Whether more of the figure that the option names is better; throws Error(usage) where there is no such figure.
bool more_is_better(const std::string& option, const std::vector<Figure>& summary) {
  const bool turned = option.starts_with('-');
  const std::string figure = option.substr(turned ? 1 : 0);
  std::vector<std::string> known;
  for (const Figure& one : summary) {
    if (one.name == figure) return turned || one.better == Better::higher;
    known.push_back(one.name);
  }
  throw Error(Failure::usage, fmt::format("--figure: there is no figure \"{}\"{}", figure, suggestion(figure, known)));
}

/// Plays the alternatives to sampled decisions while the run goes on.
class Trials {
 public:
  Trials(Simulation& simulation, Sample sample, Ranking ranking, Seconds horizon)
      : simulation_(simulation), sample_(std::move(sample)), ranking_(std::move(ranking)), horizon_(horizon) {
    simulation.decisions().on_answer.add(
        [this](const Question& question, Answer& answer) { answered(question, answer); });
  }
  Trials(const Trials&) = delete;
  Trials& operator=(const Trials&) = delete;

  const std::vector<Trial>& measured() const { return measured_; }
  std::uint64_t decisions() const { return decisions_; }
  /// The number of sampled decisions that had no alternative.
  std::uint64_t alone() const { return alone_; }
  /// The number of those whose own future, or all of whose alternatives, measured nothing.
  std::uint64_t unmeasured() const { return unmeasured_; }

 private:
  void answered(const Question& question, Answer& answer) {
    if (is_future_ || question.problem.level != PlacementProblem::Level::federation ||
        !sample_.decisions.contains(decisions_++))
      return;
    const std::optional<std::size_t> workload = draw_placed(answer);
    const auto alternatives =
        workload ? ranking_.alternatives(question.problem, answer, *workload) : std::vector<Alternative>{};
    if (alternatives.empty()) {
      ++alone_;
      return;
    }
    const Futures::Answer played =
        simulation_.branches().play(static_cast<std::uint32_t>(1 + alternatives.size()), horizon_);
    is_future_ = played.here.has_value();
    if (is_future_) {
      if (*played.here > 0) answer.rows[*workload] = alternatives[*played.here - 1].row;
      return;
    }
    Trial trial = compare(question.problem, answer.rows[*workload], alternatives, played.values);
    trial.pod =
        simulation_.name(simulation_.applications().service(question.application, question.components[*workload]));
    if (played.values.front() && trial.alternatives > 0)
      measured_.push_back(std::move(trial));
    else
      ++unmeasured_;
  }

  /// One of the workloads that the answer places; none where it places none.
  std::optional<std::size_t> draw_placed(const Answer& answer) {
    std::vector<std::size_t> placed;
    for (std::size_t w = 0; w < answer.rows.size(); ++w)
      if (answer.rows[w] != none) placed.push_back(w);
    if (placed.empty()) return std::nullopt;
    return placed[sample_.rng.below(placed.size())];
  }

  /// `costs`: of the future with the row that was chosen, then of those with the alternatives.
  Trial compare(const PlacementProblem& problem, std::uint32_t chosen, const std::vector<Alternative>& alternatives,
                const std::vector<std::optional<double>>& costs) const {
    const auto name_of = [&](std::uint32_t row) { return simulation_.name(ClusterId{problem.rows[row].id}); };
    Trial trial;
    trial.at = now();
    trial.chosen_row = name_of(chosen);
    for (std::size_t i = 0; i < costs.size(); ++i) {
      if (!costs[i]) {
        ++trial.failed;
        continue;
      }
      if (i == 0) {
        trial.chosen = trial.best = *costs[i];
        trial.best_row = trial.chosen_row;
      }
      if (*costs[i] < trial.best) {
        trial.best = *costs[i];
        trial.best_row = name_of(alternatives[i - 1].row);
      }
      trial.alternatives += i > 0;
    }
    return trial;
  }

  Simulation& simulation_;
  Sample sample_;
  Ranking ranking_;
  Seconds horizon_;
  std::vector<Trial> measured_;
  std::uint64_t decisions_ = 0, alone_ = 0, unmeasured_ = 0;
  bool is_future_ = false;
};

/// The mean regret of trials, with half of its 95 % interval, and the number of trials whose best was chosen.
struct Regret {
  double mean = 0;
  std::optional<double> half;
  std::ptrdiff_t best_chosen = 0;
};

Regret regret_of(const std::vector<Trial>& trials) {
  Regret regret;
  const double n = static_cast<double>(trials.size());
  double spread = 0;
  for (const Trial& one : trials) regret.mean += (one.chosen - one.best) / n;
  for (const Trial& one : trials) spread += std::pow(one.chosen - one.best - regret.mean, 2);
  if (trials.size() > 1)
    regret.half = boost::math::quantile(boost::math::students_t(n - 1), 0.975) * std::sqrt(spread / (n - 1) / n);
  regret.best_chosen =
      std::count_if(trials.begin(), trials.end(), [](const Trial& one) { return one.chosen <= one.best; });
  return regret;
}

/// Futures return a cost, which is lower for better; people read the figure.
struct Shown {
  bool more_is_better;
  double operator()(double cost) const { return more_is_better ? -cost : cost; }
};

Json json_of(const std::vector<Trial>& trials, const Shown& shown) {
  Json all = Json::array();
  for (const Trial& one : trials)
    all.push_back({{"t_s", one.at.value},
                   {"pod", one.pod},
                   {"chosen", one.chosen_row},
                   {"best", one.best_row},
                   {"value", shown(one.chosen)},
                   {"best_value", shown(one.best)},
                   {"regret", one.chosen - one.best},
                   {"alternatives", one.alternatives},
                   {"failed", one.failed}});
  return all;
}

std::string table_of(const std::vector<Trial>& trials, const Shown& shown) {
  std::string table = fmt::format("  {:>12}  {:<28} {:<16} {:>12}  {:<16} {:>12} {:>12}\n", "at [s]", "replica",
                                  "chosen", "", "best", "", "regret");
  for (const Trial& one : trials)
    table += fmt::format("  {:>12.6g}  {:<28} {:<16} {:>12.6g}  {:<16} {:>12.6g} {:>12.6g}\n", one.at.value, one.pod,
                         one.chosen_row, shown(one.chosen), one.best_row, shown(one.best), one.chosen - one.best);
  return table;
}

std::string text_of(const Trials& trials) {
  const Regret regret = regret_of(trials.measured());
  std::string text = trials.measured().empty()
                         ? "\n  no regret can be told\n"
                         : fmt::format("\n  regret {:.6g}{}; the best was chosen in {} of {}\n", regret.mean,
                                       regret.half ? fmt::format(" +- {:.3g} (95 %)", *regret.half)
                                                   : std::string(", without an interval: one decision is none"),
                                       regret.best_chosen, trials.measured().size());
  if (trials.alone() > 0) text += fmt::format("  {} more had no alternative\n", trials.alone());
  if (trials.unmeasured() > 0)
    text += fmt::format(
        "  of {} more nothing was measured, in their own future or in all others, so this leaves out what may be the "
        "worst:\n"
        "  try a longer --horizon, or --figure=-requests.completed; or their copies failed (--time, --memory)\n",
        trials.unmeasured());
  return text;
}

int measure_regret(const BranchOptions& options, const Policies& policies) {
  const Seconds horizon = parse_option<Seconds>("--horizon", options.horizon);
  Scenario scenario = load_future(options, policies, "");
  const Rng rng = Rng(scenario.seed, options.scenario.replication).stream("branch/regret");
  catch_interrupts();
  Sample sample = sample_decisions(options, policies, rng);

  Simulation simulation(std::move(scenario), options.scenario.replication, policies);
  stop_when_interrupted(simulation);
  const Shown shown{more_is_better(options.figure, simulation.summary())};
  Trials trials(simulation, std::move(sample),
                Ranking(policies.yardstick ? policies.yardstick() : nullptr, options.best), horizon);
  report_crashes();
  simulation.run();
  if (interrupted()) return exit_interrupted;

  const std::string fingerprint = simulation.trace().fingerprint().text();
  if (options.format == "json") {
    const Regret regret = regret_of(trials.measured());
    fmt::print("{}\n", Json{{"figure", options.figure},
                            {"horizon_s", horizon.value},
                            {"placement", simulation.scenario().placement.name},
                            {"decisions", trials.decisions()},
                            {"without_alternative", trials.alone()},
                            {"unmeasured", trials.unmeasured()},
                            {"regret", regret.mean},
                            {"interval_95", regret.half ? Json(*regret.half) : Json()},
                            {"best_chosen", regret.best_chosen},
                            {"fingerprint", fingerprint},
                            {"trials", json_of(trials.measured(), shown)}}
                           .dump(2));
  } else {
    fmt::print("{}: {} of {} decisions of {}, each alternative played for {}, judged by {}\n\n{}{}  fingerprint {}\n",
               simulation.scenario().name, trials.measured().size(), trials.decisions(),
               simulation.scenario().placement.name, options.horizon, options.figure,
               table_of(trials.measured(), shown), text_of(trials), fingerprint);
  }
  return 0;
}

int branch(const BranchOptions& options, const Policies& policies) {
  if (options.policies.empty() && options.regret == 0)
    throw Error(Failure::usage, "branch needs --policy, once for each future, or --regret N");
  return options.regret > 0 ? measure_regret(options, policies) : compare_futures(options, policies);
}
}  // namespace

Command branch_command(const CommandLine& app, const Policies& policies) {
  const auto options = std::make_shared<BranchOptions>();
  const CommandLine line =
      app.subcommand("branch", "Play several futures from one past, or the alternatives to decisions");
  options->scenario.add_to(line);
  line.option("--at", options->at, "Simulated time at which the futures part, such as \"10 min\"");
  const Option future_policies =
      line.option("--policy", options->policies, "Placement policy of one future, or SEAM=NAME; one each");
  line.option("--regret", options->regret, "Play the alternatives to this many decisions of the run's own policy")
      .excludes({future_policies});
  line.option("--best", options->best, "Of these, only so many that promise most; 0: all");
  line.option("--horizon", options->horizon, "How long alternatives are played");
  line.option(
      "--figure", options->figure,
      "Figure of the summary that judges an alternative, as it is better (describe metrics), else lower; with - before "
      "it, higher");
  line.option("--jobs", options->jobs, "Copies that run at once").between(1, 1024);
  line.option("--time", options->time, "Real time that a copy may take");
  line.option("--memory", options->memory, "Memory that a copy may take beyond what it begins with");
  line.option("--format", options->format, "How to print the result").one_of({"table", "json"});
  return {line, [options, &policies] { return branch(*options, policies); }};
}

}  // namespace codecosim
