#include "scenarios/import/import.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/commands.hpp"
#include "scenarios/load.hpp"

namespace codecosim {

int import(const ImportOptions& options, const Policies& policies) {
  const Document base =
      options.into.empty() ? Document("imported scenario", Json::object()) : Document(options.into, {}, options.allow_outside);
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

}  // namespace codecosim
