#include "models/orchestration/placement/offers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/orchestration/placement/rules.hpp"
#include "sim/base/distinct.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

std::size_t Offer::considered() const {
  std::size_t sum = clusters.size();
  for (const auto& [reason, count] : left_out) sum += count;
  return sum;
}

std::string Offer::reasons() const {
  std::string text;
  for (const auto& [reason, count] : left_out) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
  return text;
}

Offers::Offers(const Catalogue& catalogue, const Federation& federation, const std::vector<DatasetSpec>& datasets,
               const Knowledge& knowledge)
    : catalogue_(catalogue),
      federation_(federation),
      datasets_(datasets),
      knowledge_(knowledge),
      kept_of_(catalogue.count()) {}

const Offer& Offers::all(ApplicationId id) const {
  Kept*& kept = kept_of_[id.index];
  if (!kept) kept = &kept_.try_emplace(rules(id), Kept{id, {}, {}, 0}).first->second;
  const std::vector<ClusterId>& changes = knowledge_.changes();
  if (kept->verdicts.empty()) {
    kept->verdicts.assign(federation_.cluster_count(), absent);
    for (const ClusterId cluster : knowledge_.clusters()) renew(*kept, cluster);
    kept->seen = changes.size();
  }
  for (; kept->seen < changes.size(); ++kept->seen) renew(*kept, changes[kept->seen]);
  return kept->offer;
}

Offer Offers::among(ApplicationId id, const std::vector<ClusterId>& clusters) const {
  Offer offer;
  for (const ClusterId cluster : clusters)
    if (const Verdict found = verdict(id, cluster); found == open)
      offer.clusters.push_back(cluster);
    else
      ++offer.left_out[reasons_[found]];
  return offer;
}

Offers::Rules Offers::rules(ApplicationId id) const {
  const ApplicationSpec& spec = catalogue_.spec(id);
  std::vector<std::uint32_t> data;
  for (const ComponentSpec& component : spec.components) {
    data.insert(data.end(), component.reads.begin(), component.reads.end());
    data.insert(data.end(), component.writes.begin(), component.writes.end());
  }
  make_distinct(data);
  return {spec.allowed_domains, spec.compliance, spec.security, spec.price_cap.value, std::move(data)};
}

Offers::Verdict Offers::verdict(ApplicationId id, ClusterId cluster) const {
  std::string reason;
  if (const auto broken =
          broken_rule(catalogue_.spec(id), datasets_, federation_, cluster, knowledge_.security(cluster)))
    reason = fmt::format("cluster(s) broke the rule on {}", name(*broken));
  else if (const auto obstacle = knowledge_.obstacle(cluster))
    reason = "cluster(s) " + *obstacle;
  else
    return open;
  const auto known = std::ranges::find(reasons_, reason);
  const auto index = static_cast<Verdict>(known - reasons_.begin());
  ensure(index < open, "more reasons against a cluster than are told apart");
  if (known == reasons_.end()) reasons_.push_back(std::move(reason));
  return index;
}

void Offers::renew(Kept& kept, ClusterId cluster) const {
  Verdict& known = kept.verdicts[cluster.index];
  const Verdict found = knowledge_.has(cluster) ? verdict(kept.any, cluster) : absent;
  if (found == known) return;
  std::vector<ClusterId>& clusters = kept.offer.clusters;
  std::map<std::string, std::uint32_t>& left_out = kept.offer.left_out;
  const auto place = std::ranges::lower_bound(clusters, cluster);
  if (known == open)
    clusters.erase(place);
  else if (known != absent && --left_out[reasons_[known]] == 0)
    left_out.erase(reasons_[known]);
  if (found == open)
    clusters.insert(place, cluster);
  else if (found != absent)
    ++left_out[reasons_[found]];
  known = found;
}

}  // namespace codecosim
