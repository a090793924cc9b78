#include <fmt/format.h>

#include <algorithm>

#include "scenarios/import/parts.hpp"

namespace codecosim {

namespace {
constexpr double idle_watts = 2.8, busy_watts = 10;  // per core: a 32-core server of quickstart
const std::string hostname_label = "kubernetes.io/hostname";
const std::string arch_label = "kubernetes.io/arch";
const std::string instance_label = "node.kubernetes.io/instance-type";

Json machine(double cores, double memory, const std::string& arch, Importing& all) {
  all.assume("cores of the speed of the reference core");
  all.assume(fmt::format("{} W idle and {} W busy for each core", idle_watts, busy_watts));
  return {
      {"cores", cpu_text(cores)},
      {"memory", memory_text(memory)},
      {"arch", arch},
      {"power",
       {{"idle", fmt::format("{:.4g} W", idle_watts * cores)}, {"busy", fmt::format("{:.4g} W", busy_watts * cores)}}}};
}

/// The node type with an object's allocatable resources; null, and a problem, where there are none.
Json read_allocatable(Reader& object, const std::string& arch, Importing& all) {
  std::optional<double> cores, memory, pods;
  auto status = object.object("status", "Its resources.", true);
  if (!status) return {};
  for (auto& [name, r] : status->members("allocatable", "Resources that pods may request.", true)) {
    if (name == "cpu")
      cores = quantity(r);
    else if (name == "memory")
      memory = quantity(r);
    else if (name == "pods")
      pods = quantity(r);
    else if (name.find('/') != std::string::npos)
      all.note(r, "no effect in the simulation");
  }
  if (!cores || *cores < 0.001 || !memory || *memory < 1) {
    status->problem_at("allocatable", "\"cpu\" and \"memory\" must be above zero");
    return {};
  }
  Json type = machine(*cores, *memory, arch, all);
  if (pods) type["max_pods"] = static_cast<std::uint32_t>(std::clamp(*pods, 1.0, 65535.0));
  return type;
}

void read_images(Reader& status, Importing& all) {
  for (Reader& image : status.items("images", "")) {
    const auto size = quantity(image, "sizeBytes");
    for (Reader& name : image.items("names", ""))
      if (const std::string full = full_image_name(name.value<std::string>()); size)
        all.image_sizes.emplace(full, *size);
  }
}
}  // namespace

Machines::Cluster& Machines::cluster(const std::string& name) {
  const std::string valid = resource_name(name);
  const auto found =
      std::find_if(clusters_.begin(), clusters_.end(), [&](const Cluster& one) { return one.name == valid; });
  if (found != clusters_.end()) return *found;
  clusters_.emplace_back().name = valid;
  return clusters_.back();
}

void Machines::read_node(Reader object, const std::string& cluster_name) {
  const Metadata metadata = read_metadata(object, importing_);
  std::string arch = "amd64";
  if (auto status = object.object("status", "")) {
    read_images(*status, importing_);
    if (auto info = status->object("nodeInfo", ""))
      if (const std::string stated = text(*info, "architecture"); !stated.empty()) arch = stated;
  }
  std::map<std::string, std::string> labels = metadata.labels;
  labels.emplace(arch_label, arch);
  Json type = read_allocatable(object, labels[arch_label], importing_);
  Json taints = Json::array();
  if (auto spec = object.object("spec", "")) {
    taints = read_taints(*spec, importing_);
    const char* cordoned = "node.kubernetes.io/unschedulable";
    const bool tainted =
        std::any_of(taints.begin(), taints.end(), [&](const Json& taint) { return taint["key"] == cordoned; });
    if (spec->get<bool>("unschedulable", false, "") && !tainted)
      taints.push_back({{"key", cordoned}, {"effect", "NoSchedule"}});
    importing_.close(*spec, {}, {"configSource", "externalID", "podCIDR", "podCIDRs", "providerID"});
  }
  importing_.close(object, {}, {"apiVersion", "kind"});
  if (metadata.name.empty() || type.is_null()) return;
  Cluster& home = cluster(cluster_name);
  if (!home.nodes.insert(metadata.name).second) {
    object.problem(fmt::format("the Node \"{}\" is there twice", metadata.name));
    return;
  }
  const auto named = [&](const std::string& name) { return importing_.nodes_named.count(name) > 0; };
  const bool alone = named(metadata.name) || (labels.count(hostname_label) && named(labels[hostname_label]));
  if (!alone) labels.erase(hostname_label);
  type["labels"] = labels;
  if (!taints.empty()) type["taints"] = taints;
  for (Pool& pool : home.pools)
    if (!alone && !pool.alone && pool.type == type) return void(++pool.count);
  home.pools.push_back({metadata.name, std::move(type), 1, alone});
}

void Machines::read_managed_cluster(Reader object) {
  const Metadata metadata = read_metadata(object, importing_);
  if (metadata.name.empty()) return;
  Cluster& one = cluster(metadata.name);
  if (std::exchange(one.managed, true))
    object.problem(fmt::format("the ManagedCluster \"{}\" is there twice", metadata.name));
  one.labels = metadata.labels;
  one.hub = one.labels.value("local-cluster", "") == "true";
  if (auto spec = object.object("spec", "")) {
    one.refused = !spec->get<bool>("hubAcceptsClient", true, "");
    one.taints = read_taints(*spec, importing_);
    importing_.close(*spec, {}, {"leaseDurationSeconds", "managedClusterClientConfigs"});
  }
  if (auto status = object.object("status", "")) {
    for (Reader& claim : status->items("clusterClaims", "")) {
      const auto name = claim.need<std::string>("name", "Of the claim.");
      if (!one.labels.contains(name)) one.labels[name] = text(claim, "value");
    }
  }
  if (one.refused)
    importing_.note(object, fmt::format("the hub does not accept \"{}\" (hubAcceptsClient): left out", metadata.name));
  else if (one.nodes.empty())
    one.whole = read_allocatable(object, one.labels.value(arch_label, "amd64"), importing_);
  importing_.close(object, {}, {"apiVersion", "kind", "status"});
}

std::string Machines::add_type(const Cluster& home, const Pool& pool) {
  Json& types = importing_.result.scenario["node_types"];
  const Json labels = pool.type.value("labels", Json::object());
  const std::string name = pool.alone ? pool.first_node : labels.value(instance_label, pool.first_node);
  std::string free = name;
  for (int i = 1; types.contains(free) && (pool.alone || types[free] != pool.type); ++i)
    free = i == 1 ? fmt::format("{}.{}", home.name, name) : fmt::format("{}.{}-{}", home.name, name, i);
  types[free] = pool.type;
  return free;
}

void Machines::write(const Cluster& one, const std::string& provider) {
  Json written = {{"name", one.name}};
  if (one.hub) written["role"] = "hub";
  written["provider"] = provider;
  written["nodes"] = Json::array();
  for (const Pool& pool : one.pools) {
    Json entry = {{"type", add_type(one, pool)}};
    if (pool.count > 1) entry["count"] = pool.count;
    if (!one.taints.empty()) entry["taints"] = one.taints;
    if (pool.alone) {
      const auto [place, first] =
          importing_.nodes.emplace(pool.first_node, fmt::format("{}/{}-0", one.name, entry["type"].get<std::string>()));
      if (!first) place->second.clear();
    }
    written["nodes"].push_back(std::move(entry));
  }
  if (!one.labels.empty()) written["labels"] = one.labels;
  written["lan"] = {{"bandwidth", "1 Gbit/s"}, {"latency", "0.2 ms"}};
  written["uplink"] = {{"bandwidth", "200 Mbit/s"}, {"latency", "4 ms"}};
  importing_.result.scenario["clusters"].push_back(std::move(written));
}

void Machines::write() {
  Json& scenario = importing_.result.scenario;
  for (Cluster& one : clusters_) {
    if (!one.pools.empty() || one.whole.is_null()) continue;
    importing_.assume("one machine for all that a ManagedCluster can allocate");
    one.pools.push_back({one.name, one.whole, 1, false});
  }
  std::erase_if(clusters_, [](const Cluster& one) { return one.refused || one.pools.empty(); });
  if (clusters_.empty() && scenario["clusters"].empty()) {
    Cluster& only = cluster("cluster");
    only.pools.push_back({"server", machine(16, 64 * 0x1p30, "amd64", importing_), 2, false});
    importing_.assume("two nodes of 16 cores and 64 GiB, because no Node or ManagedCluster was given");
  }
  if (clusters_.empty()) return;
  importing_.assume("1 Gbit/s and 0.2 ms between nodes and gateway, 200 Mbit/s and 4 ms from there on");
  if (scenario["providers"].empty()) {
    scenario["providers"]["default"] = {{"carbon", "250 g/kWh"}};
    importing_.assume("250 g/kWh");
  }
  const std::string provider = scenario["providers"].begin().key();
  for (const Cluster& one : clusters_) {
    if (has_name(scenario["clusters"], one.name))
      importing_.result.fatal.push_back(
          {"these files", fmt::format("the scenario has a cluster \"{}\" already", one.name)});
    write(one, provider);
  }
}

}  // namespace codecosim
