#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/import/parts.hpp"

namespace codecosim {

namespace {
constexpr std::array<const char*, 2> names{"cpu", "memory"};
constexpr std::size_t cpu = 0;
using Amounts = std::array<std::optional<double>, 2>;

struct Resources {
  Amounts requests, limits;
};

struct Container {
  Resources resources;
  std::string image;
  bool sidecar = false;
};

Amounts read_amounts(Reader& parent, const char* key, Importing& all) {
  Amounts amounts;
  for (auto& [name, r] : parent.members(key, "")) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end())
      all.note(r, "no effect in the simulation");
    else
      amounts.at(static_cast<std::size_t>(known - names.begin())) = quantity(r);
  }
  return amounts;
}

Resources read_resources(Reader& parent, Importing& all) {
  Resources resources;
  auto r = parent.object("resources", "");
  if (!r) return resources;
  resources.requests = read_amounts(*r, "requests", all);
  resources.limits = read_amounts(*r, "limits", all);
  all.close(*r, {"claims"});
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto &request = resources.requests.at(i), &limit = resources.limits.at(i);
    if (!request) request = limit;  // as Kubernetes does
    if (!limit || *request <= *limit) continue;
    r->problem(fmt::format("the request of {} is above the limit", names.at(i)));
    request = limit;
  }
  return resources;
}

void read_readiness(Reader& container, Json& component, Importing& all) {
  auto r = container.object("readinessProbe", "");
  if (!r) return;
  const double delay = quantity(*r, "initialDelaySeconds").value_or(0),
               period = quantity(*r, "periodSeconds").value_or(0);
  if (component.contains("readiness"))
    all.note(*r, "a component has one readiness probe, that of the first container that has one");
  else  // Kubernetes takes its default for a period of 0
    component["readiness"] = {{"initial_delay", fmt::format("{:.15g} s", delay)},
                              {"period", fmt::format("{:.15g} s", period > 0 ? period : 10)}};
  all.close(*r, {},
            {"exec", "failureThreshold", "grpc", "httpGet", "successThreshold", "tcpSocket",
             "terminationGracePeriodSeconds", "timeoutSeconds"});
}

Container read_container(Reader& r, Json& component, Importing& all) {
  Container container;
  (void)r.need<std::string>("name", "Of the container.");
  container.image = text(r, "image");
  container.resources = read_resources(r, all);
  container.sidecar = text(r, "restartPolicy") == "Always";
  read_readiness(r, component, all);
  all.close(r, {"args", "command", "env", "envFrom", "imagePullPolicy", "lifecycle", "livenessProbe", "ports",
                "resizePolicy", "securityContext", "startupProbe", "stdin", "stdinOnce", "terminationMessagePath",
                "terminationMessagePolicy", "tty", "volumeDevices", "volumeMounts", "workingDir"});
  return container;
}

/// The request that the scheduler counts: the sum over the containers, or the peak of the start, while init containers
/// run one after the other.
double total_request(const std::vector<Container>& containers, const std::vector<Container>& initial, std::size_t i) {
  double running = 0, peak = 0, sidecars = 0;
  for (const Container& one : containers) running += one.resources.requests.at(i).value_or(0);
  for (const Container& one : initial) {
    const double request = one.resources.requests.at(i).value_or(0);
    if (one.sidecar) sidecars += request;
    peak = std::max(peak, one.sidecar ? sidecars : sidecars + request);
  }
  return std::max(running + sidecars, peak);
}

/// The limit of the pod; nothing where a container has no limit, because then the pod has none.
std::optional<double> total_limit(const std::vector<Container>& containers, const std::vector<Container>& initial,
                                  std::size_t i) {
  double total = 0;
  for (const auto* list : {&containers, &initial}) {
    for (const Container& one : *list) {
      if (list == &initial && !one.sidecar) continue;
      if (one.resources.limits.at(i).value_or(0) == 0) return std::nullopt;
      total += *one.resources.limits.at(i);
    }
  }
  return total;
}

void write_resources(Reader& pod, const std::vector<Container>& containers, const std::vector<Container>& initial,
                     Json& component, Importing& all) {
  const Resources whole = read_resources(pod, all);
  const Amounts overhead = read_amounts(pod, "overhead", all);
  Json requests = Json::object(), limits = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto shown = [&](double amount) { return i == cpu ? cpu_text(amount) : memory_text(amount); };
    const double more = overhead.at(i).value_or(0);
    const double request = whole.requests.at(i).value_or(total_request(containers, initial, i)) + more;
    auto limit = whole.limits.at(i);
    if (!limit) limit = total_limit(containers, initial, i);
    if (request > 0) requests[names.at(i)] = shown(request);
    if (limit && *limit > 0) limits[names.at(i)] = shown(std::max(*limit + more, request));
  }
  if (!requests.empty()) component["requests"] = requests;
  if (!limits.empty()) component["limits"] = limits;
}

void write_image(Reader& pod, const std::vector<Container>& containers, Json& component, Importing& all) {
  const std::string name =
      containers.empty() || containers[0].image.empty() ? component["name"].get<std::string>() : containers[0].image;
  for (std::size_t i = 1; i < containers.size(); ++i)
    all.note(pod, fmt::format("a component has one image, that of the first container: \"{}\" is not pulled",
                              containers[i].image));
  Json& image = all.images[name];
  if (image.is_null()) {
    const auto known = all.image_sizes.find(full_image_name(name));
    if (known == all.image_sizes.end()) all.assume("images of 200 MB where no node lists their size");
    image = {{"name", name},
             {"size", known == all.image_sizes.end() ? "200 MB" : fmt::format("{:.15g} B", known->second)}};
  }
  component["image"] = image;
}

void read_tolerations(Reader& pod, Json& component, Importing& all) {
  Json tolerations = Json::array();
  for (Reader& r : pod.items("tolerations", "")) {
    const std::size_t before = r.problems();
    Json one = Json::object();
    const auto copy = [&](const char* key, const std::string& value) {
      if (!value.empty()) one[key] = value;
    };
    copy("key", text(r, "key"));
    copy("operator", word(r, "operator", {"Equal", "Exists"}));
    copy("value", text(r, "value"));
    copy("effect", word(r, "effect", {"NoSchedule", "PreferNoSchedule", "NoExecute"}));
    // Kubernetes takes a negative value for zero.
    if (const auto seconds = r.maybe<double>("tolerationSeconds", "How long a taint is tolerated.", {}))
      one["seconds"] = fmt::format("{:.15g} s", std::max(0.0, *seconds));
    all.close(r);
    if (!one.contains("key") && one.value("operator", "") != "Exists" && r.problems() == before)
      r.problem("without a key only the operator \"Exists\" has a meaning: it tolerates every taint");
    if (r.problems() == before) tolerations.push_back(std::move(one));
  }
  if (!tolerations.empty()) component["tolerations"] = tolerations;
}

void read_node_choice(Reader& pod, Json& component, Importing& all) {
  Json selector = Json::object();
  for (auto& [key, value] : pod.members("nodeSelector", "")) selector[key] = value.value<std::string>();
  if (!selector.empty()) component["node_selector"] = selector;
  const std::string name = text(pod, "nodeName");
  if (name.empty()) return;
  const auto found = all.nodes.find(name);
  if (found == all.nodes.end())
    pod.problem_at("nodeName", fmt::format("there is no Node \"{}\" in these files", name));
  else if (found->second.empty())
    pod.problem_at("nodeName", fmt::format("there are two Nodes \"{}\" in these files", name));
  else
    component["node_name"] = found->second;
}
}  // namespace

void read_pod(Reader& pod, Json& component, Importing& all) {
  std::vector<Container> containers, initial;
  for (Reader& r : pod.items("containers", "What runs in the pod.", true, "a pod needs at least one container"))
    containers.push_back(read_container(r, component, all));
  for (Reader& r : pod.items("initContainers", "")) initial.push_back(read_container(r, component, all));
  write_image(pod, containers, component, all);
  write_resources(pod, containers, initial, component, all);
  read_node_choice(pod, component, all);
  read_tolerations(pod, component, all);
  all.close(pod, {"activeDeadlineSeconds",
                  "affinity",
                  "automountServiceAccountToken",
                  "dnsConfig",
                  "dnsPolicy",
                  "enableServiceLinks",
                  "ephemeralContainers",
                  "hostAliases",
                  "hostIPC",
                  "hostNetwork",
                  "hostPID",
                  "hostUsers",
                  "hostname",
                  "imagePullSecrets",
                  "os",
                  "preemptionPolicy",
                  "priority",
                  "priorityClassName",
                  "readinessGates",
                  "resourceClaims",
                  "restartPolicy",
                  "runtimeClassName",
                  "schedulerName",
                  "schedulingGates",
                  "securityContext",
                  "selector",
                  "serviceAccount",
                  "serviceAccountName",
                  "setHostnameAsFQDN",
                  "shareProcessNamespace",
                  "subdomain",
                  "template",
                  "terminationGracePeriodSeconds",
                  "topologySpreadConstraints",
                  "volumes"});
}

}  // namespace codecosim
