#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/policy.hpp"

/// The filters and prioritizers of Open Cluster Management's Placement, with its conversions: fractions are dropped, as
/// in Go. Sources are paths below pkg/placement of open-cluster-management-io/ocm, read in versions from before and
/// after CEL selectors came, which are left out. Scores are in [-100, 100], higher is better. The API's spreadPolicy is
/// missing because OCM's scheduler does not read it. Checked by tests/conformance/ocm_scores_test.cpp against OCM's own
/// tests.
namespace codecosim {

inline constexpr std::int64_t ocm_max_score = 100;

/// Steady: 100 where the placement has a decision already, else 0. Source: plugins/steady/steady.go.
std::int64_t steady_score(bool selected);

/// Balance: 2 x whole(100 x (0.5 - decisions / most)), 100 for no decisions. Counts decisions of other placements;
/// `most` is the largest count of any cluster, also of clusters that are not candidates. Always even. Source:
/// plugins/balance/balance.go.
std::int64_t balance_score(std::int64_t decisions, std::int64_t most);

/// ResourceAllocatableCPU and ResourceAllocatableMemory: ((x - min) / (max - min) - 0.5) x 2 x 100, by candidate; 100
/// when all are equal. `allocatable` in any unit, as Kubernetes' Quantity gives it as a float; none where the cluster
/// does not report the resource, or not its capacity: it then has no score. Free resources do not matter. Source:
/// plugins/resource/resource.go.
std::vector<std::optional<std::int64_t>> allocatable_scores(std::span<const std::optional<double>> allocatable);

/// AddOn: the value that an add-on published about the cluster under this name, without its fraction; the last one if
/// there are several. 0 where there is none, after `valid_until`, and for values beyond 32 bits. Not clamped: the API
/// enforces that the value is in [-100, 100]. Source: plugins/addon/addon.go.
std::int64_t add_on_score(std::span<const AddOnScore> scores, std::string_view addon, std::string_view name,
                          Seconds now);

/// A prioritizer: a built-in one, or a score of an add-on.
struct OcmPrioritizer {
  enum class Kind : std::uint8_t { steady, balance, allocatable_cpu, allocatable_memory, add_on };
  Kind kind = Kind::steady;
  std::string addon = {}, score = {};  ///< For Kind::add_on only.
  auto operator<=>(const OcmPrioritizer&) const = default;
};
/// Weights are whole numbers in [-10, 10]; a negative one prefers low scores.
struct OcmWeight {
  OcmPrioritizer prioritizer;
  std::int32_t weight = 1;
};
using OcmWeights = std::map<OcmPrioritizer, std::int32_t>;
enum class OcmMode : std::uint8_t { additive, exact };

/// The weights in effect: the listed ones, and of several for one prioritizer the last; in additive mode also Steady 1
/// and Balance 1 where they are not listed. A weight of 0 switches a prioritizer off: it is left out. Source:
/// controllers/scheduling/schedule.go.
OcmWeights ocm_weights(OcmMode mode, std::span<const OcmWeight> listed);

/// The inputs of the prioritizers for a cluster that has passed the filters.
struct OcmCandidate {
  bool selected = false;                    ///< The placement has a decision for it already.
  std::int64_t decisions = 0;               ///< Decisions of other placements.
  std::optional<double> cpu = {};           ///< Allocatable; as allocatable_scores() takes it.
  std::optional<double> memory = {};        ///< Allocatable; as allocatable_scores() takes it.
  std::span<const AddOnScore> scores = {};  ///< Scores that add-ons published.
};

/// Totals by candidate: the sum of weight x score; a missing score counts 0. `most` as for balance_score(). Decisions
/// go to the highest totals, among equals in order of cluster names. Source: controllers/scheduling/schedule.go.
std::vector<std::int64_t> ocm_totals(const OcmWeights& weights, std::span<const OcmCandidate> candidates,
                                     std::int64_t most, Seconds now);

/// Whether OCM accepts a toleration: without a key the operator must be `exists`, and `exists` takes no value. A
/// placement with one that it does not accept selects nothing. Source: plugins/tainttoleration/taint_toleration.go.
bool is_accepted(const Toleration& toleration);

/// TaintToleration, one taint: prefer_no_select is always tolerated, no_select_if_new where the placement has a
/// decision already (`selected`); else a toleration must match, before `since` + `duration` (in spite of the API's
/// comment, for every effect). Source: plugins/tainttoleration/taint_toleration.go.
bool is_tolerated(const Taint& taint, std::span<const Toleration> tolerations, Seconds now, bool selected);

/// TaintToleration: whether a cluster passes, by all of its taints. Source: as above.
bool passes_taints(std::span<const Taint> taints, std::span<const Toleration> tolerations, Seconds now, bool selected);

/// One of Kubernetes' matchExpressions. `in` and `not_in` need values, `exists` and `does_not_exist` have none.
/// `not_in` also matches where the key is missing.
struct LabelRequirement {
  enum class Operator : std::uint8_t { in, not_in, exists, does_not_exist };
  std::string key;
  Operator op = Operator::in;
  std::vector<std::string> values = {};
  bool is_accepted() const;
  bool matches(const Labels& labels) const;
};
/// Kubernetes' label selector: all labels and expressions must match, and an empty one matches everything.
struct LabelSelector {
  Labels labels = {};
  std::vector<LabelRequirement> expressions = {};
  bool matches(const Labels& of_cluster) const;
};
/// A predicate of a placement: both selectors must match. OCM's claim selectors have expressions only.
struct OcmPredicate {
  LabelSelector labels = {};
  LabelSelector claims = {};
};

/// Predicate: whether a cluster matches any of the predicates; true when there are none, false when one has a
/// requirement that is not accepted. Source: plugins/predicate/predicate.go, helpers/clusters.go.
bool passes_predicates(std::span<const OcmPredicate> predicates, const Labels& labels, const Labels& claims);

}  // namespace codecosim
