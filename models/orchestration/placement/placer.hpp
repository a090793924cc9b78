#pragma once
#include <bitset>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/application/catalogue.hpp"
#include "models/orchestration/placement/decisions.hpp"
#include "models/orchestration/placement/offers.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The reason why a replica is wanted in another cluster than its present one.
enum class Move : std::uint8_t { unreachable, unschedulable, rule, quality };

/// One replica of a component in the state of the placer. It has no name: the cluster decides which of its pods is this
/// replica.
struct Replica {
  /// The status that its cluster has reported.
  enum class Known : std::uint8_t { ready, issued, unschedulable };
  /// A move with state: a pod in the cluster that the replica leaves serves until the one in the new cluster does.
  struct Leaving {
    ClusterId from;
    std::uint32_t takeover;
    Known known = Known::ready;  ///< Status of the pod that it leaves.
  };
  std::uint32_t component = 0;
  ClusterId cluster;  ///< None: not placed yet.
  Known known = Known::issued;
  Seconds since;         ///< Date since which it is wanted.
  std::bitset<4> moves;  ///< By Move: the reasons to want it elsewhere, which begin and end independently.
  bool lost = false;     ///< Whether it had a cluster before.
  std::string reason;    ///< Why no target has been found; before the policy is asked: why it is wanted elsewhere.
  std::optional<Leaving> leaving;

  bool wanting() const { return !cluster || moves.any(); }
  bool leaves(Move why) const { return moves[static_cast<std::size_t>(why)]; }
  /// Marks that it is wanted elsewhere for this reason; `when` counts if there is no other reason yet.
  void leave(Move why, std::string text, Seconds when);
  /// Marks that it is no longer wanted elsewhere for this reason.
  void stay(Move why);
};

/// Decides which clusters run the replicas of applications. All control planes use it; they differ in their knowledge
/// (Knowledge) and in the execution of decisions (Site).
///
/// Claim: a replica that is wanted, or wanted elsewhere, is posed to the policy with the clusters that may be used: not
/// forbidden by a rule or a pin, and without a rejection of the replica. A replica for which the policy finds no target
/// changes nothing and waits. It is posed again as soon as new knowledge makes a cluster feasible for it: room of any
/// kind, a withdrawn assignment, a rule met again, a cluster that has joined or come back. This happens at most once
/// each `between_retries`, and twice as late after each refusal, up to five minutes (as kube-scheduler retries
/// unschedulable pods). A cluster that could not place a replica is not offered again before its next report. Where the
/// scope of an application (its neighbourhood) has no feasible cluster, all clusters are offered, and the chosen one
/// joins the scope. A replica that moves with its state keeps its old pod until the new one is ready, and stays where
/// it was if no node takes it. Checked by: tests/unit/orchestration_test.cpp, tests/property/waking_test.cpp,
/// tests/physics/control_plane_test.cpp, tests/physics/replicas_test.cpp.
class Placer {
 public:
  struct Timing {
    Seconds solve, solve_row;    ///< Solver time of a decision, and for each pair of a replica and a candidate.
    Seconds between_retries;     ///< Least time between two retries of an application that waits.
    std::uint32_t attempts = 5;  ///< Clusters that may reject a replica before it waits.
    std::uint32_t solvers = 1;   ///< Number of applications about which it decides at once.
  };
  /// The cluster at which the placer decides, and the execution of its decisions.
  class Executor {
   public:
    virtual ~Executor() = default;
    virtual ClusterId at() const = 0;
    /// Suspends until the placer can decide.
    virtual Task<> available() = 0;
    /// The clusters to which an application is confined, among `candidates`; empty: it is not confined.
    virtual std::vector<ClusterId> scope(ApplicationId, const std::vector<ClusterId>& candidates) = 0;
    /// Called when the scope of an application is another than before.
    virtual void scope_changed(ApplicationId) = 0;
    /// Sets the workloads of an application that a cluster shall run from now on.
    virtual void issue(ApplicationId, ClusterId, const Workloads&) = 0;
    /// Called when replicas of an application have another cluster than before.
    virtual void relocated(ApplicationId) = 0;
  };

  Placer(const Catalogue&, const Federation&, const std::vector<DatasetSpec>&, const Knowledge&, Decisions&, Executor&,
         const Timing&, const Registry<PlacementPolicy>::Make& policy);

  /// Decides by this policy from now on.
  void use(const Registry<PlacementPolicy>::Make& policy) { policy_ = policy(); }
  /// Adds an application: all its replicas are wanted.
  void add(ApplicationId, Seconds since);
  /// Removes an application. Returns the clusters that run any of its pods, which are told to stop.
  std::vector<ClusterId> remove(ApplicationId);
  /// Sets the number of replicas of a component that are wanted from now on.
  void scale(ApplicationId, std::uint32_t component, std::uint32_t replicas);
  /// Rolls out the next revision of a component, in all clusters.
  void roll_out(ApplicationId, std::uint32_t component);

  /// Takes a cluster's report about the pods of a component.
  void observe(ClusterId, const WorkloadStatus&);
  /// Called when new knowledge about a cluster may make it feasible for replicas that wait: more room than before
  /// (`more_room`), or other knowledge.
  void reconsider(ClusterId, bool more_room = false);
  /// Called when clients of an application have another cluster than before: where all are at one outside its scope
  /// that may be offered, it is confined anew.
  void clients_moved(ApplicationId);
  /// Marks that replicas in a cluster, of all components or of one, are wanted elsewhere since `when`; stay() ends this
  /// reason.
  void leave(ApplicationId, ClusterId, Move, const std::string& reason, Seconds when);
  /// Without a cluster, this concerns the replicas in all clusters.
  void leave(ApplicationId, std::uint32_t component, ClusterId, Move, const std::string& reason, Seconds when);
  void stay(ApplicationId, ClusterId, Move);
  /// Replaces this number of lost pods of each component, there or elsewhere.
  void replace(ApplicationId, ClusterId, const std::vector<std::uint32_t>& pods);
  /// Records that a cluster has handed a replica over to another. False: it had none, as far as is known here.
  bool hand_over(ApplicationId, std::uint32_t component, ClusterId from, ClusterId to);
  /// Issues the workloads of a cluster again.
  void issue(ApplicationId, ClusterId);

  /// The migration problem of an application. None: it cannot be posed now, or no cluster can be nearer to the clients
  /// by more than `least_gain` than the clusters of its replicas.
  std::optional<MigrationProblem> migration(ApplicationId, std::optional<Seconds> least_gain) const;
  void migrate(ApplicationId, std::uint32_t replica, ClusterId);

  /// The reason why a cluster cannot be given any replica now, as far as is known here; none: it can.
  std::optional<std::string> obstacle(ClusterId cluster) const { return knowledge_.obstacle(cluster); }
  const std::vector<ClusterId>& scope(ApplicationId app) const { return apps_[app.index].scope; }
  std::uint32_t revision(ApplicationId app, std::uint32_t component) const {
    return apps_[app.index].revisions[component];
  }
  const std::vector<Replica>& replicas(ApplicationId app) const { return apps_[app.index].replicas; }
  /// Whether it decides about an application now, or is about to.
  bool deciding(ApplicationId app) const { return apps_[app.index].deciding; }
  /// A cluster as a target of a question, with or without an application.
  PlacementProblem::Row row(ClusterId) const;
  PlacementProblem::Row row(ClusterId, ApplicationId) const;
  /// The applications of which a cluster has replicas.
  std::vector<ApplicationId> applications(ClusterId) const;
  /// Whether a replica that is wanted can be placed in a cluster, as far as is known.
  bool feasible(ApplicationId, const Replica&, ClusterId) const;

 private:
  /// A cluster that could not place a pod of a component. The pods of a component are alike, so this holds for all its
  /// replicas.
  struct PlacementRejection {
    std::uint32_t component;
    ClusterId cluster;
    Seconds when;
    std::uint32_t times = 1;
  };
  struct App {
    bool wanted = false, deciding = false, again = false, waiting = false, retrying = false;
    std::uint32_t takeovers = 0;
    std::uint32_t refusals = 0;            // in a row, with a feasible cluster on offer
    Seconds refused;                       // date of the last question without a target
    std::vector<std::uint32_t> revisions;  // by component
    std::vector<Replica> replicas;
    std::vector<PlacementRejection> rejected;
    std::vector<ClusterId> scope;
  };
  /// The nearest clusters that take a replica: all at the least latency from `from` at which any does.
  std::vector<ClusterId> nearest(ClusterId from, const std::function<bool(ClusterId)>& takes) const;
  /// The clusters on offer that a policy which takes the nearest could choose, for the only replica that is wanted.
  std::vector<ClusterId> shortlist(ApplicationId, const std::vector<std::size_t>& wanting, const Offer&) const;
  /// Whether a cluster that may be on offer is nearer to the clients, by more than `least_gain`, than one with a
  /// replica.
  bool could_gain(ApplicationId, Seconds least_gain) const;
  /// The candidate clusters of a migration problem.
  std::vector<ClusterId> candidates(ApplicationId, bool nearest_only) const;
  Process decide(ApplicationId);
  Task<> place(ApplicationId);
  void carry_out(ApplicationId, const std::vector<std::size_t>& which, const Offer&, const Question&, Answer&);
  void refuse(ApplicationId, Replica&, const Offer&, const std::string& reason);
  bool is_stuck(ApplicationId, const std::vector<ClusterId>& scope) const;
  Offer offer(ApplicationId) const;
  /// The reasons why clusters are not on offer.
  std::string left_out(const Offer&) const;
  std::vector<ClusterId> fixed_clusters(ApplicationId) const;
  void enter_scope(ApplicationId);
  /// Adds a cluster to the scope. False: it has it, or there is none.
  bool widen_scope(ApplicationId, ClusterId);
  /// Whether all clients are at a cluster outside the scope that may be offered. One that may not is remembered.
  bool clients_outside(ApplicationId);
  std::vector<std::size_t> wanting(const App&) const;
  std::vector<bool> allowed(ApplicationId, const Replica&, const std::vector<ClusterId>&) const;
  bool allowed(ApplicationId, const Replica&, ClusterId) const;
  bool rejected(const PlacementRejection&) const;
  bool rejected(const App&, std::uint32_t component, ClusterId) const;
  static void note_rejected(App&, std::uint32_t component, ClusterId);
  static void clear_rejected(App&, std::uint32_t component, ClusterId);
  bool within_energy_limit(ApplicationId, const Replica&, ClusterId) const;
  void assign(ApplicationId, Replica&, ClusterId, std::vector<ClusterId>& touched);
  void record_assignment(ApplicationId, Replica&, ClusterId);
  void count(ApplicationId, std::uint32_t component, ClusterId, int pods);
  void issue_all(ApplicationId, const std::vector<ClusterId>&);
  void release_old_pod(ApplicationId, Replica&);
  void undo_move(ApplicationId, Replica&);
  void lose(ApplicationId, std::uint32_t component, ClusterId, std::uint32_t pods);
  void revert_to_old_pod(ApplicationId, Replica&);
  void reject(ApplicationId, Replica&, const WorkloadStatus&);
  void wait(ApplicationId, bool in_vain);
  Process retry(ApplicationId);

  const Catalogue& catalogue_;
  const Federation& federation_;
  const std::vector<DatasetSpec>& datasets_;
  const Knowledge& knowledge_;
  Offers offers_;
  Decisions& decisions_;
  Executor& executor_;
  Timing timing_;
  std::shared_ptr<PlacementPolicy> policy_;
  Server solver_;
  std::vector<App> apps_;
  std::vector<std::vector<Assigned>> assigned_;              // by cluster, by rising service
  std::map<ClusterId, std::vector<ApplicationId>> outside_;  // by the clients' cluster, which was not on offer
  std::vector<ApplicationId> waiting_;                       // applications with replicas that no cluster would take
};

}  // namespace codecosim
