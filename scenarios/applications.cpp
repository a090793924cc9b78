#include <fmt/format.h>

#include <algorithm>

#include "scenarios/fields.hpp"

namespace codecosim {

namespace {
MigrationSpec read_mode(Reader& r, MigrationSpec::Mode mode) {
  MigrationSpec spec;
  spec.mode = mode;
  read_fields(r, spec);
  r.close();
  return spec;
}

MigrationSpec read_migration(Reader& parent) {
  using Mode = MigrationSpec::Mode;
  return parent
      .maybe_one_of<MigrationSpec>(
          "migration", "How it moves to another cluster; missing: restart.",
          {{"", "restart: it stops, and starts anew elsewhere, without its state",
            [](Reader r) {
              r.one_word({"restart"});
              return MigrationSpec();
            }},
           {"stop_and_copy", "it stops, its state is copied, and it goes on elsewhere; requests wait",
            [](Reader r) { return read_mode(r, Mode::stop_and_copy); }},
           {"pre_copy", "copied while it serves, and again what has changed; it stops for the last of it",
            [](Reader r) { return read_mode(r, Mode::pre_copy); }},
           {"replay", "a checkpoint is copied while it serves; the requests since then are done again at the new place",
            [](Reader r) { return read_mode(r, Mode::replay); }}})
      .value_or(MigrationSpec());
}

constexpr std::uint32_t most_instances = 1'000'000;

std::optional<std::uint32_t> read_image(Reader& parent, Loading& loading, bool required) {
  auto r =
      parent.object("image", required ? "Container image." : "Their container image; missing: as before.", required);
  if (!r) return std::nullopt;
  ImageSpec image;
  read_fields(*r, image);
  r->close();
  std::vector<ImageSpec>& all = loading.scenario.images;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (all[i].name != image.name) continue;
    if (all[i].size != image.size || all[i].everywhere != image.everywhere)
      r->problem(fmt::format("\"{}\" is described differently elsewhere", image.name));
    return i;
  }
  all.push_back(std::move(image));
  return static_cast<std::uint32_t>(all.size() - 1);
}

std::vector<Toleration> read_tolerations(Reader& parent) {
  std::vector<Toleration> all;
  for (Reader& r : parent.items("tolerations", "Kubernetes tolerations.")) {
    const std::size_t before = r.problems();
    Toleration one;
    one.key = r.get<std::string>("key", "", "As in Kubernetes.");
    one.op = r.choice("operator", one.op, words<Toleration::Operator>(), "As in Kubernetes.");
    one.value = r.get<std::string>("value", "", "As in Kubernetes.");
    one.any_effect = !r.has("effect");
    one.effect = r.choice("effect", one.effect, words<Taint::Effect>(), "Missing: every effect.");
    one.duration = r.get<Seconds>("seconds", forever, "tolerationSeconds: how long; missing: always.", not_negative);
    r.close();
    if (!r.describing() && r.problems() == before && one.key.empty() && one.op != Toleration::Operator::exists)
      r.problem("without a key only the operator \"Exists\" has a meaning: it tolerates every taint");
    all.push_back(std::move(one));
  }
  return all;
}

void read_resources(Reader& r, ComponentSpec& component) {
  if (auto requests = r.object("requests", "Kubernetes resource requests: what placement counts.")) {
    component.cpu_request =
        requests->get<Cores>("cpu", Cores(0), "Also its weight where cores are scarce.", not_negative);
    component.memory_request = requests->get<Bytes>("memory", Bytes(0), "Reserved on the node.", not_negative);
    requests->close();
  }
  if (auto limits = r.object("limits", "Kubernetes resource limits.")) {
    if (const auto cpu = limits->maybe<Cores>("cpu", "Cores it may use at most; missing: no limit.", positive))
      component.cpu_limit = *cpu;
    (void)limits->maybe<Bytes>("memory", "Noted; memory in use is not simulated.", positive);
    if (component.cpu_limit > Cores(0) && component.cpu_limit < component.cpu_request)
      limits->problem_at("cpu", "the limit is below the request");
    limits->close();
  }
}

/// The time for which an application is there.
struct Life {
  Seconds submitted, deleted;

  /// The date at which a user changes a component; `last`: of the change before.
  Seconds read_date(Reader& r, std::optional<Seconds> last) const {
    const std::size_t before = r.problems();
    const auto at = r.need<Seconds>("at", "When, after the application is submitted.", not_negative);
    if (r.problems() > before) return at;
    if (last && at <= *last) r.problem_at("at", "it must be later than the one before");
    if (at <= submitted) r.problem_at("at", "the application is submitted no earlier: say it of the component itself");
    if (at >= deleted) r.problem_at("at", "the application is deleted by then");
    return at;
  }
};

std::vector<Scaling> read_scaling(Reader& parent, const Life& life) {
  std::vector<Scaling> all;
  for (Reader& r :
       parent.items("scale", "Other numbers of pods, from some dates on, as a user who hands it in again.")) {
    const Seconds at = life.read_date(r, all.empty() ? std::nullopt : std::optional(all.back().at));
    all.push_back({at, r.need<std::uint32_t>("replicas", "Pods of it from then on.", between(0, 10000))});
    r.close();
  }
  return all;
}

/// `image`: that of the first revision.
std::vector<Rollout> read_rollouts(Reader& parent, Loading& loading, const Life& life, std::uint32_t image) {
  std::vector<Rollout> all;
  for (Reader& r :
       parent.items("rollouts", "New revisions of its pods, which replace the old ones by a rolling update.")) {
    const Seconds at = life.read_date(r, all.empty() ? std::nullopt : std::optional(all.back().at));
    const std::uint32_t before = all.empty() ? image : all.back().image;
    all.push_back({at, read_image(r, loading, false).value_or(before)});
    r.close();
  }
  return all;
}

std::vector<std::uint32_t> read_data(Reader& parent, const char* key, const char* prose, const Loading& loading) {
  std::vector<std::uint32_t> all;
  for (Reader& r : parent.items(key, prose)) {
    const std::string name = r.filled_text();
    const auto found = loading.resolve(name, [&](const std::string& full) { return loading.data.find(full); });
    if (found)
      all.push_back(*found);
    else if (!r.describing() && !name.empty())
      r.problem(fmt::format("there is no data set \"{}\"{}", name, suggestion(name, loading.data.all())));
  }
  return all;
}

void read_readiness(Reader& r, ComponentSpec& component) {
  auto probe = r.object("readiness", "Kubernetes readiness probe; missing: a pod is ready once it has started.");
  if (!probe) return;
  component.probe_delay =
      probe->get<Seconds>("initial_delay", Seconds(0), "From the container's start to the first look.", not_negative);
  component.probe_period =
      probe->get<Seconds>("period", Seconds(10), "Between two looks. Kubernetes' default is 10 s.", positive);
  probe->close();
}

ComponentSpec read_component(Reader& r, Loading& loading, const Life& life) {
  ComponentSpec component;
  component.name = name_at(r, "Of the microservice.");
  component.image = read_image(r, loading, true).value_or(0);
  read_fields(r, component);
  if (const auto routing = read_choice(
          r, "routing", loading.policies.routing, "routing policy",
          "Which ready replica gets a request or call; missing: any, as kube-proxy with iptables or nftables."))
    component.routing = *routing;
  read_resources(r, component);
  component.scaling = read_scaling(r, life);
  component.rollouts = read_rollouts(r, loading, life, component.image);
  component.reads = read_data(r, "reads", "Data sets of which its cluster must have a copy before it starts.", loading);
  component.writes = read_data(r, "writes", "Data sets whose new versions its cluster makes.", loading);
  component.migration = read_migration(r);
  read_readiness(r, component);
  if (const auto crash = r.maybe_one_of<Distribution<Seconds>>(
          "crash", "Time from ready until its container exits by itself.", laws<Seconds>(positive)))
    component.crash = std::make_shared<const Distribution<Seconds>>(*crash);
  component.node_selector = read_labels(r, "node_selector", "Kubernetes node selector.");
  component.tolerations = read_tolerations(r);
  r.close();
  return component;
}

/// A component that calls itself, directly or through others, would call for ever.
bool calls_itself(const ApplicationSpec& app, std::uint32_t start) {
  std::vector<std::uint32_t> open{start};
  std::vector<bool> seen(app.components.size());
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    for (const ChannelSpec& channel : app.channels) {
      if (channel.from != at) continue;
      if (channel.to == start) return true;
      if (channel.to < seen.size() && !seen[channel.to]) {
        seen[channel.to] = true;
        open.push_back(channel.to);
      }
    }
  }
  return false;
}

void read_channels(Reader& r, ApplicationSpec& app, const std::vector<std::string>& components) {
  for (Reader& c :
       r.items("channels",
               "Calls between components: a request that enters `from` makes one call over each of its channels, one "
               "after the other.")) {
    ChannelSpec channel;
    channel.from = reference(c, "from", components, "component", "The caller.");
    channel.to = reference(c, "to", components, "component", "The callee.");
    read_fields(c, channel);
    channel.handling = read_handling(c);
    c.close();
    if (!c.describing() && (channel.from >= components.size() || channel.to >= components.size())) continue;
    app.channels.push_back(channel);
    if (!c.describing() && calls_itself(app, channel.from)) {
      c.problem(fmt::format("this channel closes a circle of calls from \"{}\" to itself", components[channel.from]));
      app.channels.pop_back();
    }
  }
}

/// The whole name of a cluster that is named under `key`, with {i} for the number of the instance where it has that; a
/// problem where there is none of an instance.
std::string cluster_at(Reader& r, const std::string& name, std::uint32_t count, const Federation& federation,
                       const Loading& loading, const char* key) {
  if (r.describing() || name.empty()) return name;
  const std::optional<std::string> full = find_clusters(loading, federation, name);
  const bool each = name.find("{i}") != std::string::npos;
  for (std::uint32_t i = 0; i < (each ? count : 1); ++i)
    if (!full || !federation.find_cluster(numbered(*full, i))) {
      no_cluster(r, key, numbered(name, i), federation, loading);
      break;
    }
  return full.value_or(name);
}
}  // namespace

void read_applications(Reader& root, Loading& loading, const Federation& federation) {
  std::uint64_t pods = 0;
  for (Reader& r : root.items("applications", "What runs: CODECO applications.", loading.required())) {
    ApplicationSpec app;
    app.name = name_at(r, "With `count`, its instances are called name-0, name-1, ...", loading.applications,
                       "applications", loading);
    const auto count = r.maybe<std::uint32_t>("count", "How many instances.", between(1, most_instances));
    app.count = std::max(1U, count.value_or(1));
    app.numbered = count.has_value();
    read_fields(r, app);
    app.allowed_domains = read_domains(r, "Domains of providers that may run it; missing: all.", loading);
    if (auto submit = r.object("submit", "When and where it is handed in.")) {
      const std::size_t before = submit->problems();
      app.submit_at = submit->get<Seconds>("at", Seconds(0), "When.", not_negative);
      app.by = submit->get<std::string>(
          "by", "", "Cluster whose user hands it in; {i} stands for the number of the instance; missing: its hub.");
      app.by = cluster_at(*submit, app.by, app.count, federation, loading, "by");
      app.delete_at = submit->get<Seconds>("delete_at", forever, "When it is deleted; missing: never.", not_negative);
      if (submit->problems() == before && app.delete_at < app.submit_at)
        submit->problem_at("delete_at", "it cannot be deleted before it is submitted");
      submit->close();
    }
    std::vector<std::string> components;
    for (Reader& c : r.items("components", "Its microservices.", true, "an application needs at least one component")) {
      app.components.push_back(read_component(c, loading, {app.submit_at, app.delete_at}));
      ComponentSpec& component = app.components.back();
      component.cluster = cluster_at(c, component.cluster, app.count, federation, loading, "cluster");
      if (!component.node_name.empty() && !loading.names_unsure) {
        const auto node = loading.resolve(component.node_name, [&](const std::string& full) {
          return federation.match_nodes(full).empty() ? std::nullopt : std::optional(full);
        });
        if (!node)
          c.problem_at("node_name", fmt::format("there is no node \"{}\"; nodes are called like \"{}\"",
                                                component.node_name, federation.name(NodeId{0})));
        component.node_name = node.value_or(component.node_name);
      }
      if (!component.name.empty() &&
          std::find(components.begin(), components.end(), component.name) != components.end())
        c.problem_at("name", fmt::format("\"{}\" names two components", component.name));
      components.push_back(component.name);
    }
    read_channels(r, app, components);
    r.close();
    for (const ComponentSpec& component : app.components) {
      std::uint32_t most = component.replicas;
      for (const Scaling& one : component.scaling) most = std::max(most, one.replicas);
      pods += std::uint64_t(app.count) * most;
    }
    if (pods > most_things) {
      r.problem(fmt::format("with these there are {} pods; at most {} can be simulated", pods, most_things));
      pods = 0;
    }
    loading.scenario.applications.push_back(std::move(app));
  }
}

}  // namespace codecosim
