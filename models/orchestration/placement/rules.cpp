#include "models/orchestration/placement/rules.hpp"

#include <algorithm>

namespace codecosim {

namespace {
constexpr double rounding = 1e-12;  // relative, of prices whose units differ
}

std::optional<Rule> broken_rule(const ApplicationSpec& app, const std::vector<DatasetSpec>& datasets,
                                const Federation& federation, ClusterId cluster, Security security) {
  const ProviderSpec& provider = federation.provider(cluster);
  const auto& domains = app.allowed_domains;
  if (!domains.empty() && std::find(domains.begin(), domains.end(), provider.domain) == domains.end())
    return Rule::domain;
  if (provider.compliance < app.compliance) return Rule::compliance;
  if (security < app.security) return Rule::security;
  if (provider.cpu_price.highest() > app.price_cap * (1 + rounding)) return Rule::price;
  for (const ComponentSpec& component : app.components)
    for (const auto& some : {component.reads, component.writes})
      for (const std::uint32_t data : some)
        if (!allowed(datasets[data], federation, cluster)) return Rule::data;
  return std::nullopt;
}

bool within_energy_limit(const ApplicationSpec& app, const Federation& federation, ClusterId cluster,
                         ExactSum<Cores> cores) {
  if (app.energy_limit >= 1) return true;
  ExactSum<Cores> all;
  for (const ClusterSpec::Pool& pool : federation.cluster_spec(cluster).pools)
    all += federation.spec().node_types[pool.type].cores * pool.count;
  return cores.within(app.energy_limit, all);
}

}  // namespace codecosim
