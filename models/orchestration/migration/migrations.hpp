#pragma once
#include <map>
#include <set>

#include "models/application/applications.hpp"
#include "models/measured.hpp"
#include "models/network/moved_bytes.hpp"
#include "sim/base/histogram.hpp"
#include "sim/base/observers.hpp"

namespace codecosim {

/// The migration of the state of a pod into another one, which a control plane has made to serve in its place.
///
/// Claim, for a state of S bytes, a path that gives B bytes/s and a component that is asked l times a second and needs
/// w seconds for each: `stop_and_copy` stops for checkpoint + S / B + restore. `pre_copy` copies S, then what has
/// changed meanwhile, D S / B, and so on, V_i = S (D / B)^i but at most S; it stops when that is no more than the
/// threshold, or no less than the round before, or after its last round, for checkpoint + V_n / B + restore (Clark et
/// al., "Live migration of virtual machines", NSDI 2005). `replay` takes a checkpoint, copies and restores it while the
/// pod serves on, and processes the requests since then again, one after the other, until it is no more than catch_up
/// behind or the lag does not shrink; it stops for the rest of them (Dinh-Tuan, Jiang, arXiv 2509.05794). Copies are
/// bulk transfers from node to node; one that fails is tried again after ten seconds, in which the old pod serves. A
/// request that arrives at a stopped pod waits, and follows the state to the new pod; a request in service is finished
/// at the old pod. When the old cluster has no pod whose state could move, the new pod starts without state. Checked
/// by: tests/physics/migration_test.cpp.
class Migrations : public Measured {
 public:
  Migrations(World&, Applications&, Transport);

  /// Plans a migration: when it is brought up, `to` gets the state of a ready pod of its service in the cluster `from`,
  /// which that cluster selects.
  void plan(ClusterId from, PodId to);
  /// Cancels the plan for a new pod.
  void cancel(PodId to) { origins_.erase(to.index); }
  bool planned(PodId to) const { return origins_.contains(to.index); }
  /// Brings the state to a pod whose container has started; the pod is ready then.
  Task<> receive(PodId to);

  /// Called when a pod is frozen so that its state can move, and when it goes on as before.
  Observers<PodId, bool> on_frozen;

  struct Totals {
    std::uint64_t moved = 0;   ///< States that arrived.
    std::uint64_t fresh = 0;   ///< New pods that started without state, since the old pod was lost.
    std::uint64_t failed = 0;  ///< Copies ended early by the loss of either pod or of the path.
    Bytes received;            ///< Bytes of the copies of all rounds that arrived whole.
    Histogram downtime;        ///< From stopping to serving again [s].
    Histogram duration;        ///< From the beginning of the copy to serving [s].
  };
  const Totals& totals() const { return totals_; }
  void reset() override;
  void figures(Figures&) override;

 private:
  /// The state of a migration. Where it ends early, the old pod serves on.
  struct Move {
    Move(Migrations& owner, PodId source, PodId target);
    ~Move();
    void freeze();
    void thaw();
    /// Ends the migration early. The loss of the new pod does so too, at any point at which it waits.
    void cut();
    /// Whether the old pod has existed all the time, and is still in the state in which this migration left it.
    bool intact() const;
    Migrations& migrations;
    PodId from, to;
    std::uint32_t binding;
    Seconds start, frozen_since = forever;
    bool over = false;  // the state has moved, or the migration ended early
    Bytes size;
  };
  Task<Outcome> carry_out(Move&);
  Task<Outcome> copy(Move&, Bytes);
  Task<Outcome> stop_and_copy(Move&);
  Task<Outcome> pre_copy(Move&);
  Task<Outcome> replay(Move&);
  /// A ready pod of the service of `to` in a cluster whose state is not being moved; none: there is none. Pods whose
  /// nodes are to go come first.
  PodId select_source(ClusterId from, PodId to) const;

  World& world_;
  Applications& applications_;
  Transport transport_;
  std::map<std::uint32_t, ClusterId> origins_;  // by new pod
  std::set<std::uint32_t> moving_;              // pods whose state is being moved
  MovedBytes sent_;
  Totals totals_;
};

}  // namespace codecosim
