#include "models/orchestration/codeco/codeco.hpp"

#include <algorithm>
#include <utility>

#include "models/orchestration/placement/audit.hpp"
#include "sim/base/distinct.hpp"

namespace codecosim {

namespace {
constexpr Bytes location_update{200};  // a device and its cell
}  // namespace

Codeco::Codeco(const Parts& parts, const CodecoSpec& spec)
    : parts_(parts),
      spec_(spec),
      wire_(parts.world),
      kubelet_(parts.world, parts.applications, parts.datasets, parts.migrations, parts.images, parts.registry,
               parts.bulk, spec_.kubernetes),
      kubernetes_(parts.world, parts.applications, kubelet_, parts.truth, parts.datasets, parts.decisions,
                  spec_.kubernetes, Kubernetes::Readings::measured, parts.scheduler.make, *this),
      hub_of_(parts.applications.count()),
      located_(parts.requests.client_count()) {
  World& world = parts_.world;
  const FederationHub::Clusters clusters{wire_, kubernetes_, spokes_, neighbourhoods_, spec_};
  std::vector<Hub*> hubs;
  std::vector<NetworkView*> views;
  for (const ClusterId at : world.federation.hubs()) {
    hubs_.push_back(std::make_unique<FederationHub>(parts_, clusters, at));
    hubs.push_back(&hubs_.back()->hub());
    views.push_back(&hubs_.back()->view().network);
  }
  std::vector<ClusterId> managed;
  for (const ClusterId c : world.federation.clusters())
    if (!world.federation.cluster_spec(c).hub || spec_.ocm.local_cluster) managed.push_back(c);
  Telemetry::Listener& on_telemetry = *this;
  Mdm::Listener& on_facts = *this;
  spokes_ = std::make_unique<Spokes>(world, parts_.applications, wire_, kubernetes_, spec_.ocm, hubs, managed);
  telemetry_ = std::make_unique<Telemetry>(world, wire_, kubernetes_, *spokes_, spec_.telemetry, spec_.context, hubs,
                                           on_telemetry);
  mdm_ = std::make_unique<Mdm>(world, wire_, kubernetes_, *spokes_, spec_.mdm, hubs, on_facts);
  netma_ =
      std::make_unique<Netma>(world, wire_, spec_.netma, views, [this](ClusterId c) { return spokes_->hub_of(c); });
  neighbourhoods_ =
      std::make_unique<Neighbourhoods>(world, parts_.applications, parts_.datasets.specs(), wire_, kubernetes_,
                                       *spokes_, *netma_, parts_.decisions, parts_.plan, spec_);
  parts_.datasets.on_copy.add(
      [this](std::uint32_t data, ClusterId c) { mdm_->tell(c, {Mdm::Key::Kind::copy, c.index, data}, 1); });
  spokes_->on_switch.add([this](ClusterId cluster) { report_facts(cluster); });
}

void Codeco::start() {
  spokes_->start();
  telemetry_->start();
  for (const auto& hub : hubs_) hub->start();
  std::vector<std::size_t> clusters_of(hubs_.size());
  for (const ClusterId c : parts_.world.federation.clusters()) {
    if (!spokes_->managed(c)) continue;
    const ClusterId hub = hub_of(c);
    ++clusters_of[spokes_->hub_of(c)];
    if (spec_.probes != CodecoSpec::Probes::none && hub != c) {
      netma_->watch(c, hub);
      netma_->watch(hub, c);
    }
    if (neighbourhoods_->any()) neighbourhoods_->start(c);
  }
  for (std::size_t h = 0; h < hubs_.size(); ++h) hubs_[h]->view().expect(clusters_of[h]);
}

void Codeco::use(const Registry<PlacementPolicy>::Make& placement, const Registry<PlacementPolicy>::Make& scheduler) {
  for (const auto& hub : hubs_) hub->placer().use(placement);
  kubernetes_.use(scheduler);
}

// Requests of users.

void Codeco::submit(ApplicationId id) {
  const ApplicationSpec& spec = parts_.applications.spec(id);
  parts_.applications.submitted(id);
  const auto home = parts_.world.federation.find_cluster(numbered(spec.by, parts_.applications.number(id)));
  hub_of_[id.index] = home ? spokes_->hub_of(*home) : id.index % static_cast<std::uint32_t>(hubs_.size());
  spawn(hub(id).acm().submit(id, home.value_or(hub(id).hub().at())));
  if (spec.delete_at < forever) spawn(remove(id));
}

Process Codeco::remove(ApplicationId id) {
  co_await until(parts_.applications.spec(id).delete_at);
  parts_.applications.deleted(id);
  spawn(hub(id).acm().remove(id));
}

void Codeco::scale(ApplicationId id, std::uint32_t component, std::uint32_t replicas) {
  spawn(change(id, [=](Placer& placer) { placer.scale(id, component, replicas); }));
}

void Codeco::roll_out(ApplicationId id, std::uint32_t component) {
  spawn(change(id, [=](Placer& placer) { placer.roll_out(id, component); }));
}

// ACM takes a change like any other request.
Process Codeco::change(ApplicationId id, std::function<void(Placer&)> carry_out) {
  const auto home =
      parts_.world.federation.find_cluster(numbered(parts_.applications.spec(id).by, parts_.applications.number(id)));
  FederationHub& hub = this->hub(id);
  co_await hub.acm().submit_to_hub(home.value_or(hub.hub().at()), id);
  carry_out(hub.placer());
}

// Reports of clusters to their hubs.

void Codeco::security_changed(ClusterId cluster) {
  const World& world = parts_.world;
  mdm_->tell(cluster, {Mdm::Key::Kind::security, cluster.index, 0},
             static_cast<std::uint32_t>(world.security(cluster)));
  for (const NodeId n : world.federation.nodes(cluster))
    for (const PodId pod : parts_.applications.pods_on(n))
      if (parts_.applications.phase(pod) == PodPhase::ready) pod_ready(pod);
}

// A hub to which a cluster switches knows nothing of it.
void Codeco::report_facts(ClusterId cluster) {
  const auto security = static_cast<std::uint32_t>(parts_.world.security(cluster));
  mdm_->tell(cluster, {Mdm::Key::Kind::security, cluster.index, 0}, security);
  for (std::uint32_t d = 0; d < parts_.datasets.specs().size(); ++d)
    if (parts_.datasets.has(d, cluster)) mdm_->tell(cluster, {Mdm::Key::Kind::copy, cluster.index, d}, 1);
}

void Codeco::client_moved(ClientId client, ClusterId cluster) {
  // All hubs know the locations at the beginning.
  if (now() <= Seconds(0))
    for (const auto& hub : hubs_)
      hub->view().locate(parts_.requests.application(client), parts_.requests.place_among_clients(client), cluster);
  else
    spawn(locate(client, cluster));
}

Process Codeco::locate(ClientId client, ClusterId cluster) {
  const std::uint32_t move = ++located_[client.index];
  const ApplicationId id = parts_.requests.application(client);
  for (;;) {
    const Hub& hub = this->hub(id).hub();
    const Outcome outcome = co_await wire_.send(Plane::topology, cluster, hub.at(), location_update);
    if (located_[client.index] != move) co_return;  // the client has moved again
    if (outcome == Outcome::done && hub.alive()) break;
    co_await delay(resubmit);
  }
  hub(id).view().locate(id, parts_.requests.place_among_clients(client), cluster);
  hub(id).placer().clients_moved(id);
  on_located(id);
}

ClusterId Codeco::known_cluster(ClientId client) const {
  const ApplicationId id = parts_.requests.application(client);
  return hub(id).view().clients(id)[parts_.requests.place_among_clients(client)];
}

void Codeco::cordoned(NodeId node, Seconds notice) {
  std::vector<ApplicationId> there;
  for (const ClusterState::Held& one : kubernetes_.pods_on(node))
    there.push_back(parts_.applications.application(one.service));
  make_distinct(there);
  spawn(report_state(parts_.world.federation.cluster_of(node), std::move(there)));
  kubernetes_.drain(node, notice);
}

void Codeco::uncordoned(NodeId node) {
  kubernetes_.uncordoned(node);
  spawn(report_state(parts_.world.federation.cluster_of(node)));
}

Process Codeco::report_state(ClusterId cluster, std::vector<ApplicationId> leaving) {
  co_await kubernetes_.wait_alive(cluster);
  FederationHub& hub = *hubs_[spokes_->hub_of(cluster)];
  const ClusterState state = kubernetes_.state(cluster);
  co_await hub.acm().until_sent(cluster, spec_.ocm.request);
  hub.observe_state(cluster, state);
  if (!on_cordoned) co_return;
  for (const ApplicationId app : leaving) on_cordoned(app);
}

void Codeco::workload_changed(ClusterId cluster, ServiceId service) {
  spokes_->changed(cluster, service);
  if (kubernetes_.status(cluster, service).unschedulable > 0) neighbourhoods_->unschedulable(cluster, service);
}

void Codeco::pod_ready(PodId pod) { audit(parts_.world, parts_.applications, parts_.datasets.specs(), pod); }

std::optional<MigrationProblem> Codeco::migration(ApplicationId id, std::optional<Seconds> least_gain) const {
  const FederationHub& hub = this->hub(id);
  if (hub.acm().life(id) != Acm::Life::admitted || !hub.hub().alive()) return std::nullopt;
  return hub.placer().migration(id, least_gain);
}

std::optional<std::vector<ClusterId>> Codeco::neighbours(ClusterId cluster) const {
  return neighbourhoods_->any() ? std::optional(neighbourhoods_->neighbours(cluster)) : std::nullopt;
}

}  // namespace codecosim
