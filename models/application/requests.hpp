#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/measured.hpp"
#include "sim/base/intrusive_list.hpp"
#include "sim/kernel/process.hpp"

namespace codecosim {

/// The clients and the life of their requests: over the network to a ready replica of the entry component, its work,
/// then one call after the other along the component's channels, each the same way, and back.
class Requests : public Measured {
 public:
  Requests(World&, Applications&, std::vector<ClientSpec>, Transport, Seconds warmup);

  /// Only requests sent from now on count.
  void reset() override;
  void figures(Figures&) override;
  /// Those of one kind of client.
  void figures_of(std::uint32_t spec, Figures&);
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
    std::uint64_t known = 0;     ///< They have ended, or their deadline has passed.
    std::uint64_t missed = 0;    ///< Of those, not answered by their deadline.
    std::uint64_t answered = 0;  ///< Late or not.
    Seconds latency;             ///< Sum over those answered.
    Tally operator-(const Tally& before) const {
      return {known - before.known, missed - before.missed, answered - before.answered, latency - before.latency};
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
  // In the frame of serve().
  struct UnderWay : IntrusiveList<UnderWay>::Hook {
    UnderWay(ClientId who, Seconds when) : client(who), start(when) {}
    ClientId client;
    Seconds start;
    bool counts = false, overdue = false;
  };
  // Of one kind of client, in the order of their start, and so of their deadlines.
  struct Line {
    IntrusiveList<UnderWay> all;
    UnderWay* due = nullptr;  // the first that is not overdue
  };
  /// A request that has come to a pod waits while that is frozen, and goes after its state; `pod` is where it has come
  /// to then.
  Task<Outcome> follow(PodId& pod, Message&);
  /// How what went to or from a node ended: a node goes down with its links, and those are not to blame then.
  Outcome blame(NodeId, Outcome) const;
  /// Where a client is reached.
  Place place(ClientId) const;
  Process generate(ClientId);
  Process serve(ClientId, Rng);
  Task<Outcome> calls(ApplicationId, std::uint32_t component, PodId, Rng&);
  void begin(UnderWay&);
  /// Counts those of a kind of client whose deadline has passed up to now.
  void note_overdue(std::uint32_t spec);
  /// How long those that count and are under way have been so.
  Histogram ages(std::uint32_t spec) const;
  void finish(UnderWay&, NodeId, Outcome);

  World& world_;
  Applications& applications_;
  std::vector<ClientSpec> specs_;
  std::vector<Client> clients_;
  std::vector<std::vector<ClusterId>> clients_of_;
  std::vector<Tally> tallies_;                        // by application, once anybody asks
  std::vector<std::vector<std::uint32_t>> kinds_of_;  // clients, by kind of application
  std::vector<Line> lines_;                           // by kind of client
  Transport transport_;
  Seconds measured_from_;
};

}  // namespace codecosim
