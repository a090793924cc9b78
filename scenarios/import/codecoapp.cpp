#include <fmt/format.h>

#include <algorithm>

#include "scenarios/import/parts.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace {
constexpr double default_frame = 500;       // bytes; as CODECO's scheduler takes it
constexpr double longest_interval = 10e-3;  // seconds; as CODECO's scheduler caps it

/// The first of these spellings that is present, from the newest to the oldest; the newest where none is.
const char* spelled(const Reader& r, std::initializer_list<const char*> spellings) {
  const auto found = std::find_if(spellings.begin(), spellings.end(), [&](const char* key) { return r.has(key); });
  return found == spellings.end() ? *spellings.begin() : *found;
}

/// A share written as a percentage with or without its sign.
std::optional<double> percentage(Reader r, const char* or_else) {
  std::string text = r.scalar();
  if (text.empty()) return std::nullopt;
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  const std::optional<double> number = parse_number(digits);
  if (number && *number >= 0 && *number <= 100) return *number / 100;
  r.problem(fmt::format("\"{}\" is no percentage from 0 to 100, such as \"20\"{}", text, or_else));
  return std::nullopt;
}

std::optional<double> failure_tolerance(Reader& spec, Importing& all) {
  const auto r = spec.find(spelled(spec, {"appFailureTolerance", "appfailuretolerance"}));
  if (!r) return std::nullopt;
  const std::string text = Reader(*r).scalar();
  for (const auto& [word, share] : {std::pair{"Low", 0.01}, {"Medium", 0.05}, {"High", 0.1}}) {
    if (text != word) continue;
    all.assume("a failure tolerance of 0.01 for Low, 0.05 for Medium, 0.1 for High");
    return share;
  }
  return percentage(*r, ", nor one of High, Medium, Low");
}

/// A delay: a number of seconds, or a duration in Go's syntax.
std::optional<double> delay(Reader& parent, const char* key) {
  constexpr double shortest = 1e-9, longest = 365 * 86400.0;
  auto r = parent.find(key);
  const std::string text = r ? r->scalar() : "";
  if (text.empty()) return std::nullopt;
  const auto number = kubernetes_quantity(text), duration = go_duration(text);
  if (number && duration && *number != *duration) {
    r->problem(fmt::format("\"{}\" may be minutes or thousandths of a second: write it in \"s\" or \"ms\"", text));
    return std::nullopt;
  }
  const auto seconds = number ? number : duration;
  if (seconds && *seconds >= shortest && *seconds <= longest) return seconds;
  r->problem(fmt::format("\"{}\" is no duration from 1 ns to a year, such as \"10s\", \"20ms\", or \"0.02\" in seconds",
                         text));
  return std::nullopt;
}

/// A value of the older field sets: a number in `unit`, or a quantity with a suffix.
std::optional<double> older(Reader& parent, const char* key, double unit) {
  auto r = parent.find(key);
  if (!r) return std::nullopt;
  const std::string text = r->scalar();
  const auto number = quantity(*r);
  const bool bare = text.find_first_not_of("+0123456789.") == std::string::npos;
  return number && bare ? *number * unit : number;
}

std::string rate_text(double bits) {
  for (const auto& [unit, size] : {std::pair{"Gbit/s", 1e9}, {"Mbit/s", 1e6}, {"kbit/s", 1e3}})
    if (bits >= size) return fmt::format("{:.15g} {}", bits / size, unit);
  return fmt::format("{:.15g} bit/s", bits);
}
std::string time_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.15g} ms", seconds * 1e3) : fmt::format("{:.15g} s", seconds);
}
std::string size_text(double bytes) { return fmt::format("{:.15g} B", bytes); }

/// A microservice while channels may still refer to it.
struct Service {
  std::string called, name;  ///< Its names in the file and in the scenario.
  std::optional<double> bandwidth, latency;
  std::vector<Reader> channels;
};

/// A CodecoApp while it is imported.
class App {
 public:
  explicit App(Importing& importing) : all_(importing) {}
  void read(Reader object);

 private:
  void read_classes(Reader& spec);
  void name_application(Reader& object, const Metadata&);
  void read_service(Reader);
  void read_requirements(Reader&, Service&, Json& component);
  void read_channel(Reader, const Service& from);
  Json read_settings(Reader& channel, const Service& from);
  void add_channel(Reader&, Json channel);
  bool calls(const std::string& from, const std::string& to) const;
  void add_clients();

  Importing& all_;
  std::string called_;  ///< The name by which channels refer to it.
  Json app_ = Json::object();
  Json components_ = Json::array(), channels_ = Json::array();
  std::vector<Service> services_;
};

void App::read(Reader object) {
  const Metadata metadata = read_metadata(object, all_);
  auto spec = object.object("spec", "What the application is made of.", true);
  all_.close(object, {}, {"apiVersion", "kind", "status"});
  if (!spec) return;
  called_ = text(*spec, spelled(*spec, {"appName", "name"}));
  if (called_.empty()) called_ = metadata.name;
  name_application(object, metadata);
  read_classes(*spec);
  for (Reader& r : spec->items(spelled(*spec, {"codecoapp-msspec", "codecoappmsspec"}), "Its microservices.", true,
                               "an application needs at least one microservice"))
    read_service(r);
  all_.close(*spec);
  for (const Service& from : services_)
    for (const Reader& channel : from.channels) read_channel(channel, from);
  if (components_.empty()) return;
  app_["components"] = components_;
  if (!channels_.empty()) app_["channels"] = channels_;
  all_.result.scenario["applications"].push_back(app_);
  add_clients();
}

/// Sets the application's name. Several resources may have one appName, and several namespaces one resource name.
void App::name_application(Reader& object, const Metadata& metadata) {
  const Json& taken = all_.result.scenario["applications"];
  std::string name = resource_name(called_);
  if (has_name(taken, name)) name = resource_name(metadata.name);
  if (has_name(taken, name)) name = resource_name(fmt::format("{}-{}", metadata.name_space, metadata.name));
  name = free_name(name, taken);
  if (name != called_)
    all_.note(object, fmt::format("the application \"{}\" is called \"{}\" in the scenario", called_, name));
  app_["name"] = name;
}

void App::read_classes(Reader& spec) {
  const auto copy = [&](const char* key, const std::string& value) {
    if (!value.empty()) app_[key] = value;
  };
  copy("qos", word(spec, spelled(spec, {"qosClass", "qosclass"}), {"Gold", "Silver", "BestEffort"}));
  copy("compliance", word(spec, spelled(spec, {"complianceClass", "complianceclass"}), {"High", "Medium", "Low"}));
  copy("security",
       word(spec, spelled(spec, {"securityClass", "securityclass"}), {"High", "Good", "Medium", "Low", "None"}));
  copy("profile", text(spec, "performanceProfile"));
  if (const auto share = failure_tolerance(spec, all_)) app_["failure_tolerance"] = *share;
  if (const auto r = spec.find(spelled(spec, {"appEnergyLimit", "appenergylimit"})))
    if (const auto share = percentage(*r, "")) app_["energy_limit"] = *share;
}

void App::read_service(Reader r) {
  Service service;
  const char* key = spelled(r, {"serviceName", "name"});
  service.called = r.need<std::string>(key, "Of the microservice.");
  if (std::any_of(services_.begin(), services_.end(),
                  [&](const Service& other) { return other.called == service.called; })) {
    r.problem_at(key, fmt::format("\"{}\" names two microservices", service.called));
    return;
  }
  service.name = free_name(resource_name(service.called), components_);
  if (service.name != service.called)
    all_.note(r, fmt::format("the microservice \"{}\" is called \"{}\" in the scenario", service.called, service.name));
  Json component = {{"name", service.name}};
  read_requirements(r, service, component);
  service.channels = r.items("serviceChannels", "");
  all_.close(r);
  component["work"] = {{"exponential", "20 ms"}};
  all_.assume("20 ms of work a request, exponential");
  components_.push_back(std::move(component));
  services_.push_back(std::move(service));
}

/// Reads the pod and the requirements of the older field sets.
void App::read_requirements(Reader& r, Service& service, Json& component) {
  std::optional<double> replicas = quantity(r, "replicas");
  if (auto pod = r.object("podspec", "")) {
    // Some manifests give the replicas of a Deployment here.
    if (const auto of_pod = quantity(*pod, "replicas")) replicas = of_pod;
    read_pod(*pod, component, all_);
  } else {
    const std::string name = text(r, "podspecname");
    component["image"] = {{"name", name.empty() ? service.name : resource_name(name)}, {"size", "200 MB"}};
    all_.images.emplace(component["image"]["name"], component["image"]);
    component["image"] = all_.images[component["image"]["name"]];
    all_.assume("images of 200 MB where no node lists their size");
  }
  auto required = r.object("required-resources", "");
  Reader& network = required ? *required : r;
  service.bandwidth = older(network, "nwbandwidth", 1e6);
  service.latency = older(network, "nwlatency", 1e-3);
  if (required) {
    if (const auto cpu = quantity(*required, "cpu"); cpu && *cpu > 0) component["requests"]["cpu"] = cpu_text(*cpu);
    if (const auto mem = older(*required, "mem", 1e9); mem && *mem > 0)
      component["requests"]["memory"] = memory_text(*mem);
    all_.close(*required);
  }
  if (!replicas || *replicas == 1) return;
  if (*replicas >= 1 && *replicas <= 10'000 && *replicas == static_cast<std::uint32_t>(*replicas))
    component["replicas"] = static_cast<std::uint32_t>(*replicas);
  else
    r.problem(fmt::format("{:.15g} replicas: expected a whole number from 1 to 10000", *replicas));
}

/// The traffic of a channel, and its quality of service.
Json App::read_settings(Reader& channel, const Service& from) {
  std::optional<double> bandwidth, longest, frame, interval;
  if (auto r = channel.object("advancedChannelSettings", "")) {
    bandwidth = quantity(*r, spelled(*r, {"minBandwidth", "bandwidth"}));
    longest = delay(*r, "maxDelay");
    frame = quantity(*r, "frameSize");
    interval = delay(*r, "sendInterval");
    if (interval && *interval > longest_interval) {
      all_.note(*r, "sendInterval: taken as 10 ms, the longest that CODECO allows");
      interval = longest_interval;
    }
    all_.close(*r);
  }
  if (!bandwidth && frame && interval) bandwidth = *frame * 8 / *interval;
  if (!frame && bandwidth && interval) frame = *bandwidth / 8 * *interval;
  if (!bandwidth) bandwidth = from.bandwidth;
  if (!longest && from.latency && *from.latency > 0) longest = from.latency;
  if (!frame) all_.assume("calls of 500 B over channels without a frame");
  Json settings = {{"request", size_text(frame.value_or(default_frame))}};
  settings["reply"] = size_text(default_frame);
  if (bandwidth && *bandwidth > 0) settings["bandwidth"] = rate_text(*bandwidth);
  if (longest) settings["max_delay"] = time_text(*longest);
  return settings;
}

void App::read_channel(Reader r, const Service& from) {
  const std::string service_class = word(r, "serviceClass", {"ASSURED", "BESTEFFORT"});
  std::string application, service;
  if (auto other = r.object("otherService", "The microservice that the channel leads to.", true)) {
    application = text(*other, "appName");
    service = other->need<std::string>("serviceName", "Of the microservice that the channel leads to.");
    all_.close(*other, {}, {"port"});
  }
  Json channel = {{"from", from.name}, {"to", ""}};
  if (!service_class.empty()) channel["class"] = service_class;
  channel.update(read_settings(r, from));
  all_.close(r, {}, {"channelName"});
  if (service.empty()) return;
  if (!application.empty() && application != called_) {
    r.problem_at("otherService",
                 fmt::format("\"{}\" of another application, \"{}\": calls from one application into another are "
                             "not simulated",
                             service, application));
    return;
  }
  const auto to =
      std::find_if(services_.begin(), services_.end(), [&](const Service& one) { return one.called == service; });
  if (to == services_.end()) {
    std::vector<std::string> known;
    for (const Service& one : services_) known.push_back(one.called);
    r.problem_at("otherService", fmt::format("there is no microservice \"{}\"{}", service, suggestion(service, known)));
    return;
  }
  channel["to"] = to->name;
  add_channel(r, std::move(channel));
}

/// Adds a channel. CODECO's channels have a direction, and calls have answers: a channel back carries the answers.
void App::add_channel(Reader& r, Json channel) {
  const std::string from = channel["from"], to = channel["to"];
  if (!calls(to, from)) {
    all_.assume("answers of 500 B over channels");
    return channels_.push_back(std::move(channel));
  }
  for (Json& there : channels_) {
    if (there["from"] != to || there["to"] != from) continue;
    there["reply"] = channel["request"];
    all_.note(
        r, fmt::format(
               "taken as the way of the answers from \"{}\" to \"{}\": its frame is their size, the rest of it has no "
               "effect",
               from, to));
    return;
  }
  r.problem(fmt::format("this channel closes a circle of calls from \"{}\" to itself", from));
}

/// Whether a call of `from` can lead to `to`.
bool App::calls(const std::string& from, const std::string& to) const {
  std::vector<std::string> reached{from};
  for (std::size_t i = 0; i < reached.size(); ++i) {
    if (reached[i] == to) return true;
    for (const Json& channel : channels_) {
      const std::string next = channel["to"];
      if (channel["from"] == reached[i] && std::find(reached.begin(), reached.end(), next) == reached.end())
        reached.push_back(next);
    }
  }
  return false;
}

/// The cluster of the clients: not the hub, where there is another.
std::string client_cluster(const Json& clusters) {
  const auto spoke =
      std::find_if(clusters.begin(), clusters.end(), [](const Json& one) { return one.value("role", "") != "hub"; });
  const Json& one = spoke == clusters.end() ? clusters.front() : *spoke;
  const bool numbered = one.contains("count") || (one.contains("position") && one["position"].contains("csv"));
  return one["name"].get<std::string>() + (numbered ? "-0" : "");
}

/// Adds clients. Their requests enter at components that no channel leads to.
void App::add_clients() {
  Json& clients = all_.result.scenario["clients"];
  std::vector<std::string> entries;
  for (const Json& component : components_)
    if (std::none_of(channels_.begin(), channels_.end(),
                     [&](const Json& channel) { return channel["to"] == component["name"]; }))
      entries.push_back(component["name"]);
  for (const std::string& entry : entries) {
    const std::string name = app_["name"];
    clients.push_back(
        {{"name", free_name(entries.size() == 1 ? name : resource_name(fmt::format("{}-{}", name, entry)), clients)},
         {"application", name},
         {"at", client_cluster(all_.result.scenario["clusters"])},
         {"entry", entry},
         {"workload", {{"poisson", "10 /s"}}},
         {"request", "1 kB"},
         {"reply", "10 kB"}});
  }
  all_.assume(
      "for each microservice that no channel leads to, a client with 10 requests/s of 1 kB, answered with 10 kB");
}
}  // namespace

void read_codecoapp(Reader object, Importing& all) { App(all).read(std::move(object)); }

}  // namespace codecosim
