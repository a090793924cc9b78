#include "models/orchestration/ocm/spokes.hpp"

#include <algorithm>
#include <utility>

namespace codecosim {

Spokes::Spokes(World& world, const Catalogue& catalogue, Wire& wire, Kubernetes& kubernetes, const OcmSpec& spec,
               std::vector<Hub*> hubs, const std::vector<ClusterId>& managed)
    : world_(world), catalogue_(catalogue), wire_(wire), kubernetes_(kubernetes), spec_(spec), hubs_(std::move(hubs)) {
  const Rng family = world.rng.stream("spokes");
  for (const ClusterId c : world.federation.clusters()) {
    spokes_.emplace_back(family.stream(c.index));
    spokes_[c.index].hub = static_cast<std::uint32_t>(c.index % hubs_.size());
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
    spawn(keep_connected({c}));
    spawn(keep_lease({c}));
    spawn(keep_synced({c}));
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
  for (const Work& work : works) size += spec_.manifest * static_cast<double>(work->workloads.count());
  outcome = co_await wire_.send(Plane::desired_state, hub.at(), cluster, size);
  if (outcome != Outcome::done) co_return outcome;
  spoke.session = session;
  spoke.connected = true;
  if (!std::exchange(spoke.joined, true)) spoke.renewed = now();
  // An applied work that the hub does not know any more is an orphan, until the hub knows it again.
  std::vector<ApplicationId> orphans;
  for (auto& [app, applied] : spoke.applied) {
    const bool known =
        std::any_of(works.begin(), works.end(), [&](const Work& work) { return work->application.index == app; });
    if (!known && !std::exchange(applied.orphan, true)) orphans.push_back({app});
    if (known) applied.orphan = false;
  }
  for (const ApplicationId app : orphans) spawn(evict(cluster, app));
  for (const Work& work : works) receive(work);
  if (!spoke.silent()) changed(cluster, {});
  co_return outcome;
}

void Spokes::lost_contact(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  if (std::exchange(spoke.connected, false)) spoke.broken->wake();
}

Process Spokes::keep_lease(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  // The agents are not synchronised.
  Rng phase = world_.rng.stream("spokes/lease").stream(cluster.index);
  co_await delay(spec_.lease * phase.uniform());
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
        on_switch(cluster);
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

// There is no drift in this model, except by evictions; applying again costs the agent's time.
Process Spokes::keep_synced(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  for (;;) {
    co_await delay(spec_.resync * (1 + spec_.resync_jitter * spoke.rng.uniform()));
    for (std::size_t i = 0; i < spoke.applied.size() && world_.alive(cluster); ++i)
      co_await spoke.workers->serve(spec_.apply);
  }
}

void Spokes::receive(const Work& work) { spawn(apply(work)); }

Process Spokes::apply(Work work) {
  const ClusterId cluster = work->cluster;
  Spoke& spoke = spokes_[cluster.index];
  if (spoke.applied[work->application.index].generation >= work->generation) co_return;
  co_await kubernetes_.wait_alive(cluster);
  co_await spoke.workers->serve(spec_.apply);
  Spoke::Applied& applied = this->applied(cluster, work->application);
  if (applied.generation >= work->generation) co_return;
  Metrics::Works& works = world_.metrics.works;
  // An agent that has removed an orphan may get the same generation again.
  if (work->fate != Manifest::Fate::applied) {
    works.superseded -= work->fate == Manifest::Fate::superseded;
    ++works.applied;
    works.delay.add((now() - work->issued).value);
  }
  work->fate = Manifest::Fate::applied;
  world_.trace.emit(now(),
                    WorkApplied{work->application, cluster, work->generation, work->workloads.pods(), work->issued});
  applied.generation = work->generation;
  applied.workloads = work->workloads;
  applied.absorbed = work->absorbed;
  applied.absorbed.resize(applied.taken.size());
  applied.orphan = false;
  spoke.done.push_back({work->application, work->generation});
  run(cluster, work->application, work->workloads.since);
  // The agent reports the status even where the work has changed nothing: the hub may count other replicas than before.
  for (std::uint32_t c = 0; c < work->workloads.replicas.size(); ++c)
    if (work->workloads.replicas[c] > 0) changed(cluster, catalogue_.service(work->application, c));
  changed(cluster, {});
}

Spokes::Spoke::Applied& Spokes::applied(ClusterId cluster, ApplicationId app) {
  Spoke::Applied& applied = spokes_[cluster.index].applied[app.index];
  const std::size_t components = catalogue_.spec(app).components.size();
  applied.workloads.replicas.resize(components);
  applied.workloads.revisions.resize(components);
  applied.taken.resize(components);
  applied.absorbed.resize(components);
  return applied;
}

void Spokes::run(ClusterId cluster, ApplicationId app, Seconds since) {
  const Spoke::Applied& applied = this->applied(cluster, app);
  Workloads workloads = applied.workloads;
  workloads.since = since;
  for (std::size_t c = 0; c < workloads.replicas.size(); ++c) {
    const std::int64_t pods = std::int64_t{workloads.replicas[c]} + applied.taken[c] - applied.absorbed[c];
    workloads.replicas[c] = static_cast<std::uint32_t>(std::max<std::int64_t>(pods, 0));
  }
  kubernetes_.apply(cluster, app, workloads);
}

// An orphan is removed only when the agent is connected to the hub again and the hub still does not know the work.
Process Spokes::evict(ClusterId cluster, ApplicationId app) {
  Spoke& spoke = spokes_[cluster.index];
  co_await delay(spec_.evict);
  Spoke::Applied& applied = this->applied(cluster, app);
  if (!applied.orphan || !spoke.connected) {
    applied.orphan = false;  // it is checked again with the next connection
    co_return;
  }
  const std::size_t components = applied.workloads.replicas.size();
  Workloads nothing;
  nothing.replicas.resize(components);
  nothing.revisions = applied.workloads.revisions;
  spoke.applied.erase(app.index);
  for (std::uint32_t c = 0; c < components; ++c) {
    if (kubernetes_.pods(cluster, catalogue_.service(app, c)).empty()) continue;
    ++world_.metrics.evicted;
    break;
  }
  kubernetes_.apply(cluster, app, nothing);
}

void Spokes::hand_over(ApplicationId app, std::uint32_t component, ClusterId from, ClusterId to, Seconds since) {
  --applied(from, app).taken[component];
  ++applied(to, app).taken[component];
  std::uint32_t& revision = applied(to, app).workloads.revisions[component];
  revision = std::max(revision, applied(from, app).workloads.revisions[component]);
  spokes_[from.index].hand_overs.push_back({app, component, to});
  run(from, app, since);
  run(to, app, since);
  changed(from, catalogue_.service(app, component));
}

void Spokes::changed(ClusterId cluster, ServiceId service) {
  Spoke& spoke = spokes_[cluster.index];
  if (!spoke.managed) return;
  if (service && std::find(spoke.changed.begin(), spoke.changed.end(), service) == spoke.changed.end())
    spoke.changed.push_back(service);
  if (!std::exchange(spoke.reporting, true)) spawn(report(cluster));
}

// The status checks are periodic, whether or not there is a change; only those with a change are events.
Seconds Spokes::next_look(Spoke& spoke) {
  while (spoke.next_look <= now()) spoke.next_look += spec_.status * (1 + spec_.status_jitter * spoke.rng.uniform());
  return spoke.next_look;
}

Process Spokes::report(ClusterId cluster) {
  Spoke& spoke = spokes_[cluster.index];
  while (spoke.connected && !spoke.silent()) {
    const Seconds look = spec_.watch ? now() : next_look(spoke);
    co_await until(look);
    co_await kubernetes_.wait_alive(cluster);
    StatusReport report;
    report.works = std::exchange(spoke.done, {});
    report.hand_overs = std::exchange(spoke.hand_overs, {});
    const std::vector<ServiceId> changed = std::exchange(spoke.changed, {});
    for (const ServiceId service : changed) report.workloads.push_back(kubernetes_.status(cluster, service));
    Hub& hub = this->hub(cluster);
    const Bytes size = spec_.request + spec_.manifest * (0.1 * static_cast<double>(changed.size()));
    Outcome outcome = co_await wire_.send(Plane::desired_state, cluster, hub.at(), size);
    if (outcome == Outcome::done) outcome = co_await hub.serve();
    if (outcome == Outcome::done) {
      hub.status(cluster, report);
      outcome = co_await wire_.send(Plane::desired_state, hub.at(), cluster, spec_.request);
    } else {
      // The report has not arrived, so the next report repeats it.
      std::vector<ServiceId> unsaid = changed;
      spoke.done.insert(spoke.done.begin(), report.works.begin(), report.works.end());
      spoke.hand_overs.insert(spoke.hand_overs.begin(), report.hand_overs.begin(), report.hand_overs.end());
      for (const ServiceId service : spoke.changed)
        if (std::find(changed.begin(), changed.end(), service) == changed.end()) unsaid.push_back(service);
      spoke.changed = std::move(unsaid);
    }
    if (outcome != Outcome::done) lost_contact(cluster);
  }
  spoke.reporting = false;
}

}  // namespace codecosim
