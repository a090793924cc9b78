#include "models/application/applications.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace codecosim {

namespace {
Compute::PodSpec share_of(const ComponentSpec& component) {
  return {component.cpu_request, component.cpu_limit, component.concurrency, component.max_queue,
          component.queue_timeout};
}
}  // namespace

Applications::Applications(World& world, std::vector<ImageSpec> images, std::vector<ApplicationSpec> specs)
    : Catalogue(std::move(images), std::move(specs)),
      endpoints(world, *this),
      world_(world),
      on_node_(world.federation.node_count()) {
  for (std::uint32_t s = 0; s < service_count(); ++s) {
    const ComponentSpec& component = this->component(ServiceId{s});
    Service& service = services_.emplace_back();
    service.first_pod = static_cast<std::uint32_t>(pods_.size());
    Account& account = accounts_.emplace_back();
    account.contiguous = account.wanted = component.replicas;
    for (std::uint32_t r = 0; r < component.replicas; ++r) {
      pods_.push_back({.service = {s}, .address = {}});
      ordinals_.push_back(r);
      world_.compute.add_pod(share_of(component));
    }
  }
}

PodId Applications::create(ServiceId id) {
  Service& service = services_[id.index];
  Account& account = accounts_[id.index];
  const std::uint32_t ordinal = account.made++;
  PodId pod{service.first_pod + ordinal};
  if (ordinal >= account.contiguous) {
    pod = world_.compute.add_pod(share_of(component(id)));
    pods_.resize(pod.index + 1);  // pods between belong to no application
    ordinals_.resize(pod.index + 1);
    pods_[pod.index].service = id;
    ordinals_[pod.index] = ordinal;
  }
  if (ordinal >= account.contiguous || service.list != none)
    list(id).push_back(pod);
  else
    ++service.pods;
  pods_[pod.index].exists = true;
  return pod;
}

void Applications::retire(PodId pod) {
  ensure(!world_.compute.bound(pod), "a pod that is bound was retired");
  set_endpoint(pod, Endpoints::State::none);
  std::erase(list(service(pod)), pod);
  ensure(std::exchange(pods_[pod.index].exists, false), "a pod was retired that does not exist");
  successors_.erase(pod.index);
}

// The existing pods of the service, which are kept in a list from now on.
std::vector<PodId>& Applications::list(ServiceId id) {
  Service& service = services_[id.index];
  if (service.list == none) {
    std::vector<PodId> all;
    for (std::uint32_t r = 0; r < service.pods; ++r) all.push_back({service.first_pod + r});
    service.list = static_cast<std::uint32_t>(lists_.size());
    lists_.push_back(std::move(all));
  }
  return lists_[service.list];
}

std::vector<PodId> Applications::pods_of(ServiceId id) const {
  std::vector<PodId> all;
  const Service& service = services_[id.index];
  for (std::uint32_t r = 0; r < pod_number(service); ++r) all.push_back(pod_of(service, r));
  return all;
}

void Applications::want(ServiceId id, std::uint32_t pods) {
  account();
  Account& one = accounts_[id.index];
  duplicates_ -= surplus(one);
  one.wanted = pods;
  duplicates_ += surplus(one);
}

void Applications::set_endpoint(PodId id, Endpoints::State state) {
  const Pod& pod = pods_[id.index];
  if (!pod.exists && state != Endpoints::State::none) return;  // the pod has been deleted meanwhile
  endpoints.set(pod.service, id, pod.address ? world_.federation.cluster_of(pod.address) : ClusterId{}, state);
}

Task<Outcome> Applications::idle(PodId pod) {
  if (pods_[pod.index].requests > 0) {
    auto& waiting = idle_[pod.index];
    if (!waiting) waiting = std::make_unique<WaitQueue>();
    co_await waiting->wait();
  }
  co_return Outcome::done;
}

void Applications::wake_idle(PodId pod) {
  const auto found = idle_.find(pod.index);
  if (found == idle_.end()) return;
  found->second->wake_all();
  idle_.erase(found);
}

void Applications::freeze(PodId pod) {
  frozen_[pod.index] = std::make_unique<WaitQueue>();
  enter(pod, PodPhase::frozen);
}

void Applications::thaw(PodId pod, PodId successor) {
  const auto found = frozen_.find(pod.index);
  if (found == frozen_.end()) return;
  const std::unique_ptr<WaitQueue> waiting = std::move(found->second);
  frozen_.erase(found);
  if (successor == pod && phase(pod) == PodPhase::frozen) enter(pod, PodPhase::ready);
  if (successor != pod) successors_[pod.index] = successor;
  waiting->wake_all();
}

Task<PodId> Applications::serving(PodId pod) {
  const auto found = frozen_.find(pod.index);
  if (found != frozen_.end()) co_await found->second->wait();
  const auto successor = successors_.find(pod.index);
  co_return successor == successors_.end() ? pod : successor->second;
}

Seconds Applications::duplicate_time() {
  account();
  return Seconds(duplicate_seconds_);
}

void Applications::submitted(ApplicationId app) { count_service(app, true); }
void Applications::deleted(ApplicationId app) { count_service(app, false); }

void Applications::count_service(ApplicationId app, bool submitted) {
  account();
  for (std::uint32_t c = 0; c < spec(app).components.size(); ++c) {
    Account& one = accounts_[service(app, c).index];
    if (one.submitted == submitted) continue;
    one.submitted = submitted;
    services_submitted_ += submitted ? 1 : -1;
    if (one.ready > 0) services_up_ += submitted ? 1 : -1;
  }
}

void Applications::bind(PodId pod, NodeId node) {
  world_.compute.bind(pod, node);
  pods_[pod.index].address = node;
  on_node_[node.index].push_back(pod);
}

void Applications::unbind(PodId pod) {
  std::erase(on_node_[node(pod).index], pod);
  world_.compute.unbind(pod);
}

void Applications::lose_requests(PodId pod) {
  const NodeId where = node(pod);
  world_.compute.unbind(pod);
  world_.compute.bind(pod, where);
}

void Applications::enter(PodId id, PodPhase phase) {
  Pod& pod = pods_[id.index];
  Account& service = accounts_[pod.service.index];
  account();
  const bool was_ready = pod.phase == PodPhase::ready, is_ready = phase == PodPhase::ready;
  duplicates_ -= surplus(service);
  if (was_ready) {
    --pods_ready_;
    if (--service.ready == 0 && service.submitted) services_up_ -= 1;
  }
  if (is_ready) {
    ++pods_ready_;
    if (service.ready++ == 0 && service.submitted) services_up_ += 1;
  }
  duplicates_ += surplus(service);
  pods_frozen_ += phase == PodPhase::frozen;
  pods_frozen_ -= pod.phase == PodPhase::frozen;
  pod.phase = phase;
  world_.trace.emit(now(), PodEntered{id, node(id), phase});
  if (was_ready != is_ready) on_ready(id, is_ready);
}

void Applications::account() {
  const double span = now().value - since_;
  up_seconds_ += services_up_ * span;
  submitted_seconds_ += services_submitted_ * span;
  duplicate_seconds_ += duplicates_ * span;
  since_ = now().value;
}

void Applications::reset() {
  account();
  up_seconds_ = submitted_seconds_ = duplicate_seconds_ = 0;
  world_.metrics.recovery_time = {};
}

void Applications::restart() {
  reset();
  Metrics& metrics = world_.metrics;
  metrics.deployment_time = {};
  metrics.image_pulls = metrics.image_hits = 0;
  metrics.violations = metrics.violations_unexplained = 0;
}

void Applications::figures(Figures& figures) {
  account();
  const Metrics& metrics = world_.metrics;
  figures.ratio("availability", Better::higher, up_seconds_, submitted_seconds_,
                "Share of time during which submitted services had a ready replica, mean over services.");
  figures.spread("deployment.time", "s", Better::lower, metrics.deployment_time,
                 "From submission, or from the loss of its node, to a pod being ready, since the start.");
  figures.spread("recovery.time", "s", Better::lower, metrics.recovery_time,
                 "From the loss of a replica, or the hub's taking it for lost, to a ready one in its place.");
  figures.count("images.pulled", Better::lower, metrics.image_pulls, "Image pulls of nodes, since the start.");
  figures.count("images.cached", Better::higher, metrics.image_hits,
                "Pods that found their image on the node, since the start.");
  figures.count("violations.compliance", Better::lower, metrics.violations,
                "Replicas that became ready where their application's rules forbid it.");
  figures.count("violations.unexplained", Better::lower, metrics.violations_unexplained,
                "Of those, not caused by a fault.");
}

std::string Applications::name(PodId pod) const {
  return fmt::format("{}-{}", name(service(pod)), ordinals_[pod.index]);
}

}  // namespace codecosim
