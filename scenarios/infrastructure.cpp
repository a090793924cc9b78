#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/fields.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace {
constexpr std::uint32_t most_clusters = 1'000'000;

template <class Q>
Signal<Q> read_signal(Reader& parent, const char* key, const char* prose, const Loading& loading) {
  const auto found = parent.maybe_one_of<Signal<Q>>(
      key, prose,
      {{"", "constant", [](Reader r) { return Signal<Q>(r.value<Q>(not_negative)); }},
       {"daily", "values that follow each other in equal steps over a day, every day",
        [](Reader r) {
          std::vector<Q> values;
          for (Reader& element : r.elements(0, "expected at least one value"))
            values.push_back(element.value<Q>(not_negative));
          return values.empty() ? Signal<Q>() : Signal<Q>::repeating(std::move(values), Seconds(86400));
        }},
       {"csv", "a file with the columns time_s and value; the value in the unit of the plain form's example",
        [&loading](Reader r) {
          std::vector<Seconds> starts;
          std::vector<Q> values;
          const auto csv = csv_at(r, loading);
          if (!csv) return Signal<Q>();
          guarded(r, [&] {
            const std::size_t time = csv->column("time_s"), value = csv->column("value");
            // The example's values are 250 g/kWh, 0.30 EUR/kWh, 0.048 EUR/core/h.
            const std::string_view example = notation<Q>().example;
            double factor = 1;
            for (const Unit& unit : notation<Q>().units)
              if (example.ends_with(" " + std::string(unit.name))) factor = unit.factor;
            for (std::size_t row = 0; row < csv->rows(); ++row) {
              const Seconds start(csv->number(row, time));
              if (!starts.empty() && start <= starts.back()) csv->fail(row, "times must rise");
              starts.push_back(start);
              values.push_back(Q(csv->number(row, value) * factor));
              if (values.back() < Q(0)) csv->fail(row, "the value must not be negative");
            }
            if (values.empty()) throw Error(Failure::scenario, "the file has no rows");
          });
          return values.empty() ? Signal<Q>() : Signal<Q>::steps(std::move(starts), std::move(values));
        }}});
  return found.value_or(Signal<Q>());
}

void read_providers(Reader& root, Loading& loading) {
  for (auto& [name, r] : root.members("providers", "Who owns clusters, by name.", loading.required())) {
    ProviderSpec provider;
    provider.name = loading.full(name);
    read_fields(r, provider);
    provider.carbon = read_signal<GramsPerJoule>(r, "carbon", "Carbon intensity of its electricity.", loading);
    if (auto price = r.object("price", "What it charges.")) {
      provider.cpu_price =
          read_signal<EurosPerCoreSecond>(*price, "cpu", "Per core requested by placed pods.", loading);
      provider.egress_price = price->get<EurosPerByte>(
          "egress", EurosPerByte(0), "Per byte that leaves a cluster over the wide area.", not_negative);
      provider.energy_price = read_signal<EurosPerJoule>(*price, "energy", "Per energy of its nodes.", loading);
      price->close();
    }
    r.close();
    loading.providers.add(provider.name);
    if (!provider.domain.empty()) loading.domains.insert(provider.domain);
    loading.scenario.federation.providers.push_back(std::move(provider));
  }
}

std::shared_ptr<const PowerModel> read_power(Reader& parent) {
  std::shared_ptr<const PowerModel> model = linear_power(Watts(0), Watts(0));
  auto r = parent.object("power",
                         "Electrical power as a function of the share of cores that is busy; nothing when missing.");
  if (!r) return model;
  const Watts idle = r->get<Watts>("idle", Watts(0), "With no core busy.", not_negative);
  const Watts busy = r->get<Watts>("busy", Watts(0), "With all cores busy.", not_negative);
  enum class Curve { linear, cubic };
  const bool stated = !r->describing() && (r->has("idle") || r->has("busy") || r->has("curve"));
  const auto curve = r->choice<Curve>("curve", Curve::linear, {"linear", "cubic"}, "Between idle and busy.");
  std::vector<std::pair<double, Watts>> points;
  for (Reader& point :
       r->items("points", "Measured points instead of a curve: [[busy share, power], ...] from share 0 to share 1.")) {
    std::vector<Reader> pair = point.elements(2);
    if (pair.size() != 2) continue;
    // The first element is a number, the second a power; a schema of tuples would say no more to a person.
    if (point.describing()) continue;
    points.emplace_back(pair[0].value<double>(between(0, 1)), pair[1].value<Watts>(not_negative));
  }
  r->close();
  if (stated && r->has("points"))
    r->problem("\"points\" replaces \"idle\", \"busy\" and \"curve\"");
  else if (busy < idle)
    r->problem("\"busy\" is below \"idle\"");
  if (points.empty()) return curve == Curve::cubic ? cubic_power(idle, busy) : linear_power(idle, busy);
  const bool rising =
      std::is_sorted(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.first <= b.first; });
  if (points.front().first != 0 || points.back().first != 1 || !rising)
    r->problem_at("points", "shares must rise from 0 to 1");
  return table_power(std::move(points));
}

void read_node_types(Reader& root, Loading& loading) {
  for (auto& [name, r] : root.members("node_types", "Kinds of machine, by name.", loading.required())) {
    NodeType type;
    type.name = name;
    read_fields(r, type);
    type.power = read_power(r);
    type.labels = read_labels(r, "labels", "Kubernetes labels of its nodes.");
    type.labels.emplace("kubernetes.io/arch", type.arch);
    type.taints = read_taints(r);
    r.close();
    if (type.speed <= 0) type.speed = 1;
    loading.node_types.add(loading.full(name));
    loading.scenario.federation.node_types.push_back(std::move(type));
  }
}

Positions read_position_csv(Reader r, const Loading& loading, bool& on_earth) {
  Positions positions;
  positions.from_file = true;
  const auto csv = csv_at(r, loading);
  if (!csv) return positions;
  const bool good = guarded(r, [&] {
    on_earth = csv->has("latitude");
    positions.on_earth = on_earth;
    const std::size_t a = csv->column(on_earth ? "latitude" : "x"), b = csv->column(on_earth ? "longitude" : "y");
    for (std::size_t row = 0; row < csv->rows(); ++row) {
      const double first = csv->number(row, a), second = csv->number(row, b);
      if (on_earth && (std::abs(first) > 90 || std::abs(second) > 180))
        csv->fail(row, "not a latitude and longitude in degrees");
      positions.given.push_back(on_earth ? Position::on_earth(first, second) : Position{first, second, 0});
    }
    if (positions.given.empty()) throw Error(Failure::scenario, "the file has no rows");
  });
  if (!good) positions.given.clear();
  return positions;
}

}  // namespace

Position point_at(Reader r) {
  std::vector<Reader> xy = r.elements(2);
  return xy.size() == 2 ? Position{xy[0].value<Metres>().value, xy[1].value<Metres>().value, 0} : Position{};
}

std::optional<Position> read_point(Reader& parent, const char* key, const char* prose) {
  return parent.maybe_one_of<Position>(key, prose, {{"", "[x, y] on a plane", point_at}});
}

Area read_area(Reader& r) {
  Area area;
  area.width = r.need<Metres>("width", "West to east.", positive);
  area.height = r.need<Metres>("height", "South to north.", positive);
  area.corner = read_point(r, "corner", "South-west corner; missing: [0 m, 0 m].").value_or(Position{});
  return area;
}

std::vector<Form<Positions>> position_forms(const Loading& loading) {
  return {
      {"", "[x, y] on a plane",
       [](Reader r) {
         Positions positions;
         positions.given = {point_at(r)};
         return positions;
       }},
      {"random", "uniform in a box",
       [](Reader r) {
         Positions positions;
         const Area area = read_area(r);
         r.close();
         positions.make = [=](std::uint32_t, std::uint32_t, Rng& rng) { return area.draw(rng); };
         return positions;
       }},
      {"grid", "row by row on a square grid",
       [](Reader r) {
         Positions positions;
         const double spacing = r.need<Metres>("spacing", "Between neighbours.", positive).value;
         const auto columns =
             r.get<std::uint32_t>("columns", 0, "In a row; 0: as many as make the grid nearly square.");
         const Position corner =
             read_point(r, "corner", "South-west corner; missing: [0 m, 0 m].").value_or(Position{});
         r.close();
         positions.make = [=](std::uint32_t i, std::uint32_t count, Rng&) {
           const auto wide =
               columns ? columns : static_cast<std::uint32_t>(std::ceil(std::sqrt(static_cast<double>(count))));
           const std::uint32_t column = i % wide, line = i / wide;
           return Position{corner.x + spacing * column, corner.y + spacing * line, 0};
         };
         return positions;
       }},
      {"csv", "a file with the columns latitude and longitude in degrees, or x and y in metres; one cluster a row",
       [&loading](Reader r) {
         bool on_earth = false;
         return read_position_csv(r, loading, on_earth);
       }},
      {"latitude", "a point on the Earth, in degrees",
       [](Reader r) {
         Positions positions;
         const double latitude = r.need<double>("latitude", "North positive.", between(-90, 90));
         const double longitude = r.need<double>("longitude", "East positive.", between(-180, 180));
         r.close();
         positions.given = {Position::on_earth(latitude, longitude)};
         positions.on_earth = true;
         return positions;
       },
       true},
  };
}

namespace {
/// Whether the federation stays small enough to be built with `number` clusters like `cluster`.
bool small_enough(Reader& r, const ClusterSpec& cluster, std::uint64_t number, Loading& loading) {
  std::uint64_t each = 0;
  for (const ClusterSpec::Pool& pool : cluster.pools) each += pool.count;
  const std::uint64_t clusters = loading.clusters + number, nodes = loading.nodes + each * number;
  if (clusters > most_clusters)
    r.problem(fmt::format("with these there are {} clusters; at most {} can be simulated", clusters, most_clusters));
  else if (nodes > most_things)
    r.problem(fmt::format("with these there are {} nodes; at most {} can be simulated", nodes, most_things));
  const bool small = clusters <= most_clusters && nodes <= most_things;
  if (small) {
    loading.clusters = clusters;
    loading.nodes = nodes;
  } else
    loading.names_unsure = true;
  return small;
}

void place_clusters(Reader& r, ClusterSpec& cluster, Positions positions, std::optional<std::uint32_t> count,
                    Loading& loading) {
  if (positions.from_file) {
    const auto rows = static_cast<std::uint32_t>(positions.given.size());
    if (count && *count > rows && rows > 0) {
      r.problem_at("count", fmt::format("{} clusters, but the file has {} rows", *count, rows));
      loading.names_unsure = true;
    }
    positions.given.resize(std::min(rows, count.value_or(rows)));
    cluster.positions = std::move(positions.given);
    for (Position& one : cluster.positions) one = loading.here().placed(one);
    if (!small_enough(r, cluster, cluster.positions.size(), loading)) cluster.positions.resize(1);
  } else {
    Rng rng = Rng(loading.scenario.seed, 0).stream("positions/" + cluster.name);
    const std::uint32_t number = small_enough(r, cluster, count.value_or(1), loading) ? count.value_or(1) : 1;
    for (std::uint32_t i = 0; i < number; ++i)
      cluster.positions.push_back(loading.here().placed(positions.make            ? positions.make(i, number, rng)
                                                        : positions.given.empty() ? Position{}
                                                                                  : positions.given[0]));
  }
  if (loading.here().on_earth) {
    if (positions.stated) r.problem_at("position", "all that is at a site on the Earth stands where the site does");
    loading.any_on_earth = true;
    return;
  }
  if (!positions.stated && cluster.on.empty()) loading.unplaced.emplace_back(r, loading.scope);
  if (positions.stated && !(positions.from_file && cluster.positions.empty()))
    (positions.on_earth ? loading.any_on_earth : loading.any_on_plane) = true;
}

/// Reads the node pools; returns their readers, one per pool.
std::vector<Reader> read_pools(Reader& r, ClusterSpec& cluster, const Loading& loading) {
  std::vector<Reader> places;
  for (Reader& n : r.items("nodes", "Its machines, by kind.", true, "a cluster needs at least one node")) {
    ClusterSpec::Pool pool;
    pool.type = reference(n, "type", loading.node_types, "node type", "A name from node_types.", loading);
    read_fields(n, pool);
    pool.labels = read_labels(n, "labels", "More Kubernetes labels.");
    pool.taints = read_taints(n);
    n.close();
    if (pool.type >= loading.scenario.federation.node_types.size()) continue;
    const NodeType& type = loading.scenario.federation.node_types[pool.type];
    pool.labels.insert(type.labels.begin(), type.labels.end());
    pool.taints.insert(pool.taints.end(), type.taints.begin(), type.taints.end());
    for (const ClusterSpec::Pool& other : cluster.pools)
      if (other.type == pool.type)
        n.problem_at("type", "this cluster has an entry of the same type already; add to its count");
    cluster.pools.push_back(std::move(pool));
    places.push_back(n);
  }
  return places;
}

void read_clusters(Reader& root, Loading& loading) {
  for (Reader& r : root.items("clusters", "Kubernetes clusters.", loading.required(),
                              loading.required() ? "a federation needs at least one cluster" : nullptr)) {
    const std::size_t before = root.problems();
    ClusterSpec cluster;
    cluster.name = name_at(r, "With `count` or positions from a file, its clusters are called name-0, name-1, ...",
                           loading.clusters_by_name, "clusters", loading);
    enum class Role { spoke, hub };
    cluster.hub = r.choice<Role>("role", Role::spoke, {"spoke", "hub"},
                                 "The hub is the centre of a star, and home of the registry.") == Role::hub;
    const auto count = r.maybe<std::uint32_t>("count", "How many alike.", between(1, most_clusters));
    cluster.provider = reference(r, "provider", loading.providers, "provider", "A name from providers.", loading);
    Positions nowhere;
    nowhere.stated = false;
    const Positions positions =
        r.maybe_one_of<Positions>("position", "Where it is, or they are.", position_forms(loading)).value_or(nowhere);
    cluster.numbered = count.has_value() || positions.from_file;
    const std::vector<Reader> pools = read_pools(r, cluster, loading);
    loading.names_unsure = loading.names_unsure || root.problems() > before;
    cluster.labels = read_labels(r, "labels", "Labels of the cluster.");
    if (auto lan = r.object("lan", "Between each node and the gateway, each way.", true)) cluster.lan = read_link(*lan);
    if (auto uplink = r.object("uplink", "Between the gateway and the wide area, each way."))
      cluster.uplink = read_link(*uplink);
    else
      cluster.uplink.bandwidth = BytesPerSecond(1.25e9);
    read_fields(r, cluster);
    r.close();
    place_clusters(r, cluster, positions, count, loading);
    const std::uint64_t number = cluster.positions.size();
    if (!cluster.on.empty() && cluster.hub) r.problem_at("on", "a hub does not move");
    const std::size_t own = loading.scenario.federation.clusters.size();
    if (!cluster.on.empty())
      loading.carried.push_back({r, "on", cluster.on, number, true, loading.scope, own, Scope::none});
    for (std::size_t p = 0; p < cluster.pools.size(); ++p)
      if (const ClusterSpec::Pool& pool = cluster.pools[p]; !pool.on.empty())
        loading.carried.push_back({pools[p], "on", pool.on, number * pool.count, false, loading.scope, own, p});
    loading.scenario.federation.clusters.push_back(std::move(cluster));
  }
}

/// What can be said of the clusters only when all are known.
void check_clusters(Reader& root, Loading& loading) {
  std::vector<ClusterSpec>& clusters = loading.scenario.federation.clusters;
  if (clusters.empty() && !loading.required() && !root.describing() && !loading.sites_unsure)
    root.problem("a federation needs at least one cluster, here or at a site");
  loading.names_unsure = loading.names_unsure || clusters.empty();
  // A plain name may also be the name of a numbered cluster.
  for (const ClusterSpec& plain : clusters) {
    const std::size_t dash = plain.name.rfind('-');
    if (plain.numbered || dash == std::string::npos) continue;
    const auto number = parse_whole<std::uint32_t>(std::string_view(plain.name).substr(dash + 1));
    const auto other = loading.clusters_by_name.find(plain.name.substr(0, dash));
    if (number && other && clusters[*other].numbered && *number < clusters[*other].positions.size() &&
        std::to_string(*number) == plain.name.substr(dash + 1))
      root.problem_at("clusters",
                      fmt::format("\"{}\" is the name of a cluster and of one of those with a number", plain.name));
  }
  if (loading.any_on_earth && loading.any_on_plane)
    root.problem_at("clusters",
                    "positions in metres and positions on the Earth do not mix: give all of them in one way");
  else if (loading.any_on_earth)
    for (const auto& [at, scope] : loading.unplaced) {
      const std::string& site = loading.scopes[scope].prefix;
      at.problem("\"position\" is missing" + (site.empty() ? "" : ", and the site " + site + " has none either") +
                 ": other clusters are on the Earth");
    }
  loading.scenario.federation.on_earth = loading.any_on_earth;
}
}  // namespace

LinkSpec read_link(Reader r) {
  LinkSpec link;
  read_fields(r, link);
  r.close();
  if (link.bandwidth.value <= 0) link.bandwidth = BytesPerSecond(1);
  return link;
}

Labels read_labels(Reader& parent, const char* key, const char* prose) {
  Labels labels;
  for (auto& [name, r] : parent.members(key, prose)) labels[name] = r.value<std::string>();
  return labels;
}

std::vector<Taint> read_taints(Reader& parent) {
  std::vector<Taint> taints;
  for (Reader& r : parent.items("taints", "Kubernetes taints of its nodes.")) {
    Taint taint;
    taint.key = r.need<std::string>("key", "As in Kubernetes.");
    taint.value = r.get<std::string>("value", "", "As in Kubernetes.");
    taint.effect = r.choice<Taint::Effect>("effect", Taint::Effect::no_schedule,
                                           {"NoSchedule", "PreferNoSchedule", "NoExecute"}, "As in Kubernetes.");
    r.close();
    taints.push_back(std::move(taint));
  }
  return taints;
}

namespace {
void read_wan_links(Reader& root, Loading& loading, const Federation& expanded) {
  FederationSpec& federation = loading.scenario.federation;
  for (Reader& r : root.items("wan_links", "Wide-area links of an explicit topology.")) {
    WanLinkSpec wan;
    const auto end = [&](const char* key, const char* prose) -> std::optional<std::uint32_t> {
      const std::string name = r.need<std::string>(key, prose);
      if (r.describing() || name.empty()) return std::nullopt;
      const auto found = find_cluster(loading, expanded, name);
      if (!found) no_cluster(r, key, name, expanded, loading);
      return found ? std::optional(found->index) : std::nullopt;
    };
    const auto from = end("from", "A cluster."), to = end("to", "A cluster.");
    wan.from = from.value_or(0);
    wan.to = to.value_or(0);
    const bool duplex = r.get<bool>("duplex", true, "Whether there is the same link back.");
    wan.link.bandwidth = BytesPerSecond(1);
    if (auto link = r.object("link", "Its properties.", true)) wan.link = read_link(*link);
    r.close();
    if (from && to && *from == *to) r.problem("a link joins two clusters, not one with itself");
    federation.wan_links.push_back(wan);
    loading.wan_targets[wan.from].push_back(wan.to);
    if (!duplex) continue;
    federation.wan_links.push_back({wan.to, wan.from, wan.link});
    loading.wan_targets[wan.to].push_back(wan.from);
  }
}
}  // namespace

void read_infrastructure(Loading& loading) {
  Reader& root = loading.scopes.front().reader;
  loading.for_each_scope([&](Reader& part) { read_providers(part, loading); });
  loading.for_each_scope([&](Reader& part) { read_node_types(part, loading); });
  loading.for_each_scope([&](Reader& part) { read_clusters(part, loading); });
  check_clusters(root, loading);
  FederationSpec& federation = loading.scenario.federation;
  if (auto r = root.object("network", "How clusters are joined and what crosses how.")) {
    read_fields(*r, federation);
    read_fields(*r, loading.scenario.transports);
    r->close();
  }
  const Federation expanded(federation);
  loading.for_each_scope([&](Reader& part) { read_wan_links(part, loading, expanded); });
  if (!federation.wan_links.empty() && federation.topology != Topology::explicit_ && !root.describing())
    root.problem_at("wan_links",
                    "only the explicit topology has wide-area links of its own: set /network/topology to \"explicit\"");
}

}  // namespace codecosim
