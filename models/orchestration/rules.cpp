#include "models/orchestration/rules.hpp"

#include <algorithm>

namespace codecosim {

std::optional<Rule> broken_rule(const ApplicationSpec& app, const Federation& federation, ClusterId cluster, Security security) {
  const ProviderSpec& provider = federation.provider(cluster);
  const auto& domains = app.allowed_domains;
  if (!domains.empty() && std::find(domains.begin(), domains.end(), provider.domain) == domains.end()) return Rule::domain;
  if (provider.compliance < app.compliance) return Rule::compliance;
  if (security < app.security) return Rule::security;
  if (provider.cpu_price.highest() > app.price_cap) return Rule::price;
  return std::nullopt;
}

double energy_share(const Federation& federation, ClusterId cluster, Cores cores) {
  Cores all;
  for (const ClusterSpec::Pool& pool : federation.cluster_spec(cluster).pools)
    all += federation.spec().node_types[pool.type].cores * pool.count;
  return cores / all;
}

}  // namespace codecosim
