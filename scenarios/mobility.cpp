#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "scenarios/fields.hpp"
#include "scenarios/motion.hpp"

namespace codecosim {

namespace {
constexpr std::uint32_t most_cells = 1'000'000;
constexpr Metres shortest_lane{0.01};

void read_propagation(Reader& parent, Propagation& propagation) {
  auto r = parent.object("propagation", "How its signal weakens.");
  if (!r) return;
  read_fields(*r, propagation);
  r->close();
}

void read_handover(Reader& parent, Technology& technology) {
  auto r = parent.object("handover", "3GPP's event A3, and what follows.");
  if (!r) return;
  FieldReader fields(*r);
  technology.handover_fields(fields);
  r->close();
}

MediumAccess read_contention(Reader r, const Technology& technology) {
  const auto* preset = std::get_if<Contention>(&technology.access);
  const std::vector<std::string> standards = Contention::standards();
  Contention c = preset ? *preset : Contention::of("802.11ac");
  const auto own = static_cast<std::size_t>(std::ranges::find(standards, c.standard) - standards.begin());
  const auto standard = r.choice<std::size_t>("standard", own, standards, "Whose times and limits hold.");
  if (standard != own) c = Contention::of(standards[standard]);
  c.base = technology.tiers.front().down;
  read_fields(r, c);
  if (c.cw_max < c.cw_min) r.problem_at("cw_max", "it must be at least cw_min");
  if (c.most_frames > 1 && c.most_bytes <= Bytes(0))
    r.problem_at("aggregation", c.standard + " has none: leave it out, or take a later standard");
  r.close();
  return c;
}

MediumAccess read_grants(Reader r, const Technology& technology) {
  const auto* preset = std::get_if<Grants>(&technology.access);
  Grants g = preset ? *preset : Grants{Seconds(1e-3), "", Seconds(10e-3), Seconds(8e-3)};
  read_fields(r, g);
  const std::string both = "FDD";
  g.pattern =
      r.get<std::string>("pattern", g.pattern.empty() ? both : g.pattern,
                         "Slots that repeat: D down, U up, S down and the change to up; or FDD: both ways in each.");
  if (g.pattern == both) g.pattern.clear();
  const auto leads = [&](const char* ways) { return g.pattern.find_first_of(ways) != std::string::npos; };
  if (!g.pattern.empty() && !r.describing() &&
      (g.pattern.find_first_not_of("DSU") != std::string::npos || g.pattern.size() > 1000 || !leads("DS") ||
       !leads("U")))
    r.problem_at("pattern",
                 "expected letters D, S and U with a way down and a way up among them, such as DDDSU, or FDD");
  r.close();
  return g;
}

Technology read_technology(Reader& r, const std::string& name) {
  const std::size_t before = r.problems();
  Technology t = technology("wifi-ft");
  const std::vector<std::string> known = technology_names();
  const auto preset =
      r.need<std::string>("preset", "Where what is not said comes from: wifi, wifi-ft, private-5g or lte.");
  if (std::find(known.begin(), known.end(), preset) != known.end())
    t = technology(preset);
  else if (!preset.empty() && !r.describing())
    r.problem_at("preset", "there is no preset \"" + preset + "\"" + suggestion(preset, known));
  t.name = name;
  read_fields(r, t);
  std::vector<Technology::Tier> tiers;
  for (Reader& one :
       r.items("tiers", "The rate of a device from which signal to noise ratio on, rising; replaces the preset's.")) {
    Technology::Tier tier;
    const std::size_t sure = one.problems();
    read_fields(one, tier);
    one.close();
    if (!tiers.empty() && one.problems() == sure && tier.ratio <= tiers.back().ratio)
      one.problem_at("ratio", "tiers must be in the order of their ratio");
    tiers.push_back(tier);
  }
  if (!tiers.empty()) t.tiers = std::move(tiers);
  const auto access = r.maybe_one_of<MediumAccess>(
      "medium_access", "How messages come to their airtime; missing: the preset's.",
      {{"", "ideal: at once, with nothing to pay but size / rate",
        [](Reader word) {
          word.one_word({"ideal"});
          return MediumAccess();
        }},
       {"contention",
        "IEEE 802.11: stations listen, back off, collide, acknowledge and aggregate; rates are those of bits",
        [&](Reader inner) { return read_contention(std::move(inner), t); }},
       {"grants", "LTE, NR: devices ask, and the base station grants slots",
        [&](Reader inner) { return read_grants(std::move(inner), t); }}});
  if (access) t.access = *access;
  if (std::holds_alternative<Contention>(t.access) && !t.shared_airtime && !r.describing())
    r.problem_at("shared_airtime", "stations that contend share one airtime: say true");
  read_propagation(r, t.propagation);
  read_handover(r, t);
  r.close();
  using Environment = Propagation::Environment;
  const bool high = t.propagation.environment == Environment::factory_sparse_high ||
                    t.propagation.environment == Environment::factory_dense_high;
  if (high && r.problems() == before &&
      !(t.device_height < t.propagation.clutter_height && t.propagation.clutter_height < t.cell_height))
    r.problem("in this environment the clutter is higher than devices and lower than cells");
  return t;
}

/// A radio technology, described in full, or a preset by its name.
std::optional<std::uint32_t> technology_named(const std::string& name, Loading& loading,
                                              const std::function<void(const std::string&)>& report) {
  const auto known = loading.resolve(name, [&](const std::string& full) { return loading.technologies.find(full); });
  if (known) return known;
  const std::vector<std::string> presets = technology_names();
  if (std::find(presets.begin(), presets.end(), name) == presets.end()) {
    std::vector<std::string> names = presets;
    names.insert(names.end(), loading.technologies.all().begin(), loading.technologies.all().end());
    report("there is no technology \"" + name + "\"" + suggestion(name, names));
    return std::nullopt;
  }
  loading.technologies.add(name);
  loading.scenario.mobility.technologies.push_back(technology(name));
  return loading.technologies.size() - 1;
}

std::vector<Position> places(Reader& r, const Positions& positions, std::uint32_t number, const std::string& stream,
                             const Loading& loading) {
  if (positions.on_earth || loading.here().on_earth)
    r.problem_at("position", "cells and devices are on a plane: give metres");
  std::vector<Position> all;
  if (positions.from_file)
    for (const Position& one : positions.given) all.push_back(loading.here().placed(one));
  if (positions.from_file) return all;
  Rng rng = Rng(loading.scenario.seed, 0).stream("positions/" + stream);
  for (std::uint32_t i = 0; i < number; ++i)
    all.push_back(loading.here().placed(positions.make            ? positions.make(i, number, rng)
                                        : positions.given.empty() ? Position{}
                                                                  : positions.given[0]));
  return all;
}

void read_cells(Reader& root, Loading& loading, const Federation& federation, std::uint64_t& total) {
  for (Reader& r : root.items("cells", "What gives radio access: access points, base stations.")) {
    CellSpec cell;
    cell.name = name_at(r, "With `count` or positions from a file, they are called name-0, name-1, ...", loading.cells,
                        "kinds of cell", loading);
    const auto count = r.maybe<std::uint32_t>("count", "How many alike.", between(1, most_cells));
    auto technology = r.need_one_of<std::string>(
        "technology", "A name from technologies, or wifi, wifi-ft, private-5g, lte.",
        {{"", "a name", [&](Reader name) {
            const std::string text = name.filled_text();
            if (name.describing() || text.empty()) return text;
            const auto found = technology_named(text, loading, [&](const std::string& what) { name.problem(what); });
            if (found) cell.technology = *found;
            return text;
          }}});
    const auto positions =
        r.need_one_of<Positions>("position", "Where it is, or they are, on the plane.", position_forms(loading));
    const auto gateway = r.get<std::string>(
        "gateway", "",
        "Cluster that it leads to; {i} stands for the number of the cell; missing: the nearest cluster.");
    const auto channels = r.get<std::uint32_t>(
        "channels", 1, "So many are dealt out in turn; cells of one channel and technology disturb each other.",
        between(1, 65535));
    r.close();
    if (!r.describing() && !technology.empty()) {
      cell.numbered = count.has_value() || positions.from_file;
      cell.at = places(r, positions, count.value_or(1), cell.name, loading);
      if (positions.from_file && count) cell.at.resize(std::min<std::size_t>(cell.at.size(), *count));
      total += cell.at.size();
      if (total > most_cells) {
        r.problem(fmt::format("with these there are {} cells; at most {} can be simulated", total, most_cells));
        cell.at.resize(1);
      }
      const std::string whole_gateway = find_clusters(loading, federation, gateway).value_or(gateway);
      for (std::uint32_t i = 0; i < cell.at.size() && federation.cluster_count() > 0; ++i) {
        const auto found = gateway.empty() ? federation.nearest_cluster(cell.at[i])
                                           : federation.find_cluster(numbered(whole_gateway, i));
        if (!found) {
          no_cluster(r, "gateway", numbered(gateway, i), federation, loading);
          break;
        }
        if (!federation.cluster_spec(*found).on.empty()) {
          r.problem_at("gateway", fmt::format("\"{}\" is on a device: a cell leads to a cluster that stays where it is",
                                              federation.name(*found)));
          break;
        }
        cell.gateways.push_back(*found);
      }
      cell.at.resize(cell.gateways.size());
      cell.channels = channels;
      loading.scenario.mobility.cells.push_back(std::move(cell));
    }
  }
}

/// The index of the station under `key`. Where no station is known, the name is not reported.
std::uint32_t station_at(Reader& r, const char* key, const std::vector<std::string>& names, const char* prose) {
  if (r.describing() || !names.empty()) return reference(r, key, names, "station", prose);
  (void)r.need<std::string>(key, prose);
  return 0;
}

void read_stations(Reader& r, StationGraph& graph, const Scope& scope) {
  std::vector<std::string> names;
  const std::size_t before = r.problems();
  for (auto& [name, one] : r.members("stations", "Where lanes meet, by name.", true)) {
    StationGraph::Station station;
    station.name = name;
    const auto at = read_point(one, "at", "[x, y] on the plane.");
    if (!at && !one.describing()) one.problem("\"at\" is missing ([x, y] on the plane.)");
    station.at = scope.placed(at.value_or(Position{}));
    station.chargers = one.get<std::uint32_t>("chargers", 0, "Vehicles that charge there at once.", between(0, 65535));
    station.goal =
        one.get<bool>("goal", station.chargers == 0, "Whether missions lead there; by default where none charges.");
    one.close();
    names.push_back(name);
    graph.stations.push_back(std::move(station));
  }
  const bool sure = r.problems() == before;
  for (Reader& one : r.items("lanes", "Straight, both ways.", true, "stations need lanes between them")) {
    StationGraph::Lane lane;
    lane.from = station_at(one, "from", names, "A station.");
    lane.to = station_at(one, "to", names, "Another.");
    lane.single = one.get<bool>("single", false, "Whether only one vehicle may use it at a time.");
    one.close();
    if (one.describing() || lane.from >= names.size() || lane.to >= names.size()) continue;
    if (lane.from == lane.to)
      one.problem("a lane joins two stations, not one with itself");
    else if (sure && graph.length(lane) < shortest_lane)
      one.problem(fmt::format("\"{}\" and \"{}\" are at one place: a lane is at least 1 cm long", names[lane.from],
                              names[lane.to]));
    else
      graph.lanes.push_back(lane);
  }
}

std::shared_ptr<const FleetSpec> read_fleet(Reader& r, const Scope& scope) {
  auto fleet = std::make_shared<FleetSpec>();
  const std::size_t before = r.problems();
  read_stations(r, fleet->graph, scope);
  const StationGraph& graph = fleet->graph;
  std::vector<std::string> names;
  for (const StationGraph::Station& one : graph.stations) names.push_back(one.name);
  for (Reader& one : r.items("missions", "From where to where, each as likely; missing: between any two goals.")) {
    const std::uint32_t from = station_at(one, "from", names, "Where it loads.");
    const std::uint32_t to = station_at(one, "to", names, "Where it unloads.");
    one.close();
    if (!one.describing() && from < names.size() && from == to)
      one.problem("a mission leads from one station to another");
    fleet->missions.emplace_back(from, to);
  }
  read_fields(r, *fleet);
  if (fleet->emergency < fleet->deceleration && !r.describing())
    r.problem_at("emergency", "a safety stop brakes at least as hard as \"deceleration\"");
  if (fleet->full <= fleet->low && !r.describing()) r.problem_at("full", "must be above \"low\"");
  r.close();
  if (r.describing() || r.problems() > before) return fleet;
  const auto goal = [&](std::uint32_t s) { return graph.stations[s].goal; };
  std::uint32_t goals = 0;
  for (std::uint32_t s = 0; s < graph.stations.size(); ++s) {
    goals += goal(s);
    if (!graph.route(0, s))
      r.problem_at("lanes", fmt::format("no lanes lead from \"{}\" to \"{}\"", names[0], names[s]));
  }
  if (goals < 2) r.problem_at("stations", "missions need two goals");
  return fleet;
}

void read_devices(Reader& root, Loading& loading, std::uint64_t& total) {
  for (Reader& r : root.items("devices", "What moves: vehicles, people, robots.")) {
    DeviceSpec device;
    device.name = name_at(r, "Of this kind; with a count above 1 they are called name-0, name-1, ...", loading.devices,
                          "kinds of device", loading);
    const auto count = r.maybe<std::uint32_t>(
        "count", "How many; missing: as many as a file of their ways has, else one.", between(1, most_devices));
    const auto motion = r.maybe_one_of<std::shared_ptr<const Motion>>(
        "motion", "How they move by themselves; or else:", motion_forms(loading, count.value_or(1)));
    device.motion = motion && *motion && !loading.here().prefix.empty() ? shifted(*motion, loading.here().origin)
                                                                        : motion.value_or(nullptr);
    if (auto fleet = r.object("fleet", "What they work for, as automated guided vehicles (AGVs)."))
      device.fleet = read_fleet(*fleet, loading.here());
    if (!r.describing() && motion.has_value() == (device.fleet != nullptr))
      r.problem(motion ? "\"motion\" and \"fleet\" exclude each other"
                       : "\"motion\" or \"fleet\" is missing: how they move");
    device.count = count.value_or(device.motion ? std::max(device.motion->known(), std::uint32_t{1}) : 1);
    const auto radios = r.maybe_one_of<std::vector<std::string>>(
        "technology", "Their radios, by preference: what one carries is served by the first that has coverage.",
        {{"", "one", [](Reader one) { return std::vector<std::string>{one.filled_text()}; }},
         {"", "several", [](Reader all) {
            std::vector<std::string> names;
            for (Reader& one : all.elements(0, "expected at least one technology")) names.push_back(one.filled_text());
            return names;
          }}});
    const auto provider = r.get<std::string>(
        "provider", "", "Whose customer it is; missing: everybody's. Cells belong to their gateway's provider.");
    const bool roaming = r.get<bool>("roaming", true, "Whether it may use other providers' cells.");
    r.close();
    if (r.describing()) continue;
    total += device.count;
    if (total > most_devices) {
      r.problem(fmt::format("with these there are {} devices; at most {} can be simulated", total, most_devices));
      device.count = 1;
    }
    for (const std::string& name : radios.value_or(std::vector<std::string>{})) {
      if (name.empty()) continue;
      const auto found =
          technology_named(name, loading, [&](const std::string& what) { r.problem_at("technology", what); });
      if (found &&
          std::find(device.technologies.begin(), device.technologies.end(), *found) != device.technologies.end())
        r.problem_at("technology", fmt::format("\"{}\" is named twice", name));
      if (found) device.technologies.push_back(*found);
    }
    const auto own = loading.resolve(provider, [&](const std::string& full) { return loading.providers.find(full); });
    if (!provider.empty() && !own)
      r.problem_at("provider",
                   "there is no provider \"" + provider + "\"" + suggestion(provider, loading.providers.all()));
    if (!roaming && provider.empty())
      r.problem_at("roaming", "only a customer of a provider can be kept from roaming: name one");
    if (!roaming && own) device.providers = {*own};
    loading.scenario.mobility.devices.push_back(std::move(device));
  }
}
}  // namespace

namespace {
/// Checks the nodes and clusters that devices carry, which are read before the devices.
void check_carried(Loading& loading, const Federation& federation) {
  const MobilitySpec& mobility = loading.scenario.mobility;
  std::vector<bool> taken(mobility.devices.size());
  for (const Loading::Carried& one : loading.carried) {
    const auto report = [&](const std::string& what) { one.at.problem_at(one.key, what); };
    const auto kind =
        loading.resolve_from(one.scope, one.on, [&](const std::string& full) { return loading.devices.find(full); });
    if (!kind) {
      report("there is no device \"" + one.on + "\"" + suggestion(one.on, loading.devices.all()));
      continue;
    }
    ClusterSpec& cluster = loading.scenario.federation.clusters[one.cluster];
    (one.whole ? cluster.on : cluster.pools[one.pool].on) = mobility.devices[*kind].name;
    const DeviceSpec& device = mobility.devices[*kind];
    if (device.technologies.empty()) report("\"" + one.on + "\" has no radio: give it a \"technology\"");
    if (one.number > device.count)
      report(
          fmt::format("{} to be carried, one each, but the count of \"{}\" is {}", one.number, one.on, device.count));
    if (taken[*kind]) report(fmt::format("\"{}\" carries other nodes or clusters already", one.on));
    taken[*kind] = true;
    if (one.whole && loading.scenario.federation.topology == Topology::explicit_)
      report("a cluster on a device needs the topology star or mesh");
    const ClusterSpec& hub = federation.cluster_spec(federation.hub());
    if (one.whole && !hub.hub && hub.on == one.on)
      report(
          "the first cluster is the hub while none has that role, and a hub does not move: give another one \"role\": "
          "\"hub\"");
  }
}
}  // namespace

void read_mobility(Loading& loading, const Federation& federation) {
  Reader& root = loading.scopes.front().reader;
  loading.for_each_scope([&](Reader& part) {
    for (auto& [name, r] : part.members("technologies", "Kinds of radio access, by name.")) {
      loading.technologies.add(loading.full(name));
      loading.scenario.mobility.technologies.push_back(read_technology(r, loading.full(name)));
    }
  });
  std::uint64_t cells = 0, devices = 0;
  loading.for_each_scope([&](Reader& part) { read_cells(part, loading, federation, cells); });
  loading.for_each_scope([&](Reader& part) { read_devices(part, loading, devices); });
  if (!root.describing()) check_carried(loading, federation);
  if (!root.describing() && loading.any_on_earth && !loading.scenario.mobility.cells.empty())
    root.problem_at("cells", "cells are on a plane, and the clusters on the Earth: give all positions in metres");
}

}  // namespace codecosim
