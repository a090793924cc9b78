#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <typeindex>

#include "scenarios/parts.hpp"

namespace codecosim {

namespace {
/// Reads each parameter under its key; a missing one keeps its value.
class ParameterReader : public Parameters {
 public:
  ParameterReader(Reader& reader, const Loading& loading) : reader_(reader), loading_(loading) {}
  void operator()(const char* key, bool& value, const char* prose, Bounds bounds) override {
    get(key, value, prose, bounds);
  }
  void operator()(const char* key, double& value, const char* prose, Bounds bounds) override {
    get(key, value, prose, bounds);
  }
  void operator()(const char* key, std::uint32_t& value, const char* prose, Bounds bounds) override {
    get(key, value, prose, bounds);
  }
  void operator()(const char* key, Seconds& value, const char* prose, Bounds bounds) override {
    get(key, value, prose, bounds);
  }
  void operator()(const char* key, Hertz& value, const char* prose, Bounds bounds) override {
    get(key, value, prose, bounds);
  }
  void operator()(const char* key, Bytes& value, const char* prose, Bounds bounds) override {
    get(key, value, prose, bounds);
  }
  void operator()(const char* key, BytesPerSecond& value, const char* prose, Bounds bounds) override {
    get(key, value, prose, bounds);
  }
  void operator()(const char* key, Partition& value, const char* prose, Bounds) override {
    if (const auto chosen = read_choice(reader_, key, loading_.policies.partition, "partition policy", prose))
      value = *chosen;
  }

 private:
  template <class T>
  void get(const char* key, T& value, const char* prose, Bounds bounds) {
    value = reader_.get<T>(key, value, prose, bounds);
  }
  void choose(const char* key, std::size_t& number, const std::vector<std::string>& words, const char* prose) override {
    enum class Number : std::size_t {};
    number = static_cast<std::size_t>(reader_.choice<Number>(key, static_cast<Number>(number), words, prose));
  }
  std::unique_ptr<Parameters> enter(const char* key, const char* prose) override;
  Reader& reader_;
  const Loading& loading_;
};

/// Reads the parameters of a group; when it is closed, unknown keys are reported.
class GroupReader : public ParameterReader {
 public:
  GroupReader(Reader reader, const Loading& loading) : ParameterReader(reader_, loading), reader_(std::move(reader)) {}
  GroupReader(const GroupReader&) = delete;
  ~GroupReader() override { reader_.close(); }

 private:
  Reader reader_;
};

std::unique_ptr<Parameters> ParameterReader::enter(const char* key, const char* prose) {
  auto inner = reader_.object(key, prose);
  return inner ? std::make_unique<GroupReader>(std::move(*inner), loading_) : nullptr;
}

/// The names of the control planes that have parameters, as a list in words, the last after `conjunction`.
std::string with_parameters(const char* conjunction) {
  std::vector<std::string> names;
  for (const ControlPlaneEntry& one : control_planes())
    if (one.parameters) names.push_back(one.name);
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : fmt::format("{} {} {}", fmt::join(names, ", "), conjunction, last);
}

/// Reports every parameter of another control plane that is there, for one that has none.
class ParameterRefuser : public Parameters {
 public:
  ParameterRefuser(Reader& reader, const std::string& name) : reader_(reader), name_(name) {}
  void operator()(const char* key, bool&, const char*, Bounds) override { refuse(key); }
  void operator()(const char* key, double&, const char*, Bounds) override { refuse(key); }
  void operator()(const char* key, std::uint32_t&, const char*, Bounds) override { refuse(key); }
  void operator()(const char* key, Seconds&, const char*, Bounds) override { refuse(key); }
  void operator()(const char* key, Hertz&, const char*, Bounds) override { refuse(key); }
  void operator()(const char* key, Bytes&, const char*, Bounds) override { refuse(key); }
  void operator()(const char* key, BytesPerSecond&, const char*, Bounds) override { refuse(key); }
  void operator()(const char* key, Partition&, const char*, Bounds) override { refuse(key); }

 private:
  void choose(const char* key, std::size_t&, const std::vector<std::string>&, const char*) override { refuse(key); }
  std::unique_ptr<Parameters> enter(const char* key, const char*) override {
    refuse(key);
    return nullptr;
  }
  void refuse(const char* key) {
    if (reader_.find(key))
      reader_.problem_at(key, "the " + name_ + " has no parameters; " + with_parameters("and") + " have");
  }
  Reader& reader_;
  const std::string& name_;
};

std::vector<std::string> names_of_control_planes() {
  std::vector<std::string> all;
  for (const ControlPlaneEntry& one : control_planes()) all.push_back(one.name);
  return all;
}

/// The parameters of each kind of control plane, by the first that has them.
void describe_parameters(Reader& r, const Loading& loading) {
  std::set<std::type_index> described;
  for (const ControlPlaneEntry& one : control_planes()) {
    if (!one.parameters) continue;
    const std::shared_ptr<ControlPlaneSettings> settings = one.defaults(loading.policies);
    const ControlPlaneSettings& kind = *settings;
    if (!described.insert(typeid(kind)).second) continue;
    ParameterReader reader(r, loading);
    settings->fields(reader);
  }
}
}  // namespace

void read_control_plane(Reader& root, Loading& loading) {
  const std::vector<std::string> names = names_of_control_planes();
  const auto numbered = [&](std::size_t number) {
    const ControlPlaneEntry& entry = control_planes()[number];
    return Scenario::Plane{entry.name, entry.defaults(loading.policies)};
  };
  // The control plane whose parameters are described, and the default of a file that names none.
  const auto usual =
      static_cast<std::size_t>(std::find_if(control_planes().begin(), control_planes().end(),
                                            [](const ControlPlaneEntry& one) { return one.parameters; }) -
                               control_planes().begin());
  enum class Number : std::size_t {};
  std::string presets = "a preset";
  for (const ControlPlaneEntry& one : control_planes())
    presets += fmt::format("{} {} {}", &one == &control_planes().front() ? ":" : ";", one.name, one.prose);
  auto plane =
      root.find("control_plane", "Who watches the federation and brings applications to run; missing: the oracle.");
  if (!plane) return;
  if (!plane->describing() && plane->written().is_object() && !plane->has("preset"))
    return plane->problem("\"preset\" is missing: " + with_parameters("or") + ", from which the other keys differ");
  loading.scenario.control_plane =
      plane->one_of<Scenario::Plane>({{"", presets, [&](Reader r) { return numbered(r.one_word(names)); }},
                                      {"preset", "a preset, and what differs from it",
                                       [&](Reader r) {
                                         const auto number = static_cast<std::size_t>(r.choice<Number>(
                                             "preset", static_cast<Number>(usual), names, "Where to start from."));
                                         Scenario::Plane chosen = numbered(number);
                                         if (r.describing()) {
                                           describe_parameters(r, loading);
                                         } else if (control_planes()[number].parameters) {
                                           ParameterReader reader(r, loading);
                                           chosen.settings->fields(reader);
                                         } else {
                                           ParameterRefuser refuser(r, chosen.name);
                                           numbered(usual).settings->fields(refuser);
                                         }
                                         r.close();
                                         return chosen;
                                       },
                                       true}});
  // Such a scenario would run without an error, and place nothing.
  const auto& clusters = loading.scenario.federation.clusters;
  const bool hubs = std::all_of(clusters.begin(), clusters.end(), [](const ClusterSpec& one) { return one.hub; });
  const auto& settings = loading.scenario.control_plane.settings;
  if (!clusters.empty() && hubs && settings && !settings->hubs_run_applications())
    plane->problem(
        "every cluster is a hub, and hubs run no applications: give one the role spoke, or set ocm/local_cluster to "
        "true");
}

}  // namespace codecosim
