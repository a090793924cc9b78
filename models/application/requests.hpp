#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/application/calls.hpp"
#include "models/measured.hpp"
#include "sim/base/intrusive_list.hpp"
#include "sim/base/observers.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The clients and their requests, each a call of the entry component.
class Requests : public Measured {
 public:
  Requests(World&, Applications&, std::vector<ClientSpec>, Transport, Seconds warmup);

  /// Counts only requests that are sent from now on.
  void reset() override;
  void figures(Figures&) override;
  /// The groups of clients that figures are told of, in file order: those of one name, at whatever sites.
  const std::vector<std::string>& groups() const { return groups_; }
  void figures_of(std::uint32_t group, Figures&);
  /// Starts every client.
  void start();
  /// The clients' access links, for the network: their kinds, and one entry a client.
  static std::vector<LinkSpec> access_specs(const std::vector<ClientSpec>&);
  static std::vector<Network::Access> accesses(const std::vector<ClientSpec>&);

  const std::vector<ClientSpec>& specs() const { return specs_; }
  /// The clusters that reach the clients of an application, one a client.
  const std::vector<ClusterId>& clients_of(ApplicationId app) const { return clients_of_[app.index]; }
  std::string name(ClientId) const;
  /// The device that carries a client; none where the client does not move.
  DeviceId device(ClientId client) const {
    const Client& one = clients_[client.index];
    return specs_[one.spec].on.empty() ? DeviceId{} : specs_[one.spec].on[one.index];
  }
  ClientIds clients() const { return {0, client_count()}; }
  std::uint32_t client_count() const { return static_cast<std::uint32_t>(clients_.size()); }
  ApplicationId application(ClientId client) const { return clients_[client.index].application; }
  /// The cluster that reaches a client, and the client's index among its application's clients.
  ClusterId cluster(ClientId client) const;
  std::uint32_t place_among_clients(ClientId client) const { return clients_[client.index].place; }
  /// Sets the cluster that reaches a client from now on.
  void reached_by(ClientId, ClusterId);
  /// Counts of an application's requests, since the first call of tally().
  struct Tally {
    std::uint64_t known = 0;     ///< Requests that have ended, or whose deadline has passed.
    std::uint64_t missed = 0;    ///< Of these, the ones not answered by their deadline.
    std::uint64_t answered = 0;  ///< Requests that were answered, late or not.
    Seconds latency;             ///< Sum over the answered requests.
    Tally operator-(const Tally& before) const {
      return {known - before.known, missed - before.missed, answered - before.answered, latency - before.latency};
    }
  };
  const Tally& tally(ApplicationId);
  /// Called when a client has sent a request, and when a request has been answered in time.
  Observers<ClientId> on_sent;
  Observers<ClientId, Seconds> on_answer;

 private:
  struct Client {
    std::uint32_t spec, index;
    ApplicationId application;
    ServiceId entry;
    std::uint32_t place;  // among its application's clients
    ClusterId home;       // the cluster that reaches it, unless it moves
  };
  // A request under way; it lives in the frame of the process that serves it.
  struct UnderWay : IntrusiveList<UnderWay>::Hook {
    UnderWay(ClientId who, Seconds when) : client(who), start(when) {}
    ClientId client;
    Seconds start;
    bool counts = false, overdue = false;
  };
  // The requests under way of one kind of client, in the order of their start, and so of their deadlines.
  struct Line {
    IntrusiveList<UnderWay> all;
    UnderWay* due = nullptr;  // the first that is not overdue
  };
  /// The wait of a client in a closed loop for the end of its request.
  struct Loop {
    bool waits = false;
    WaitQueue ended;
  };
  /// The outcome of a message to or from a node. A node goes down with its links, and then the node is the cause, not
  /// the links.
  Outcome attribute_loss(NodeId, Outcome) const;
  /// The address at which a client is reached.
  Address address(ClientId) const;
  Process generate(ClientId);
  Process generate_in_loop(ClientId);
  /// Whether the device of a client is away.
  bool is_away(const Client&) const;
  void send(ClientId, const Rng&);
  /// A request of a client that handles failures, and of one that does not. The latter is Calls' exchange in one frame:
  /// a frame in between takes 8 % of the time of a run with nothing but requests.
  Process serve_handled(ClientId, Rng);
  Process serve(ClientId, Rng);
  void begin(UnderWay&);
  /// Counts the requests of a kind of client whose deadline has passed up to now.
  void note_overdue(std::uint32_t spec);
  /// The ages of the requests that count and are under way.
  Histogram ages(std::uint32_t spec) const;
  void finish(UnderWay&, NodeId, Outcome);

  World& world_;
  Applications& applications_;
  std::vector<ClientSpec> specs_;
  Transport transport_;
  Calls calls_;
  std::vector<Client> clients_;
  std::vector<std::vector<ClusterId>> clients_of_;
  std::vector<Tally> tallies_;                        // by application, from the first call of tally() on
  std::vector<std::vector<std::uint32_t>> kinds_of_;  // clients, by kind of application
  std::vector<std::string> groups_;
  std::vector<std::vector<std::uint32_t>> in_group_;  // kinds of client, by group
  std::vector<Line> lines_;                           // by kind of client
  std::map<ClientId, Loop> loops_;                    // of clients in a closed loop
  Seconds measured_from_;
};

}  // namespace codecosim
