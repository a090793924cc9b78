#include "models/orchestration/codeco/federation_hub.hpp"

#include <algorithm>

#include "models/orchestration/placement/rules.hpp"

namespace codecosim {

namespace {
constexpr Seconds between_retries{10};  // of replicas that no cluster would take

HubView::Clients clients_at_start(const Parts& parts) {
  HubView::Clients all;
  for (std::uint32_t a = 0; a < parts.applications.count(); ++a) all.push_back(parts.requests.clients_of({a}));
  return all;
}
}  // namespace

FederationHub::FederationHub(const Parts& parts, const Clusters& clusters, ClusterId at)
    : parts_(parts),
      clusters_(clusters),
      view_(at, parts.world.federation, parts.plan, clients_at_start(parts)),
      hub_(parts.world, clusters.wire, clusters.kubernetes, at, clusters.spec.hub, clusters.spec.ocm, *this),
      acm_(parts.applications, clusters.wire, clusters.kubernetes, hub_, clusters.spec.acm, clusters.spec.ocm, *this),
      placer_(parts.applications, parts.world.federation, parts.datasets.specs(), view_, parts.decisions, *this,
              Placer::Timing{clusters.spec.acm.solve, clusters.spec.acm.solve_row, between_retries,
                             clusters.spec.acm.attempts, 1},
              parts.placement.make),
      channels_(parts.world, parts.applications, clusters.wire, view_.network, clusters.spec.channels),
      partition_rng_(parts.world.rng.stream("policy/partition").stream(at.index)) {
  if (clusters.spec.neighbourhood.partition.make) partition_ = clusters.spec.neighbourhood.partition.make();
  channels_.out_of_qos.add([this](ApplicationId app, std::uint32_t channel) { move_callee(app, channel); });
  // Facts that all hubs know from the start.
  for (const ClusterId c : parts.world.federation.clusters())
    for (std::uint32_t d = 0; d < parts.datasets.specs().size(); ++d)
      if (parts.datasets.has(d, c)) view_.learn_copy(c, d);
}

void FederationHub::start() {
  if (parts_.decisions.has_costs()) spawn(publish_scores());
}

// PDLC scores the clusters relative to each other, by the hub's knowledge.
Process FederationHub::publish_scores() {
  for (Ticks ticks(clusters_.spec.pdlc.refresh);;) {
    co_await until(ticks.next());
    if (!hub_.alive()) continue;
    PlacementProblem problem;
    problem.level = PlacementProblem::Level::federation;
    problem.now = now();
    for (const ClusterId cluster : view_.clusters())
      if (view_.heard(cluster)) problem.rows.push_back(placer_.row(cluster));
    const std::vector<AddOnScore> scores = parts_.decisions.scores(problem);
    for (std::size_t row = 0; row < scores.size(); ++row) {
      AddOnScore score = scores[row];
      score.valid_until = now() + clusters_.spec.pdlc.valid;
      view_.publish({problem.rows[row].id}, std::move(score));
    }
  }
}

// Messages to the hub.

void FederationHub::observe_state(ClusterId cluster, const ClusterState& state) {
  const bool more_room = view_.observe_state(cluster, state);
  placer_.reconsider(cluster, more_room);
}

void FederationHub::learn(const Mdm::Key& key, const Mdm::Fact& fact) {
  const ClusterId cluster{key.cluster};
  if (key.kind == Mdm::Key::Kind::copy) {
    view_.learn_copy(cluster, key.data);
  } else {
    view_.learn(cluster, static_cast<Security>(fact.value));
    for (const ApplicationId id : applications(cluster)) {
      const bool broken = broken_rule(parts_.applications.spec(id), parts_.datasets.specs(), parts_.world.federation,
                                      cluster, view_.security(cluster))
                              .has_value();
      if (broken)
        placer_.leave(id, cluster, Move::rule, "its cluster breaks a rule.", now());
      else
        placer_.stay(id, cluster, Move::rule);
    }
  }
  placer_.reconsider(cluster);
}

void FederationHub::joined(ClusterId cluster) {
  view_.join(cluster);
  placer_.reconsider(cluster);
}

void FederationHub::became_unknown(ClusterId cluster) {
  view_.set_available(cluster, false);
  const Taint unreachable{"cluster.open-cluster-management.io/unreachable", "", Taint::Effect::no_select};
  for (const ApplicationId id : applications(cluster)) {
    const std::vector<ComponentSpec>& components = parts_.applications.spec(id).components;
    for (std::uint32_t c = 0; c < components.size(); ++c)
      spawn(evict(id, c, cluster, tolerated(unreachable, components[c].tolerations, clusters_.spec.ocm.toleration)));
  }
}

Process FederationHub::evict(ApplicationId id, std::uint32_t component, ClusterId cluster, Seconds after) {
  const Seconds since = hub_.unreachable_since(cluster);
  if (after >= forever) co_return;
  co_await delay(after);
  co_await clusters_.kubernetes.wait_alive(hub_.at());
  if (hub_.available(cluster) || hub_.unreachable_since(cluster) != since) co_return;
  placer_.leave(id, component, cluster, Move::unreachable, "its cluster is unreachable.", since);
}

void FederationHub::became_available(ClusterId cluster) {
  view_.set_available(cluster, true);
  for (const ApplicationId id : applications(cluster)) placer_.stay(id, cluster, Move::unreachable);
  placer_.reconsider(cluster);
}

void FederationHub::status_reported(ClusterId cluster, const StatusReport& report) {
  for (const StatusReport::HandOver& one : report.hand_overs) {
    hub_.absorb(one, cluster);
    const bool wanted = acm_.life(one.application) == Acm::Life::admitted;
    const bool taken_in = wanted && placer_.hand_over(one.application, one.component, cluster, one.to);
    parts_.world.metrics.reconciled += wanted && !taken_in;
    placer_.issue(one.application, cluster);
    placer_.issue(one.application, one.to);
  }
  for (const WorkloadStatus& one : report.workloads) placer_.observe(cluster, one);
  for (const StatusReport::OfWork& one : report.works)
    if (acm_.life(one.application) == Acm::Life::deleting && hub_.applied_everywhere(one.application))
      acm_.deleted(one.application);
}

// Actions of the hub.

void FederationHub::deleting(ApplicationId id) {
  channels_.remove(id);
  if (clusters_.neighbourhoods->any()) clusters_.neighbourhoods->introduce(id, hub_.at(), {});
  const bool placed = !placer_.remove(id).empty();
  if (!placed && hub_.applied_everywhere(id)) acm_.deleted(id);
}

// A channel whose path no longer meets its requirements is a reason to move the component to which it leads.
void FederationHub::move_callee(ApplicationId id, std::uint32_t channel) {
  if (acm_.life(id) != Acm::Life::admitted) return;
  const std::uint32_t callee = parts_.applications.spec(id).channels[channel].to;
  placer_.leave(id, callee, ClusterId{}, Move::quality, "a channel to it is out of its quality.", now());
}

std::vector<ClusterId> FederationHub::scope(ApplicationId id, const std::vector<ClusterId>& candidates) {
  if (!clusters_.neighbourhoods->any() || candidates.empty()) return {};
  return clusters_.neighbourhoods->form(id, view_, candidates, *partition_, partition_rng_);
}

void FederationHub::scope_changed(ApplicationId id) {
  clusters_.neighbourhoods->introduce(id, hub_.at(), placer_.scope(id));
}

void FederationHub::relocated(ApplicationId id) {
  std::vector<std::pair<std::uint32_t, ClusterId>> placement;
  for (const Replica& one : placer_.replicas(id))
    if (one.cluster) placement.emplace_back(one.component, one.cluster);
  channels_.require(id, placement);
}

}  // namespace codecosim
