#include "models/orchestration/codeco/mdm.hpp"

#include <utility>

namespace codecosim {

namespace {
constexpr Seconds retry{5};
}

Mdm::Mdm(World& world, Wire& wire, Kubernetes& kubernetes, Spokes& spokes, const MdmSpec& spec, std::vector<Hub*> hubs,
         Listener& listener)
    : wire_(wire),
      kubernetes_(kubernetes),
      spokes_(spokes),
      spec_(spec),
      hubs_(std::move(hubs)),
      connectors_(world.federation.cluster_count()),
      listener_(listener) {
  for (std::size_t h = 0; h < hubs_.size(); ++h) at_hub_.push_back(std::make_unique<AtHub>());
}

void Mdm::tell(ClusterId cluster, Key key, std::uint32_t value) {
  Connector& connector = connectors_[cluster.index];
  ++totals_.events;
  totals_.compacted += connector.log.contains(key);
  connector.log[key] = {value, now()};
  if (!connector.sending) spawn(send(cluster));
}

Process Mdm::send(ClusterId cluster) {
  Connector& connector = connectors_[cluster.index];
  connector.sending = true;
  while (!connector.log.empty()) {
    co_await kubernetes_.wait_alive(cluster);
    const std::map<Key, Fact> batch = std::exchange(connector.log, {});
    const std::uint32_t h = spokes_.hub_of(cluster);
    Hub& hub = *hubs_[h];
    Outcome outcome =
        co_await wire_.send(Plane::catalogue, cluster, hub.at(), spec_.event * static_cast<double>(batch.size()));
    if (outcome == Outcome::done && !hub.alive()) outcome = Outcome::gone;
    if (outcome != Outcome::done) {
      for (const auto& [key, fact] : batch) totals_.compacted += !connector.log.emplace(key, fact).second;
      co_await delay(retry);
      continue;
    }
    for (const auto& [key, fact] : batch) {
      co_await at_hub_[h]->controller.serve(spec_.process);
      Fact& known = at_hub_[h]->graph[key];
      if (known.since > fact.since) continue;
      known = fact;
      totals_.age.add((now() - fact.since).value);
      listener_.fact_learnt(h, key, fact);
    }
  }
  connector.sending = false;
}

}  // namespace codecosim
