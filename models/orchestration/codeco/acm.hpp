#pragma once
#include <deque>
#include <vector>

#include "models/application/applications.hpp"
#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/ocm/hub.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The time after which a user, or a client that submits for a user, tries again to send to a hub.
inline constexpr Seconds resubmit{10};

/// CODECO's entry point at one hub (ACM): CodecoApps arrive at its API server, wait for its one worker, and are
/// admitted or deleted.
///
/// Claim: a user's CodecoApp crosses the network from the user's cluster, and its deletion comes from the hub's own;
/// either is submitted again every ten seconds until the hub has it. The changes of one application by a user reach the
/// hub in the user's order. ACM's worker takes them one after the other, `wait` + `reconcile` each. Checked by:
/// tests/physics/control_plane_test.cpp, tests/physics/deployment_controller_test.cpp.
class Acm {
 public:
  enum class Life : std::uint8_t { unknown, submitted, admitted, deleting, deleted };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void admitted(ApplicationId, Seconds submitted) = 0;
    virtual void deleting(ApplicationId) = 0;
  };
  Acm(const Catalogue&, Wire&, Kubernetes&, Hub&, const AcmSpec&, const OcmSpec&, Listener&);

  /// A user submits an application, in this cluster.
  Process submit(ApplicationId, ClusterId from);
  /// A user deletes an application.
  Process remove(ApplicationId);
  Life life(ApplicationId app) const { return lives_[app.index]; }
  /// Called when an application is gone from all clusters.
  void deleted(ApplicationId app) { lives_[app.index] = Life::deleted; }
  /// A user submits an application, for the first time or changed; ends when ACM's worker has reconciled it.
  Task<> submit_to_hub(ClusterId from, ApplicationId);
  /// Sends a request to the hub's API server, again and again until it has arrived.
  Task<> until_sent(ClusterId from, Bytes);

 private:
  Task<> reconcile();
  Bytes size(ApplicationId) const;

  const Catalogue& catalogue_;
  Wire& wire_;
  Kubernetes& kubernetes_;
  Hub& hub_;
  const AcmSpec& spec_;
  const OcmSpec& ocm_;
  Listener& listener_;
  Server worker_{1};
  std::vector<Life> lives_;   // by application
  std::deque<Server> users_;  // by application: its user, who submits one change after the other
};

}  // namespace codecosim
