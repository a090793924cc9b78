#include "models/orchestration/codeco/telemetry.hpp"

#include <algorithm>
#include <cmath>

#include "models/orchestration/placement/monitor.hpp"

namespace codecosim {

namespace {
constexpr Seconds retry{5};  // Prometheus: remote_write, max_backoff
}

Telemetry::Telemetry(World& world, Wire& wire, Kubernetes& kubernetes, Spokes& spokes, const TelemetrySpec& spec,
                     CodecoSpec::Context context, std::vector<Hub*> hubs, Listener& listener)
    : world_(world),
      wire_(wire),
      kubernetes_(kubernetes),
      spokes_(spokes),
      spec_(spec),
      context_(context),
      hubs_(std::move(hubs)),
      listener_(listener),
      clusters_(world.federation.cluster_count()),
      nodes_(world.federation.node_count()) {}

void Telemetry::start() {
  for (std::uint32_t c = 0; c < clusters_.size(); ++c) {
    if (!spokes_.managed({c})) continue;
    spawn(scrape({c}));
    if (context_ == CodecoSpec::Context::hub) spawn(read_back({c}));
  }
}

Process Telemetry::scrape(ClusterId where) {
  Rng rng = world_.rng.stream("telemetry").stream(where.index);
  Cluster& cluster = clusters_[where.index];
  co_await delay(spec_.scrape * rng.uniform());
  for (;;) {
    const Seconds round = now();
    if (world_.alive(where)) {
      Cores busy;
      for (const NodeId n : world_.federation.nodes(where)) {
        Node& node = nodes_[n.index];
        if (world_.up(n)) {
          const CoreSeconds total = world_.compute.busy(n);
          const Cores rate = now() > node.since ? (total - node.busy) / (now() - node.since) : Cores(0);
          node.busy = total;
          node.since = now();
          const Monitored reading = monitored(world_, n);
          Message page(world_.network, ServiceClass::best_effort, Transport::queued);
          const MovedBytes::Counting counting(world_.metrics.control(Plane::telemetry), page);
          const Outcome outcome =
              co_await page.carry(world_.network.address(Network::endpoint(n)), Network::gateway(where), spec_.page);
          if (outcome == Outcome::done) {
            node.scraped = {rate, reading, node.since};
            if (context_ == CodecoSpec::Context::local) kubernetes_.measured(n, node.scraped);
          }
        }
        busy += node.scraped.busy;
      }
      kubernetes_.measured(where, busy);
      cluster.state = kubernetes_.state(where);
      cluster.rounds = std::min(cluster.rounds + 1, std::ceil(spec_.keep / spec_.scrape));
      if (!cluster.writing) spawn(write(where));
    }
    co_await until(std::max(now(), round + spec_.scrape));
  }
}

Process Telemetry::write(ClusterId where) {
  Cluster& cluster = clusters_[where.index];
  const Federation::Cluster& one = world_.federation.cluster(where);
  cluster.writing = true;
  while (cluster.rounds > 0 && world_.alive(where)) {
    const double rounds = cluster.rounds, samples = rounds * one.nodes * spec_.samples;
    const ClusterState state = cluster.state;
    const std::uint32_t number = spokes_.hub_of(where);
    Hub& hub = *hubs_[number];
    const Bytes size = spec_.sample * samples + Bytes(200) * std::ceil(samples / spec_.batch);
    Outcome outcome = co_await wire_.send(Plane::telemetry, where, hub.at(), size);
    if (outcome == Outcome::done) outcome = co_await hub.serve();
    if (outcome == Outcome::done) {
      cluster.rounds -= rounds;
      for (const NodeId n : world_.federation.nodes(where)) nodes_[n.index].written = nodes_[n.index].scraped;
      listener_.state_written(number, where, state);
      outcome = co_await wire_.send(Plane::telemetry, hub.at(), where, Bytes(200));
    } else {
      spokes_.lost_contact(where);
      co_await delay(retry);
    }
  }
  cluster.writing = false;
}

Process Telemetry::read_back(ClusterId where) {
  Rng rng = world_.rng.stream("telemetry/read").stream(where.index);
  const Federation::Cluster& one = world_.federation.cluster(where);
  co_await delay(spec_.refresh * rng.uniform());
  for (;;) {
    if (world_.alive(where)) {
      Hub& hub = *hubs_[spokes_.hub_of(where)];
      Outcome outcome = co_await wire_.send(Plane::telemetry, where, hub.at(), Bytes(200));
      if (outcome == Outcome::done) outcome = co_await hub.serve();
      if (outcome == Outcome::done) {
        std::vector<Node> answer(nodes_.begin() + one.first_node, nodes_.begin() + one.first_node + one.nodes);
        outcome = co_await wire_.send(Plane::telemetry, hub.at(), where, Bytes(200) * one.nodes);
        for (std::uint32_t n = 0; n < one.nodes && outcome == Outcome::done; ++n)
          kubernetes_.measured(NodeId{one.first_node + n}, answer[n].written);
      }
    }
    co_await delay(spec_.refresh);
  }
}

}  // namespace codecosim
