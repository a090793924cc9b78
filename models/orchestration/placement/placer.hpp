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
#include "models/orchestration/placement/knowledge.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// Why a replica is wanted in another cluster than the one it has been given to.
enum class Move : std::uint8_t { unreachable, unschedulable, rule, quality };

/// One replica of a component in the books of who decides where it goes. It has no name: which of the pods that a
/// cluster runs is this one is the cluster's to say.
struct Replica {
  /// What its cluster has said of it.
  enum class Known : std::uint8_t { ready, issued, unschedulable };
  /// It moves with its state: a pod in the cluster that it leaves serves until the one in the new cluster does.
  struct Leaving {
    ClusterId from;
    std::uint32_t takeover;
    Known known = Known::ready;  ///< Of the pod that it leaves.
  };
  std::uint32_t component = 0;
  ClusterId cluster;  ///< None: not placed yet.
  Known known = Known::issued;
  Seconds since;         ///< When it was wanted.
  std::bitset<4> moves;  ///< By Move: each reason to want it elsewhere begins and ends by itself.
  bool lost = false;     ///< It had a place.
  std::string reason;    ///< Why no other place has been found; before it is asked about: why it is wanted elsewhere.
  std::optional<Leaving> leaving;

  bool wanting() const { return !cluster || moves.any(); }
  bool leaves(Move why) const { return moves[static_cast<std::size_t>(why)]; }
  /// It is wanted elsewhere for this reason, if for no other since then.
  void leave(Move why, std::string text, Seconds when);
  /// It is no longer wanted elsewhere for this reason.
  void stay(Move why);
};

/// Decides which clusters run the replicas of applications: the one engine of all control planes, which differ in what
/// they know (Knowledge) and in what carries out what is decided (Site).
///
/// Claim: a replica that is wanted, or wanted elsewhere, is posed to the policy with the clusters that may be used: not
/// forbidden by a rule, pinned, or turned away by. What the policy finds no target for changes nothing and waits. It is
/// asked about again as soon as anything that becomes known makes a cluster feasible for it: room of any kind, a
/// promise withdrawn, a rule met again, a cluster that has joined or come back; at most once each `between_retries`,
/// and after each refusal in vain twice as late, up to five minutes (as kube-scheduler looks again at what is
/// unschedulable). A cluster that could not place a replica is not offered again before it has said something since.
/// Where the scope of an application (its neighbourhood) has no feasible cluster, all are offered, and the one that is
/// chosen joins. A replica that moves with its state keeps its old pod until the new one is ready, and stays where it
/// was if no node takes it. Checked by: tests/unit/orchestration_test.cpp, tests/property/waking_test.cpp,
/// tests/physics/control_plane_test.cpp, tests/physics/replicas_test.cpp.
class Placer {
 public:
  struct Pace {
    Seconds solve, solve_row;    ///< Thinking time of a decision, and for each pair of a replica and a candidate.
    Seconds between_retries;     ///< Of an application that waits.
    std::uint32_t attempts = 5;  ///< Clusters that may turn a replica away before it waits.
    std::uint32_t solvers = 1;   ///< Applications that are decided about at once.
  };
  /// Where it decides, and what carries out what is decided.
  class Site {
   public:
    virtual ~Site() = default;
    virtual ClusterId at() const = 0;
    /// Suspends until it can decide.
    virtual Task<> available() = 0;
    /// The clusters to which an application is confined, from among these; empty: to none.
    virtual std::vector<ClusterId> scope(ApplicationId, const std::vector<ClusterId>& candidates) = 0;
    /// One more of them.
    virtual void widen(ApplicationId, ClusterId) = 0;
    /// This is what the cluster shall run from now on.
    virtual void issue(ApplicationId, ClusterId, const Workloads&) = 0;
    /// Replicas of it are elsewhere than before.
    virtual void relocated(ApplicationId) = 0;
  };

  Placer(const Catalogue&, const Federation&, const std::vector<DatasetSpec>&, const Knowledge&, Decisions&, Site&,
         const Pace&, const Registry<PlacementPolicy>::Make& policy);

  /// Decides by this policy from now on.
  void use(const Registry<PlacementPolicy>::Make& policy) { policy_ = policy(); }
  /// All its replicas are wanted; or none any more.
  void add(ApplicationId, Seconds since);
  /// The clusters that run any of it, which are told to stop.
  std::vector<ClusterId> remove(ApplicationId);
  /// So many replicas of a component are wanted from now on.
  void scale(ApplicationId, std::uint32_t component, std::uint32_t replicas);
  /// Its pods are of the next revision from now on, wherever they are.
  void roll_out(ApplicationId, std::uint32_t component);

  /// A cluster has said how the pods of a component are.
  void observe(ClusterId, const WorkloadStatus&);
  /// Something has become known of a cluster that may make it feasible for what waits: that it has more room than
  /// before, or something else.
  void reconsider(ClusterId, bool more_room = false);
  /// Replicas in a cluster, of all components or one, are wanted elsewhere since then; or no longer for this reason.
  void leave(ApplicationId, ClusterId, Move, const std::string& reason, Seconds when);
  /// Without a cluster: those that are placed, wherever.
  void leave(ApplicationId, std::uint32_t component, ClusterId, Move, const std::string& reason, Seconds when);
  void stay(ApplicationId, ClusterId, Move);
  /// So many pods of each component are lost, and shall be replaced, there or elsewhere.
  void replace(ApplicationId, ClusterId, const std::vector<std::uint32_t>& pods);
  /// A cluster has handed a replica on to another; false: it had none to hand on, as far as is known here.
  bool hand_over(ApplicationId, std::uint32_t component, ClusterId from, ClusterId to);
  /// Tells a cluster again what it shall run.
  void issue(ApplicationId, ClusterId);

  /// What a migration policy is asked about an application; none: nothing can be said of it now, or no cluster can be
  /// nearer to the clients by more than `least_gain` than where its replicas are.
  std::optional<MigrationProblem> migration(ApplicationId, std::optional<Seconds> least_gain) const;
  void migrate(ApplicationId, std::uint32_t replica, ClusterId);

  /// Why a cluster cannot be given anything now, as far as is known here; none: it can.
  std::optional<std::string> obstacle(ClusterId cluster) const { return knowledge_.obstacle(cluster); }
  const std::vector<ClusterId>& scope(ApplicationId app) const { return apps_[app.index].scope; }
  std::uint32_t revision(ApplicationId app, std::uint32_t component) const {
    return apps_[app.index].revisions[component];
  }
  const std::vector<Replica>& replicas(ApplicationId app) const { return apps_[app.index].replicas; }
  /// Whether it decides about an application at this moment, or is about to.
  bool deciding(ApplicationId app) const { return apps_[app.index].deciding; }
  /// A cluster as a target of a question about an application, or of none.
  PlacementProblem::Row row(ClusterId) const;
  PlacementProblem::Row row(ClusterId, ApplicationId) const;
  /// Applications of which a cluster has replicas.
  std::vector<ApplicationId> applications(ClusterId) const;
  /// Whether what is known allows a replica that is wanted to be placed in a cluster.
  bool feasible(ApplicationId, const Replica&, ClusterId) const;

 private:
  /// A cluster that could not place a pod of a component. Its pods are all alike, so it holds for all replicas.
  struct TurnedAway {
    std::uint32_t component;
    ClusterId cluster;
    Seconds when;
    std::uint32_t times = 1;
  };
  struct App {
    bool wanted = false, deciding = false, again = false, waiting = false, retrying = false;
    std::uint32_t takeovers = 0;
    std::uint32_t refusals = 0;            // in a row, with something feasible on offer
    Seconds refused;                       // when it was asked about last, in vain
    std::vector<std::uint32_t> revisions;  // by component
    std::vector<Replica> replicas;
    std::vector<TurnedAway> turned_away;
    std::vector<ClusterId> scope;
  };
  /// The clusters on offer, and how many were left out for which reason.
  struct Offer {
    std::vector<ClusterId> clusters;
    std::string left_out;
  };
  /// Whether all its clients are reached by one cluster, and by which.
  std::optional<ClusterId> clients_at(ApplicationId) const;
  /// Of clusters that are in order, those that take something, up to the first distance from one at which any does.
  std::vector<ClusterId> nearest(ClusterId from, const std::function<bool(ClusterId)>& takes) const;
  /// The clusters on offer that a policy which takes the nearest could choose for the only replica that is wanted.
  std::vector<ClusterId> shortlist(ApplicationId, const std::vector<std::size_t>& wanting, const Offer&) const;
  /// Whether a cluster that may be on offer is nearer to the clients, by more than this, than one where a replica is.
  bool could_gain(ApplicationId, Seconds least_gain) const;
  /// The clusters that a question of migration is about.
  std::vector<ClusterId> candidates(ApplicationId, bool nearest_only) const;
  Process decide(ApplicationId);
  Task<> place(ApplicationId);
  void carry_out(ApplicationId, const std::vector<std::size_t>& which, const Offer&, const Question&, Answer&);
  void refuse(ApplicationId, Replica&, const Offer&, const std::string& reason);
  Offer offer(ApplicationId) const;
  std::vector<ClusterId> pins(ApplicationId) const;
  void enter_scope(ApplicationId);
  std::vector<std::size_t> wanting(const App&) const;
  std::vector<bool> allowed(ApplicationId, const Replica&, const std::vector<ClusterId>&) const;
  bool allowed(ApplicationId, const Replica&, ClusterId) const;
  bool turned_away(const TurnedAway&) const;
  bool turned_away(const App&, std::uint32_t component, ClusterId) const;
  static void note_turned_away(App&, std::uint32_t component, ClusterId);
  static void welcome(App&, std::uint32_t component, ClusterId);
  bool within_energy_limit(ApplicationId, const Replica&, ClusterId) const;
  void assign(ApplicationId, Replica&, ClusterId, std::vector<ClusterId>& touched);
  void place_in_books(ApplicationId, Replica&, ClusterId);
  void count(ApplicationId, std::uint32_t component, ClusterId, int pods);
  void issue_all(ApplicationId, const std::vector<ClusterId>&);
  void settle(ApplicationId, Replica&);
  void return_home(ApplicationId, Replica&);
  void lose(ApplicationId, std::uint32_t component, ClusterId, std::uint32_t pods);
  void stay_home(ApplicationId, Replica&);
  void turn_away(ApplicationId, Replica&, const WorkloadStatus&);
  void wait(ApplicationId, bool in_vain);
  Process retry(ApplicationId);

  const Catalogue& catalogue_;
  const Federation& federation_;
  const std::vector<DatasetSpec>& datasets_;
  const Knowledge& knowledge_;
  Decisions& decisions_;
  Site& site_;
  Pace pace_;
  std::shared_ptr<PlacementPolicy> policy_;
  Server solver_;
  std::vector<App> apps_;
  std::vector<std::vector<Assigned>> assigned_;  // by cluster, by rising service
  std::vector<ApplicationId> waiting_;           // with replicas that nothing would take
};

}  // namespace codecosim
