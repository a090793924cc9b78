#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "policies/add_policies.hpp"
#include "policies/load_plugin.hpp"
#include "sim/base/error.hpp"

namespace codecosim {
namespace {

int dispatch(int argc, char** argv) {
  Policies policies;
  add_policies(policies);

  CLI::App app{"Simulates federated edge-cloud orchestration.", "codecosim"};
  app.require_subcommand(1);
  app.set_version_flag("--version", CODECOSIM_VERSION);
  app.fallthrough();
  std::vector<std::string> plugins;
  app.add_option("--plugin", plugins, "Shared library with more policies")->allow_extra_args(false);

  RunOptions options;
  auto* run_command = app.add_subcommand("run", "Simulate a scenario and print a summary");
  run_command->add_option("scenario", options.scenario, "Scenario file")->required();
  run_command->add_option("--seed", options.seed, "Seed of all random streams, instead of the scenario's")
      ->check(CLI::NonNegativeNumber);
  run_command->add_option("--replication", options.replication, "Replication: other draws, same scenario")
      ->check(CLI::NonNegativeNumber);
  run_command->add_option("--set", options.settings, "Override: /pointer=value; members of arrays by number or name");
  run_command
      ->add_option("--policy", options.policies,
                   "[SEAM=]NAME: policy instead of the scenario's, for placement, scheduler or migration; for the first two also "
                   "\"exec:PROGRAM ARGUMENTS\" or stdio")
      ->allow_extra_args(false);
  run_command->add_option("--out", options.out, "Directory for the results; must not exist");
  run_command->add_flag("--no-output", options.no_output, "Write no files");
  run_command->add_option("--trace", options.trace.level, "Records to write")
      ->check(CLI::IsMember({"none", "decisions", "requests", "all"}));
  run_command->add_option("--trace-format", options.trace.format, "How to write them")
      ->check(CLI::IsMember({"jsonl", "perfetto", "paje"}));
  run_command
      ->add_option(
          "--trace-match", options.trace.match,
          "KEY=GLOB: only records whose KEY matches; again for another GLOB of it, or for another KEY, which must match too")
      ->allow_extra_args(false);
  run_command->add_option("--trace-sample", options.trace.sample, "Only this share of the requests")->check(CLI::Range(0.0, 1.0));
  run_command->add_option("--trace-from", options.trace.from, "Only records from this simulated time on");
  run_command->add_option("--trace-until", options.trace.until, "Only records up to this simulated time");
  run_command->add_flag("--replay{auto}", options.replay,
                        "Write what the map of a report replays; --replay=INTERVAL, such as 5s: how often it looks");
  run_command->add_flag("--models", options.models, "Write what learners have learnt into models/, for other runs to begin with");
  run_command->add_option("--until", options.until, "Stop at this simulated time, such as \"30 s\"");
  run_command->add_option("--progress", options.progress, "How to show progress")
      ->check(CLI::IsMember({"auto", "plain", "json", "none"}));
  run_command->add_option("--format", options.format, "How to print the summary")->check(CLI::IsMember({"table", "json"}));
  run_command->add_flag("--allow-outside", options.allow_outside, "Let the scenario read files outside its folder");
  run_command->add_flag("!--no-run-ahead", options.run_ahead, "")->group("");

  BranchOptions futures;
  auto* branch_command = app.add_subcommand("branch", "Play several futures from one past, or the alternatives to decisions");
  branch_command->add_option("scenario", futures.scenario, "Scenario file")->required();
  branch_command->add_option("--at", futures.at, "Simulated time at which the futures part, such as \"10 min\"");
  auto* future_policies =
      branch_command->add_option("--policy", futures.policies, "Placement policy of one future, or SEAM=NAME; one each");
  branch_command->add_option("--regret", futures.regret, "Play the alternatives to this many decisions of the run's own policy")
      ->excludes(future_policies);
  branch_command->add_option("--best", futures.best, "Of these, only so many that promise most; 0: all");
  branch_command->add_option("--horizon", futures.horizon, "How long alternatives are played");
  branch_command->add_option("--figure", futures.figure,
                             "Figure of the summary that judges an alternative; lower is better, with - before it higher");
  branch_command->add_option("--jobs", futures.jobs, "Copies that run at once")->check(CLI::Range(1, 1024));
  branch_command->add_option("--time", futures.time, "Real time that a copy may take");
  branch_command->add_option("--memory", futures.memory, "Memory that a copy may take beyond what it begins with");
  branch_command->add_option("--seed", futures.seed, "Seed of all random streams, instead of the scenario's")
      ->check(CLI::NonNegativeNumber);
  branch_command->add_option("--replication", futures.replication, "Replication: other draws, same scenario")
      ->check(CLI::NonNegativeNumber);
  branch_command->add_option("--set", futures.settings, "Override: /pointer=value; members of arrays by number or name");
  branch_command->add_option("--format", futures.format, "How to print the result")->check(CLI::IsMember({"table", "json"}));
  branch_command->add_flag("--allow-outside", futures.allow_outside, "Let the scenario read files outside its folder");

  std::vector<std::string> files, settings;
  bool outside = false;
  auto* check_command = app.add_subcommand("check", "Report every problem of scenario files");
  check_command->add_option("scenarios", files, "Scenario files")->required();
  check_command->add_option("--set", settings, "Override: /pointer=value");
  check_command->add_flag("--allow-outside", outside, "Let the scenarios read files outside their folder");

  std::string topic;
  bool schema = false;
  auto* describe_command = app.add_subcommand("describe", "Print the reference");
  describe_command->add_option("topic", topic, "scenarios, policies, metrics, records or schema");
  describe_command->add_flag("--json-schema", schema, "The JSON Schema of scenario files; after records, of a line of a trace");

  std::string name = "starter", file;
  auto* init_command = app.add_subcommand("init", "Write a starter scenario");
  init_command->add_option("template", name, "A shipped scenario, or starter");
  init_command->add_option("--out", file, "File to write; standard output when missing");

  ImportOptions kubernetes;
  auto* import_command = app.add_subcommand("import", "Make a scenario of CodecoApps, Nodes and ManagedClusters");
  import_command->add_option("files", kubernetes.files, "What `kubectl get -o yaml` or `-o json` writes; - is standard input")
      ->required();
  import_command->add_option("--into", kubernetes.into, "Scenario to add them to, instead of a new one");
  import_command->add_option("--out", kubernetes.out, "File to write; standard output when missing");
  import_command->add_flag("--lenient", kubernetes.lenient, "Leave out what is not understood, with a note");
  import_command->add_flag("--allow-outside", kubernetes.allow_outside, "Let the scenario of --into read files outside its folder");

  // Each of these has a file of its own.
  const std::vector<Command> commands{
      plot_command(app),
      sweep_command(app, policies, plugins),
      compare_command(app),
      report_command(app, policies),
  };

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong, std::cout, std::cerr) == 0 ? 0 : static_cast<int>(Failure::usage);
  }
  for (const std::string& plugin : plugins) load_plugin(plugin, policies);
  for (const Command& command : commands)
    if (*command.line) return command.act();
  if (*run_command) return run(options, policies);
  if (*branch_command) return branch(futures, policies);
  if (*check_command) return check(files, settings, outside, policies);
  if (*describe_command) return describe(topic, schema, policies);
  if (*import_command) return import(kubernetes, policies);
  return init(name, file);
}

}  // namespace
}  // namespace codecosim

int main(int argc, char** argv) {
  using codecosim::Error;
  try {
    const int status = codecosim::dispatch(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) throw Error(codecosim::Failure::output, "cannot write to standard output");
    return status;
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.failure);
  } catch (const std::bad_alloc&) {
    std::cerr << "codecosim: out of memory\n";
    return static_cast<int>(codecosim::Failure::model);
  } catch (const std::exception& error) {
    if (std::ferror(stdout)) {
      std::cerr << "cannot write to standard output\n";
      return static_cast<int>(codecosim::Failure::output);
    }
    std::cerr << "codecosim: internal error: " << error.what() << "; please report it with the scenario\n";
    return static_cast<int>(codecosim::Failure::internal);
  }
}
