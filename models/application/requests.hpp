#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The clients and the life of their requests: over the network to a ready replica of the entry component, its work,
/// then one call after the other along the component's channels, each the same way, and back.
class Requests {
 public:
  Requests(World&, Applications&, std::vector<ClientSpec>, Transport, Seconds warmup);

  /// Requests sent from now on count, though the warm-up has not ended.
  void measure_from_now() { warmup_ = std::min(warmup_, now()); }
  /// Starts every client.
  void start();
  /// The clients' access links, for the network: kinds, and one entry a client.
  static std::vector<LinkSpec> access_specs(const std::vector<ClientSpec>&);
  static std::vector<Network::Access> accesses(const std::vector<ClientSpec>&);

  const std::vector<ClientSpec>& specs() const { return specs_; }
  /// The clusters that reach the clients of an application, one a client.
  const std::vector<ClusterId>& clients_of(ApplicationId app) const { return clients_of_[app.index]; }
  std::string name(ClientId) const;
  /// What carries it; none: nothing does.
  DeviceId device(ClientId client) const {
    const Client& one = clients_[client.index];
    return specs_[one.spec].on.empty() ? DeviceId{} : specs_[one.spec].on[one.index];
  }
  std::uint32_t client_count() const { return static_cast<std::uint32_t>(clients_.size()); }
  ApplicationId application(ClientId client) const { return clients_[client.index].application; }
  /// The cluster that reaches a client, and which of its application's clients it is.
  ClusterId cluster(ClientId client) const;
  std::uint32_t place_among_clients(ClientId client) const { return clients_[client.index].place; }
  /// It is reached through another cluster from now on.
  void reached_by(ClientId, ClusterId);
  /// What has become of an application's requests, since somebody first asked.
  struct Tally {
    std::uint64_t ended = 0, missed = 0, answered = 0;  ///< Missed: not answered, or late.
    Seconds latency;                                    ///< Sum over those answered.
    Tally operator-(const Tally& before) const {
      return {ended - before.ended, missed - before.missed, answered - before.answered, latency - before.latency};
    }
  };
  const Tally& tally(ApplicationId);
  /// Told when a client has sent a request, and when one of those has been answered in time.
  std::function<void(ClientId)> on_sent;
  std::function<void(ClientId, Seconds start)> on_answer;

 private:
  struct Client {
    std::uint32_t spec, index;
    ApplicationId application;
    ServiceId entry;
    std::uint32_t place;  // among its application's clients
    ClusterId home;       // where it is reached, unless it moves
  };
  /// A request that has come to a pod waits while that is frozen, and goes after its state; `pod` is where it has come
  /// to then.
  Task<Outcome> follow(PodId& pod, Message&);
  /// Where a client is reached.
  Place place(ClientId) const;
  Process generate(ClientId);
  Process serve(ClientId, Rng);
  Task<Outcome> calls(ApplicationId, std::uint32_t component, PodId, Rng&);
  void finish(ClientId, NodeId, Seconds start, Outcome);

  World& world_;
  Applications& applications_;
  std::vector<ClientSpec> specs_;
  std::vector<Client> clients_;
  std::vector<std::vector<ClusterId>> clients_of_;
  std::vector<Tally> tallies_;  // by application, once anybody asks
  Transport transport_;
  Seconds warmup_;
};

}  // namespace codecosim
