#include "models/orchestration/placement/rules.hpp"

#include <algorithm>

namespace codecosim {

std::optional<Rule> broken_rule(const ApplicationSpec& app, const Datasets& datasets, const Federation& federation,
                                ClusterId cluster, Security security) {
  const ProviderSpec& provider = federation.provider(cluster);
  const auto& domains = app.allowed_domains;
  if (!domains.empty() && std::find(domains.begin(), domains.end(), provider.domain) == domains.end()) return Rule::domain;
  if (provider.compliance < app.compliance) return Rule::compliance;
  if (security < app.security) return Rule::security;
  if (provider.cpu_price.highest() > app.price_cap) return Rule::price;
  for (const ComponentSpec& component : app.components)
    for (const auto& some : {component.reads, component.writes})
      for (const std::uint32_t data : some)
        if (!datasets.allowed(data, cluster)) return Rule::data;
  return std::nullopt;
}

double energy_share(const Federation& federation, ClusterId cluster, Cores cores) {
  Cores all;
  for (const ClusterSpec::Pool& pool : federation.cluster_spec(cluster).pools)
    all += federation.spec().node_types[pool.type].cores * pool.count;
  return cores / all;
}

Cores cores_in(const World& world, const Applications& applications, ApplicationId app, ClusterId cluster) {
  Cores cores;
  const Federation::Cluster& one = world.federation.cluster(cluster);
  for (std::uint32_t n = one.first_node; n < one.first_node + one.nodes; ++n)
    for (const PodId pod : applications.pods_on({n}))
      if (applications.application(pod) == app) cores += applications.component(pod).cpu_request;
  return cores;
}

void audit(World& world, const Applications& applications, const Datasets& datasets, PodId pod) {
  const ClusterId cluster = world.federation.cluster_of(applications.node(pod));
  const ApplicationId app = applications.application(pod);
  const ApplicationSpec& spec = applications.spec(app);
  std::optional<Rule> broken = broken_rule(spec, datasets, world.federation, cluster, world.security(cluster));
  const auto share = [&] { return energy_share(world.federation, cluster, cores_in(world, applications, app, cluster)); };
  if (!broken && spec.energy_limit < 1 && share() > spec.energy_limit) broken = Rule::energy;
  if (!broken) return;
  const bool breached = world.security(cluster) != world.federation.cluster_spec(cluster).security;
  ++world.metrics.violations;
  world.metrics.violations_unexplained += !(breached && broken == Rule::security);
  world.trace.emit(now(), Violated{pod, cluster, *broken, breached});
}

}  // namespace codecosim
