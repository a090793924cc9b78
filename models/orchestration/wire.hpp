#pragma once
#include "models/world.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// What control planes tell each other, over the links that everything else uses, counted by the plane of information
/// it belongs to.
///
/// Claim: control planes stand at their clusters' gateways. What they send is a message of class BESTEFFORT on a TCP
/// connection: lost on the way, it is sent again after 1 s (the first retransmission timeout of RFC 6298, section 2.1),
/// doubling (5.5), four times; then the connection is broken and the sender learns that it is lost. Within a cluster it
/// takes no time and no link. What telemetry and catalogue send between providers of different domains is counted once
/// more. Checked by: tests/physics/control_plane_test.cpp, tests/physics/learning_test.cpp.
class Wire {
 public:
  explicit Wire(World& world) : world_(world) {}
  /// `done` when it has arrived; how its last transmission was lost when the connection broke.
  Task<Outcome> send(Plane, Place from, Place to, Bytes);
  Task<Outcome> send(Plane plane, ClusterId from, ClusterId to, Bytes size) {
    return send(plane, Network::gateway(from), Network::gateway(to), size);
  }

 private:
  World& world_;
};

}  // namespace codecosim
