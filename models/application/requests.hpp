#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The clients and the life of their requests: over the network to a ready replica of the entry component, its work, then one call
/// after the other along the component's channels, each the same way, and back.
class Requests {
 public:
  Requests(World&, Applications&, std::vector<ClientSpec>, Transport, Seconds warmup);

  /// From now on this client is silent while that device is away.
  void ride(ClientId client, DeviceId device) { clients_[client.index].device = device; }
  /// Starts every client.
  void start();
  /// The clients' access links, for the network: kinds, and one entry a client.
  static std::vector<LinkSpec> access_specs(const std::vector<ClientSpec>&);
  static std::vector<Network::Access> accesses(const std::vector<ClientSpec>&);

  const std::vector<ClientSpec>& specs() const { return specs_; }
  /// The clusters of the clients of an application.
  const std::vector<ClusterId>& clients_of(ApplicationId app) const { return clients_of_[app.index]; }
  std::string name(ClientId) const;

 private:
  struct Client {
    std::uint32_t spec, index;
    ApplicationId application;
    ServiceId entry;
    DeviceId device = {};  // none: it does not move
  };
  Process generate(ClientId);
  Process serve(ClientId, Rng);
  Task<Outcome> calls(ApplicationId, std::uint32_t component, PodId, Rng&);
  void finish(ClientId, NodeId, Seconds start, Outcome);

  World& world_;
  Applications& applications_;
  std::vector<ClientSpec> specs_;
  std::vector<Client> clients_;
  std::vector<std::vector<ClusterId>> clients_of_;
  Transport transport_;
  Seconds warmup_;
};

}  // namespace codecosim
