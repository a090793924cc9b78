#pragma once
#include "models/world.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The messages between control planes, over the links that all traffic uses, counted by their plane of information.
///
/// Claim: control planes are located at their clusters' gateways. They send messages of class BESTEFFORT on a TCP
/// connection: a message that is lost in transit is sent again after 1 s (the first retransmission timeout of RFC 6298,
/// section 2.1), doubling (5.5), four times; then the connection is broken and the sender learns that it is lost.
/// Within a cluster a message takes no time and no link. Messages of telemetry and catalogue between providers of
/// different domains are also counted separately. Checked by: tests/physics/control_plane_test.cpp,
/// tests/physics/learning_test.cpp.
class Wire {
 public:
  explicit Wire(World& world) : world_(world) {}
  /// `done` when the message has arrived; the outcome of its last transmission when the connection broke.
  Task<Outcome> send(Plane, Address from, Address to, Bytes);
  Task<Outcome> send(Plane plane, ClusterId from, ClusterId to, Bytes size) {
    return send(plane, Network::gateway(from), Network::gateway(to), size);
  }

 private:
  World& world_;
};

}  // namespace codecosim
