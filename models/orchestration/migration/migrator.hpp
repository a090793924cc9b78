#pragma once
#include <memory>
#include <vector>

#include "models/application/requests.hpp"
#include "models/orchestration/control_plane.hpp"

namespace codecosim {

/// Asks a migration policy about every application with moving clients, whenever the known location of one of these
/// changes, and regularly where the policy wants that. The control plane carries out the valid moves of the answer.
class Migrator {
 public:
  /// The cluster that is expected to reach a client after a time span; none: it is not known.
  using Forecast = std::function<ClusterId(ClientId, Seconds)>;
  Migrator(World&, Applications&, Requests&, ControlPlane&, std::unique_ptr<MigrationPolicy>, Forecast);

  void start();

 private:
  Process ask_regularly();
  void ask(ApplicationId, MigrationProblem::Trigger);

  World& world_;
  Applications& applications_;
  Requests& requests_;
  ControlPlane& control_;
  std::unique_ptr<MigrationPolicy> policy_;
  Forecast forecast_;
  Rng rng_;
  std::vector<std::vector<ClientId>> moving_;  // by application
  std::vector<Requests::Tally> told_;          // by application: the tally that its policy was last told
};

}  // namespace codecosim
