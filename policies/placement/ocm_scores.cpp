#include "policies/placement/ocm_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace codecosim {

std::int64_t steady_score(bool selected) { return selected ? ocm_max_score : 0; }

std::int64_t balance_score(std::int64_t decisions, std::int64_t most) {
  if (decisions == 0) return ocm_max_score;
  const double usage = static_cast<double>(decisions) / static_cast<double>(most);
  return 2 * static_cast<std::int64_t>(static_cast<double>(ocm_max_score) * (0.5 - usage));
}

std::vector<std::optional<std::int64_t>> allocatable_scores(std::span<const std::optional<double>> allocatable) {
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const std::optional<double>& each : allocatable)
    if (each) {
      least = std::min(least, *each);
      most = std::max(most, *each);
    }
  std::vector<std::optional<std::int64_t>> scores;
  scores.reserve(allocatable.size());
  for (const std::optional<double>& each : allocatable) {
    if (!each)
      scores.emplace_back();
    else if (most == least)
      scores.emplace_back(ocm_max_score);
    else
      scores.emplace_back(static_cast<std::int64_t>(((*each - least) / (most - least) - 0.5) * 2.0 * 100.0));
  }
  return scores;
}

std::int64_t add_on_score(std::span<const AddOnScore> scores, std::string_view addon, std::string_view name,
                          Seconds now) {
  std::int64_t found = 0;
  for (const AddOnScore& each : scores) {
    if (each.addon != addon || each.name != name) continue;
    const bool counts = now <= each.valid_until && std::abs(each.value) <= std::numeric_limits<std::int32_t>::max();
    found = counts ? static_cast<std::int64_t>(each.value) : 0;
  }
  return found;
}

OcmWeights ocm_weights(OcmMode mode, std::span<const OcmWeight> listed) {
  OcmWeights weights;
  if (mode == OcmMode::additive) weights = {{{OcmPrioritizer::Kind::steady}, 1}, {{OcmPrioritizer::Kind::balance}, 1}};
  for (const OcmWeight& each : listed) weights[each.prioritizer] = each.weight;
  std::erase_if(weights, [](const auto& each) { return each.second == 0; });
  return weights;
}

namespace {

std::vector<std::optional<std::int64_t>> scores_of(const OcmPrioritizer& prioritizer,
                                                   std::span<const OcmCandidate> candidates, std::int64_t most,
                                                   Seconds now) {
  using Kind = OcmPrioritizer::Kind;
  if (prioritizer.kind == Kind::allocatable_cpu || prioritizer.kind == Kind::allocatable_memory) {
    const auto resource = prioritizer.kind == Kind::allocatable_cpu ? &OcmCandidate::cpu : &OcmCandidate::memory;
    std::vector<std::optional<double>> allocatable;
    for (const OcmCandidate& each : candidates) allocatable.push_back(each.*resource);
    return allocatable_scores(allocatable);
  }
  std::vector<std::optional<std::int64_t>> scores;
  for (const OcmCandidate& each : candidates) {
    if (prioritizer.kind == Kind::steady) scores.emplace_back(steady_score(each.selected));
    if (prioritizer.kind == Kind::balance) scores.emplace_back(balance_score(each.decisions, most));
    if (prioritizer.kind == Kind::add_on)
      scores.emplace_back(add_on_score(each.scores, prioritizer.addon, prioritizer.score, now));
  }
  return scores;
}

}  // namespace

std::vector<std::int64_t> ocm_totals(const OcmWeights& weights, std::span<const OcmCandidate> candidates,
                                     std::int64_t most, Seconds now) {
  std::vector<std::int64_t> totals(candidates.size(), 0);
  for (const auto& [prioritizer, weight] : weights) {
    const auto scores = scores_of(prioritizer, candidates, most, now);
    for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += weight * scores[i].value_or(0);
  }
  return totals;
}

bool is_accepted(const Toleration& toleration) {
  return toleration.op == Toleration::Operator::exists ? toleration.value.empty() : !toleration.key.empty();
}

bool is_tolerated(const Taint& taint, std::span<const Toleration> tolerations, Seconds now, bool selected) {
  if (taint.effect == Taint::Effect::prefer_no_select) return true;
  if (taint.effect == Taint::Effect::no_select_if_new && selected) return true;
  return std::ranges::any_of(tolerations, [&](const Toleration& each) { return each.tolerates(taint, now); });
}

bool passes_taints(std::span<const Taint> taints, std::span<const Toleration> tolerations, Seconds now, bool selected) {
  return std::ranges::all_of(tolerations, is_accepted) &&
         std::ranges::all_of(taints, [&](const Taint& each) { return is_tolerated(each, tolerations, now, selected); });
}

bool LabelRequirement::is_accepted() const {
  return values.empty() == (op == Operator::exists || op == Operator::does_not_exist);
}

bool LabelRequirement::matches(const Labels& labels) const {
  const auto found = labels.find(key);
  const bool exists = found != labels.end();
  if (op == Operator::exists || op == Operator::does_not_exist) return exists == (op == Operator::exists);
  return (exists && std::ranges::find(values, found->second) != values.end()) == (op == Operator::in);
}

bool LabelSelector::matches(const Labels& of_cluster) const {
  return std::ranges::all_of(labels,
                             [&](const auto& each) {
                               const auto found = of_cluster.find(each.first);
                               return found != of_cluster.end() && found->second == each.second;
                             }) &&
         std::ranges::all_of(expressions, [&](const LabelRequirement& each) { return each.matches(of_cluster); });
}

bool passes_predicates(std::span<const OcmPredicate> predicates, const Labels& labels, const Labels& claims) {
  const auto accepted = [](const LabelSelector& selector) {
    return std::ranges::all_of(selector.expressions, &LabelRequirement::is_accepted);
  };
  if (!std::ranges::all_of(predicates,
                           [&](const auto& each) { return accepted(each.labels) && accepted(each.claims); }))
    return false;
  return predicates.empty() || std::ranges::any_of(predicates, [&](const OcmPredicate& each) {
           return each.labels.matches(labels) && each.claims.matches(claims);
         });
}

}  // namespace codecosim
