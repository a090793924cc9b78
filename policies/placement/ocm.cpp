#include <algorithm>
#include <utility>

#include "policies/placement/feasible.hpp"
#include "policies/placement/ocm_scores.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

constexpr std::uint32_t none = PlacementProblem::none;

struct Settings {
  OcmWeights weights;
  std::vector<OcmPredicate> predicates;
};

/// Open Cluster Management's Placement with one cluster per workload: the candidate of the highest total that also has
/// the free resources. Candidates are the clusters that pass the filters, with or without free resources, because OCM
/// does not check resources.
class Ocm final : public PlacementPolicy {
 public:
  explicit Ocm(Settings settings) : settings_(std::move(settings)) {}

  Placement place(const PlacementProblem& problem, Rng&) override {
    const auto misconfigured = [](const PlacementProblem::Workload& each) {
      return !std::ranges::all_of(*each.tolerations, is_accepted);
    };
    if (settings_.predicates.empty() && std::ranges::none_of(problem.workloads, misconfigured)) return choose(problem);
    PlacementProblem narrowed = problem;
    for (PlacementProblem::Workload& each : narrowed.workloads) {
      each.allowed.resize(narrowed.rows.size(), true);
      for (std::size_t row = 0; row < narrowed.rows.size(); ++row) {
        const Labels& labels = *narrowed.rows[row].labels;
        if (misconfigured(each) || !passes_predicates(settings_.predicates, labels, labels)) each.allowed[row] = false;
      }
    }
    return choose(narrowed);
  }

 private:
  Placement choose(const PlacementProblem& problem) const {
    std::uint32_t most_decisions = 0;
    for (const PlacementProblem::Row& row : problem.rows) most_decisions = std::max(most_decisions, row.decisions);
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      std::vector<std::uint32_t> rows;
      std::vector<OcmCandidate> candidates;
      for (std::uint32_t row = 0; row < problem.rows.size(); ++row) {
        if (!feasible.admits(workload, row)) continue;
        const Feasible::Demand& allocatable = feasible.room(row).allocatable;
        rows.push_back(row);
        // Kubernetes' Quantity converts millicores to cores by this product, and not by a division.
        candidates.push_back({feasible.chosen_before(workload, row), problem.rows[row].decisions,
                              static_cast<double>(allocatable.millicores) * 0.001,
                              static_cast<double>(allocatable.bytes), problem.rows[row].scores});
      }
      const std::vector<std::int64_t> totals = ocm_totals(settings_.weights, candidates, most_decisions, problem.now);
      std::size_t best = rows.size();
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (feasible.fits(workload, rows[i]) && (best == rows.size() || totals[i] > totals[best])) best = i;
      return best == rows.size() ? none : rows[best];
    });
  }

  Settings settings_;
};

std::vector<LabelRequirement> read_requirements(Reader& parent, const char* key, const char* prose) {
  std::vector<LabelRequirement> all;
  for (Reader& r : parent.items(key, prose)) {
    LabelRequirement one;
    one.key = r.need<std::string>("key", "As in Kubernetes.");
    one.op = r.choice<LabelRequirement::Operator>("operator", LabelRequirement::Operator::in,
                                                  {"In", "NotIn", "Exists", "DoesNotExist"}, "As in Kubernetes.");
    one.values = r.get<std::vector<std::string>>("values", {}, "For \"In\" and \"NotIn\" only, which need some.");
    if (!r.describing() && !one.is_accepted())
      r.problem_at("values", one.values.empty() ? "\"In\" and \"NotIn\" need values"
                                                : "\"Exists\" and \"DoesNotExist\" have no values");
    r.close();
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<OcmWeight> read_weights(Reader& reader) {
  using Kind = OcmPrioritizer::Kind;
  const Bounds range = between(-10, 10);
  std::vector<OcmWeight> listed;
  if (auto r = reader.object(
          "weights", "Of the built-in prioritizers, whole numbers. Those left out have the default of the mode.")) {
    const auto weight = [&](Kind kind, const char* key, const char* prose) {
      if (const auto given = r->maybe<std::int32_t>(key, prose, range)) listed.push_back({{kind}, *given});
    };
    weight(Kind::steady, "steady", "Prefers where the application is already.");
    weight(Kind::balance, "balance", "Prefers where few other applications are.");
    weight(Kind::allocatable_cpu, "allocatable_cpu", "Prefers many allocatable cores: ResourceAllocatableCPU.");
    weight(Kind::allocatable_memory, "allocatable_memory",
           "Prefers much allocatable memory: ResourceAllocatableMemory.");
    r->close();
  }
  for (Reader& r : reader.items("addon_scores", "Scores that add-ons publish and that count here.")) {
    OcmWeight one{{Kind::add_on}};
    one.prioritizer.addon = r.need<std::string>("addon", "Name of the AddOnPlacementScore.");
    one.prioritizer.score = r.need<std::string>("score", "Name of the score in it.");
    one.weight = r.get<std::int32_t>("weight", 1, "A whole number; a negative one prefers low scores.", range);
    r.close();
    listed.push_back(std::move(one));
  }
  return listed;
}

std::unique_ptr<PlacementPolicy> make_additive(std::vector<OcmWeight> listed) {
  return std::make_unique<Ocm>(Settings{ocm_weights(OcmMode::additive, listed), {}});
}

}  // namespace

std::unique_ptr<PlacementPolicy> make_ocm_default() { return make_additive({}); }

std::unique_ptr<PlacementPolicy> make_ocm_resource() {
  return make_additive({{{OcmPrioritizer::Kind::allocatable_cpu}, 1}, {{OcmPrioritizer::Kind::allocatable_memory}, 1}});
}

Registry<PlacementPolicy>::Make read_ocm(Reader& reader) {
  Settings settings;
  const auto mode =
      reader.choice<OcmMode>("mode", OcmMode::additive, {"Additive", "Exact"},
                             "Additive: steady and balance weigh 1 unless said otherwise. Exact: only what is said.");
  settings.weights = ocm_weights(mode, read_weights(reader));
  for (Reader& r : reader.items("predicates", "Clusters must match one of these, if there are any.")) {
    OcmPredicate one;
    for (auto& [name, value] : r.members("labels", "Labels with the values they must have."))
      one.labels.labels[name] = value.value<std::string>();
    one.labels.expressions = read_requirements(r, "label_expressions", "What else must hold for labels: all of these.");
    one.claims.expressions =
        read_requirements(r, "claim_expressions", "What must hold for cluster claims: all of these.");
    r.close();
    settings.predicates.push_back(std::move(one));
  }
  return [settings] { return std::make_unique<Ocm>(settings); };
}

}  // namespace codecosim
