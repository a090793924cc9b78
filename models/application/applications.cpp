#include "models/application/applications.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace codecosim {

Applications::Applications(World& world, std::vector<ImageSpec> images, std::vector<ApplicationSpec> specs)
    : world_(world), images_(std::move(images)), specs_(std::move(specs)), on_node_(world.federation.node_count()) {
  for (std::uint32_t s = 0; s < specs_.size(); ++s) {
    const ApplicationSpec& app = specs_[s];
    first_instance_.push_back(count());
    for (std::uint32_t i = 0; i < app.count; ++i) {
      const std::uint32_t id = count();
      instances_.push_back({s, i, static_cast<std::uint32_t>(services_.size())});
      for (std::uint32_t c = 0; c < app.components.size(); ++c) {
        const ComponentSpec& component = app.components[c];
        services_.push_back({id, c, pod_count(), static_cast<std::uint16_t>(component.replicas), 0, 0, none, false});
        for (std::uint32_t r = 0; r < component.replicas; ++r) {
          pods_.push_back({static_cast<std::uint32_t>(services_.size() - 1), PodPhase::pending});
          world_.compute.add_pod({component.cpu_request, component.cpu_limit, component.concurrency});
        }
      }
    }
  }
}

std::vector<PodId> Applications::pods_of(ApplicationId app) const {
  std::vector<PodId> all;
  const std::size_t components = spec(app).components.size();
  for (std::uint32_t c = 0; c < components; ++c) {
    const Service& one = services_[service(app, c).index];
    for (std::uint32_t r = 0; r < one.replicas; ++r) all.push_back({one.first_pod + r});
  }
  return all;
}

PodId Applications::route(ServiceId id, ClusterId from) {
  Service& service = services_[id.index];
  if (service.ready == 0) {
    // One that is frozen is better than none, unless its state has gone.
    for (std::uint32_t r = 0; pods_frozen_ > 0 && r < pod_number(service); ++r) {
      const PodId pod = pod_of(service, r);
      if (phase(pod) == PodPhase::frozen && frozen_.contains(pod.index)) return pod;
    }
    return {};
  }
  if (specs_[instances_[service.application].spec].components[service.component].routing == Routing::nearest) {
    PodId best;
    Seconds least = forever;
    for (std::uint32_t r = 0; r < pod_number(service); ++r) {
      const PodId pod = pod_of(service, r);
      if (pods_[pod.index].phase != PodPhase::ready) continue;
      const Seconds far = world_.network.latency(from, world_.federation.cluster_of(node(pod)));
      if (!best || far < least) best = pod, least = far;
    }
    return best;
  }
  for (;;) {
    const PodId pod = pod_of(service, service.cursor);
    service.cursor = service.cursor + 1 == pod_number(service) ? 0 : service.cursor + 1;
    if (pods_[pod.index].phase == PodPhase::ready) return pod;
  }
}

PodId Applications::pod_of(const Service& service, std::uint32_t number) const {
  if (number < service.replicas) [[likely]]
    return {service.first_pod + number};
  return more_[service.more].pods[number - service.replicas];
}

Applications::More& Applications::more(Service& service) {
  if (service.more == none) {
    service.more = static_cast<std::uint32_t>(more_.size());
    more_.emplace_back();
  }
  return more_[service.more];
}

std::vector<PodId> Applications::replicas_of(ServiceId id) const {
  std::vector<PodId> all;
  const Service& service = services_[id.index];
  for (std::uint32_t r = 0; r < pod_number(service); ++r) all.push_back(pod_of(service, r));
  return all;
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
  successors_[pod.index] = successor;
  waiting->wake_all();
}

Task<PodId> Applications::serving(PodId pod) {
  if (phase(pod) != PodPhase::frozen) co_return pod;
  const auto found = frozen_.find(pod.index);
  if (found != frozen_.end()) co_await found->second->wait();
  co_return successors_[pod.index];
}

PodId Applications::spare(ServiceId id) {
  More& more = this->more(services_[id.index]);
  if (!more.free.empty()) {
    const PodId pod = more.free.back();
    more.free.pop_back();
    pods_[pod.index].phase = PodPhase::pending;
    return pod;
  }
  const Service& service = services_[id.index];
  const ComponentSpec& component = spec({service.application}).components[service.component];
  const PodId pod = world_.compute.add_pod({component.cpu_request, component.cpu_limit, component.concurrency});
  pods_.resize(pod.index + 1, {none, PodPhase::pending});  // those between are no application's
  pods_[pod.index] = {id.index, PodPhase::pending};
  more.pods.push_back(pod);
  return pod;
}

void Applications::retire(PodId pod) {
  ensure(!world_.compute.bound(pod), "a pod that is bound was retired");
  more(services_[pods_[pod.index].service]).free.push_back(pod);
}

Seconds Applications::duplicate_time() {
  account();
  return Seconds(duplicate_seconds_);
}

void Applications::submitted(ApplicationId app) { want(app, true); }
void Applications::deleted(ApplicationId app) { want(app, false); }

void Applications::want(ApplicationId app, bool wanted) {
  account();
  for (std::uint32_t c = 0; c < spec(app).components.size(); ++c) {
    Service& one = services_[service(app, c).index];
    if (one.wanted == wanted) continue;
    one.wanted = wanted;
    services_submitted_ += wanted ? 1 : -1;
    if (one.ready > 0) services_up_ += wanted ? 1 : -1;
  }
}

void Applications::bind(PodId pod, NodeId node) {
  world_.compute.bind(pod, node);
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
  Service& service = services_[pod.service];
  account();
  if (pod.phase == PodPhase::ready) {
    --pods_ready_;
    if (service.ready > service.replicas) --duplicates_;
    if (--service.ready == 0 && service.wanted) services_up_ -= 1;
  }
  if (phase == PodPhase::ready) {
    ++pods_ready_;
    if (service.ready++ == 0 && service.wanted) services_up_ += 1;
    if (service.ready > service.replicas) ++duplicates_;
  }
  pods_frozen_ += phase == PodPhase::frozen;
  pods_frozen_ -= pod.phase == PodPhase::frozen;
  const bool was_ready = pod.phase == PodPhase::ready, is_ready = phase == PodPhase::ready;
  pod.phase = phase;
  world_.trace.emit(now(), PodEntered{id, node(id), phase});
  if (on_ready && was_ready != is_ready) on_ready(id, is_ready);
}

void Applications::account() {
  const double span = now().value - since_;
  up_seconds_ += services_up_ * span;
  submitted_seconds_ += services_submitted_ * span;
  duplicate_seconds_ += duplicates_ * span;
  since_ = now().value;
}

double Applications::availability() {
  account();
  return submitted_seconds_ > 0 ? up_seconds_ / submitted_seconds_ : 1;
}

void Applications::reset_availability() {
  account();
  up_seconds_ = submitted_seconds_ = duplicate_seconds_ = 0;
}

std::string Applications::name(ApplicationId app) const {
  return spec(app).numbered ? fmt::format("{}-{}", spec(app).name, number(app)) : spec(app).name;
}

std::string Applications::name(PodId pod) const {
  const Service& service = services_[pods_[pod.index].service];
  std::uint32_t number = pod.index - service.first_pod;
  if (number >= service.replicas) {
    const std::vector<PodId>& added = more_[service.more].pods;
    number = service.replicas + static_cast<std::uint32_t>(std::find(added.begin(), added.end(), pod) - added.begin());
  }
  return fmt::format("{}/{}-{}", name(application(pod)), component(pod).name, number);
}

std::string numbered(const std::string& text, std::uint32_t number) {
  std::string out = text;
  const std::string digits = std::to_string(number);
  for (std::size_t at = out.find("{i}"); at != std::string::npos; at = out.find("{i}", at + digits.size()))
    out.replace(at, 3, digits);
  return out;
}

}  // namespace codecosim
