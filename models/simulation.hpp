#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/application/control_loop.hpp"
#include "models/application/requests.hpp"
#include "models/bills.hpp"
#include "models/faults/faults.hpp"
#include "models/mobility/fleet.hpp"
#include "models/mobility/motion.hpp"
#include "models/orchestration/control_planes.hpp"
#include "models/orchestration/learning/learning.hpp"
#include "models/orchestration/migration/migrator.hpp"
#include "models/orchestration/placement/built_network.hpp"
#include "models/policy.hpp"
#include "models/series.hpp"
#include "models/world.hpp"
#include "sim/kernel/fork.hpp"

namespace codecosim {

/// By what a future is judged, and what it may take to play it.
struct FutureSpec {
  /// Of the summary, from the parting of the ways on. As it is better, else lower; with "-" before it, higher.
  std::string figure = "request.latency";
  Copies::Limits limits;
};

/// All that a scenario says, as plain values; defaults live here.
struct Scenario {
  std::string name, description;
  Seconds duration, warmup;
  std::uint64_t seed = 1;
  Seconds series_interval;  ///< Zero: a hundredth of the duration.
  FederationSpec federation;
  ClusterId registry;
  std::vector<ImageSpec> images;
  std::vector<ApplicationSpec> applications;
  std::vector<ClientSpec> clients;
  std::vector<FaultSpec> faults;
  Transport messages = Transport::queued;
  Transport bulk = Transport::flow;
  FlowSharing flow_sharing;
  Seconds tcp_timeout{924.6};
  std::vector<DatasetSpec> data;
  struct Plane {
    std::string name = "oracle";
    std::shared_ptr<ControlPlaneSettings> settings{};  ///< Empty: with default parameters.
  };
  Plane control_plane;
  MobilitySpec mobility;
  Registry<PlacementPolicy>::Choice placement{"nearest", {}};  ///< `make` empty: with default parameters.
  Registry<PlacementPolicy>::Choice scheduler{"kube-default", {}};
  Registry<MigrationPolicy>::Choice migration{"never", {}};
  DecisionSpec decisions;
  std::optional<LearningSpec> learning;
  FutureSpec futures;
};

/// One run of one scenario: owns the world and everything in it. There is one in a process.
class Simulation : public Names, public Futures {
 public:
  Simulation(Scenario scenario, std::uint64_t replication, const Policies& policies);
  ~Simulation() override;

  /// Simulates until `horizon` (the scenario's duration when not given).
  void run(std::optional<Seconds> horizon = std::nullopt);
  /// From here on, once for each alternative, in copies of this process; each says what it is judged by after
  /// `horizon`, or at the end of the run. A copy measures anew from here, and makes no more copies.
  Answer play(std::uint32_t alternatives, Seconds horizon) override;
  /// Where `at` is reached, the world parts into as many copies as there are changes. Each makes its change and goes on
  /// to the end, measuring anew from there. Then this run ends. To be called before run().
  Process part(Seconds at, std::vector<std::function<void()>> changes);
  /// What a copy of this process says at the end of its run.
  void last_words(std::function<std::string()> tell) { tell_ = std::move(tell); }
  /// What the copies have said.
  const std::vector<std::optional<std::string>>& told() const { return told_; }
  /// Decides by other policies from now on.
  void use(const Registry<PlacementPolicy>::Choice& placement, const Registry<PlacementPolicy>::Choice& scheduler) {
    control_->use(placement.make, scheduler.make);
  }
  /// What every run tells, in a fixed order.
  std::vector<Figure> summary();
  /// The same figures by kind of client.
  std::vector<std::pair<std::string, std::vector<Figure>>> summary_by_client();

  const Series& series() const { return *series_; }

  Calendar& clock() { return calendar_; }
  Trace& trace() { return world_->trace; }
  World& world() { return *world_; }
  Applications& applications() { return *applications_; }
  const ControlPlane& control_plane() const { return *control_; }
  Decisions& decisions() { return *decisions_; }
  /// Null where nothing learns.
  const Learning* learning() const { return learning_.get(); }
  const Scenario& scenario() const { return scenario_; }

  std::string name(ClusterId) const override;
  std::string name(NodeId) const override;
  std::string name(LinkId) const override;
  std::string name(PodId) const override;
  std::string name(ApplicationId) const override;
  std::string name(ServiceId service) const { return applications_->name(service); }
  std::string name(ClientId) const override;
  std::string name(DeviceId) const override;
  std::string name(CellId) const override;
  ApplicationId application_of(PodId) const override;
  ClusterId cluster_of(NodeId) const override;

 private:
  void plan_submissions();
  /// Clients, nodes and clusters that move are reached over the air.
  void put_on_the_air();
  void close_the_loops();
  void set_in_motion();
  /// Where a device is served tells where its clients are.
  void follow_clients();
  void look_after_replicas();
  Process move(DeviceId, const Motion&, std::uint32_t number, Rng);
  /// Calls `f` for every node, and for every cluster, that a device carries.
  void each_carried(const std::function<void(DeviceId, NodeId)>&,
                    const std::function<void(DeviceId, ClusterId)>&) const;
  Process submit(ApplicationId, Seconds at);
  Process scale(ApplicationId, std::uint32_t component, Scaling);
  Process roll_out(ApplicationId, std::uint32_t component, Rollout);
  Process warm_up();
  void reset();
  /// In a copy, which measures anew from here and makes no more copies.
  void go_its_own_way();
  /// Not a number where nothing was measured.
  double judged_by();
  Process speak(Seconds when);

  Scenario scenario_;
  Calendar calendar_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Applications> applications_;
  std::unique_ptr<Requests> requests_;
  Fleets fleets_;
  std::unique_ptr<ControlLoops> loops_;
  std::unique_ptr<Datasets> data_;
  std::unique_ptr<Migrations> migrations_;
  std::unique_ptr<ImageStore> images_;
  std::unique_ptr<BuiltNetwork> plan_;
  std::unique_ptr<Truth> truth_;
  std::unique_ptr<Decisions> decisions_;
  std::unique_ptr<ControlPlane> control_;
  std::unique_ptr<Learning> learning_;
  std::unique_ptr<Migrator> migrator_;
  std::unique_ptr<Faults> faults_;
  std::unique_ptr<Bills> bills_;
  std::unique_ptr<Series> series_;
  std::vector<Measured*> measured_;  // in the order in which they tell
  Seconds end_;
  std::function<std::string()> tell_;
  std::vector<std::optional<std::string>> told_;
};

}  // namespace codecosim
