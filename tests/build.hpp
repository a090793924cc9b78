// Scenarios as tests build and change them: what is changed is found by its name in the scenario, not by its number.
//
// What is found is a reference into the scenario, which holds until the object or the list around it grows.
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string>

#include "sim/base/reader.hpp"

namespace codecosim::test {

/// The element of a list that has this name, or this value of another key.
inline Json& element(Json& of, const std::string& list, const std::string& name, const std::string& key = "name") {
  std::string known;
  for (Json& one : of.at(list)) {
    if (one.at(key) == name) return one;
    known += " " + one.at(key).dump();
  }
  throw std::runtime_error(list + ": there is no \"" + name + "\"; known:" + (known.empty() ? " none" : known));
}

inline Json& cluster(Json& scenario, const std::string& name) { return element(scenario, "clusters", name); }
inline Json& application(Json& scenario, const std::string& name) { return element(scenario, "applications", name); }
inline Json& client(Json& scenario, const std::string& name) { return element(scenario, "clients", name); }
inline Json& device(Json& scenario, const std::string& name) { return element(scenario, "devices", name); }
inline Json& data_set(Json& scenario, const std::string& name) { return element(scenario, "data", name); }

/// A cluster's nodes of one type.
inline Json& node_pool(Json& cluster, const std::string& type) { return element(cluster, "nodes", type, "type"); }
inline Json& node_pool(Json& scenario, const std::string& name, const std::string& type) {
  return node_pool(cluster(scenario, name), type);
}
inline Json& component(Json& application, const std::string& name) { return element(application, "components", name); }
inline Json& component(Json& scenario, const std::string& app, const std::string& name) {
  return component(application(scenario, app), name);
}

/// Takes an element out of a list.
inline void remove(Json& scenario, const std::string& list, const std::string& name) {
  Json& all = scenario.at(list);
  all.erase(static_cast<std::size_t>(&element(scenario, list, name) - &all.front()));
}

/// The same, but with these values of these keys.
inline Json with(Json one, const Json& values) {
  one.update(values);
  return one;
}
/// The same under another name.
inline Json copy_of(const Json& one, const std::string& name) { return with(one, {{"name", name}}); }

/// What matches fails, from `start` to `end` [s].
inline Json fault(const std::string& kind, const std::string& match, double start, double end) {
  return {{"kind", kind},
          {"match", match},
          {"outages", {{{"start", std::to_string(start) + " s"}, {"duration", std::to_string(end - start) + " s"}}}}};
}
/// What matches fails as often as a file beside the scenario lists.
inline Json fault(const std::string& kind, const std::string& match, const std::string& csv) {
  return {{"kind", kind}, {"match", match}, {"csv", csv}};
}

}  // namespace codecosim::test
