#include "models/bills.hpp"

#include <algorithm>

namespace codecosim {

Bills::Bills(World& world) : world_(world), bills_(world.federation.spec().providers.size()) {}

void Bills::start() {
  for (std::uint32_t p = 0; p < bills_.size(); ++p) spawn(follow(p));
}

Process Bills::follow(std::uint32_t p) {
  const ProviderSpec& provider = world_.federation.spec().providers[p];
  for (;;) {
    const Seconds next = std::min({provider.carbon.next_change(now()), provider.cpu_price.next_change(now()),
                                   provider.energy_price.next_change(now())});
    if (next >= forever) co_return;
    co_await until(next);
    account(p);
  }
}

void Bills::account() {
  for (std::uint32_t p = 0; p < bills_.size(); ++p) account(p);
}

void Bills::account(std::uint32_t p) {
  Bill& bill = bills_[p];
  const Federation& federation = world_.federation;
  const ProviderSpec& provider = federation.spec().providers[p];
  Joules energy;
  for (const NodeId n : federation.nodes())
    if (federation.cluster_spec(federation.cluster_of(n)).provider == p) energy += world_.compute.energy(n);
  const CoreSeconds requested = world_.requested(p);
  bill.carbon += (energy - bill.energy) * provider.carbon.at(bill.since);
  bill.cost += (requested - bill.requested) * provider.cpu_price.at(bill.since);
  bill.cost += (energy - bill.energy) * provider.energy_price.at(bill.since);
  bill.energy = energy;
  bill.requested = requested;
  bill.since = now();
}

// The energy of the nodes begins anew at the same date.
void Bills::reset() {
  account();
  for (Bill& bill : bills_) bill = {Joules(0), bill.requested, Euros(0), Grams(0), now()};
}

void Bills::figures(Figures& figures) {
  account();
  Euros cost;
  Grams carbon;
  for (const Bill& bill : bills_) {
    cost += bill.cost;
    carbon += bill.carbon;
  }
  for (const ClusterId c : world_.federation.clusters())
    cost += world_.network.egress(c) * world_.federation.provider(c).egress_price;
  figures.add("carbon", "g", Better::lower, carbon.value,
              "CO2 equivalent of the nodes' energy at their providers' intensity.");
  figures.add("cost", "EUR", Better::lower, cost.value, "What all providers charge: requested cores, energy, egress.");
}

}  // namespace codecosim
