#include "models/orchestration/codeco/neighbourhoods.hpp"

#include <algorithm>
#include <tuple>

#include "models/call_plugin.hpp"
#include "models/orchestration/placement/rules.hpp"

namespace codecosim {

namespace {
constexpr Seconds between_tries{10};
constexpr Bytes member_entry{100};  // size of one member's entry in a message
}  // namespace

Neighbourhoods::Neighbourhoods(World& world, const Catalogue& catalogue, const std::vector<DatasetSpec>& datasets,
                               Wire& wire, Kubernetes& kubernetes, Spokes& spokes, Netma& netma, Decisions& decisions,
                               const NetworkPlan& plan, const CodecoSpec& spec)
    : world_(world),
      catalogue_(catalogue),
      datasets_(datasets),
      wire_(wire),
      kubernetes_(kubernetes),
      spokes_(spokes),
      netma_(netma),
      decisions_(decisions),
      plan_(plan),
      spec_(spec),
      members_(world.federation.cluster_count()),
      told_(catalogue.count()),
      told_of_(catalogue.count()) {}

void Neighbourhoods::start(ClusterId cluster) { spawn(exchange(cluster)); }

// Empty where they are not known, or where the policy looks at others too.
std::vector<ClusterId> Neighbourhoods::nearest(ApplicationId id, const HubView& view,
                                               const std::vector<ClusterId>& on_offer,
                                               const PartitionPolicy& policy) const {
  const std::optional<std::uint32_t> count = policy.takes_nearest();
  const std::optional<ClusterId> from = view.clients_at(id);
  // Distances count from the nearest cluster on offer: what is nearest to the clients' cluster is so only if it is
  // that.
  if (!count || !from || !std::ranges::binary_search(on_offer, *from)) return {};
  const Nearest& near = view.nearest_as_built(*from);
  std::vector<ClusterId> all;
  const Near* last = nullptr;
  for (const Near& one : near.clusters) {
    const bool farther = last && std::tie(last->latency, last->distance2) < std::tie(one.latency, one.distance2);
    if (farther && all.size() >= *count) break;
    if (!std::ranges::binary_search(on_offer, one.cluster)) continue;
    all.push_back(one.cluster);
    last = &one;
  }
  const bool enough = all.size() >= *count || near.whole >= forever;
  std::ranges::sort(all);
  return enough ? all : std::vector<ClusterId>();
}

// Latencies are those of the network as built, since there are measurements of few paths only: a path that is measured
// would look longer than one that is not.
std::vector<ClusterId> Neighbourhoods::form(ApplicationId id, const HubView& view,
                                            const std::vector<ClusterId>& on_offer, PartitionPolicy& policy, Rng& rng) {
  const std::vector<ClusterId> few = nearest(id, view, on_offer, policy);
  const std::vector<ClusterId>& clusters = few.empty() ? on_offer : few;
  const std::vector<ClusterId>& clients = view.clients(id);
  PartitionProblem problem;
  problem.application = catalogue_.name(id);
  for (const ClusterId cluster : clusters) {
    const ClusterSums state = view.sums(cluster, {});
    const Position& at = world_.federation.position(cluster);
    Seconds latency;
    for (const ClusterId client : clients) latency += plan_.latency(client, cluster);
    if (!clients.empty()) latency = latency / static_cast<double>(clients.size());
    problem.rows.push_back({cluster.index, world_.federation.cluster_spec(cluster).provider, at.x, at.y, at.z,
                            state.cpu, state.cpu_free.value(), state.memory, state.memory_free, latency,
                            now() - state.taken});
  }
  const Neighbourhood formed = call_plugin(policy, [&] { return policy.form(problem, rng); });
  std::vector<ClusterId> members;
  for (const std::uint32_t row : formed.members)
    if (row < clusters.size()) members.push_back(clusters[row]);
  sizes_.add(static_cast<double>(members.size()));
  return members;
}

void Neighbourhoods::introduce(ApplicationId id, ClusterId hub, const std::vector<ClusterId>& members) {
  std::set<ClusterId>& told = told_of_[id.index];
  told.insert(members.begin(), members.end());
  spawn(tell_members(id, hub, members, {told.begin(), told.end()}));
}

// Sends the list of members to each, again and again until it has arrived, or until there is a newer list.
Process Neighbourhoods::tell_members(ApplicationId id, ClusterId hub, std::vector<ClusterId> members,
                                     std::vector<ClusterId> untold) {
  const Seconds begin = now();
  const std::uint32_t round = ++told_[id.index];
  const Bytes size = spec_.ocm.request + member_entry * static_cast<double>(members.size());
  while (!untold.empty()) {
    std::vector<ClusterId> missed;
    for (const ClusterId one : untold) {
      co_await kubernetes_.wait_alive(hub);
      const Outcome outcome = co_await wire_.send(Plane::desired_state, hub, one, size);
      if (told_[id.index] != round) co_return;
      if (outcome != Outcome::done) {
        missed.push_back(one);
        continue;
      }
      member_told(one, id, members);
      if (std::ranges::find(members, one) == members.end()) told_of_[id.index].erase(one);
    }
    untold = std::move(missed);
    if (!untold.empty()) co_await delay(between_tries);
  }
  if (!members.empty()) formation_.add((now() - begin).value);
}

void Neighbourhoods::member_told(ClusterId one, ApplicationId id, const std::vector<ClusterId>& members) {
  Member& member = members_[one.index];
  const bool belongs = std::ranges::find(members, one) != members.end();
  std::vector<ClusterId>& group = member.groups[id.index];
  const std::vector<ClusterId> before = std::exchange(group, belongs ? members : std::vector<ClusterId>());
  for (const ClusterId other : group) meet(one, other);
  for (const ClusterId other : before)
    if (other != one && std::ranges::find(group, other) == group.end()) part(one, other);
  if (group.empty()) member.groups.erase(id.index);
}

void Neighbourhoods::meet(ClusterId one, ClusterId other) {
  std::vector<Neighbour>& known = members_[one.index].neighbours;
  const auto place = std::ranges::lower_bound(known, other, {}, &Neighbour::cluster);
  if (other == one || (place != known.end() && place->cluster == other)) return;
  known.insert(place, {other, nullptr});
  if (spec_.probes == CodecoSpec::Probes::neighbourhood) netma_.watch(one, other);
}

// Unless another neighbourhood has both.
void Neighbourhoods::part(ClusterId one, ClusterId other) {
  Member& member = members_[one.index];
  const bool both = std::ranges::any_of(
      member.groups, [&](const auto& group) { return std::ranges::find(group.second, other) != group.second.end(); });
  if (both) return;
  std::erase_if(member.neighbours, [&](const Neighbour& neighbour) { return neighbour.cluster == other; });
  if (spec_.probes == CodecoSpec::Probes::neighbourhood) netma_.unwatch(one, other);
}

Process Neighbourhoods::exchange(ClusterId cluster) {
  Rng rng = world_.rng.stream("neighbourhood/exchange").stream(cluster.index);
  co_await delay(spec_.neighbourhood.exchange * rng.uniform());
  for (;;) {
    if (world_.alive(cluster) && !members_[cluster.index].neighbours.empty()) {
      const auto state = std::make_shared<const ClusterState>(kubernetes_.state(cluster));
      for (const Neighbour& one : members_[cluster.index].neighbours) spawn(tell(cluster, one.cluster, state));
    }
    co_await delay(spec_.neighbourhood.exchange);
  }
}

Process Neighbourhoods::tell(ClusterId from, ClusterId to, std::shared_ptr<const ClusterState> state) {
  const Outcome outcome = co_await wire_.send(Plane::telemetry, from, to, spec_.neighbourhood.state);
  if (outcome != Outcome::done) co_return;
  std::vector<Neighbour>& known = members_[to.index].neighbours;
  const auto place = std::ranges::lower_bound(known, from, {}, &Neighbour::cluster);
  if (place != known.end() && place->cluster == from) place->state = std::move(state);
}

void Neighbourhoods::unschedulable(ClusterId cluster, ServiceId service) {
  if (spec_.autonomy != CodecoSpec::Autonomy::neighbourhood) return;
  if (members_[cluster.index].offered.insert(service.index).second) spawn(hand_over(cluster, service));
}

// The neighbours by latency from here. A neighbour that has not been heard of is not asked.
std::vector<Neighbourhoods::Neighbour> Neighbourhoods::candidate_neighbours(ClusterId from, ServiceId service) const {
  const ApplicationId app = catalogue_.application(service);
  const ComponentSpec& component = catalogue_.component(service);
  const Member& member = members_[from.index];
  const auto group = member.groups.find(app.index);
  std::vector<Neighbour> asked;
  if (group == member.groups.end() || !component.cluster.empty()) return asked;
  for (const Neighbour& one : member.neighbours) {
    const bool belongs = std::find(group->second.begin(), group->second.end(), one.cluster) != group->second.end();
    const bool takes = one.state && one.state->fits(component.cpu_request, component.memory_request);
    if (!belongs || !takes) continue;
    if (!broken_rule(catalogue_.spec(app), datasets_, world_.federation, one.cluster, one.state->security))
      asked.push_back(one);
  }
  std::stable_sort(asked.begin(), asked.end(), [&](const Neighbour& a, const Neighbour& b) {
    return plan_.latency(from, a.cluster) < plan_.latency(from, b.cluster);
  });
  return asked;
}

// While the hub can be reached, the hub decides about another cluster.
Process Neighbourhoods::hand_over(ClusterId from, ServiceId service) {
  const auto waits = [&] { return kubernetes_.status(from, service).unschedulable > 0; };
  while (waits()) {
    co_await delay(between_tries);
    if (!waits() || spokes_.connected(from) || !world_.alive(from)) continue;
    const std::vector<Neighbour> asked = candidate_neighbours(from, service);
    for (const Neighbour& one : asked) {
      const bool taken = co_await ask(from, service, one.cluster);
      if (!taken) continue;
      decisions_.record(
          {{}, catalogue_.application(service), catalogue_.component_number(service), one.cluster, {}, Outcome::done},
          now() - one.state->taken);
      co_await wire_.send(Plane::desired_state, one.cluster, from, spec_.ocm.request);
      break;
    }
  }
  members_[from.index].offered.erase(service.index);
}

// The neighbour decides by its present state, not by its reported one.
Task<bool> Neighbourhoods::ask(ClusterId from, ServiceId service, ClusterId to) {
  const ApplicationId app = catalogue_.application(service);
  const ComponentSpec& component = catalogue_.component(service);
  const Outcome outcome = co_await wire_.send(Plane::desired_state, from, to, spec_.ocm.request + spec_.ocm.manifest);
  const WorkloadStatus status = kubernetes_.status(from, service);
  if (outcome != Outcome::done || status.unschedulable == 0 || !world_.alive(to)) co_return false;
  const ClusterState there = kubernetes_.state(to);
  const auto breaks = broken_rule(catalogue_.spec(app), datasets_, world_.federation, to, there.security);
  if (breaks || !there.fits(component.cpu_request, component.memory_request)) co_return false;
  spokes_.hand_over(app, catalogue_.component_number(service), from, to, status.since);
  ++world_.metrics.handed_over;
  co_return true;
}

std::vector<ClusterId> Neighbourhoods::neighbours(ClusterId cluster) const {
  std::vector<ClusterId> all;
  for (const Neighbour& one : members_[cluster.index].neighbours) all.push_back(one.cluster);
  return all;
}

}  // namespace codecosim
