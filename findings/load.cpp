#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "findings/findings.hpp"
#include "sim/base/quantity_text.hpp"

namespace codecosim {

namespace {
/// The speed and the size of the best node, over all pools.
struct Best {
  double speed = 0;
  Cores cores;
  CoreSeconds per_second;  // capacity of all nodes together
};
Best best_of(const Federation& federation) {
  Best best;
  for (const NodeId n : federation.nodes()) {
    const NodeType& type = federation.type(n);
    best.speed = std::max(best.speed, type.speed);
    best.cores = std::max(best.cores, type.cores);
    best.per_second += CoreSeconds(type.cores.value * type.speed);
  }
  return best;
}

/// The visit ratios of a request that enters at a component, to each component: over the acyclic call graph, each
/// component after all its callers.
std::vector<double> visits_of(const ApplicationSpec& app, std::uint32_t entry) {
  std::vector<std::size_t> callers(app.components.size());
  for (const ChannelSpec& channel : app.channels) ++callers[channel.to];
  std::vector<std::uint32_t> next;
  for (std::uint32_t c = 0; c < callers.size(); ++c)
    if (callers[c] == 0) next.push_back(c);
  std::vector<double> visits(app.components.size());
  visits[entry] = 1;
  while (!next.empty()) {
    const std::uint32_t from = next.back();
    next.pop_back();
    for (const ChannelSpec& channel : app.channels) {
      if (channel.from != from) continue;
      visits[channel.to] += visits[from] * channel.probability * channel.calls.mean();
      if (--callers[channel.to] == 0) next.push_back(channel.to);
    }
  }
  return visits;
}

/// Who sends requests to what.
class Demand {
 public:
  explicit Demand(const Evidence& e) : end_(e.end()), devices_(e.scenario.mobility.devices) {
    clients_.resize(e.scenario.applications.size());
    for (const ClientSpec& client : e.scenario.clients)
      if (client.application < clients_.size()) clients_[client.application].push_back(&client);
    std::uint32_t end = 0;
    for (const DeviceSpec& device : devices_) ends_.push_back(end += device.count);
  }
  /// The kinds of client of an application.
  const std::vector<const ClientSpec*>& clients(std::uint32_t application) const { return clients_[application]; }
  /// The kind of device that carries clients; null: they do not move.
  const DeviceSpec* carrier(const ClientSpec& client) const {
    if (client.on.empty()) return nullptr;
    const auto kind = std::ranges::upper_bound(ends_, client.on.front().index);
    return kind == ends_.end() ? nullptr : &devices_[static_cast<std::size_t>(kind - ends_.begin())];
  }
  /// The least rate of requests of a client [1/s]; absent devices send none.
  double least_rate(const ClientSpec& client, std::uint32_t number) const {
    const DeviceSpec* device = carrier(client);
    if (device && device->motion && device->motion->leaves()) return 0;
    return client.expected(number, end_) / end_.value;
  }

 private:
  Seconds end_;
  const std::vector<DeviceSpec>& devices_;
  std::vector<std::vector<const ClientSpec*>> clients_;
  std::vector<std::uint32_t> ends_;  // of the kinds of device: number of the first device after each
};

/// The offered load of each component [requests/s]: in the application instance with the most, and in all together. The
/// i-th client uses instance i modulo their number.
struct Offered {
  std::vector<double> most, all;
};
Offered offered(const Evidence& e, const Demand& demand, std::uint32_t app) {
  const ApplicationSpec& spec = e.scenario.applications[app];
  const std::size_t components = spec.components.size();
  std::vector<std::vector<double>> rates(components, std::vector<double>(spec.count));
  for (const ClientSpec* client : demand.clients(app)) {
    const std::vector<double> visits = visits_of(spec, client->entry);
    for (std::uint32_t c = 0; c < client->count; ++c) {
      const double rate = demand.least_rate(*client, c);
      for (std::size_t k = 0; k < components; ++k) rates[k][c % spec.count] += rate * visits[k];
    }
  }
  Offered offered;
  for (const std::vector<double>& own : rates) {
    offered.most.push_back(*std::max_element(own.begin(), own.end()));
    offered.all.push_back(std::accumulate(own.begin(), own.end(), 0.0));
  }
  return offered;
}

std::string times_text(double times) {
  return times < 1000 ? fmt::format("{:.3g}", times) : fmt::format("{:.0f}", times);
}

std::uint32_t most_replicas(const ComponentSpec& component) {
  std::uint32_t most = component.replicas;
  for (const Scaling& one : component.scaling) most = std::max(most, one.replicas);
  return most;
}

void overloaded_component(const Evidence& e, Findings& findings) {
  const Scenario& scenario = e.scenario;
  const Best best = best_of(e.federation);
  const Demand demand(e);
  for (std::uint32_t a = 0; a < scenario.applications.size(); ++a) {
    const ApplicationSpec& app = scenario.applications[a];
    const std::vector<double> rates = offered(e, demand, a).most;
    for (std::size_t c = 0; c < rates.size(); ++c) {
      const ComponentSpec& component = app.components[c];
      const double cores =
          std::min({component.cpu_limit.value, static_cast<double>(component.concurrency), best.cores.value});
      const double capacity = most_replicas(component) * cores * best.speed;
      const double load = rates[c] * component.work.mean().value;
      if (!(load >= capacity) || load == 0) continue;
      findings.add(
          1,
          fmt::format(
              "{}/{} gets {:.3g} requests a second with {} of work each on average: {} times what {} replica{} can do.",
              app.name, component.name, rates[c], readable(Seconds(component.work.mean().value)),
              times_text(capacity > 0 ? load / capacity : std::numeric_limits<double>::infinity()),
              most_replicas(component), most_replicas(component) == 1 ? "" : "s"),
          "More replicas, a higher limits/cpu or concurrency, or fewer requests.");
    }
  }
}

void overloaded_nodes(const Evidence& e, Findings& findings) {
  const Scenario& scenario = e.scenario;
  const Best best = best_of(e.federation);
  const Demand demand(e);
  double load = 0;
  for (std::uint32_t a = 0; a < scenario.applications.size(); ++a) {
    const std::vector<double> rates = offered(e, demand, a).all;
    for (std::size_t c = 0; c < rates.size(); ++c)
      load += rates[c] * scenario.applications[a].components[c].work.mean().value;
  }
  if (!(load >= best.per_second.value) || load == 0) return;
  findings.add(1,
               fmt::format("All requests together are {} times as much work as all nodes can do.",
                           times_text(load / best.per_second.value)),
               "More or faster nodes, or fewer requests.");
}

void overloaded_access(const Evidence& e, Findings& findings) {
  for (const ClientSpec& client : e.scenario.clients) {
    if (!client.on.empty() || client.count == 0) continue;
    const double rate = client.expected(0, e.end()) / e.end().value;
    const double need = rate * std::max(client.request.mean().value, client.reply.mean().value);
    if (!(need >= client.access.bandwidth.value) || need == 0) continue;
    findings.add(1,
                 fmt::format("A client of \"{}\" sends or gets {} a second; its access link has {}.", client.name,
                             readable(Bytes(need)), readable(Bytes(client.access.bandwidth.value))),
                 "A faster \"access\", smaller requests and replies, or fewer of them.");
  }
}

/// The kinds of device that carry nodes. Pods there are reached over the air, or without a link.
std::set<std::string> carriers_of_nodes(const Evidence& e) {
  std::set<std::string> all;
  for (const ClusterSpec& cluster : e.scenario.federation.clusters) {
    if (!cluster.on.empty()) all.insert(cluster.on);
    for (const ClusterSpec::Pool& pool : cluster.pools)
      if (!pool.on.empty()) all.insert(pool.on);
  }
  return all;
}

// Calls from a component on the same node cross no link, so only clients count.
void overloaded_node_link(const Evidence& e, Findings& findings) {
  const Scenario& scenario = e.scenario;
  if (!carriers_of_nodes(e).empty()) return;
  const Demand demand(e);
  BytesPerSecond link;
  for (const ClusterSpec& cluster : scenario.federation.clusters) link = std::max(link, cluster.lan.bandwidth);
  for (std::uint32_t a = 0; a < scenario.applications.size(); ++a) {
    const ApplicationSpec& app = scenario.applications[a];
    // Bytes in and out, by component and instance.
    std::vector<std::vector<std::array<double, 2>>> loads(app.components.size(),
                                                          std::vector<std::array<double, 2>>(app.count));
    for (const ClientSpec* client : demand.clients(a))
      for (std::uint32_t c = 0; c < client->count; ++c) {
        const double rate = demand.least_rate(*client, c);
        std::array<double, 2>& load = loads[client->entry][c % app.count];
        load[0] += rate * client->request.mean().value;
        load[1] += rate * client->reply.mean().value;
      }
    for (std::size_t c = 0; c < loads.size(); ++c) {
      double most = 0;
      for (const auto& [in, out] : loads[c]) most = std::max({most, in, out});
      const double capacity = most_replicas(app.components[c]) * link.value;
      if (!(most >= capacity) || most == 0) continue;
      findings.add(1,
                   fmt::format("Clients send {0}/{1}, or get from it, {2} a second: {3} times what the links of the "
                               "node{4} of {5} replica{4} carry.",
                               app.name, app.components[c].name, readable(Bytes(most)),
                               times_text(capacity > 0 ? most / capacity : std::numeric_limits<double>::infinity()),
                               most_replicas(app.components[c]) == 1 ? "" : "s", most_replicas(app.components[c])),
                   "More replicas, a faster \"lan\", smaller requests and replies, or fewer of them.");
    }
  }
}

// The best rate without access overhead is an upper bound of the capacity.
void overloaded_cells(const Evidence& e, Findings& findings) {
  const MobilitySpec& mobility = e.scenario.mobility;
  const Demand demand(e);
  const std::set<std::string> with_nodes = carriers_of_nodes(e);
  std::vector<double> cells_of(mobility.technologies.size());
  for (const CellSpec& cell : mobility.cells) cells_of[cell.technology] += static_cast<double>(cell.at.size());
  // Bytes a second, by technology, of devices that have no other.
  std::vector<std::array<double, 2>> loads(mobility.technologies.size());
  for (const ClientSpec& client : e.scenario.clients) {
    const DeviceSpec* device = demand.carrier(client);
    if (!device || device->technologies.size() != 1 || with_nodes.contains(device->name)) continue;
    auto& [up, down] = loads[device->technologies.front()];
    for (std::uint32_t c = 0; c < client.count; ++c) {
      const double rate = demand.least_rate(client, c);
      up += rate * client.request.mean().value;
      down += rate * client.reply.mean().value;
    }
  }
  for (std::uint32_t t = 0; t < mobility.technologies.size(); ++t) {
    const Technology& technology = mobility.technologies[t];
    const double cells = cells_of[t];
    if (cells == 0 || technology.tiers.empty()) continue;
    const auto best = [&](auto way) { return std::ranges::max(technology.tiers, {}, way).*way; };
    const double up = loads[t][0] / best(&Technology::Tier::up).value;
    const double down = loads[t][1] / best(&Technology::Tier::down).value;
    const double needed = technology.shared_airtime ? up + down : std::max(up, down);
    if (!(needed >= cells) || needed == 0) continue;
    findings.add(1,
                 fmt::format("What devices with \"{}\" only send and get takes the airtime of {:.3g} cells at its best "
                             "rate, and there {} {:.0f}.",
                             technology.name, needed, cells == 1 ? "is" : "are", cells),
                 "More cells, smaller requests and replies, or fewer of them.");
  }
}

/// The least of a hundred draws, since the infimum of a distribution may never occur.
CoreSeconds least_of(const Distribution<CoreSeconds>& work) {
  constexpr int draws = 100;
  Rng rng(1, 0);
  CoreSeconds least = work.sample(rng);
  for (int i = 1; i < draws; ++i) least = std::min(least, work.sample(rng));
  return least;
}

/// The least time of some work alone on a core under a CPU limit: it uses up one quota just before a period ends,
/// another just after, and then one per period.
Seconds least_time(CoreSeconds work, Cores limit, Seconds period) {
  const Seconds alone = work / Cores(1);
  if (limit >= Cores(1) || limit <= Cores(0)) return alone;
  return std::max(alone, work / limit - period * 2);
}

void never_in_time(const Evidence& e, Findings& findings) {
  const Scenario& scenario = e.scenario;
  const double speed = best_of(e.federation).speed;
  Seconds period = forever;
  for (const NodeType& type : scenario.federation.node_types) period = std::min(period, type.quota_period);
  for (const ClientSpec& client : scenario.clients) {
    if (client.deadline >= forever || client.application >= scenario.applications.size() || speed <= 0) continue;
    const ApplicationSpec& app = scenario.applications[client.application];
    const std::vector<double> visits = visits_of(app, client.entry);
    Seconds takes;
    for (std::size_t c = 0; c < visits.size(); ++c)
      takes += visits[c] * least_time(least_of(app.components[c].work) / speed, app.components[c].cpu_limit, period);
    if (takes <= client.deadline) continue;
    findings.add(0.9,
                 fmt::format("A request of \"{}\" takes {} to be worked on at least, and its deadline is {}.",
                             client.name, readable(takes), readable(client.deadline)),
                 "A later deadline, less work, a higher limits/cpu, or faster cores.");
  }
}

/// The busiest of many servers: the number that are busy nearly always, and the one with the highest utilisation.
struct Busiest {
  std::uint32_t count = 0, which = 0;
  double share = 0;
};
template <class Share>
Busiest busiest_of(std::uint32_t number, const Share& share_of) {
  constexpr double full = 0.95;
  Busiest busiest;
  for (std::uint32_t i = 0; i < number; ++i) {
    const double share = share_of(i);
    busiest.count += share > full;
    if (share <= busiest.share) continue;
    busiest.which = i;
    busiest.share = share;
  }
  return busiest;
}
std::string nearly_always_busy(const Busiest& busiest, const char* what) {
  return fmt::format("{} {}{} nearly always busy", busiest.count, what, busiest.count == 1 ? " was" : "s were");
}

void saturated_link(const Evidence& e, Findings& findings) {
  const Network& network = e.run->world().network;
  const double span = e.measured().value;
  const Busiest busiest = busiest_of(network.link_count(), [&](std::uint32_t i) {
    const LinkId link{i};
    const bool counts = !network.by_air(link) && span > 0;
    return counts ? network.carried(link).value / (network.spec(link).bandwidth.value * span) : 0;
  });
  if (busiest.count == 0) return;
  findings.add(0.8,
               fmt::format("{}; {} carried {:.3g} % of what it can.", nearly_always_busy(busiest, "link"),
                           e.run->name(LinkId{busiest.which}), 100 * busiest.share),
               "A faster link, or less over it: what waits there decides the latency.");
}

void saturated_cell(const Evidence& e, Findings& findings) {
  const World& world = e.run->world();
  const Seconds span = e.measured();
  const Busiest busiest = busiest_of(world.radio.cell_count(), [&](std::uint32_t i) {
    const CellId cell{i};
    return span > Seconds(0) ? std::max(world.network.airtime(cell, true), world.network.airtime(cell, false)) / span
                             : 0;
  });
  if (busiest.count == 0) return;
  findings.add(0.8,
               fmt::format("{}; the air of {} was so for {:.3g} % of the time.", nearly_always_busy(busiest, "cell"),
                           e.run->name(CellId{busiest.which}), 100 * busiest.share),
               "More cells, or less over the air.");
}

void full_buffers(const Evidence& e, Findings& findings) {
  const double sent = e.value("messages.sent"), dropped = e.value("messages.dropped");
  constexpr double matters = 0.001;
  if (dropped <= matters * sent || sent == 0) return;
  const auto [link, there] = e.run->world().network.most_dropped();
  findings.add(dropped / sent,
               fmt::format("{:.0f} of {:.0f} messages found the buffer of a link full, {} of them that of {}.", dropped,
                           sent, there, e.run->name(link)),
               "A larger \"buffer\", a faster link, or less over it.");
}

void stalled_transfers(const Evidence& e, Findings& findings) {
  const std::size_t stalled = e.run->world().network.stalled();
  if (stalled == 0) return;
  findings.add(
      0.3, fmt::format("{} transfer{} for a way that is cut at the end.", stalled, stalled == 1 ? " waits" : "s wait"),
      "A longer run, an earlier end of the fault, or a shorter network/tcp_timeout.");
}

void no_power(const Evidence& e, Findings& findings) {
  for (const ClusterSpec& cluster : e.scenario.federation.clusters)
    for (const ClusterSpec::Pool& pool : cluster.pools)
      if (e.scenario.federation.node_types[pool.type].power->at(1) > Watts(0)) return;
  for (const ProviderSpec& provider : e.scenario.federation.providers) {
    if (provider.carbon.highest() <= GramsPerJoule(0) && provider.energy_price.highest() <= EurosPerJoule(0)) continue;
    findings.add(0.5,
                 fmt::format("No node draws power, so that the carbon and the energy of provider \"{}\" count nothing.",
                             provider.name),
                 "Give the node types \"power\".");
    return;
  }
}

void never_called(const Evidence& e, Findings& findings) {
  const Scenario& scenario = e.scenario;
  const Demand demand(e);
  for (std::uint32_t a = 0; a < scenario.applications.size(); ++a) {
    const ApplicationSpec& app = scenario.applications[a];
    std::vector<double> visits(app.components.size());
    for (const ClientSpec* client : demand.clients(a)) {
      const std::vector<double> own = visits_of(app, client->entry);
      for (std::size_t c = 0; c < own.size(); ++c) visits[c] += own[c];
    }
    if (demand.clients(a).empty()) continue;
    for (std::size_t c = 0; c < visits.size(); ++c) {
      if (visits[c] > 0 || app.components[c].work.mean() <= CoreSeconds(0)) continue;
      findings.add(0.4,
                   fmt::format("No request comes to {}/{}, which has work to do for each: no channel leads there from "
                               "where clients enter.",
                               app.name, app.components[c].name),
                   "Look at the direction of the channels, and at the clients' entry.");
    }
  }
}
}  // namespace

std::vector<KindOfFinding> findings_of_load() {
  return {
      {"overloaded-component", "A component gets more work than all its replicas can do.", true, overloaded_component},
      {"overloaded-nodes", "All requests together are more work than all nodes can do.", true, overloaded_nodes},
      {"overloaded-access", "A client sends or gets more than its access link can carry.", true, overloaded_access},
      {"overloaded-node-link", "Clients send a component, or get from it, more than the links of its nodes can carry.",
       true, overloaded_node_link},
      {"overloaded-cells", "What devices send and get takes more airtime than all cells have, even at the best rate.",
       true, overloaded_cells},
      {"never-in-time",
       "The least work of a request takes longer than its deadline, on the fastest core and within its limits.", true,
       never_in_time},
      {"never-called", "No request comes to a component that has work to do for each, of an application with clients.",
       true, never_called},
      {"no-power", "No node draws power, and energy has a price or emits carbon.", true, no_power},
      {"saturated-link", "A link was busy for more than 95 % of the time.", false, saturated_link},
      {"saturated-cell", "The air of a cell was busy for more than 95 % of the time.", false, saturated_cell},
      {"full-buffers", "More than a thousandth of the messages found a buffer full.", false, full_buffers},
      {"stalled-transfers", "Transfers wait at the end for a way that is cut.", false, stalled_transfers},
  };
}

}  // namespace codecosim
