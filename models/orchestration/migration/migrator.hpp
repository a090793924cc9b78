#pragma once
#include <memory>
#include <vector>

#include "models/application/requests.hpp"
#include "models/orchestration/control_plane.hpp"

namespace codecosim {

/// Asks a migration policy about every application with clients that move, whenever one of them is known to be
/// elsewhere, and regularly where the policy wants that; and has the control plane do what makes sense of the answer.
class Migrator {
 public:
  /// Which cluster is expected to reach a client after a while; none: nobody can say.
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
  std::vector<Requests::Tally> told_;          // likewise: what its policy was last told of
};

}  // namespace codecosim
