#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "models/orchestration/placement/nearby.hpp"
#include "models/orchestration/placement/network_view.hpp"

namespace codecosim {

/// The knowledge of one hub from messages: state reports, facts of the catalogue, network measurements, locations of
/// clients. Only messages change it; it has no access to the simulated world.
class HubView : public Knowledge {
 public:
  /// The clusters that reach the clients of each application when the run begins.
  using Clients = std::vector<std::vector<ClusterId>>;
  HubView(ClusterId hub, const Federation&, const NetworkPlan&, Clients);

  std::vector<ClusterId> clusters() const override;
  bool knows_most() const override { return 10 * heard_ >= 9 * expected_; }
  const std::vector<ClusterId>& changes() const override { return changes_; }
  bool has(ClusterId cluster) const override { return views_[cluster.index].joined; }
  std::optional<std::string> obstacle(ClusterId) const override;
  ClusterSums sums(ClusterId, const std::vector<Assigned>&) const override;
  /// Ignores node selectors, which the cluster checks.
  bool fits(ClusterId, const std::vector<Assigned>&, const ComponentSpec&) const override;
  void describe(PlacementProblem::Row&, ClusterId) const override;
  Security security(ClusterId cluster) const override { return views_[cluster.index].security; }
  Seconds latency(ClusterId from, ClusterId to) const override;
  Nearest nearest(ClusterId from) const override;
  /// The same without measurements, which there are of few paths, and which are longer than the others as built.
  const Nearest& nearest_as_built(ClusterId from) const { return nearby_.from(from); }
  BytesPerSecond reserved(LinkId link) const override { return network.reserved(link); }
  const std::vector<ClusterId>& clients(ApplicationId app) const override { return clients_[app.index]; }
  std::uint32_t draining(ServiceId service, ClusterId cluster) const override {
    return views_[cluster.index].state.draining_of(service);
  }

  /// The measurements of NetMA's exports, and the reservations of the hub's channels.
  NetworkView network;

  /// Sets the number of clusters that belong to this hub when the run begins.
  void expect(std::size_t clusters) { expected_ = clusters; }
  void join(ClusterId cluster) { set(cluster, views_[cluster.index].joined, true); }
  void set_available(ClusterId cluster, bool available) { set(cluster, views_[cluster.index].available, available); }
  /// Takes the reported state of a cluster, unless a later one is known. True: there is more room than in the state
  /// known before.
  bool observe_state(ClusterId, const ClusterState&);
  bool heard(ClusterId cluster) const { return views_[cluster.index].heard; }
  void learn(ClusterId cluster, Security security) { set(cluster, views_[cluster.index].security, security); }
  /// Notes that a cluster has a copy of a data set.
  void learn_copy(ClusterId, std::uint32_t data);
  /// Takes the published score of a cluster.
  void publish(ClusterId cluster, AddOnScore score) { views_[cluster.index].scores = {std::move(score)}; }
  /// Sets the cluster that reaches the `place`-th client of an application.
  void locate(ApplicationId app, std::uint32_t place, ClusterId cluster) { clients_[app.index][place] = cluster; }

 private:
  struct View {
    ClusterState state;
    bool joined = false, available = true, heard = false;
    Security security = Security::high;
    std::vector<std::uint32_t> data;  // data sets of which it has a copy, sorted
    std::vector<AddOnScore> scores;
  };
  template <class T>
  void set(ClusterId cluster, T& fact, T value) {
    if (std::exchange(fact, value) != value) changes_.push_back(cluster);
  }

  const Federation& federation_;
  const NetworkPlan& plan_;
  Nearby nearby_;
  std::vector<View> views_;  // by cluster
  std::vector<ClusterId> changes_;
  std::size_t heard_ = 0, expected_ = 0;
  Clients clients_;
};

}  // namespace codecosim
