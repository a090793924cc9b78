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
/// `most` is the largest count of any cluster, also of those that are not up for choice. Always even. Source:
/// plugins/balance/balance.go.
std::int64_t balance_score(std::int64_t decisions, std::int64_t most);

/// ResourceAllocatableCPU and ResourceAllocatableMemory: ((x - min) / (max - min) - 0.5) x 2 x 100, by candidate; 100
/// when all are equal. `allocatable` in any unit, as Kubernetes' Quantity gives it as a float; none where the cluster
/// does not report the resource, or not its capacity: it then has no score. What is free does not matter. Source:
/// plugins/resource/resource.go.
std::vector<std::optional<std::int64_t>> allocatable_scores(std::span<const std::optional<double>> allocatable);

/// AddOn: what an add-on published about the cluster under this name, without its fraction; the last one if there are
/// several. 0 where there is none, after `valid_until`, and for what no 32-bit number holds. Not clamped: that the
/// value is in [-100, 100] is for the API to enforce. Source: plugins/addon/addon.go.
std::int64_t add_on_score(std::span<const AddOnScore> scores, std::string_view addon, std::string_view name,
                          Seconds now);

/// A prioritizer: a built-in one, or the score of this name of an add-on.
struct OcmPrioritizer {
  enum class Kind : std::uint8_t { steady, balance, allocatable_cpu, allocatable_memory, add_on };
  Kind kind = Kind::steady;
  std::string addon = {}, score = {};  ///< Of Kind::add_on only.
  auto operator<=>(const OcmPrioritizer&) const = default;
};
/// Weights are whole numbers in [-10, 10]; a negative one prefers low scores.
struct OcmWeight {
  OcmPrioritizer prioritizer;
  std::int32_t weight = 1;
};
using OcmWeights = std::map<OcmPrioritizer, std::int32_t>;
enum class OcmMode : std::uint8_t { additive, exact };

/// The weights in effect: those listed, of several for one prioritizer the last; in additive mode also Steady 1 and
/// Balance 1 where they are not listed. A weight of 0 switches a prioritizer off: it is left out. Source:
/// controllers/scheduling/schedule.go.
OcmWeights ocm_weights(OcmMode mode, std::span<const OcmWeight> listed);

/// What prioritizers look at of a cluster that has passed the filters.
struct OcmCandidate {
  bool selected = false;                    ///< The placement has a decision for it already.
  std::int64_t decisions = 0;               ///< Of other placements.
  std::optional<double> cpu = {};           ///< Allocatable; as allocatable_scores() takes it.
  std::optional<double> memory = {};        ///< Likewise.
  std::span<const AddOnScore> scores = {};  ///< That add-ons published.
};

/// By candidate, the sum of weight x score; a score that is missing counts 0. `most` as for balance_score(). Decisions
/// go to the highest totals, among equals in order of cluster names. Source: controllers/scheduling/schedule.go.
std::vector<std::int64_t> ocm_totals(const OcmWeights& weights, std::span<const OcmCandidate> candidates,
                                     std::int64_t most, Seconds now);

/// Whether OCM accepts a toleration: without a key the operator must be `exists`, and `exists` takes no value. A
/// placement with one that it does not accept selects nothing. Source: plugins/tainttoleration/taint_toleration.go.
bool is_accepted(const Toleration& toleration);

/// TaintToleration, one taint: prefer_no_select never matters, no_select_if_new not where the placement has a decision
/// already (`selected`); else a toleration must match, before `since` + `duration` (in spite of the API's comment, for
/// every effect). Source: plugins/tainttoleration/taint_toleration.go.
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
/// Kubernetes' label selector: all of it must match, and an empty one matches everything.
struct LabelSelector {
  Labels labels = {};
  std::vector<LabelRequirement> expressions = {};
  bool matches(const Labels& of_cluster) const;
};
/// One of a placement's predicates: both selectors must match. OCM's claim selectors have expressions only.
struct OcmPredicate {
  LabelSelector labels = {};
  LabelSelector claims = {};
};

/// Predicate: whether a cluster matches any of the predicates; true when there are none, false when one has a
/// requirement that is not accepted. Source: plugins/predicate/predicate.go, helpers/clusters.go.
bool passes_predicates(std::span<const OcmPredicate> predicates, const Labels& labels, const Labels& claims);

}  // namespace codecosim
