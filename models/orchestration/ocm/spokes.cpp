#include "models/orchestration/ocm/spokes.hpp"

#include <algorithm>
#include <utility>

namespace codecosim {

Spokes::Spokes(World& world, Wire& wire, Kubernetes& kubernetes, const OcmSpec& spec, std::vector<Hub*> hubs,
               std::vector<ClusterId> managed)
    : world_(world), wire_(wire), kubernetes_(kubernetes), spec_(spec), hubs_(std::move(hubs)) {
  const Rng family = world.rng.stream("spokes");
  for (std::uint32_t c = 0; c < world.federation.cluster_count(); ++c) {
    spokes_.emplace_back(family.stream(c));
    spokes_[c].hub = static_cast<std::uint32_t>(c % hubs_.size());
  }
  for (const ClusterId cluster : managed) {
    Spoke& spoke = spokes_[cluster.index];
    spoke.managed = true;
    spoke.workers = std::make_unique<Server>(spec.workers);
    spoke.broken = std::make_unique<WaitQueue>();
  }
}

void Spokes::start() {
  for (std::uint32_t c = 0; c < spokes_.size(); ++c) {
    if (!spokes_[c].managed) continue;
    keep_connected({c});
    keep_lease({c});
    keep_synced({c});
  }
}

Process Spokes::keep_connected(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  Seconds pause = spec_.back_off;
  for (;;) {
    co_await kubernetes_.wait_alive(cluster);
    const Outcome outcome = co_await connect(cluster);
    if (outcome != Outcome::done) {
      co_await delay(pause * (1 + spoke.rng.uniform()));
      pause = std::min(pause * 2, spec_.most_back_off);
      continue;
    }
    pause = spec_.back_off;
    while (spoke.connected) co_await spoke.broken->wait();
    ++world_.metrics.reconnected;
  }
}

// Both sides opt in: the cluster by asking, the hub's administrator by accepting.
Task<Outcome> Spokes::connect(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  Hub& hub = this->hub(cluster);
  Outcome outcome = co_await wire_.send(Plane::desired_state, cluster, hub.at(), spec_.request);
  if (outcome != Outcome::done) co_return outcome;
  outcome = co_await hub.serve();
  if (outcome != Outcome::done) co_return outcome;
  if (!hub.joined(cluster)) {
    co_await delay(spec_.accept);
    hub.join(cluster);
  }
  std::uint32_t session = 0;
  const std::vector<Work> works = hub.list(cluster, session);
  Bytes size = spec_.request;
  for (const Work& work : works) size += spec_.manifest * static_cast<double>(work->pods.size());
  outcome = co_await wire_.send(Plane::desired_state, hub.at(), cluster, size);
  if (outcome != Outcome::done) co_return outcome;
  spoke.session = session;
  spoke.connected = true;
  if (!std::exchange(spoke.joined, true)) spoke.renewed = now();
  // What it applied and the hub does not know any more is an orphan, until the hub knows it again.
  for (auto& [app, applied] : spoke.applied) {
    const bool known = std::any_of(works.begin(), works.end(), [&](const Work& work) { return work->application.index == app; });
    if (!known && !std::exchange(applied.orphan, true)) evict(cluster, {app});
    if (known) applied.orphan = false;
  }
  for (const Work& work : works) receive(work);
  if (!spoke.changed.empty() || !spoke.done.empty()) changed(cluster, {});
  co_return outcome;
}

void Spokes::lost_contact(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  if (std::exchange(spoke.connected, false)) spoke.broken->wake();
}

Process Spokes::keep_lease(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  for (;;) {
    co_await kubernetes_.wait_alive(cluster);
    if (spoke.joined) {
      const Outcome renewed = co_await renew(cluster);
      if (renewed == Outcome::done)
        spoke.renewed = now();
      else
        lost_contact(cluster);
      if (spec_.hub_switch > Seconds(0) && now() - spoke.renewed > spec_.hub_switch) {
        spoke.hub = static_cast<std::uint32_t>((spoke.hub + 1) % hubs_.size());
        spoke.renewed = now();
        ++world_.metrics.hub_switches;
        lost_contact(cluster);
      }
    }
    co_await delay(spec_.lease * (1 + spec_.lease_jitter * spoke.rng.uniform()));
  }
}

Task<Outcome> Spokes::renew(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  Hub& hub = this->hub(cluster);
  Outcome outcome = co_await wire_.send(Plane::desired_state, cluster, hub.at(), spec_.request);
  if (outcome == Outcome::done) outcome = co_await hub.serve();
  if (outcome != Outcome::done) co_return outcome;
  hub.renew(cluster);
  const bool watched = hub.watching(cluster, spoke.session);
  outcome = co_await wire_.send(Plane::desired_state, hub.at(), cluster, spec_.request);
  if (outcome == Outcome::done && !watched) lost_contact(cluster);
  co_return outcome;
}

// Drift does not happen in this world but by what evicts; applying again costs the agent's time.
Process Spokes::keep_synced(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  for (;;) {
    co_await delay(spec_.resync * (1 + spec_.resync_jitter * spoke.rng.uniform()));
    for (std::size_t i = 0; i < spoke.applied.size() && world_.alive(cluster); ++i) co_await spoke.workers->serve(spec_.apply);
  }
}

void Spokes::receive(const Work& work) { apply(work); }

Process Spokes::apply(Work work) {
  const ClusterId cluster = work->cluster;
  Spoke& spoke = spokes_[cluster.index];
  if (spoke.applied[work->application.index].generation >= work->generation) co_return;
  co_await kubernetes_.wait_alive(cluster);
  co_await spoke.workers->serve(spec_.apply);
  Spoke::Applied& applied = spoke.applied[work->application.index];
  if (applied.generation >= work->generation) co_return;
  Metrics::Works& works = world_.metrics.works;
  if (work->fate == Manifest::Fate::superseded) --works.superseded;
  work->fate = Manifest::Fate::applied;
  ++works.applied;
  works.delay.add((now() - work->issued).value);
  world_.trace.emit(now(), WorkApplied{work->application, cluster, work->generation, static_cast<std::uint32_t>(work->pods.size()),
                                       work->issued});
  std::vector<PodId> gone, fresh;
  for (const PodId pod : applied.pods)
    if (std::find(work->pods.begin(), work->pods.end(), pod) == work->pods.end()) gone.push_back(pod);
  Seconds since = now();
  for (std::size_t i = 0; i < work->pods.size(); ++i) {
    if (std::find(applied.pods.begin(), applied.pods.end(), work->pods[i]) != applied.pods.end()) continue;
    fresh.push_back(work->pods[i]);
    since = std::min(since, work->since[i]);
  }
  applied.generation = work->generation;
  applied.pods = work->pods;
  applied.orphan = false;
  spoke.done.push_back({work->application, work->generation});
  for (const PodId pod : gone) kubernetes_.remove(pod);
  // What has been handed over runs elsewhere already.
  std::erase_if(fresh, [&](PodId pod) { return kubernetes_.stage(pod) != Kubernetes::Stage::absent; });
  if (!fresh.empty()) kubernetes_.create(cluster, work->application, fresh, since);
  changed(cluster, {});
}

// Only once it can see the hub again, which still does not know the work, is an orphan removed.
Process Spokes::evict(ClusterId cluster, ApplicationId app) {
  Spoke& spoke = spokes_[cluster.index];
  co_await delay(spec_.evict);
  Spoke::Applied& applied = spoke.applied[app.index];
  if (!applied.orphan || !spoke.connected) {
    applied.orphan = false;  // looked at again with the next connection
    co_return;
  }
  world_.metrics.evicted += !applied.pods.empty();
  for (const PodId pod : applied.pods) kubernetes_.remove(pod);
  spoke.applied.erase(app.index);
}

void Spokes::hand_over(ApplicationId app, PodId pod, ClusterId from, ClusterId to) {
  std::erase(spokes_[from.index].applied[app.index].pods, pod);
  spokes_[to.index].applied[app.index].pods.push_back(pod);
  spokes_[from.index].handed_over[pod.index] = to;
  changed(from, pod);
}

void Spokes::changed(ClusterId cluster, PodId pod) {
  Spoke& spoke = spokes_[cluster.index];
  if (!spoke.managed) return;
  if (pod && std::find(spoke.changed.begin(), spoke.changed.end(), pod) == spoke.changed.end()) spoke.changed.push_back(pod);
  if (!std::exchange(spoke.reporting, true)) report(cluster);
}

// The looks go on whether or not there is something to see; only those that see something are events.
Seconds Spokes::next_look(Spoke& spoke) {
  while (spoke.next_look <= now()) spoke.next_look += spec_.status * (1 + spec_.status_jitter * spoke.rng.uniform());
  return spoke.next_look;
}

Process Spokes::report(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  while (spoke.connected && (!spoke.changed.empty() || !spoke.done.empty())) {
    const Seconds look = spec_.watch ? now() : next_look(spoke);
    co_await until(look);
    co_await kubernetes_.wait_alive(cluster);
    StatusReport report;
    report.works = std::exchange(spoke.done, {});
    std::vector<PodId> changed = std::exchange(spoke.changed, {});
    for (const PodId pod : changed) {
      const Kubernetes::Stage stage = kubernetes_.stage(pod);
      const auto handed = spoke.handed_over.find(pod.index);
      report.pods.push_back({pod, stage, handed == spoke.handed_over.end() ? cluster : handed->second,
                             kubernetes_.wanted_since(pod),
                             stage == Kubernetes::Stage::unschedulable ? kubernetes_.reason(pod) : ""});
    }
    Hub& hub = this->hub(cluster);
    const Bytes size = spec_.request + spec_.manifest * (0.1 * static_cast<double>(changed.size()));
    Outcome outcome = co_await wire_.send(Plane::desired_state, cluster, hub.at(), size);
    if (outcome == Outcome::done) outcome = co_await hub.serve();
    if (outcome == Outcome::done) {
      hub.status(cluster, report);
      for (const StatusReport::OfPod& one : report.pods)
        if (one.at != cluster) spoke.handed_over.erase(one.pod.index);  // told, and its name may be used again
      outcome = co_await wire_.send(Plane::desired_state, hub.at(), cluster, spec_.request);
    } else {
      // It has not been told: the next report says it too.
      spoke.done.insert(spoke.done.begin(), report.works.begin(), report.works.end());
      spoke.changed.insert(spoke.changed.begin(), changed.begin(), changed.end());
    }
    if (outcome != Outcome::done) lost_contact(cluster);
  }
  spoke.reporting = false;
}

}  // namespace codecosim
