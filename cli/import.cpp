#include "scenarios/import/import.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include <cstdio>

#include "cli/commands.hpp"
#include "scenarios/load.hpp"

namespace codecosim {

namespace {
/// What the command line says of an import.
struct ImportOptions {
  std::vector<std::string> files;
  std::string into;
  std::string out;
  bool lenient = false;
  bool allow_outside = false;
};

int import(const ImportOptions& options, const Policies& policies) {
  const Document base = options.into.empty() ? Document("imported scenario", Json::object())
                                             : Document(options.into, {}, options.allow_outside);
  if (!options.into.empty()) (void)load(base, policies);
  Import result = import_kubernetes(options.files, base.root());
  std::vector<Problem> refused;
  std::vector<Problem>& unknown = options.lenient ? result.notes : refused;
  unknown.insert(unknown.end(), result.problems.begin(), result.problems.end());
  refused.insert(refused.end(), result.fatal.begin(), result.fatal.end());
  if (!refused.empty()) throw ScenarioError(refused);
  (void)load(base.with(result.scenario), policies);

  for (const Problem& note : result.notes) fmt::print(stderr, "note: {}: {}\n", note.where, note.what);
  const std::string text = result.scenario.dump(2) + "\n";
  if (options.out.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  write_new(options.out, text);
  fmt::print("wrote {}; run it with: codecosim run {}\n", options.out, options.out);
  return 0;
}
}  // namespace

Command import_command(CLI::App& app, const Policies& policies) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* line = app.add_subcommand("import", "Make a scenario of CodecoApps, Nodes and ManagedClusters");
  line->add_option("files", options->files, "What `kubectl get -o yaml` or `-o json` writes; - is standard input")
      ->required();
  line->add_option("--into", options->into, "Scenario to add them to, instead of a new one");
  line->add_option("--out", options->out, "File to write; standard output when missing");
  line->add_flag("--lenient", options->lenient, "Leave out what is not understood, with a note");
  line->add_flag("--allow-outside", options->allow_outside, "Let the scenario of --into read files outside its folder");
  return {line, [options, &policies] { return import(*options, policies); }};
}

}  // namespace codecosim
