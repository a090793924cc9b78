#include "models/orchestration/oracle/oracle.hpp"

#include <algorithm>

#include "models/orchestration/pending.hpp"
#include "models/orchestration/placement/audit.hpp"
#include "models/orchestration/placement/rules.hpp"
#include "sim/base/distinct.hpp"

namespace codecosim {

namespace {
constexpr std::uint32_t unlimited = 1'000'000;
constexpr Placer::Timing at_once{Seconds(0), Seconds(0), Seconds(0), unlimited, unlimited};
}  // namespace

Oracle::Oracle(const Parts& parts)
    : parts_(parts),
      kubelet_(parts.world, parts.applications, parts.datasets, parts.migrations, parts.images, parts.registry,
               parts.bulk, spec_),
      kubernetes_(parts.world, parts.applications, kubelet_, parts.truth, parts.datasets, parts.decisions, spec_,
                  Kubernetes::Readings::as_they_are, parts.scheduler.make, *this),
      placer_(parts.applications, parts.world.federation, parts.datasets.specs(), parts.truth, parts.decisions, *this,
              at_once, parts.placement.make) {}

void Oracle::submit(ApplicationId app) {
  parts_.applications.submitted(app);
  placer_.add(app, now());
  if (parts_.applications.spec(app).delete_at < forever) spawn(remove(app));
}

Process Oracle::remove(ApplicationId app) {
  co_await until(parts_.applications.spec(app).delete_at);
  parts_.applications.deleted(app);
  placer_.remove(app);
}

void Oracle::cordoned(NodeId node, Seconds notice) {
  std::vector<ApplicationId> there;
  for (const PodId pod : parts_.applications.pods_on(node)) there.push_back(parts_.applications.application(pod));
  make_distinct(there);
  for (const ApplicationId app : there) on_cordoned(app);
  kubernetes_.drain(node, notice);
}

void Oracle::security_changed(ClusterId cluster) {
  for (const ApplicationId app : placer_.applications(cluster)) {
    const ApplicationSpec& spec = parts_.applications.spec(app);
    if (!broken_rule(spec, parts_.datasets.specs(), parts_.world.federation, cluster, parts_.world.security(cluster)))
      continue;
    std::vector<std::uint32_t> pods;
    for (std::uint32_t c = 0; c < spec.components.size(); ++c)
      pods.push_back(static_cast<std::uint32_t>(kubernetes_.pods(cluster, parts_.applications.service(app, c)).size()));
    placer_.replace(app, cluster, pods);
  }
  placer_.reconsider(cluster);
}

void Oracle::client_moved(ClientId client, ClusterId) {
  if (now() > Seconds(0)) on_located(parts_.requests.application(client));
}

void Oracle::use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) {
  placer_.use(placement);
  kubernetes_.use(scheduler);
}

// The status is reported even where nothing has changed: the placer may count other replicas than before.
void Oracle::issue(ApplicationId app, ClusterId cluster, const Workloads& workloads) {
  kubernetes_.apply(cluster, app, workloads);
  for (std::uint32_t c = 0; c < workloads.replicas.size(); ++c)
    if (workloads.replicas[c] > 0) workload_changed(cluster, parts_.applications.service(app, c));
}

void Oracle::workload_changed(ClusterId cluster, ServiceId service) {
  placer_.observe(cluster, kubernetes_.status(cluster, service));
}

void Oracle::pod_ready(PodId pod) { audit(parts_.world, parts_.applications, parts_.datasets.specs(), pod); }

void Oracle::node_not_ready(NodeId node, const std::vector<PodId>& pods) {
  const ClusterId cluster = parts_.world.federation.cluster_of(node);
  std::vector<ApplicationId> apps;
  std::vector<std::vector<std::uint32_t>> lost;
  for (const PodId pod : pods) {
    if (kubernetes_.stage(pod) == Kubernetes::Stage::stopping) continue;
    const ApplicationId app = parts_.applications.application(pod);
    const auto known = std::find(apps.begin(), apps.end(), app);
    const auto number = static_cast<std::size_t>(known - apps.begin());
    if (known == apps.end()) {
      apps.push_back(app);
      lost.emplace_back(parts_.applications.spec(app).components.size());
    }
    ++lost[number][parts_.applications.component_number(pod)];
  }
  for (std::size_t i = 0; i < apps.size(); ++i) {
    // Surplus pods of a rollout are no replicas.
    for (std::uint32_t c = 0; c < lost[i].size(); ++c) {
      std::uint32_t beyond =
          static_cast<std::uint32_t>(kubernetes_.pods(cluster, parts_.applications.service(apps[i], c)).size());
      for (const Replica& one : placer_.replicas(apps[i])) {
        const bool here =
            one.component == c && (one.cluster == cluster || (one.leaving && one.leaving->from == cluster));
        beyond -= here && beyond > 0;
      }
      lost[i][c] -= std::min(lost[i][c], beyond);
    }
    placer_.replace(apps[i], cluster, lost[i]);
  }
}

std::vector<Pending> Oracle::pending() const {
  std::vector<Pending> all;
  for (std::uint32_t a = 0; a < parts_.applications.count(); ++a) {
    add_pending({a}, parts_.applications, placer_, kubernetes_, all);
    add_outdated({a}, parts_.applications, placer_, kubernetes_, all);
  }
  return all;
}

namespace {
class Settings : public ControlPlaneSettings {
 public:
  void fields(Parameters&) override {}
  std::unique_ptr<ControlPlane> make(const Parts& parts) const override { return std::make_unique<Oracle>(parts); }
  bool hubs_run_applications() const override { return true; }
};
}  // namespace

std::shared_ptr<ControlPlaneSettings> oracle_settings(const Policies&) { return std::make_shared<Settings>(); }

}  // namespace codecosim
