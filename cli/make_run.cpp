#include "cli/make_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "analysis/metrics.hpp"
#include "cli/commands.hpp"
#include "cli/execute.hpp"
#include "cli/externals.hpp"
#include "cli/output.hpp"
#include "scenarios/load.hpp"
#include "sim/base/child.hpp"
#include "sim/base/distinct.hpp"
#include "sim/base/file.hpp"
#include "sweep/digest.hpp"

namespace codecosim {

namespace fs = std::filesystem;

Programs parse_programs(const std::vector<std::string>& texts, Policies& policies) {
  Programs programs;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size())
      throw Error(Failure::usage,
                  fmt::format("--program {}: expected NAME=COMMAND, such as mine='python3 my_policy.py'", text));
    const std::string name = text.substr(0, equals);
    if (policies.placement.find(name))
      throw Error(Failure::usage, fmt::format("--program {}: there is a policy of this name", name));
    programs.emplace(name, text.substr(equals + 1));
    // A simulation that is built but not run has the default policy in its place.
    policies.placement.add(name, "A program that --program names.",
                           policies.placement.choose(Scenario().placement.name).make);
  }
  return programs;
}

std::string digest_of(const Programs& programs) {
  std::string all;
  for (const auto& [name, command] : programs) {
    all += name + "=" + command + "\n";
    for (const std::string& word : split_words(command))
      if (std::error_code error; fs::is_regular_file(word, error)) all += digest_of_file(word) + "\n";
  }
  return digest(all);
}

namespace {
/// Starts the programs that the seams of a scenario name. Their fall-back is the default policy of the seam.
Externals start_programs(const Programs& programs, const Document& document, const Policies& policies,
                         std::uint64_t replication, Scenario& scenario) {
  std::vector<PolicyOption> chosen;
  const Scenario usual;
  for (const auto& [seam, own, fall_back] : {std::tuple{"placement", &scenario.placement, &usual.placement},
                                             std::tuple{"scheduler", &scenario.scheduler, &usual.scheduler}})
    if (const auto found = programs.find(own->name); found != programs.end()) {
      chosen.push_back({seam, "exec:" + found->second});
      *own = *fall_back;
    }
  if (chosen.empty()) return {};
  return start(chosen, external_rules(document, policies), policies, replication, scenario, [] { return false; });
}

/// The metrics of an external policy. Where it fails, another policy has decided: the table must show that.
std::vector<Measure> measures_of_external(const std::string& seam, const ExternalTotals& totals) {
  const std::string name = "external." + seam;
  return {{name + ".asked", static_cast<double>(totals.asked), "1", "Questions to the program that decides.",
           Better::neither},
          {name + ".failures", static_cast<double>(totals.failures()), "1",
           "Of those, without an answer in time that made sense: another policy has decided.", Better::lower}};
}

/// The metrics of a simulation that is built in a copy of this process, and not run.
std::vector<Measure> measures_in(const std::function<Scenario()>& world, const Policies& policies) {
  std::optional<Child> child = Child::fork({});
  if (!child) {
    Json all = Json::array();
    try {
      Simulation simulation(world(), 0, policies);
      for (const Measure& one : measures_of(summary_json(simulation)))
        all.push_back({one.name, one.unit, one.meaning, name(one.better)});
    } catch (const std::exception& wrong) {
      Child::answer(Json{{"problem", wrong.what()}}.dump());
    }
    Child::answer(all.dump());
  }
  Child* const only = &*child;
  while (!child->ended()) Child::listen({&only, 1});
  const Child::End end = child->reap();
  if (!end.said)
    throw Error(Failure::model, "the world that tells which metrics there are cannot be made: its process died");
  const Json said = Json::parse(*end.said);
  if (said.is_object()) throw Error(Failure::model, said["problem"]);
  std::vector<Measure> all;
  for (const Json& one : said)
    all.push_back({one[0], {}, one[1], one[2], parse_better(one[3].get<std::string>()).value_or(Better::neither)});
  return all;
}
}  // namespace

std::vector<Measure> metrics_told(const Document& document, const Policies& policies) {
  return measures_in([&] { return load(document, policies); }, policies);
}

void add_metrics_of_others(std::vector<Measure>& told, const Policies& policies) {
  std::vector<Measure> others = measures_in([&] { return scenario_of_every_figure(policies); }, policies);
  for (const char* seam : {"placement", "scheduler"})
    for (Measure& one : measures_of_external(seam, ExternalTotals{})) others.push_back(std::move(one));
  std::set<std::string> names;
  for (const Measure& one : told) names.insert(one.name);
  for (Measure& one : others)
    if (names.insert(one.name).second) told.push_back(std::move(one));
}

namespace {
/// Moves the directory to its final name. An existing one is of another process, which makes the same run now or was
/// killed before it recorded the run.
void keep(const std::string& made, const std::string& directory) {
  fs::create_directories(fs::path(directory).parent_path());
  if (!publish_new(made, directory)) fs::remove_all(made);
}
}  // namespace

Record make_run(const Experiment& experiment, const Run& run, const Policies& policies, const Programs& programs,
                const std::string& scratch) {
  const Plan& plan = experiment.plan();
  const Document document = plan.scenario.with(plan.settings(run.point));
  Scenario scenario = load(document, policies);
  const Seconds horizon = scenario.duration;
  std::unique_ptr<OutputDirectory> output;
  const std::string key = experiment.key(run);
  if (plan.keep) output = std::make_unique<OutputDirectory>(scratch + "/" + key, "");
  const Externals externals = start_programs(programs, document, policies, run.replication, scenario);
  const auto begin = std::chrono::steady_clock::now();
  Simulation simulation(std::move(scenario), run.replication, policies);
  const double built = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ExecuteOptions how;
  how.replication = run.replication;
  how.scenario = document.root().dump(2) + "\n";
  how.trace.level = plan.trace;
  how.complete = [&](Json&, std::vector<Finding>& findings) { note_failures(externals, findings); };
  const Executed done = execute(simulation, built, horizon, how, output.get());
  if (output) keep(output->path(), experiment.file("runs/" + key));
  Record record{{}, "done", {}, {}, Json::object()};
  const auto note = [&record](const Measure& one) {
    if (one.value) record.metrics.emplace_back(one.name, *one.value);
  };
  for (const Measure& one : measures_of(done.summary)) note(one);
  for (const char* told : {"fingerprint", "wall_s", "build_s", "deciding_s", "peak_memory_bytes"})
    record.provenance[told] = done.manifest[told];
  std::vector<std::string> kinds;
  for (const Finding& one : done.findings) kinds.push_back(one.kind);
  make_distinct(kinds);
  record.provenance["findings"] = fmt::format("{}", fmt::join(kinds, " "));
  for (const auto& [seam, external] : externals) {
    external->finish(done.manifest, done.summary);
    for (const Measure& one : measures_of_external(seam, external->totals())) note(one);
  }
  return record;
}

}  // namespace codecosim
