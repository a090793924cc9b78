#include <algorithm>

#include "scenarios/parts.hpp"

namespace codecosim {

namespace {
/// Reads each field from under its key; what is not there stays as it is.
struct FieldReader {
  Reader& reader;
  const Loading& loading;
  template <class T>
  void operator()(const char* key, T& value, const char* prose, Bounds bounds) const {
    if constexpr (requires { value.make; }) {
      if (const auto chosen = read_choice(reader, key, loading.policies.partition, "partition policy", prose)) value = *chosen;
    } else {
      value = reader.get<T>(key, value, prose, bounds);
    }
  }
  template <class E>
  void choice(const char* key, E& value, const std::vector<std::string>& words, const char* prose) const {
    value = reader.choice<E>(key, value, words, prose);
  }
  template <class Group>
  void group(const char* key, Group& fields, const char* prose) const {
    if (auto inner = reader.object(key, prose)) {
      fields.fields(FieldReader{*inner, loading});
      inner->close();
    }
  }
};

/// Reports every field that is there, for a control plane that has none.
struct FieldRefuser {
  Reader& reader;
  void refuse(const char* key) const {
    if (reader.find(key)) reader.problem_at(key, "the oracle has no parameters; as-implemented and as-designed have");
  }
  template <class T>
  void operator()(const char* key, T&, const char*, Bounds) const {
    refuse(key);
  }
  template <class E>
  void choice(const char* key, E&, const std::vector<std::string>&, const char*) const {
    refuse(key);
  }
  template <class Group>
  void group(const char* key, Group&, const char*) const {
    refuse(key);
  }
};

ControlPlaneSpec preset(std::size_t number) {
  return number == 0 ? ControlPlaneSpec() : number == 1 ? ControlPlaneSpec::as_implemented() : ControlPlaneSpec::as_designed();
}
}  // namespace

void read_control_plane(Reader& root, Loading& loading) {
  const std::vector<std::string> presets{"oracle", "as-implemented", "as-designed"};
  enum class Preset : std::size_t { oracle, as_implemented, as_designed };
  auto plane = root.find("control_plane", "Who watches the federation and brings applications to run; missing: the oracle.");
  if (!plane) return;
  if (!plane->describing() && plane->written().is_object() && !plane->has("preset"))
    return plane->problem("\"preset\" is missing: as-implemented or as-designed, from which the other keys differ");
  loading.scenario.control_plane = plane->one_of<ControlPlaneSpec>(
      {{"",
        "a preset: oracle knows everything at once and acts in no time; as-implemented is CODECO as its code is, over Open Cluster "
        "Management; as-designed is CODECO as its papers describe it",
        [&](Reader r) { return preset(r.one_word(presets)); }},
       {"preset", "a preset, and what differs from it",
        [&](Reader r) {
          ControlPlaneSpec spec = preset(static_cast<std::size_t>(r.choice<Preset>(
              "preset", Preset::as_implemented, {"oracle", "as-implemented", "as-designed"}, "Where to start from.")));
          if (spec.oracle() && !r.describing())
            spec.fields(FieldRefuser{r});
          else
            spec.fields(FieldReader{r, loading});
          r.close();
          return spec;
        },
        true}});
  // It would run without a word, and place nothing.
  const ControlPlaneSpec& spec = loading.scenario.control_plane;
  const auto& clusters = loading.scenario.federation.clusters;
  const bool hubs = std::all_of(clusters.begin(), clusters.end(), [](const ClusterSpec& one) { return one.hub; });
  if (!clusters.empty() && hubs && !spec.oracle() && !spec.ocm.local_cluster)
    plane->problem(
        "every cluster is a hub, and hubs run no applications: give one the role spoke, or set ocm/local_cluster to true");
}

}  // namespace codecosim
