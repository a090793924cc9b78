#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

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
  simulation.branches().report_by([&] {
    Json summary = summary_json(simulation);
    summary["findings"] = findings_json(findings_after(simulation));
    return summary.dump();
  });
  report_crashes();
  spawn(simulation.branches().fork_at(at, std::move(changes)));
  stop_when_interrupted(simulation);
  simulation.run();
  if (interrupted()) return exit_interrupted;

  std::vector<Json> summaries;
  for (const auto& told : simulation.branches().reports()) summaries.push_back(told ? Json::parse(*told) : Json());
  if (options.format == "json") {
    Json all = Json::object();
    for (std::size_t f = 0; f < summaries.size(); ++f) all[options.policies[f]] = summaries[f];
    fmt::print("{}\n", Json{{"at_s", at.value}, {"futures", all}}.dump(2));
  } else {
    fmt::print("{} parts at {} into {} futures; measured from there on\n\n  {:<28}", simulation.scenario().name,
               options.at, summaries.size(), "");
    for (const std::string& policy : options.policies) fmt::print(" {:>18}", policy);
    fmt::print("\n");
    const auto first =
        std::find_if(summaries.begin(), summaries.end(), [](const Json& one) { return one.is_object(); });
    if (first != summaries.end())
      for (const auto& [figure, what] : first->items()) {
        if (!what.is_object() || !what.contains("value")) continue;
        std::vector<std::string> values;
        for (const Json& one : summaries)
          values.push_back(!one.is_object()                   ? "failed"
                           : one[figure]["value"].is_number() ? text_of(one[figure]["value"].get<double>())
                                                              : "-");
        if (values.size() > 1 &&
            std::all_of(values.begin(), values.end(), [&](const auto& one) { return one == values.front(); }))
          continue;
        fmt::print("  {:<28}", figure + " [" + what["unit"].get<std::string>() + "]");
        for (const std::string& value : values) fmt::print(" {:>18}", value);
        fmt::print("\n");
      }
    if (first != summaries.end() && summaries.size() > 1) fmt::print("\n  what is not listed is the same in all\n");
    for (std::size_t f = 0; f < summaries.size(); ++f)
      for (const Json& one : summaries[f].is_object() ? summaries[f]["findings"] : Json::array())
        fmt::print("  finding of {}: {}: {}\n", options.policies[f], one["kind"].get<std::string>(),
                   one["what"].get<std::string>());
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

std::vector<Alternative> alternatives_of(const Question& question, const Answer& answer, std::size_t workload,
                                         Yardstick* yardstick, std::uint32_t most) {
  const PlacementProblem& problem = question.problem;
  std::vector<Alternative> all;
  std::vector<std::uint32_t> rows = answer.rows;
  for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
    if (row == answer.rows[workload] || !could_take(problem.rows[row], problem.workloads[workload], row)) continue;
    rows[workload] = row;
    all.push_back({row, yardstick ? yardstick->value(problem, rows) : problem.rows[row].client_latency.value});
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.promise < b.promise; });
  if (most > 0 && all.size() > most) all.resize(most);
  return all;
}

/// A uniform sample of the run's decisions, of the size that the options ask for. A copy runs ahead to count them.
std::set<std::uint64_t> sample_decisions(const BranchOptions& options, const Policies& policies, Rng& rng) {
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
  if (interrupted()) return {};
  if (!ahead.answers.front()) throw Error(Failure::model, "the run fails, or needs more than its memory (--memory)");
  const std::uint64_t count = parse_whole<std::uint64_t>(*ahead.answers.front()).value();
  std::set<std::uint64_t> chosen;
  // Floyd's sampling without replacement.
  for (std::uint64_t last = count - std::min<std::uint64_t>(count, options.regret); last < count; ++last) {
    const std::uint64_t one = rng.below(last + 1);
    chosen.insert(chosen.contains(one) ? last : one);
  }
  return chosen;
}

int measure_regret(const BranchOptions& options, const Policies& policies) {
  const Seconds horizon = parse_option<Seconds>("--horizon", options.horizon);
  Scenario scenario = load_future(options, policies, "");
  Rng rng = Rng(scenario.seed, options.scenario.replication).stream("branch/regret");
  catch_interrupts();
  const std::set<std::uint64_t> sampled = sample_decisions(options, policies, rng);

  Simulation simulation(std::move(scenario), options.scenario.replication, policies);
  stop_when_interrupted(simulation);
  const bool turned = options.figure.starts_with('-');
  const std::string figure = options.figure.substr(turned ? 1 : 0);
  std::vector<std::string> figures;
  bool more_is_better = turned;
  for (const Figure& one : simulation.summary()) {
    figures.push_back(one.name);
    if (one.name == figure) more_is_better = turned || one.better == Better::higher;
  }
  // Futures return a cost, which is lower for better; people read the figure.
  const auto shown = [more_is_better](double cost) { return more_is_better ? -cost : cost; };
  if (std::find(figures.begin(), figures.end(), figure) == figures.end())
    throw Error(Failure::usage,
                fmt::format("--figure: there is no figure \"{}\"{}", figure, suggestion(figure, figures)));
  const auto yardstick = policies.yardstick ? policies.yardstick() : nullptr;
  std::vector<Trial> trials;
  std::uint64_t count = 0, alone = 0, unmeasured = 0;
  bool is_future = false;
  simulation.decisions().on_answer.add([&](const Question& question, Answer& answer) {
    if (is_future || question.problem.level != PlacementProblem::Level::federation || !sampled.contains(count++))
      return;
    std::vector<std::size_t> placed;
    for (std::size_t w = 0; w < answer.rows.size(); ++w)
      if (answer.rows[w] != none) placed.push_back(w);
    const std::size_t workload = placed.empty() ? 0 : placed[rng.below(placed.size())];
    const auto alternatives = placed.empty()
                                  ? std::vector<Alternative>{}
                                  : alternatives_of(question, answer, workload, yardstick.get(), options.best);
    if (alternatives.empty()) {
      ++alone;
      return;
    }
    const Futures::Answer played =
        simulation.branches().play(static_cast<std::uint32_t>(1 + alternatives.size()), horizon);
    is_future = played.here.has_value();
    if (is_future) {
      if (*played.here > 0) answer.rows[workload] = alternatives[*played.here - 1].row;
      return;
    }
    const auto name_of = [&](std::uint32_t row) { return simulation.name(ClusterId{question.problem.rows[row].id}); };
    const ServiceId service = simulation.applications().service(question.application, question.components[workload]);
    Trial trial{now(), simulation.name(service), 0, 0, name_of(answer.rows[workload]), {}, 0, 0};
    for (std::size_t i = 0; i < played.values.size(); ++i) {
      if (!played.values[i]) {
        ++trial.failed;
        continue;
      }
      if (i == 0) {
        trial.chosen = trial.best = *played.values[i];
        trial.best_row = trial.chosen_row;
      }
      if (*played.values[i] < trial.best) {
        trial.best = *played.values[i];
        trial.best_row = name_of(alternatives[i - 1].row);
      }
      trial.alternatives += i > 0;
    }
    if (played.values.front() && trial.alternatives > 0)
      trials.push_back(trial);
    else
      ++unmeasured;
  });
  report_crashes();
  simulation.run();
  if (interrupted()) return exit_interrupted;

  double mean = 0, spread = 0;
  for (const Trial& one : trials) mean += (one.chosen - one.best) / static_cast<double>(trials.size());
  for (const Trial& one : trials) spread += std::pow(one.chosen - one.best - mean, 2);
  const double n = static_cast<double>(trials.size());
  std::optional<double> half;
  if (trials.size() > 1)
    half = boost::math::quantile(boost::math::students_t(n - 1), 0.975) * std::sqrt(spread / (n - 1) / n);
  const auto best =
      std::count_if(trials.begin(), trials.end(), [](const Trial& one) { return one.chosen <= one.best; });

  if (options.format == "json") {
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
    fmt::print("{}\n", Json{{"figure", options.figure},
                            {"horizon_s", horizon.value},
                            {"placement", simulation.scenario().placement.name},
                            {"decisions", count},
                            {"without_alternative", alone},
                            {"unmeasured", unmeasured},
                            {"regret", mean},
                            {"interval_95", half ? Json(*half) : Json()},
                            {"best_chosen", best},
                            {"fingerprint", simulation.trace().fingerprint().text()},
                            {"trials", all}}
                           .dump(2));
    return 0;
  }
  fmt::print("{}: {} of {} decisions of {}, each alternative played for {}, judged by {}\n\n",
             simulation.scenario().name, trials.size(), count, simulation.scenario().placement.name, options.horizon,
             options.figure);
  fmt::print("  {:>12}  {:<28} {:<16} {:>12}  {:<16} {:>12} {:>12}\n", "at [s]", "replica", "chosen", "", "best", "",
             "regret");
  for (const Trial& one : trials)
    fmt::print("  {:>12.6g}  {:<28} {:<16} {:>12.6g}  {:<16} {:>12.6g} {:>12.6g}\n", one.at.value, one.pod,
               one.chosen_row, shown(one.chosen), one.best_row, shown(one.best), one.chosen - one.best);
  if (trials.empty())
    fmt::print("\n  no regret can be told");
  else
    fmt::print(
        "\n  regret {:.6g}{}; the best was chosen in {} of {}", mean,
        half ? fmt::format(" +- {:.3g} (95 %)", *half) : std::string(", without an interval: one decision is none"),
        best, trials.size());
  fmt::print("\n");
  if (alone > 0) fmt::print("  {} more had no alternative\n", alone);
  if (unmeasured > 0)
    fmt::print(
        "  of {} more nothing was measured, in their own future or in all others, so this leaves out what may be the "
        "worst:\n"
        "  try a longer --horizon, or --figure=-requests.completed; or their copies failed (--time, --memory)\n",
        unmeasured);
  fmt::print("  fingerprint {}\n", simulation.trace().fingerprint().text());
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
