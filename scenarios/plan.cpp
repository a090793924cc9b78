#include "scenarios/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "scenarios/factors.hpp"
#include "scenarios/load.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
constexpr double most_runs = 10e6;
constexpr std::size_t most_checked = 64;  // levels of one axis that are loaded before anything runs
}  // namespace

std::size_t Plan::points() const {
  std::size_t all = 1;
  for (const Axis& axis : axes) all *= axis.size;
  return all;
}

std::vector<std::size_t> Plan::levels(std::size_t point) const {
  std::vector<std::size_t> all(axes.size());
  for (std::size_t axis = axes.size(); axis-- > 0; point /= axes[axis].size) all[axis] = point % axes[axis].size;
  return all;
}

std::vector<std::string> Plan::labels(std::size_t point) const {
  const std::vector<std::size_t> at = levels(point);
  std::vector<std::string> all;
  for (std::size_t axis = 0; axis < axes.size(); ++axis)
    for (const Factor& factor : axes[axis].factors) all.push_back(factor.labels[at[axis]]);
  return all;
}

Settings Plan::settings(std::size_t point) const {
  const std::vector<std::size_t> at = levels(point);
  Settings all;
  for (std::size_t axis = 0; axis < axes.size(); ++axis)
    for (const Factor& factor : axes[axis].factors)
      all.insert(all.end(), factor.levels[at[axis]].begin(), factor.levels[at[axis]].end());
  return all;
}

std::vector<std::string> Plan::factors() const {
  std::vector<std::string> all;
  for (const Axis& axis : axes)
    for (const Factor& factor : axis.factors) all.push_back(factor.name);
  return all;
}

namespace {
StoppingRule fixed(Reader r) {
  StoppingRule rule;
  rule.at_least = rule.at_most = r.value<std::uint32_t>(between(1, 1e6));
  return rule;
}

/// The stopping rule as text: the metric's unit is known later.
struct PlannedRule {
  StoppingRule rule;
  std::string half_width;
};

PlannedRule until_narrow(Reader r) {
  PlannedRule planned;
  StoppingRule& rule = planned.rule;
  rule.metric = r.need<std::string>("metric", "The metric whose confidence interval decides.");
  if (auto width = r.find("half_width", "How narrow: half of the interval's width, in the metric's unit."))
    planned.half_width = width->scalar();
  if (const auto share = r.maybe<double>("relative", "Or half of its width as a share of the mean.", positive))
    rule.relative = *share;
  if (!r.describing() && planned.half_width.empty() == (rule.relative <= 0))
    r.problem("either \"half_width\" or \"relative\" says how narrow the interval shall be");
  rule.confidence = r.get<double>("confidence", 0.95, "Of the interval.", between(0.5, 0.9999));
  rule.at_least = r.get<std::uint32_t>("at_least", 5, "Replications before the first look.", between(2, 1e6));
  rule.at_most =
      r.get<std::uint32_t>("at_most", 100, "Replications after which it stops all the same.", between(2, 1e6));
  rule.step = r.get<std::uint32_t>("step", 1, "Replications between two looks.", between(1, 1e6));
  if (rule.at_most < rule.at_least) r.problem_at("at_most", "must not be below \"at_least\"");
  r.close();
  return planned;
}

std::optional<Sampling> read_sampling(Reader& root) {
  auto r = root.object("sample", "How ranges are drawn from; all ranges together, crossed with the other factors.");
  if (!r) return std::nullopt;
  Sampling sampling;
  sampling.latin_hypercube =
      r->choice<int>("method", 0, {"latin-hypercube", "random"}, "Latin hypercube, or independent draws.") == 0;
  sampling.points = r->need<std::uint32_t>("points", "How many.", between(1, 100'000));
  sampling.seed = r->get<std::uint64_t>("seed", 1, "Of the draws; not of the simulations.", not_negative);
  r->close();
  return sampling;
}

/// Leaves out repeated draws, which occur with few values: each point is run once.
void leave_out_repetitions(Axis& axis) {
  std::set<std::vector<std::string>> seen;
  std::vector<std::size_t> kept;
  for (std::size_t level = 0; level < axis.size; ++level) {
    std::vector<std::string> labels;
    for (const Factor& factor : axis.factors)
      if (level < factor.labels.size()) labels.push_back(factor.labels[level]);
    if (seen.insert(labels).second) kept.push_back(level);
  }
  for (Factor& factor : axis.factors) {
    if (factor.levels.size() != axis.size) continue;  // it has a problem
    for (std::size_t to = 0; to < kept.size(); ++to) {
      factor.labels[to] = factor.labels[kept[to]];
      factor.levels[to] = factor.levels[kept[to]];
    }
    factor.labels.resize(kept.size());
    factor.levels.resize(kept.size());
  }
  axis.size = kept.size();
}

/// Arranges factors in axes: all sampled factors in one, each group of paired ones in one, each of the others in its
/// own.
std::vector<Axis> arrange(std::vector<PlannedFactor> factors, Reader& root) {
  std::vector<std::string> names;
  for (const PlannedFactor& one : factors) names.push_back(one.factor.name);
  std::vector<std::size_t> leader(factors.size());
  std::size_t first_sampled = factors.size();
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (factors[i].sampled) first_sampled = std::min(first_sampled, i);
    leader[i] = factors[i].sampled ? first_sampled : i;
  }
  for (Reader& group :
       root.items("pair", "Lists of factors whose values go together, first with first, instead of all with all.")) {
    std::optional<std::size_t> first;
    for (Reader& member : group.elements()) {
      const auto name = member.value<std::string>();
      const auto found = std::find(names.begin(), names.end(), name);
      if (root.describing()) continue;
      const auto i = static_cast<std::size_t>(found - names.begin());
      if (found == names.end()) {
        member.problem(fmt::format("there is no factor \"{}\"{}", name, suggestion(name, names)));
      } else if (leader[i] != i || factors[i].sampled || first == i) {
        member.problem(fmt::format("\"{}\" is paired or drawn already", name));
      } else if (first && factors[*first].factor.levels.size() != factors[i].factor.levels.size()) {
        member.problem(fmt::format("\"{}\" has {} values, but \"{}\" has {}: they go together one by one", name,
                                   factors[i].factor.levels.size(), names[*first],
                                   factors[*first].factor.levels.size()));
      } else {
        if (!first) first = i;
        leader[i] = *first;
      }
    }
  }
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (leader[i] != i) continue;
    Axis& axis = axes.emplace_back();
    axis.size = factors[i].factor.levels.size();
    axis.sampled = factors[i].sampled;
    for (std::size_t j = i; j < factors.size(); ++j)
      if (leader[j] == i) axis.factors.push_back(factors[j].factor);
    if (axis.sampled) leave_out_repetitions(axis);
  }
  return axes;
}

/// The contents of a plan's file, before its scenario is read.
struct Draft {
  std::string scenario;
  Settings fixed_ones;
  std::vector<PlannedFactor> factors;
  std::string half_width;
};

Draft read_draft(Reader& root, Plan& plan) {
  Draft draft;
  plan.name = root.get<std::string>("name", "", "Of the experiment; missing: that of its scenario.");
  plan.description = root.get<std::string>("description", "", "What it is about.");
  if (root.describing() || root.has("$schema")) (void)root.get<std::string>("$schema", "", "For editors; ignored.");
  draft.scenario = root.need<std::string>(
      "scenario", "The scenario file, relative to the plan, or `library:NAME` for a shipped one.");
  draft.fixed_ones = read_settings(root, "set", "What holds for all runs: pointers into the scenario and values.");
  const auto sampling = read_sampling(root);
  draft.factors = read_factors(root, sampling);
  if (sampling && std::none_of(draft.factors.begin(), draft.factors.end(), [](const auto& one) { return one.sampled; }))
    root.problem_at("sample", "no factor has a range, {\"low\": ..., \"high\": ...}, to draw from");
  const auto rule = root.maybe_one_of<PlannedRule>(
      "replications", "How often each point is run with other random draws; missing: once.",
      {{"", "A number.", [](Reader r) { return PlannedRule{fixed(r), {}}; }},
       {"metric", "Until a confidence interval is narrow enough.", [](Reader r) { return until_narrow(r); }, true}});
  if (rule) {
    plan.replications = rule->rule;
    draft.half_width = rule->half_width;
  }
  plan.common = root.choice<int>(
                    "random_numbers", 0, {"common", "independent"},
                    "Common: replication r is the same world at each point, so differences are paired. Independent: no "
                    "two runs share draws.") == 0;
  constexpr double any = std::numeric_limits<double>::infinity();
  plan.time = Seconds(any);
  plan.memory = Bytes(any);
  if (auto r = root.object("limits", "What a run may take; one that takes more is ended and recorded.")) {
    plan.time = r->maybe<Seconds>("time", "Real time.", positive).value_or(plan.time);
    plan.memory = r->maybe<Bytes>("memory", "Memory beyond the program's own.", positive).value_or(plan.memory);
    r->close();
  }
  plan.keep =
      root.choice<int>(
          "keep", 0, {"table", "runs"},
          "What stays of a run: its row in the table, or also its directory, as `codecosim run` writes it.") == 1;
  const std::vector<std::string> levels{"none", "decisions", "requests", "all"};
  plan.trace = levels[root.choice<std::size_t>("trace", 0, levels, "Records that kept runs write.")];
  if (plan.trace != "none" && !plan.keep)
    root.problem_at("trace", "traces are in the runs' directories: \"keep\": \"runs\"");
  plan.axes = arrange(draft.factors, root);
  root.close();
  double runs = plan.replications.at_most;
  for (const Axis& axis : plan.axes) runs *= static_cast<double>(axis.size);
  if (runs > most_runs) root.problem(fmt::format("{:.3g} runs are too many: at most {:.3g}", runs, most_runs));
  return draft;
}

/// The problems of a scenario with these settings.
std::vector<Problem> problems_with(const Document& scenario, const Settings& settings, const Policies& policies) {
  try {
    (void)load(scenario.with(settings), policies);
    return {};
  } catch (const ScenarioError& wrong) {
    return wrong.problems;
  } catch (const Error& wrong) {
    return {{scenario.place(""), wrong.what()}};
  }
}

/// Checks that no place in the scenario is varied by two factors; a factor may vary a part of a value under "set".
void check_pointers(const Draft& draft, const Document& scenario, const Document& file,
                    std::vector<Problem>& problems) {
  struct Pointer {
    std::string who, written, canonical;
  };
  std::vector<Pointer> all;
  const auto add = [&](const std::string& who, const Settings& settings) {
    for (const auto& [pointer, value] : settings) {
      if (!pointer.starts_with('/')) continue;
      const Pointer one{who, pointer, scenario.canonical(pointer)};
      const bool is_known = std::any_of(all.begin(), all.end(), [&](const Pointer& other) {
        return other.who == who && other.canonical == one.canonical;
      });
      if (!is_known) all.push_back(one);
    }
  };
  add("\"set\"", draft.fixed_ones);
  const std::size_t fixed_ones = all.size();
  for (const PlannedFactor& one : draft.factors)
    for (const Settings& level : one.factor.levels) add(fmt::format("the factor \"{}\"", one.factor.name), level);
  for (std::size_t a = 0; a < all.size(); ++a)
    for (std::size_t b = std::max(a + 1, fixed_ones); b < all.size(); ++b) {
      if (all[a].who == all[b].who) continue;
      const bool within = a >= fixed_ones && all[b].canonical.starts_with(all[a].canonical + "/");
      if (all[a].canonical == all[b].canonical || within || all[a].canonical.starts_with(all[b].canonical + "/"))
        problems.push_back({file.place("/factors"), fmt::format("{} is set by {}, and so is {} by {}", all[b].written,
                                                                all[b].who, all[a].written, all[a].who)});
    }
}

/// Collects the problems of the scenario, then those that "set" adds, then those that each level of each axis adds:
/// with the first levels of the other axes or, where these have problems together, with the scenario alone. Of very
/// many levels, an evenly spaced subset is checked.
void check_scenario(const Draft& draft, Plan& plan, const Document& file, const Policies& policies,
                    std::vector<Problem>& problems) {
  std::set<std::pair<std::string, std::string>> known;
  const auto add = [&](const std::string& place, const Settings& settings) {
    std::size_t added = 0;
    for (const Problem& problem : problems_with(plan.scenario, settings, policies))
      if (known.emplace(problem.where, problem.what).second) {
        problems.push_back(place.empty() ? problem : Problem{place, problem.where + ": " + problem.what});
        ++added;
      }
    return added;
  };
  add("", {});
  if (add(file.place("/set"), draft.fixed_ones) == 0) plan.scenario = plan.scenario.with(draft.fixed_ones);
  check_pointers(draft, plan.scenario, file, problems);

  const auto settings_of = [](const Axis& axis, std::size_t level) {
    Settings all;
    for (const Factor& factor : axis.factors)
      if (level < factor.levels.size()) all.insert(all.end(), factor.levels[level].begin(), factor.levels[level].end());
    return all;
  };
  const auto place_of = [&](const Axis& axis, std::size_t level) {
    for (const PlannedFactor& one : draft.factors)
      if (one.factor.name == axis.factors.front().name) return one.places[level];
    return file.place("/factors");
  };
  Settings first;
  for (const Axis& axis : plan.axes)
    for (auto& setting : settings_of(axis, 0)) first.push_back(std::move(setting));
  const bool together = problems.empty() && problems_with(plan.scenario, first, policies).empty();
  for (const Axis& axis : plan.axes) {
    const std::size_t checked = std::min(axis.size, most_checked);
    for (std::size_t i = together ? 1 : 0; i < checked; ++i) {
      const std::size_t level = checked < 2 ? 0 : i * (axis.size - 1) / (checked - 1);
      Settings settings = together ? first : Settings();  // later settings override
      const Settings own = settings_of(axis, level);
      settings.insert(settings.end(), own.begin(), own.end());
      // Of factors on one axis, one may hide another's problem.
      if (!together && axis.factors.size() > 1 && !problems_with(plan.scenario, own, policies).empty())
        for (const PlannedFactor& one : draft.factors)
          for (const Factor& member : axis.factors)
            if (member.name == one.factor.name && level < member.levels.size())
              add(one.places[level], member.levels[level]);
      add(place_of(axis, level), settings);
    }
  }
  if (!together && problems.empty()) add(file.place("/factors"), first);
}

void check_metric(Plan& plan, const std::string& half_width, const std::map<std::string, std::string>& units,
                  const std::string& place, std::vector<Problem>& problems) {
  if (plan.replications.metric.empty()) return;
  const auto found = units.find(plan.replications.metric);
  if (found == units.end()) {
    std::vector<std::string> known;
    for (const auto& [metric, unit] : units) known.push_back(metric);
    problems.push_back({place + "/metric", fmt::format("runs tell no metric \"{}\"{}", plan.replications.metric,
                                                       suggestion(plan.replications.metric, known))});
    return;
  }
  if (half_width.empty()) return;
  static const Notation number{"number", "0.5", {}, true};
  const Notation& notation = found->second == "s"   ? codecosim::notation<Seconds>()
                             : found->second == "B" ? codecosim::notation<Bytes>()
                             : found->second == "J" ? codecosim::notation<Joules>()
                                                    : number;
  std::string why;
  const auto width = parse_quantity(half_width, notation, why);
  if (!width || *width <= 0)
    problems.push_back({place + "/half_width", width ? "must be above zero" : why});
  else
    plan.replications.half_width = *width;
}
}  // namespace

Plan read_plan(const std::string& path, bool allow_outside, const Policies& policies, const MetricUnits& units) {
  const Document document(path, {}, allow_outside);
  if (!document.root().contains("scenario") && document.root().contains("clusters"))
    throw ScenarioError(
        {{path, "this is a scenario, not a plan: `codecosim run` runs it, and the \"scenario\" of a plan names it"}});
  Plan plan{{}, {}, Document(path, Json::object()), {}, {}, true, {}, {}, false, "none", document.root()};
  Reader::Log log;
  log.place = [&](const std::string& pointer) { return document.place(pointer); };
  Reader root(document.root(), log);
  const Draft draft = read_draft(root, plan);
  std::string why;
  const std::string file = draft.scenario.empty() ? "" : document.resolve("/scenario", draft.scenario, why);
  if (!why.empty()) root.problem_at("scenario", why);
  std::vector<Problem> problems = document.problems();
  const std::vector<Problem> sorted = in_file_order(log, document.root());
  problems.insert(problems.end(), sorted.begin(), sorted.end());
  if (!file.empty()) {
    try {
      plan.scenario = Document(file, {}, allow_outside);
      check_scenario(draft, plan, document, policies, problems);
    } catch (const ScenarioError& unreadable) {
      problems.insert(problems.end(), unreadable.problems.begin(), unreadable.problems.end());
    }
  }
  if (problems.empty()) {
    const auto known = units(plan.scenario.with(plan.settings(0)));
    check_metric(plan, draft.half_width, known, document.place("/replications"), problems);
    for (const PlannedFactor& one : draft.factors)
      if (known.contains(one.factor.name))
        problems.push_back(
            {document.place("/factors/" + one.factor.name), "a metric has this name already: choose another one"});
  }
  if (!problems.empty()) throw ScenarioError(std::move(problems));
  if (plan.name.empty()) plan.name = plan.scenario.root().value("name", "experiment");
  return plan;
}

Json plan_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "codecosim plan"}};
  Reader root(schema);
  Plan plan{{}, {}, Document("", Json::object()), {}, {}, true, {}, {}, false, "none", {}};
  (void)read_draft(root, plan);
  return schema;
}

}  // namespace codecosim
