#pragma once
#include <vector>

#include "models/mobility/leg.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/observers.hpp"

namespace codecosim {

/// The positions of all devices: the present leg of each. There are no events between two legs.
class Movers {
 public:
  explicit Movers(std::uint32_t count) : legs_(count) {}
  std::uint32_t count() const { return static_cast<std::uint32_t>(legs_.size()); }

  const Leg& leg(DeviceId device) const { return legs_[device.index]; }
  Position position(DeviceId device, Seconds when) const { return legs_[device.index].at(when); }
  /// Sets the leg of a device from now on; it begins at the device's position.
  void travel(DeviceId device, const Leg& leg) {
    legs_[device.index] = leg;
    on_leg(device);
  }
  /// Called when a device has begun a leg.
  Observers<DeviceId> on_leg;

 private:
  std::vector<Leg> legs_;
};

}  // namespace codecosim
