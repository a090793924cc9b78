#include "cli/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "models/carried.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

static_assert(std::endian::native == std::endian::little);

namespace {
/// A map of the sphere that keeps distances along the equator's direction true at one latitude (equirectangular;
/// Snyder, "Map projections: a working manual", 1987, section 12), in metres; of the plane: itself.
class Projection {
 public:
  explicit Projection(const Federation& federation) : on_earth_(federation.spec().on_earth) {
    double sum = 0;
    for (std::uint32_t c = 0; on_earth_ && c < federation.cluster_count(); ++c)
      sum += latitude(federation.position({c}));
    width_ = std::cos(sum / std::max(1U, federation.cluster_count()));
  }
  Json operator()(const Position& at) const {
    if (!on_earth_) return {at.x, at.y};
    return {Position::earth_radius * width_ * std::atan2(at.y, at.x), Position::earth_radius * latitude(at)};
  }

 private:
  static double latitude(const Position& at) { return std::asin(std::clamp(at.z / Position::earth_radius, -1.0, 1.0)); }
  bool on_earth_;
  double width_ = 1;
};

Json clusters_json(const Simulation& simulation, const Federation& federation, const Carried& carried) {
  const Projection at(federation);
  std::vector<bool> hub(federation.cluster_count());
  for (const ClusterId one : federation.hubs()) hub[one.index] = true;
  Json all = Json::array();
  for (const ClusterId c : federation.clusters()) {
    const ClusterSpec& spec = federation.cluster_spec(c);
    Json nodes = Json::array();
    for (const NodeId n : federation.nodes(c)) {
      nodes.push_back({{"name", simulation.name(n)}, {"type", federation.pool(n).type}});
      if (carried.nodes[n.index]) nodes.back()["device"] = carried.nodes[n.index].index;
    }
    all.push_back({{"name", simulation.name(c)},
                   {"kind", spec.name},
                   {"provider", spec.provider},
                   {"at", at(federation.position(c))},
                   {"hub", static_cast<bool>(hub[c.index])},
                   {"nodes", std::move(nodes)}});
    if (carried.clusters[c.index]) all.back()["device"] = carried.clusters[c.index].index;
  }
  return all;
}

Json cells_json(Simulation& simulation) {
  Json all = Json::array();
  std::uint32_t number = 0;
  for (const CellSpec& spec : simulation.scenario().mobility.cells)
    for (const Position& at : spec.at) {
      const CellId cell{number++};
      all.push_back({{"name", simulation.name(cell)},
                     {"at", {at.x, at.y}},
                     {"reach_m", simulation.world().radio.technology(cell).reach.value},
                     {"technology", simulation.world().radio.technology(cell).name},
                     {"gateway", simulation.world().radio.gateway(cell).index}});
    }
  return all;
}

Json clients_json(Simulation& simulation) {
  Json all = Json::array();
  for (const ClientSpec& spec : simulation.scenario().clients) {
    Json at = Json::array(), devices = Json::array();
    for (std::uint32_t i = 0; i < spec.count; ++i)
      spec.on.empty() ? at.push_back(spec.at[i].index) : devices.push_back(spec.on[i].index);
    all.push_back({{"name", spec.name},
                   {"count", spec.count},
                   {"first_application", simulation.applications().instance(spec.application, 0).index},
                   {"applications", simulation.applications().specs()[spec.application].count}});
    all.back()[spec.on.empty() ? "clusters" : "devices"] = spec.on.empty() ? std::move(at) : std::move(devices);
  }
  return all;
}

Json things(Simulation& simulation, const std::vector<LinkId>& links) {
  const Federation& federation = simulation.world().federation;
  const Network& network = simulation.world().network;
  const bool listed = federation.spec().topology == Topology::explicit_;
  Json providers = Json::array(), types = Json::array(), devices = Json::array(), applications = Json::array(),
       ways = Json::array();
  for (const ProviderSpec& one : federation.spec().providers)
    providers.push_back({{"name", one.name}, {"domain", one.domain}});
  for (const NodeType& one : federation.spec().node_types)
    types.push_back({{"name", one.name}, {"cores", one.cores.value}, {"memory_bytes", one.memory.value}});
  for (const DeviceSpec& kind : simulation.scenario().mobility.devices)
    devices.push_back({{"kind", kind.name}, {"count", kind.count}, {"fleet", kind.fleet != nullptr}});
  for (std::uint32_t a = 0; a < simulation.applications().count(); ++a) {
    applications.push_back(
        {{"name", simulation.name(ApplicationId{a})}, {"kind", simulation.applications().spec({a}).name}});
  }
  for (const LinkId link : links) {
    Json& one =
        ways.emplace_back(Json{{"name", simulation.name(link)}, {"bytes_per_s", network.spec(link).bandwidth.value}});
    if (listed) {
      one["from"] = network.ends(link).first.index;
      one["to"] = network.ends(link).second.index;
    }
  }
  return {{"format", "codecosim replay 1"},
          {"on_earth", federation.spec().on_earth},
          {"topology", listed                                         ? "links"
                       : federation.spec().topology == Topology::mesh ? "mesh"
                                                                      : "star"},
          {"providers", std::move(providers)},
          {"node_types", std::move(types)},
          {"clusters", clusters_json(simulation, federation, Carried(federation, simulation.scenario().mobility))},
          {"links", std::move(ways)},
          {"cells", cells_json(simulation)},
          {"devices", std::move(devices)},
          {"applications", std::move(applications)},
          {"clients", clients_json(simulation)}};
}
}  // namespace

Replay::Replay(const std::string& path, Simulation& simulation, Seconds interval)
    : simulation_(simulation), interval_(interval), file_(path, TraceFile::Packing::zstd) {
  const World& world = simulation.world();
  const Federation& federation = world.federation;
  const std::uint32_t first = world.network.uplink({0}).index;
  for (std::uint32_t link = first; link < world.network.link_count(); ++link) links_.push_back({link});
  carried_.resize(links_.size());
  airtime_.resize(2 * world.radio.cell_count());
  Json head = things(simulation, links_);
  head["interval_s"] = interval.value;
  head["width"] = 1 + 3 * world.movers.count() + 2 * federation.cluster_count() + links_.size() + airtime_.size();
  file_.append(head.dump(-1, ' ', false, Json::error_handler_t::replace));
  file_.append("\n");
  spawn(watch());
}

Process Replay::watch() {
  Ticks ticks(interval_);
  // The first frame shows the state after the events at time zero.
  co_await until(interval_ / 1000);
  for (;;) {
    take_frame();
    co_await until(ticks.next());
  }
}

void Replay::take_frame() {
  World& world = simulation_.world();
  frame_.clear();
  const auto put = [this](double value) { frame_.push_back(static_cast<float>(value)); };
  put(now().value);
  constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();
  for (std::uint32_t d = 0; d < world.movers.count(); ++d) {
    const bool away = world.movers.leg({d}).away;
    const Position at = world.movers.position({d}, now());
    put(away ? nowhere : at.x);
    put(away ? nowhere : at.y);
  }
  for (std::uint32_t d = 0; d < world.movers.count(); ++d) {
    const CellId cell = world.radio.serving({d});
    put(cell ? static_cast<double>(cell.index) : -1);
  }
  std::vector<double> ready;
  for (const ClusterId c : world.federation.clusters()) {
    const Federation::Cluster& one = world.federation.cluster(c);
    double busy = 0, cores = 0, pods = 0;
    for (NodeId n{one.first_node}; n.index < one.first_node + one.nodes; ++n.index) {
      busy += world.compute.busy_cores(n).value;
      cores += world.federation.type(n).cores.value;
      for (const PodId pod : simulation_.applications().pods_on(n))
        pods += simulation_.applications().phase(pod) == PodPhase::ready;
    }
    put(cores > 0 ? busy / cores : 0);
    ready.push_back(pods);
  }
  for (const double pods : ready) put(pods);
  // Counters are reset at the end of the warm-up.
  const auto since = [](double count, double& before) {
    const double base = count < before ? 0 : before;
    before = count;
    return count - base;
  };
  for (std::size_t i = 0; i < links_.size(); ++i) put(since(world.network.carried(links_[i]).value, carried_[i]));
  const double span = now().value - last_;
  for (std::size_t i = 0; i < airtime_.size(); ++i) {
    const std::size_t cells = airtime_.size() / 2;
    const double used = world.network.airtime({static_cast<std::uint32_t>(i % cells)}, i < cells).value;
    put(since(used, airtime_[i]) / span);
  }
  last_ = now().value;
  file_.append({reinterpret_cast<const char*>(frame_.data()), frame_.size() * sizeof(float)});
}

void Replay::close() {
  if (now().value > last_) take_frame();
  file_.close();
}

}  // namespace codecosim
