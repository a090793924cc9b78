#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/bills.hpp"
#include "models/branches.hpp"
#include "models/devices.hpp"
#include "models/names.hpp"
#include "models/orchestration/migration/migrator.hpp"
#include "models/orchestration/placement/built_network.hpp"
#include "models/scenario.hpp"
#include "models/series.hpp"
#include "models/submissions.hpp"

namespace codecosim {

/// One run of one scenario: composes the world and everything in it. There is one in a process.
class Simulation : private Branches::Run {
 public:
  Simulation(Scenario scenario, std::uint64_t replication, const Policies& policies);
  ~Simulation() override;

  /// Simulates until `horizon` (the scenario's duration when not given).
  void run(std::optional<Seconds> horizon = std::nullopt);
  /// The figures of the run, in a fixed order.
  std::vector<Figure> summary() override;
  /// The same figures by kind of client.
  std::vector<std::pair<std::string, std::vector<Figure>>> summary_by_client();
  /// Decides by other policies from now on.
  void use(const Registry<PlacementPolicy>::Choice& placement, const Registry<PlacementPolicy>::Choice& scheduler) {
    control_->use(placement.make, scheduler.make);
  }

  const Series& series() const { return *series_; }
  Calendar& clock() { return calendar_; }
  Trace& trace() { return world_->trace; }
  World& world() { return *world_; }
  Applications& applications() { return *applications_; }
  const ControlPlane& control_plane() const { return *control_; }
  Decisions& decisions() { return *decisions_; }
  Branches& branches() { return branches_; }
  /// The learning; null where there is none.
  const Learning* learning() const { return learning_.get(); }
  const Scenario& scenario() const { return scenario_; }
  const Names& names() const { return *names_; }
  template <class Id>
  std::string name(Id id) const {
    return names_->name(id);
  }

 private:
  Process warm_up();
  void restart() override;
  Seconds end() const override { return end_; }

  Scenario scenario_;
  Branches branches_{*this, scenario_.futures};
  Calendar calendar_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Applications> applications_;
  std::unique_ptr<Requests> requests_;
  std::unique_ptr<WorldNames> names_;
  std::unique_ptr<Devices> devices_;
  std::unique_ptr<Datasets> data_;
  std::unique_ptr<Migrations> migrations_;
  std::unique_ptr<ImageStore> images_;
  std::unique_ptr<BuiltNetwork> plan_;
  std::unique_ptr<Truth> truth_;
  std::unique_ptr<Decisions> decisions_;
  std::unique_ptr<ControlPlane> control_;
  std::unique_ptr<Learning> learning_;
  std::unique_ptr<Migrator> migrator_;
  std::unique_ptr<Submissions> submissions_;
  std::unique_ptr<Faults> faults_;
  std::unique_ptr<Bills> bills_;
  std::unique_ptr<Series> series_;
  std::vector<Measured*> measured_;  // in the order of their figures
  Seconds end_;
};

}  // namespace codecosim
