#pragma once
#include <memory>
#include <vector>

#include "models/application/control_loop.hpp"
#include "models/application/requests.hpp"
#include "models/carried.hpp"
#include "models/mobility/fleet.hpp"
#include "models/orchestration/control_plane.hpp"
#include "models/world.hpp"

namespace codecosim {

/// The devices that move, and what they carry: clients, nodes and whole clusters, which are reached over the air.
class Devices : public Measured {
 public:
  /// Connects over the air what devices carry, and closes the control loops: a vehicle without timely answers stops.
  Devices(World&, Requests&, const MobilitySpec&);
  /// Reports, from now on, a change of the cell that serves a device to this control plane, and to the clients
  /// themselves.
  void report_to(ControlPlane&);
  void start();
  /// The cluster that will reach a client after a time span, by the known route of its device or straight on; none: no
  /// cell covers that position.
  ClusterId forecast(ClientId, Seconds span) const;
  void reset() override { fleets_.reset(); }
  void figures(Figures& figures) override { fleets_.figures(figures); }

 private:
  void put_on_the_air();
  void close_control_loops();
  Process move(DeviceId, const Motion&, std::uint32_t number, Rng);

  World& world_;
  Requests& requests_;
  const MobilitySpec& spec_;
  const Carried carried_;
  Fleets fleets_;
  ControlLoops loops_;
  ControlPlane* control_ = nullptr;
};

}  // namespace codecosim
