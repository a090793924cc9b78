#include <fmt/format.h>

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

  ProgramLine program("codecosim", "Simulates federated edge-cloud orchestration.", CODECOSIM_VERSION);
  const CommandLine app = program.line();
  std::vector<std::string> plugins;
  app.option("--plugin", plugins, "Shared library with more policies").one_value();

  const std::vector<Command> commands{
      run_command(app, policies),
      sweep_command(app, policies, plugins),
      compare_command(app),
      plot_command(app),
      report_command(app),
      branch_command(app, policies),
      check_command(app, policies),
      describe_command(app, policies),
      init_command(app),
      import_command(app, policies),
  };

  if (const std::optional<int> status = program.parse(argc, argv)) return *status;
  for (const std::string& plugin : plugins) load_plugin(plugin, policies);
  for (const Command& command : commands)
    if (command.line.chosen()) return command.act();
  throw Error(Failure::internal, "a subcommand without a command");
}

}  // namespace
}  // namespace codecosim

int main(int argc, char** argv) {
  using codecosim::Error;
  try {
    const int status = codecosim::dispatch(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      throw Error(codecosim::Failure::output, "cannot write to standard output");
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
