#include "models/orchestration/kubernetes/kubelet.hpp"

#include <algorithm>
#include <cmath>

namespace codecosim {

namespace {
constexpr Seconds first_back_off{10}, most_back_off{300};  // Kubernetes: pkg/kubelet/kubelet.go, image back-off
}

Kubelet::Kubelet(World& world, Applications& applications, Datasets& data, Migrations& migrations, ImageStore& images,
                 ClusterId registry, Transport transport, const KubernetesSpec& spec)
    : world_(world),
      applications_(applications),
      data_(data),
      migrations_(migrations),
      images_(images),
      registry_(registry),
      transport_(transport),
      spec_(spec) {}

Task<> Kubelet::bring_up(PodId pod, std::uint32_t image) {
  const NodeId where = applications_.node(pod);
  const ComponentSpec& component = applications_.component(pod);
  co_await node(where).runtime.serve(spec_.set_up);
  if (images_.has(where, image)) {
    ++world_.metrics.image_hits;
  } else {
    applications_.enter(pod, PodPhase::pulling);
    Seconds back_off = first_back_off;
    for (;;) {
      const Outcome outcome = co_await pull(where, image);
      if (outcome == Outcome::done) break;
      co_await delay(back_off);
      back_off = std::min(back_off * 2, most_back_off);
    }
  }
  for (const std::uint32_t data : component.reads) co_await data_.fetch(data, world_.federation.cluster_of(where));
  co_await start(pod);
}

Seconds Kubelet::time_to_ready(const ComponentSpec& component) const {
  if (component.probe_period <= Seconds(0)) return spec_.latency + component.start_delay;
  const double looks = std::ceil((component.start_delay - component.probe_delay) / component.probe_period - 1e-9);
  return spec_.latency + component.probe_delay + component.probe_period * std::max(0.0, looks);
}

Task<> Kubelet::start(PodId pod) {
  applications_.enter(pod, PodPhase::starting);
  co_await delay(time_to_ready(applications_.component(pod)));
  if (migrations_.planned(pod))
    co_await migrations_.receive(pod);
  else
    applications_.enter(pod, PodPhase::ready);
}

std::optional<Kubelet::CrashLoop> Kubelet::crash_loop(PodId pod) const {
  if (!applications_.component(pod).crash) return std::nullopt;
  const Rng family = world_.rng.stream("crashes").stream(pod.index);
  return CrashLoop{family.stream(static_cast<std::uint64_t>(now().value * 1e9)), Seconds(0), Seconds(0)};
}

Task<> Kubelet::run_until_exit(PodId pod, CrashLoop& loop) {
  loop.ran = applications_.component(pod).crash->sample(loop.rng);
  co_await delay(loop.ran);
  applications_.enter(pod, PodPhase::crashed);
  applications_.lose_requests(pod);
  ++world_.metrics.crashes;
  co_await delay(spec_.relist * loop.rng.uniform());
}

Task<> Kubelet::start_again(PodId pod, CrashLoop& loop) {
  if (loop.ran >= spec_.calm) loop.back_off = Seconds(0);
  co_await delay(loop.back_off);
  loop.back_off = std::clamp(loop.back_off * 2, spec_.back_off, spec_.most_back_off);
  co_await start(pod);
}

Task<> Kubelet::tear_down(PodId pod) {
  co_await node(applications_.node(pod)).runtime.serve(spec_.tear_down);
  co_await delay(spec_.stop);
  applications_.enter(pod, PodPhase::gone);
}

// A token bucket that holds `pull_burst` tokens and gains `pulls` a second; each pull takes one.
Seconds Kubelet::next_pull(Node& node) const {
  node.tokens = std::min<double>(spec_.pull_burst, node.tokens + (now() - node.since) * spec_.pulls);
  node.since = now();
  node.tokens -= 1;
  return node.tokens >= 0 ? Seconds(0) : -node.tokens / spec_.pulls;
}

Task<Outcome> Kubelet::pull(NodeId where, std::uint32_t image) {
  const Server::Turn turn = co_await node(where).pulls.enter();
  if (images_.has(where, image)) co_return Outcome::done;
  co_await delay(next_pull(node(where)));
  const Seconds start = now();
  const ClusterId cluster = world_.federation.cluster_of(where);
  const Bytes size = applications_.images()[image].size;
  ClusterId source = registry_;
  if (cluster != registry_ && world_.federation.cluster_spec(cluster).image_cache) {
    Cached& cache = cached(cluster, image);
    if (!cache.filled && !cache.filling) spawn(fill(cluster, image, cache));
    if (cache.filling) co_await cache.waiting.wait();
    if (!cache.filled) co_return Outcome::gone;
    source = cluster;
  }
  const Address here = world_.network.address(Network::endpoint(where));
  Message transfer(world_.network, ServiceClass::best_effort, transport_);
  transfer.set_stall_timeout(spec_.pull_timeout);
  const Outcome outcome = co_await transfer.carry(Network::gateway(source), here, size);
  world_.trace.emit(now(), ImagePulled{where, cluster, image, size, start, outcome});
  ++world_.metrics.image_pulls;
  if (outcome == Outcome::done) images_.add(where, image);
  co_return outcome;
}

// The cache is a machine of its own: it goes on when the node that asked first is gone.
Process Kubelet::fill(ClusterId cluster, std::uint32_t image, Cached& cache) {
  cache.filling = true;
  const Seconds start = now();
  const Bytes size = applications_.images()[image].size;
  Message transfer(world_.network, ServiceClass::best_effort, transport_);
  transfer.set_stall_timeout(spec_.pull_timeout);
  const Outcome outcome = co_await transfer.carry(Network::gateway(registry_), Network::gateway(cluster), size);
  world_.trace.emit(now(), ImagePulled{NodeId{}, cluster, image, size, start, outcome});
  cache.filling = false;
  cache.filled = outcome == Outcome::done;
  cache.waiting.wake_all(outcome);
}

Kubelet::Node& Kubelet::node(NodeId where) {
  auto& found = nodes_[where.index];
  if (!found) {
    found = std::make_unique<Node>();
    found->tokens = spec_.pull_burst;
  }
  return *found;
}

Kubelet::Cached& Kubelet::cached(ClusterId cluster, std::uint32_t image) {
  auto& found = caches_[static_cast<std::uint64_t>(cluster.index) << 32 | image];
  if (!found) found = std::make_unique<Cached>();
  return *found;
}

}  // namespace codecosim
