#include "models/orchestration/ocm/hub.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace codecosim {

Hub::Hub(World& world, Wire& wire, Kubernetes& kubernetes, ClusterId at, const HubSpec& spec, const OcmSpec& ocm,
         Listener& listener)
    : world_(world),
      wire_(wire),
      kubernetes_(kubernetes),
      at_(at),
      spec_(spec),
      ocm_(ocm),
      listener_(listener),
      api_(spec.workers),
      service_(world.rng.stream("hub/service").stream(at.index)),
      managed_(world.federation.cluster_count()) {}

Task<Outcome> Hub::serve() {
  Metrics::Hubs& hubs = world_.metrics.hubs;
  if (!alive()) co_return Outcome::gone;
  ++hubs.requests;
  if (api_.waiting() >= spec_.queue) {
    ++hubs.refused;
    co_return Outcome::refused;
  }
  hubs.longest_queue = std::max(hubs.longest_queue, api_.waiting());
  const Seconds arrival = now();
  std::optional<Gauge::Unit> waiting(std::in_place, hubs.waiting);
  const Server::Turn turn = co_await api_.enter();
  waiting.reset();
  hubs.wait.add((now() - arrival).value);
  const Gauge::Unit busy(hubs.busy);
  co_await delay(Seconds(service_.exponential(spec_.service.value)));
  co_return alive() ? Outcome::done : Outcome::gone;
}

void Hub::join(ClusterId cluster) {
  if (joined(cluster)) return;
  ++world_.metrics.joined;
  managed_[cluster.index].joined = true;
  managed_[cluster.index].renewed = now();
  listener_.joined(cluster);
  spawn(monitor(cluster));
}

void Hub::renew(ClusterId cluster) {
  Managed& managed = managed_[cluster.index];
  if (!managed.joined) return;
  managed.renewed = now();
  if (!std::exchange(managed.unknown, false)) return;
  world_.trace.emit(now(), ClusterChanged{cluster, at_, true});
  listener_.became_available(cluster);
}

Process Hub::monitor(ClusterId cluster) {
  Managed& managed = managed_[cluster.index];
  const Seconds patience = ocm_.lease * ocm_.lease_misses;
  for (;;) {
    co_await until(managed.renewed + patience);
    co_await kubernetes_.wait_alive(at_);
    if (now() < managed.renewed + patience) continue;
    if (!std::exchange(managed.unknown, true)) {
      managed.unreachable_since = now();
      ++world_.metrics.unknown;
      world_.trace.emit(now(), ClusterChanged{cluster, at_, false});
      listener_.became_unknown(cluster);
    }
    co_await delay(ocm_.lease);
  }
}

bool Hub::available(ClusterId cluster) const {
  const Managed& managed = managed_[cluster.index];
  return managed.joined && !managed.unknown;
}

void Hub::issue(ClusterId cluster, ApplicationId app, const Workloads& workloads) {
  Managed::Slot& slot = managed_[cluster.index].works[app.index];
  slot.gone = false;
  if (slot.work && slot.work->fate == Manifest::Fate::open) {
    slot.work->fate = Manifest::Fate::superseded;
    ++world_.metrics.works.superseded;
  }
  ++world_.metrics.works.issued;
  const std::uint32_t generation = slot.work ? slot.work->generation + 1 : 1;
  slot.work = std::make_shared<const Manifest>(Manifest{app, cluster, generation, now(), workloads, slot.absorbed});
  spawn(push(slot.work));
}

void Hub::absorb(const StatusReport::HandOver& one, ClusterId from) {
  const auto add = [&](ClusterId cluster, std::int32_t pods) {
    std::vector<std::int32_t>& absorbed = managed_[cluster.index].works[one.application.index].absorbed;
    if (absorbed.size() <= one.component) absorbed.resize(one.component + 1);
    absorbed[one.component] += pods;
  };
  add(from, -1);
  add(one.to, +1);
}

Process Hub::push(Work work) {
  Managed& managed = managed_[work->cluster.index];
  const std::uint32_t session = managed.session;
  if (!managed.watched) co_return;  // the agent lists it when it connects
  const Outcome served = co_await serve();
  Outcome sent = served;
  if (served == Outcome::done)
    sent = co_await wire_.send(Plane::desired_state, at_, work->cluster,
                               ocm_.request + ocm_.manifest * static_cast<double>(work->workloads.count()));
  if (sent == Outcome::done)
    listener_.deliver(work);
  else if (managed.session == session)
    managed.watched = false;
}

std::vector<Work> Hub::list(ClusterId cluster, std::uint32_t& session) {
  Managed& managed = managed_[cluster.index];
  managed.watched = true;
  session = ++managed.session;
  std::vector<Work> all;
  for (const auto& [app, slot] : managed.works)
    if (slot.work && !slot.gone) all.push_back(slot.work);
  return all;
}

bool Hub::watching(ClusterId cluster, std::uint32_t session) const {
  const Managed& managed = managed_[cluster.index];
  return managed.watched && managed.session == session;
}

std::size_t Hub::open(ClusterId cluster) const {
  std::size_t count = 0;
  for (const auto& [app, slot] : managed_[cluster.index].works)
    count += slot.work && slot.work->fate == Manifest::Fate::open;
  return count;
}

std::vector<ApplicationId> Hub::applications(ClusterId cluster) const {
  std::vector<ApplicationId> all;
  for (const auto& [app, slot] : managed_[cluster.index].works)
    if (slot.work && !slot.gone) all.push_back({app});
  return all;
}

bool Hub::applied_everywhere(ApplicationId app) const {
  return std::ranges::all_of(managed_, [&](const Managed& one) {
    const auto found = one.works.find(app.index);
    return found == one.works.end() || !found->second.work || found->second.gone;
  });
}

void Hub::status(ClusterId cluster, const StatusReport& report) {
  auto& works = managed_[cluster.index].works;
  for (const StatusReport::OfWork& one : report.works) {
    const auto found = works.find(one.application.index);
    if (found != works.end() && found->second.work && found->second.work->generation == one.generation)
      found->second.gone = found->second.work->workloads.pods() == 0;
  }
  listener_.status_reported(cluster, report);
}

}  // namespace codecosim
