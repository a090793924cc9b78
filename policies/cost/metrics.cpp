#include "policies/cost/metrics.hpp"

namespace codecosim {

std::span<const Metric> metrics() {
  using Row = PlacementProblem::Row;
  constexpr auto lower = Metric::Better::lower, higher = Metric::Better::higher;
  static constexpr Metric all[] = {
      {"cpu", "cores", "Cores in use", lower, [](const Row& r) { return r.cpu_busy.value; }},
      {"cpu_free", "cores", "Cores that no pod requests", higher, [](const Row& r) { return r.cpu_free.value; }},
      {"mem", "B", "Memory that no pod requests", higher, [](const Row& r) { return r.memory_free.value; }},
      {"node_failure", "", "Failures of its nodes, each halved every hour", lower,
       [](const Row& r) { return r.monitored.node_failures; }},
      {"node_energy", "W", "Power that its nodes draw", lower,
       [](const Row& r) { return r.monitored.node_energy.value; }},
      {"node_sec", "", "Security class, from 0 (none) to 1 (high)", higher,
       [](const Row& r) { return r.monitored.security; }},
      {"freshness", "s", "Mean age of its copies of data sets", lower,
       [](const Row& r) { return r.monitored.freshness.value; }},
      {"compliance", "", "Compliance class of its provider, from 0 (low) to 1 (high)", higher,
       [](const Row& r) { return r.monitored.compliance; }},
      {"node_net_failure", "", "Failures of its links, each halved every hour", lower,
       [](const Row& r) { return r.monitored.link_failures; }},
      {"ebw", "B/s", "Bandwidth out that is not in use", higher, [](const Row& r) { return r.monitored.ebw.value; }},
      {"ibw", "B/s", "Bandwidth in that is not in use", higher, [](const Row& r) { return r.monitored.ibw.value; }},
      {"latency", "s", "Mean latency of its links", lower, [](const Row& r) { return r.monitored.latency.value; }},
      {"node_degree", "", "Links that are up", higher, [](const Row& r) { return r.monitored.node_degree; }},
      {"link_energy", "J/B", "Mean energy of a byte on its links", lower,
       [](const Row& r) { return r.monitored.link_energy.value; }},
      {"node_net_energy", "W", "Power of what its links carry", lower,
       [](const Row& r) { return r.monitored.net_energy.value; }},
      {"carbon", "g/J", "Carbon of its electricity", lower, [](const Row& r) { return r.monitored.carbon.value; }},
      {"cpu_price", "EUR/core-second", "Price of a core", lower,
       [](const Row& r) { return r.monitored.cpu_price.value; }},
      {"client_latency", "s", "Mean latency to the application's clients", lower,
       [](const Row& r) { return r.client_latency.value; }},
      {"age", "s", "How old all of this is", lower, [](const Row& r) { return r.age.value; }},
  };
  return all;
}

}  // namespace codecosim
