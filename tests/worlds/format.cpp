#include "tests/worlds/format.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <vector>

#include "policies/add_policies.hpp"
#include "scenarios/load.hpp"
#include "tests/worlds.hpp"

namespace codecosim::test {

const Policies& policies() {
  static const Policies all = [] {
    Policies some;
    add_policies(some);
    return some;
  }();
  return all;
}

const Json& schema_of_format() {
  static const Json schema = scenario_schema(policies());
  return schema;
}

bool ends(std::string_view path, std::string_view parts) {
  return path.ends_with(parts) && (path.size() == parts.size() || path[path.size() - parts.size() - 1] == '/');
}

bool left_out(std::string_view path, const std::string& form) {
  // For editors; other files; other programs.
  static const std::set<std::string> outside{"$schema",           "import",           "csv",     "sumo",
                                             "recommender_model", "forecaster_model", "external"};
  // COIN-OR CBC, which works on an answer for as long as it is given; LibTorch.
  static const std::set<std::string> libraries{"swm-exact", "dqn", "ppo", "gnn"};
  // Times between happenings, speeds and numbers of calls that may be as small or large as one likes would be no world
  // but a storm.
  static const std::set<std::string> scattered{"weibull", "pareto", "lognormal", "normal", "zipf"};
  if (outside.contains(form) || libraries.contains(form)) return true;
  if (path.empty() && (form == "modules" || form == "sites")) return true;  // what is drawn is put there: random_world
  if (form == "oracle") return path.starts_with("policy");                  // by CBC too
  if (form == "latitude" || form == "longitude") return path.starts_with("cells");  // which are on a plane
  if ((ends(path, "speed") || ends(path, "calls")) && form == "exponential") return true;
  for (const char* one :
       {"crash", "renewal/up", "renewal/down", "speed", "leaves", "stays", "pause", "handling", "calls"})
    if (ends(path, one) && scattered.contains(form)) return true;
  return false;
}

std::vector<Problem> problems_of(const Json& scenario) {
  try {
    (void)load(Document("world", scenario), policies());
  } catch (const ScenarioError& wrong) {
    return wrong.problems;
  }
  return {};
}

bool erase(Json& scenario, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  if (!scenario.contains(at)) return false;
  Json& holder = scenario[at.parent_pointer()];
  if (holder.is_array())
    holder.erase(static_cast<std::size_t>(std::stoul(at.back())));
  else
    holder.erase(at.back());
  return true;
}

namespace {
/// The place of a problem, as a pointer into the scenario.
std::string pointer_of(const Problem& problem) {
  const std::size_t mark = problem.where.find('#');
  return mark == std::string::npos ? "" : problem.where.substr(mark + 1);
}
}  // namespace

std::optional<Json> mended(Json scenario) {
  for (;;) {
    const std::vector<Problem> problems = problems_of(scenario);
    if (problems.empty()) return scenario;
    std::vector<std::string> wrong;
    for (const Problem& problem : problems) {
      std::string pointer = pointer_of(problem);
      // What is missing may be told where it should be.
      while (!pointer.empty() && !scenario.contains(Json::json_pointer(pointer))) pointer.resize(pointer.rfind('/'));
      if (pointer.empty()) return std::nullopt;
      if (std::find(wrong.begin(), wrong.end(), pointer) == wrong.end()) wrong.push_back(pointer);
    }
    // Problems are in the order of the file. From its end the numbers of elements still hold.
    for (const std::string& pointer : std::views::reverse(wrong)) erase(scenario, pointer);
  }
}

}  // namespace codecosim::test
