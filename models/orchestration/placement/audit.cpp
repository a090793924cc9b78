#include "models/orchestration/placement/audit.hpp"

#include "models/orchestration/placement/rules.hpp"

namespace codecosim {

namespace {
/// Requested cores of an application's pods that run in a cluster.
ExactSum<Cores> cores_in(const World& world, const Applications& applications, ApplicationId app, ClusterId cluster) {
  ExactSum<Cores> cores;
  for (const NodeId n : world.federation.nodes(cluster))
    for (const PodId pod : applications.pods_on(n))
      if (applications.application(pod) == app) cores += applications.component(pod).cpu_request;
  return cores;
}
}  // namespace

void audit(World& world, const Applications& applications, const std::vector<DatasetSpec>& datasets, PodId pod) {
  const ClusterId cluster = world.federation.cluster_of(applications.node(pod));
  const ApplicationId app = applications.application(pod);
  const ApplicationSpec& spec = applications.spec(app);
  std::optional<Rule> broken = broken_rule(spec, datasets, world.federation, cluster, world.security(cluster));
  const auto cores = [&] { return cores_in(world, applications, app, cluster); };
  if (!broken && spec.energy_limit < 1 && !within_energy_limit(spec, world.federation, cluster, cores()))
    broken = Rule::energy;
  if (!broken) return;
  const bool breached = world.security(cluster) != world.federation.cluster_spec(cluster).security;
  ++world.metrics.violations;
  world.metrics.violations_unexplained += !(breached && broken == Rule::security);
  world.trace.emit(now(), Violated{pod, cluster, *broken, breached});
}

}  // namespace codecosim
