#include "models/orchestration/kubelet.hpp"

#include <algorithm>

namespace codecosim {

namespace {
constexpr Seconds first_back_off{10}, most_back_off{300};  // Kubernetes: pkg/kubelet/kubelet.go, image back-off
}

Kubelet::Kubelet(World& world, Applications& applications, ClusterId registry, Transport images)
    : world_(world), applications_(applications), registry_(registry), transport_(images), images_(world.federation.node_count()) {}

bool Kubelet::has(NodeId node, std::uint32_t image) const {
  const ImageSpec& spec = applications_.images()[image];
  const auto& own = images_[node.index];
  return spec.everywhere || spec.size.value <= 0 || std::binary_search(own.begin(), own.end(), image);
}

Task<> Kubelet::bring_up(PodId pod) {
  const NodeId node = applications_.node(pod);
  const ComponentSpec& component = applications_.component(pod);
  if (has(node, component.image)) {
    ++world_.metrics.image_hits;
  } else {
    applications_.enter(pod, PodPhase::pulling);
    Seconds back_off = first_back_off;
    for (;;) {
      const Outcome outcome = co_await pull(node, component.image);
      if (outcome == Outcome::done) break;
      co_await delay(back_off);
      back_off = std::min(back_off * 2, most_back_off);
    }
  }
  applications_.enter(pod, PodPhase::starting);
  co_await delay(component.start_delay);
  applications_.enter(pod, PodPhase::ready);
}

Task<Outcome> Kubelet::pull(NodeId node, std::uint32_t image) {
  const Server::Turn turn = co_await puller(node).enter();
  if (has(node, image)) co_return Outcome::done;
  const Seconds start = now();
  const ClusterId cluster = world_.federation.cluster_of(node);
  const Bytes size = applications_.images()[image].size;
  ClusterId source = registry_;
  if (cluster != registry_ && world_.federation.cluster_spec(cluster).image_cache) {
    Cached& cache = cached(cluster, image);
    if (!cache.filled && !cache.filling) fill(cluster, image, cache);
    if (cache.filling) co_await cache.waiting.wait();
    if (!cache.filled) co_return Outcome::lost;
    source = cluster;
  }
  const Place here = world_.network.place(Network::endpoint(node));
  Message transfer(world_.network, ServiceClass::best_effort, transport_);
  const Outcome outcome = co_await transfer.carry(Network::gateway(source), here, size);
  world_.trace.emit(now(), ImagePulled{node, cluster, image, size, start, outcome});
  ++world_.metrics.image_pulls;
  if (outcome == Outcome::done) {
    auto& own = images_[node.index];
    own.insert(std::lower_bound(own.begin(), own.end(), image), image);
  }
  co_return outcome;
}

// The cache is a machine of its own: it goes on when the node that asked first is gone.
Process Kubelet::fill(ClusterId cluster, std::uint32_t image, Cached& cache) {
  cache.filling = true;
  const Seconds start = now();
  const Bytes size = applications_.images()[image].size;
  Message transfer(world_.network, ServiceClass::best_effort, transport_);
  const Outcome outcome = co_await transfer.carry(Network::gateway(registry_), Network::gateway(cluster), size);
  world_.trace.emit(now(), ImagePulled{NodeId{}, cluster, image, size, start, outcome});
  cache.filling = false;
  cache.filled = outcome == Outcome::done;
  cache.waiting.wake_all(outcome);
}

Server& Kubelet::puller(NodeId node) {
  auto& found = pullers_[node.index];
  if (!found) found = std::make_unique<Server>(1);
  return *found;
}

Kubelet::Cached& Kubelet::cached(ClusterId cluster, std::uint32_t image) {
  auto& found = caches_[static_cast<std::uint64_t>(cluster.index) << 32 | image];
  if (!found) found = std::make_unique<Cached>();
  return *found;
}

}  // namespace codecosim
