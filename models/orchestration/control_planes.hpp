#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/orchestration/control_plane.hpp"
#include "models/policy.hpp"
#include "sim/base/bounds.hpp"

namespace codecosim {

/// A visitor of the parameters of a control plane, each of which is listed once: it reads them from a scenario, rejects
/// them or writes them.
class Parameters {
 public:
  using Partition = Registry<PartitionPolicy>::Choice;
  virtual ~Parameters() = default;
  virtual void operator()(const char* key, bool&, const char* prose, Bounds) = 0;
  virtual void operator()(const char* key, double&, const char* prose, Bounds) = 0;
  virtual void operator()(const char* key, std::uint32_t&, const char* prose, Bounds) = 0;
  virtual void operator()(const char* key, Seconds&, const char* prose, Bounds) = 0;
  virtual void operator()(const char* key, Hertz&, const char* prose, Bounds) = 0;
  virtual void operator()(const char* key, Bytes&, const char* prose, Bounds) = 0;
  virtual void operator()(const char* key, BytesPerSecond&, const char* prose, Bounds) = 0;
  virtual void operator()(const char* key, Partition&, const char* prose, Bounds) = 0;
  template <class Enumeration>
  void choice(const char* key, Enumeration& value, const std::vector<std::string>& words, const char* prose) {
    auto number = static_cast<std::size_t>(value);
    choose(key, number, words, prose);
    value = static_cast<Enumeration>(number);
  }
  template <class Group>
  void group(const char* key, Group& parameters, const char* prose) {
    if (const std::unique_ptr<Parameters> inner = enter(key, prose)) parameters.fields(*inner);
  }

 protected:
  virtual void choose(const char* key, std::size_t& number, const std::vector<std::string>& words,
                      const char* prose) = 0;
  /// Enters a group of parameters, until the returned object is destroyed; null: the group is skipped.
  virtual std::unique_ptr<Parameters> enter(const char* key, const char* prose) = 0;
};

/// The settings of a control plane in a scenario.
class ControlPlaneSettings {
 public:
  virtual ~ControlPlaneSettings() = default;
  virtual void fields(Parameters&) = 0;
  virtual std::unique_ptr<ControlPlane> make(const Parts&) const = 0;
  /// Whether clusters of the role hub run applications too.
  virtual bool hubs_run_applications() const = 0;
};

/// An available control plane; control_planes.cpp has one entry for each.
struct ControlPlaneEntry {
  std::string name, prose;
  bool parameters = false;  ///< Whether it has any.
  std::function<std::shared_ptr<ControlPlaneSettings>(const Policies&)> defaults;
};

/// All control planes, in the order in which they are listed.
const std::vector<ControlPlaneEntry>& control_planes();
/// The control plane of a name, which must exist.
const ControlPlaneEntry& control_plane(const std::string& name);

}  // namespace codecosim
