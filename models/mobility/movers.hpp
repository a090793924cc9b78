#pragma once
#include <functional>
#include <vector>

#include "models/mobility/leg.hpp"
#include "sim/base/ids.hpp"

namespace codecosim {

/// Where everything that moves is: by device, the leg it is on. Nothing happens here between two legs.
class Movers {
 public:
  explicit Movers(std::uint32_t count) : legs_(count) {}
  std::uint32_t count() const { return static_cast<std::uint32_t>(legs_.size()); }

  const Leg& leg(DeviceId device) const { return legs_[device.index]; }
  Position position(DeviceId device, Seconds when) const { return legs_[device.index].at(when); }
  /// From now on it is on this leg, which begins where it is.
  void travel(DeviceId device, const Leg& leg) {
    legs_[device.index] = leg;
    if (on_leg) on_leg(device);
  }
  /// Told when a device has begun a leg.
  std::function<void(DeviceId)> on_leg;

 private:
  std::vector<Leg> legs_;
};

}  // namespace codecosim
