#include "policies/placement/kube_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/portable_math.hpp"

namespace codecosim {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr std::int64_t least_image_size = 23 * mebibyte;
constexpr std::int64_t most_image_size_per_container = 1000 * mebibyte;

double requested_fraction(const ResourceUse& use) {
  return std::min(1.0, static_cast<double>(use.requested) / static_cast<double>(use.allocatable));
}

}  // namespace

std::int64_t least_allocated_score(std::span<const ResourceUse> resources) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (const ResourceUse& use : resources) {
    if (use.allocatable == 0) continue;
    weights += use.weight;
    if (use.requested <= use.allocatable)
      sum += use.weight * ((use.allocatable - use.requested) * kube_max_score / use.allocatable);
  }
  return weights == 0 ? 0 : sum / weights;
}

std::int64_t balanced_allocation_score(std::span<const ResourceUse> resources) {
  double total = 0;
  int count = 0;
  for (const ResourceUse& use : resources) {
    if (use.allocatable == 0) continue;
    total += requested_fraction(use);
    ++count;
  }
  double deviation = 0;
  if (count == 2) {
    // Kubernetes computes the closed form for two; the general one may differ in the last bit, which truncation makes
    // visible.
    double difference = 0;
    for (const ResourceUse& use : resources)
      if (use.allocatable != 0) difference = requested_fraction(use) - difference;
    deviation = std::abs(difference / 2);
  } else if (count > 2) {
    const double mean = total / count;
    double squares = 0;
    for (const ResourceUse& use : resources)
      if (use.allocatable != 0) squares += (requested_fraction(use) - mean) * (requested_fraction(use) - mean);
    deviation = std::sqrt(squares / count);
  }
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kube_max_score));
}

std::int64_t spread_image_size(std::int64_t size, std::int64_t nodes_with_image, std::int64_t nodes) {
  const double share = static_cast<double>(nodes_with_image) / static_cast<double>(nodes);
  return static_cast<std::int64_t>(static_cast<double>(size) * share);
}

std::int64_t image_locality_score(std::int64_t spread_sizes, std::int64_t containers) {
  const std::int64_t most = most_image_size_per_container * containers;
  const std::int64_t counted = std::clamp(spread_sizes, least_image_size, most);
  return kube_max_score * (counted - least_image_size) / (most - least_image_size);
}

std::int64_t untolerated_preferences(std::span<const Taint> taints, std::span<const Toleration> tolerations) {
  return std::ranges::count_if(taints, [&](const Taint& taint) {
    return taint.effect == Taint::Effect::prefer_no_schedule &&
           std::ranges::none_of(tolerations, [&](const Toleration& each) { return each.tolerates(taint); });
  });
}

void normalize_scores(std::span<std::int64_t> scores, std::int64_t top, bool reverse) {
  std::int64_t largest = 0;
  for (std::int64_t score : scores) largest = std::max(largest, score);
  for (std::int64_t& score : scores) {
    const std::int64_t scaled = largest == 0 ? 0 : top * score / largest;
    score = reverse ? top - scaled : scaled;
  }
}

double topology_weight(std::size_t domains) { return portable::log(static_cast<double>(domains + 2)); }

std::int64_t topology_spread_score(std::span<const SpreadTerm> terms) {
  double score = 0;
  for (const SpreadTerm& term : terms)
    score += static_cast<double>(term.matching) * term.weight + static_cast<double>(term.max_skew - 1);
  return std::llround(score);
}

void normalize_spread_scores(std::span<std::int64_t> scores) {
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  std::int64_t largest = 0;
  for (std::int64_t score : scores) {
    if (score == spread_ignored) continue;
    smallest = std::min(smallest, score);
    largest = std::max(largest, score);
  }
  for (std::int64_t& score : scores) {
    if (score == spread_ignored)
      score = 0;
    else
      score = largest == 0 ? kube_max_score : kube_max_score * (largest + smallest - score) / largest;
  }
}

}  // namespace codecosim
