#include "scenarios/import/import.hpp"

#include <fmt/format.h>

#include <memory>

#include <cstdio>

#include "cli/commands.hpp"
#include "scenarios/load.hpp"
#include "sim/base/file.hpp"

namespace codecosim {

namespace {
/// The options of `codecosim import`.
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
  if (!write_new(options.out, text)) throw Error(Failure::output, fmt::format("{} exists already", options.out));
  fmt::print("wrote {}; run it with: codecosim run {}\n", options.out, options.out);
  return 0;
}
}  // namespace

Command import_command(const CommandLine& app, const Policies& policies) {
  const auto options = std::make_shared<ImportOptions>();
  const CommandLine line = app.subcommand("import", "Make a scenario of CodecoApps, Nodes and ManagedClusters");
  line.option("files", options->files, "What `kubectl get -o yaml` or `-o json` writes; - is standard input")
      .required();
  line.option("--into", options->into, "Scenario to add them to, instead of a new one");
  line.option("--out", options->out, "File to write; standard output when missing");
  line.flag("--lenient", options->lenient, "Leave out what is not understood, with a note");
  line.flag("--allow-outside", options->allow_outside, "Let the scenario of --into read files outside its folder");
  return {line, [options, &policies] { return import(*options, policies); }};
}

}  // namespace codecosim
