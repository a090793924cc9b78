#pragma once
// This is the only header that includes SimGrid and that depends on its version: 3.32 (Debian 12) to 4.1.
#include <simgrid/kernel/resource/Action.hpp>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/routing/NetPoint.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/s4u.hpp>

#include <simgrid/version.h>
#include <xbt/log.h>

namespace codecosim::simgrid_compat {

namespace sg = simgrid::s4u;
namespace routing = simgrid::kernel::routing;

inline sg::Host* add_host(sg::NetZone& zone, const char* name) {
#if SIMGRID_VERSION >= 40000
  return zone.add_host(name, 1e9)->seal();
#else
  return zone.create_host(name, 1e9)->seal();
#endif
}

inline sg::Link* add_link(sg::NetZone& zone, const std::string& name, double bandwidth) {
#if SIMGRID_VERSION >= 40000
  return zone.add_link(name, bandwidth);
#else
  return zone.create_link(name, bandwidth);
#endif
}

/// Makes `zone` a child of the root zone. Up to 3.3x the first zone made is the root itself.
inline void attach(sg::Engine& engine, routing::NetZoneImpl& zone) {
#if SIMGRID_VERSION >= 40000
  zone.set_parent(engine.get_netzone_root()->get_impl());
#else
  (void)engine, (void)zone;
#endif
}

/// Calls `ended` with every communication that ends, and whether it finished. May call it more than once for one that
/// is cancelled.
template <class F>
void on_comm_end(F ended) {
#if SIMGRID_VERSION >= 33400
  sg::Comm::on_completion_cb(
      [ended](const sg::Comm& comm) { ended(comm, comm.get_state() == sg::Activity::State::FINISHED); });
#else
  sg::Activity::on_completion_cb([ended](const sg::Activity& activity) {
    ended(static_cast<const sg::Comm&>(activity), activity.get_state() == sg::Activity::State::FINISHED);
  });
#endif
}

/// The action that was started last among those that have not ended. Only the network model has actions here.
inline simgrid::kernel::resource::Action* last_started(const sg::Engine& engine) {
  for (auto* model : engine.get_all_models())
    if (!model->get_started_action_set()->empty()) return &model->get_started_action_set()->back();
  return nullptr;
}

inline std::string version() {
  int major = 0, minor = 0, patch = 0;
  sg_version_get(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + (patch ? "." + std::to_string(patch) : "");
}

}  // namespace codecosim::simgrid_compat
