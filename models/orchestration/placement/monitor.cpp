#include "models/orchestration/placement/monitor.hpp"

#include <algorithm>
#include <vector>

namespace codecosim {

namespace {
template <class Class>
double grade(Class value, Class best) {
  return static_cast<double>(value) / static_cast<double>(best);
}

Monitored of_provider(const World& world, ClusterId cluster) {
  const ProviderSpec& provider = world.federation.provider(cluster);
  Monitored here;
  here.security = grade(world.security(cluster), Security::high);
  here.compliance = grade(provider.compliance, Compliance::high);
  here.carbon = provider.carbon.at(now());
  here.cpu_price = provider.cpu_price.at(now());
  here.zone = world.federation.cluster_spec(cluster).provider;
  return here;
}

void add_links(Monitored& here, const World& world, const std::vector<LinkId>& out, const std::vector<LinkId>& in) {
  const Network& network = world.network;
  const Seconds span = now() - network.measured_since();
  const double links = static_cast<double>(out.size() + in.size());
  const auto add = [&](LinkId link, BytesPerSecond& free) {
    const LinkSpec& spec = network.spec(link);
    const BytesPerSecond rate = span > Seconds(0) ? network.carried(link) / span : BytesPerSecond(0);
    here.net_energy += rate * spec.energy;
    here.link_energy += spec.energy / links;
    here.latency += spec.latency / links;
    here.link_failures += world.failures(link);
    if (!network.up(link)) return;
    here.node_degree += 0.5;  // as CODECO's exposure counts each direction
    free += std::max(spec.bandwidth - rate, BytesPerSecond(0));
  };
  for (const LinkId link : out) add(link, here.ebw);
  for (const LinkId link : in) add(link, here.ibw);
}
}  // namespace

void add_node(ClusterSums& state, const World& world, NodeId node) {
  const NodeType& type = world.federation.type(node);
  const ExactSum<Cores> cpu = world.exact_free_cpu(node);
  const Bytes memory = world.free_memory(node);
  ++state.nodes;
  state.pods += world.reserved(node).pods;
  state.max_pods += type.max_pods;
  state.cpu += type.cores;
  state.cpu_free += cpu;
  state.largest_cpu_free = std::max(state.largest_cpu_free, cpu.value());
  state.memory += type.memory;
  state.memory_free += memory;
  state.largest_memory_free = std::max(state.largest_memory_free, memory);
}

Monitored monitored(const World& world, NodeId node) {
  Monitored here = of_provider(world, world.federation.cluster_of(node));
  const EndpointId endpoint = Network::endpoint(node);
  here.node_energy = world.compute.power(node);
  here.node_failures = world.failures(node);
  add_links(here, world, {world.network.up_link(endpoint)}, {world.network.down_link(endpoint)});
  return here;
}

Monitored monitored(const World& world, const Datasets& datasets, ClusterId cluster) {
  Monitored here = of_provider(world, cluster);
  for (const NodeId n : world.federation.nodes(cluster)) {
    here.node_energy += world.compute.power(n);
    here.node_failures += world.failures(n);
  }
  add_links(here, world, world.network.links_out(cluster), world.network.links_in(cluster));
  here.freshness = datasets.age_of_copies(cluster);
  return here;
}

}  // namespace codecosim
