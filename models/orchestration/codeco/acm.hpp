#pragma once
#include <deque>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/ocm/hub.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// After so long whoever could not tell a hub something tries again: a user, or what submits for one.
inline constexpr Seconds resubmit{10};

/// CODECO's entry point at one hub (ACM): CodecoApps come to its API server, wait for its one worker, and are admitted
/// or deleted.
///
/// Claim: a user's CodecoApp crosses the network from the user's cluster, and its deletion comes from the hub's own;
/// either is handed in again every ten seconds until the hub has it. What a user wants of one application comes to the
/// hub in the order in which the user wanted it. ACM's worker takes them one after the other, `wait` + `reconcile`
/// each. Checked by: tests/physics/control_plane_test.cpp, tests/physics/deployment_controller_test.cpp.
class Acm {
 public:
  enum class Life : std::uint8_t { unknown, submitted, admitted, deleting, deleted };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void admitted(ApplicationId, Seconds submitted) = 0;
    virtual void deleting(ApplicationId) = 0;
  };
  Acm(World&, const Catalogue&, Wire&, Kubernetes&, Hub&, const AcmSpec&, const OcmSpec&, Listener&);

  /// A user hands an application in, in this cluster.
  Process submit(ApplicationId, ClusterId from);
  /// A user deletes it.
  Process remove(ApplicationId);
  Life life(ApplicationId app) const { return lives_[app.index]; }
  /// It is gone from all clusters.
  void deleted(ApplicationId app) { lives_[app.index] = Life::deleted; }
  /// A user hands it in, for the first time or changed; ACM's worker has taken it.
  Task<> hand_in(ClusterId from, ApplicationId);
  /// Something is sent to the hub's API server again and again until it is there.
  Task<> until_sent(ClusterId from, Bytes);

 private:
  Task<> reconcile();
  Bytes size(ApplicationId) const;

  World& world_;
  const Catalogue& catalogue_;
  Wire& wire_;
  Kubernetes& kubernetes_;
  Hub& hub_;
  const AcmSpec& spec_;
  const OcmSpec& ocm_;
  Listener& listener_;
  Server worker_{1};
  std::vector<Life> lives_;   // by application
  std::deque<Server> users_;  // by application: who hands in one change after the other
};

}  // namespace codecosim
