#include <utility>

#include "models/orchestration/codeco/codeco.hpp"
#include "models/orchestration/pending.hpp"

namespace codecosim {

// The figures of a run. They are computed at the end, from the true state.

namespace {
/// The numbers of applications by what has become of them, at the end.
struct Lives {
  std::size_t running = 0, pending = 0, deleted = 0;
};

void add_applications(Figures& figures, const Lives& lives) {
  figures.count("applications.running", Better::higher, lives.running,
                "Applications all of whose replicas are ready, at the end.");
  figures.count("applications.pending", Better::lower, lives.pending,
                "Applications submitted that are not, each with its reason in pending.json.");
  figures.count("applications.deleted", Better::neither, lives.deleted,
                "Applications deleted, and gone from all clusters.");
}

void add_replicas(Figures& figures, const Metrics& m, Seconds duplicate_time) {
  figures.add("replicas.duplicate", "s", Better::lower, duplicate_time.value,
              "Ready replicas beyond those asked for, times their time.");
  figures.count("replicas.reconciled", Better::neither, m.reconciled,
                "Pods that a neighbour had taken and the hub no longer wanted.");
  figures.count("replicas.handed_over", Better::neither, m.handed_over,
                "Pods that a neighbour took while the hub could not be reached.");
  figures.count("containers.crashed", Better::lower, m.crashes, "Containers that exited by themselves.");
}

/// `open`: works that are neither applied nor superseded at the end.
void add_works(Figures& figures, const Metrics& m, std::size_t open) {
  figures.count("works.issued", Better::neither, m.works.issued, "Generations of ManifestWorks, since the start.");
  figures.count("works.applied", Better::neither, m.works.applied, "Of those, applied by their cluster.");
  figures.count("works.superseded", Better::neither, m.works.superseded,
                "Of those, replaced by a newer one before they were.");
  figures.count("works.open", Better::lower, open,
                "Of those, neither at the end: under way, or their cluster cannot be reached.");
  figures.spread("works.delay", "s", Better::lower, m.works.delay, "From a work being issued to being applied.");
  figures.count("works.evicted", Better::lower, m.evicted,
                "Works that an agent removed because its hub no longer knew them.");
}

void add_clusters(Figures& figures, const Metrics& m) {
  figures.count("clusters.joined", Better::neither, m.joined, "Clusters that joined a hub.");
  figures.count("clusters.unknown", Better::lower, m.unknown, "Times that a hub took a cluster for Unknown.");
  figures.count("clusters.reconnected", Better::lower, m.reconnected, "Connections lost by agents to their hub.");
  figures.count("clusters.switched", Better::lower, m.hub_switches, "Times that an agent went over to another hub.");
}

void add_hubs(Figures& figures, const Metrics& m, double workers) {
  const Seconds span = now() - m.since;
  figures.rate("hub.requests", "1/s", Better::neither, static_cast<double>(m.hubs.requests), span,
               "Requests to the hubs' API servers per second.");
  figures.count("hub.refused", Better::lower, m.hubs.refused, "Requests refused because too many waited.");
  figures.ratio("hub.utilisation", Better::neither, m.hubs.busy.integral(), workers * span.value,
                "Share of time that their workers were busy.");
  figures.rate("hub.queue", "1", Better::lower, m.hubs.waiting.integral(), span,
               "Requests that waited for a worker, averaged over time, all hubs.");
  figures.count("hub.queue.max", Better::lower, m.hubs.longest_queue, "Most that a request found waiting at its hub.");
  figures.spread("hub.wait", "s", Better::lower, m.hubs.wait, "Wait of a request for a worker.");
}

void add_catalogue(Figures& figures, const Mdm::Totals& totals) {
  figures.spread("catalogue.age", "s", Better::lower, totals.age, "From a fact to its being in the hub's catalogue.");
  figures.count("catalogue.events", Better::neither, totals.events, "Events of the catalogue's connectors.");
  figures.count("catalogue.compacted", Better::neither, totals.compacted,
                "Of those, replaced by a later one before they were sent.");
}

void add_neighbourhoods(Figures& figures, const Neighbourhoods& neighbourhoods) {
  figures.spread("neighbourhood.size", "1", Better::neither, neighbourhoods.sizes(),
                 "Clusters in an application's neighbourhood.");
  figures.spread("neighbourhood.formation", "s", Better::lower, neighbourhoods.formation(),
                 "From a neighbourhood's being decided to all its members knowing.");
}

void add_channels(Figures& figures, const Channels::Totals& totals) {
  const auto in = [&](ChannelState state) { return totals.channels[static_cast<std::size_t>(state)]; };
  figures.count("channels.requested", Better::neither, totals.requested, "Channels asked for.");
  figures.count("channels.running", Better::higher, in(ChannelState::running), "Of those, running at the end.");
  figures.count("channels.rejected", Better::lower, in(ChannelState::rejected), "Of those, rejected at the end.");
  figures.add("channels.out_of_qos", "s", Better::lower, totals.out_of_qos_time.value,
              "Channels out of their quality, times their time.");
  figures.count("channels.repathed", Better::lower, totals.repathed, "Times that a channel got another path.");
  figures.spread("channels.setup", "s", Better::lower, totals.setup_time,
                 "From a channel's being asked for to running.");
}

void add_control_bytes(Figures& figures, const Metrics& m) {
  const char* planes[] = {"bytes.desired_state", "bytes.telemetry", "bytes.catalogue", "bytes.topology"};
  const char* prose[] = {"Control bytes about what shall run, and whether it does.",
                         "Control bytes about how busy things are.", "Control bytes of the catalogue.",
                         "Control bytes of probes, topologies and channels."};
  for (std::size_t p = 0; p < 4; ++p)
    figures.add(planes[p], "B", Better::lower, m.control_bytes[p].total().value, prose[p]);
}
}  // namespace

bool Codeco::serves(ApplicationId id) const {
  return all_ready(id, parts_.applications, hub(id).placer(), kubernetes_);
}

std::vector<Pending> Codeco::pending() const {
  std::vector<Pending> all;
  for (std::uint32_t a = 0; a < parts_.applications.count(); ++a) {
    const FederationHub& hub = this->hub({a});
    const Acm::Life life = hub.acm().life({a});
    if (life == Acm::Life::admitted) {
      add_pending({a}, parts_.applications, hub.placer(), kubernetes_, all);
      add_outdated({a}, parts_.applications, hub.placer(), kubernetes_, all);
    } else if (life == Acm::Life::submitted || life == Acm::Life::deleting)
      add_all_pending({a}, parts_.applications, life == Acm::Life::submitted ? "waits for ACM" : "being deleted", all);
  }
  return all;
}

void Codeco::restart() {
  Metrics& metrics = parts_.world.metrics;
  metrics.works = {};
  metrics.hubs.reset();
  metrics.joined = metrics.reconnected = metrics.unknown = metrics.evicted = metrics.hub_switches = 0;
  metrics.handed_over = metrics.reconciled = metrics.crashes = 0;
  mdm_->restart();
  neighbourhoods_->restart();
  for (const auto& one : hubs_) one->channels().restart();
}

void Codeco::figures(Figures& figures) {
  ControlPlane::figures(figures);
  const Metrics& m = parts_.world.metrics;
  Lives lives;
  for (std::uint32_t a = 0; a < parts_.applications.count(); ++a) {
    const Acm::Life life = hub({a}).acm().life({a});
    if (life == Acm::Life::deleted)
      ++lives.deleted;
    else if (life == Acm::Life::admitted && serves({a}))
      ++lives.running;
    else if (life != Acm::Life::unknown)
      ++lives.pending;
  }
  std::size_t open_works = 0;
  Channels::Totals channels;
  for (const auto& one : hubs_) {
    for (const ClusterId cluster : parts_.world.federation.clusters()) open_works += one->hub().open(cluster);
    channels += one->channels().totals();
  }
  add_applications(figures, lives);
  add_replicas(figures, m, parts_.applications.duplicate_time());
  add_works(figures, m, open_works);
  add_clusters(figures, m);
  add_hubs(figures, m, static_cast<double>(spec_.hub.workers * hubs_.size()));
  add_catalogue(figures, mdm_->totals());
  add_neighbourhoods(figures, *neighbourhoods_);
  add_channels(figures, channels);
  add_control_bytes(figures, m);
}

}  // namespace codecosim
