#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/policy.hpp"

/// The score functions of kube-scheduler v1.30's default profile, with its whole-number arithmetic: divisions and
/// conversions drop the fraction, as in Go. Sources are paths below pkg/scheduler/framework/plugins of
/// kubernetes/kubernetes, read in versions from before and after v1.30. Scores are in [0, kube_max_score], higher is
/// better, unless a function says otherwise. Checked by tests/conformance/kube_scores_test.cpp against the numbers of
/// Kubernetes' own tests.
namespace codecosim {

inline constexpr std::int64_t kube_max_score = 100;
/// Default requests, cpu [millicores] and memory [bytes], of a container that states none. Only NodeResourcesFit's
/// score uses them. Source: pkg/scheduler/util/pod_resources.go.
inline constexpr std::int64_t kube_default_millicores = 100;
inline constexpr std::int64_t kube_default_memory = 200 * 1024 * 1024;

/// One resource of a node with the pod on it. Both numbers are in the same unit: millicores, bytes or pieces.
struct ResourceUse {
  std::int64_t requested = 0;
  std::int64_t allocatable = 0;
  std::int64_t weight = 1;  ///< For least_allocated_score() only.
};

/// NodeResourcesFit, strategy LeastAllocated: the weighted mean of the free percentages. A resource that is requested
/// beyond what is allocatable counts 0, one of which nothing is allocatable does not count. Source:
/// noderesources/least_allocated.go.
std::int64_t least_allocated_score(std::span<const ResourceUse> resources);

/// NodeResourcesBalancedAllocation: 100 x (1 - standard deviation of the requested fractions), each fraction at most 1;
/// resources of which nothing is allocatable are left out. Takes stated requests, without the defaults above. (Newer
/// releases do not score pods without any request; the order of nodes that are otherwise equal then differs.) Source:
/// noderesources/balanced_allocation.go.
std::int64_t balanced_allocation_score(std::span<const ResourceUse> resources);

/// ImageLocality: the size [bytes] of one image on the node, scaled by the share of all nodes that have it, so that one
/// node with the image does not attract every pod. `nodes` > 0. Returns bytes. Source: imagelocality/image_locality.go.
std::int64_t spread_image_size(std::int64_t size, std::int64_t nodes_with_image, std::int64_t nodes);

/// ImageLocality: the position of the sum of spread_image_size() over the pod's containers between 23 MiB (0) and 1000
/// MiB per container (100). `containers` > 0. Source: imagelocality/image_locality.go.
std::int64_t image_locality_score(std::int64_t spread_sizes, std::int64_t containers);

/// TaintToleration before it is normalised: the number of PreferNoSchedule taints that are not tolerated. Lower is
/// better; goes through normalize_scores() in reverse. Source: tainttoleration/taint_toleration.go.
std::int64_t untolerated_preferences(std::span<const Taint> taints, std::span<const Toleration> tolerations);

/// DefaultNormalizeScore: scales scores (>= 0) in place so that the largest becomes `top`, and in reverse so that it
/// becomes 0. When all are zero they stay so, or in reverse all become `top`. Source: helper/normalize_score.go.
void normalize_scores(std::span<std::int64_t> scores, std::int64_t top, bool reverse);

/// One topology spread constraint at one node: the matching pods in the node's domain (its zone, or the node itself for
/// the host name), the constraint's maxSkew, and its topology_weight().
struct SpreadTerm {
  std::int64_t matching = 0;
  std::int64_t max_skew = 1;
  double weight = 0;
};

/// PodTopologySpread: the weight of a constraint, ln(domains + 2), where `domains` is the number of domains that
/// candidates are in. Larger topologies have fewer pods per domain; the weight compensates for it. Source:
/// podtopologyspread/scoring.go.
double topology_weight(std::size_t domains);

/// PodTopologySpread before it is normalised: the sum of matching x weight + max_skew - 1 over the constraints whose
/// label the node has, rounded half away from zero. >= 0, lower is better. Source: podtopologyspread/scoring.go.
std::int64_t topology_spread_score(std::span<const SpreadTerm> terms);

/// Marks a node that lacks a label which the pod's own constraints need. The scheduler's default constraints need none:
/// a node without a zone is then scored by its host name alone, and all nodes without a zone count as one more zone.
inline constexpr std::int64_t spread_ignored = -1;

/// PodTopologySpread, normalised in place: 100 x (largest + smallest - score) / largest; 100 when the largest is 0; 0
/// for spread_ignored. Source: podtopologyspread/scoring.go.
void normalize_spread_scores(std::span<std::int64_t> scores);

}  // namespace codecosim
