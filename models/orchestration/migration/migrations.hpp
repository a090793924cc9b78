#pragma once
#include <functional>
#include <map>
#include <set>

#include "models/application/applications.hpp"
#include "models/measured.hpp"
#include "models/network/moved_bytes.hpp"
#include "sim/base/histogram.hpp"

namespace codecosim {

/// How the state of a pod moves into another one, which a control plane has made to serve in its place.
///
/// Claim, for a state of S bytes, a path that gives B bytes/s and a component that is asked l times a second and needs
/// w seconds for each: `stop_and_copy` stops for checkpoint + S / B + restore. `pre_copy` copies S, then what has
/// changed meanwhile, D S / B, and so on, V_i = S (D / B)^i but at most S; it stops when that is no more than the
/// threshold, or no less than the round before, or after its last round, for checkpoint + V_n / B + restore (Clark et
/// al., "Live migration of virtual machines", NSDI 2005). `replay` takes a checkpoint, copies and restores it while the
/// pod serves on, and does the requests since then again, one after the other, until it is no more than catch_up behind
/// or falls no less behind; it stops for the rest of them (Dinh-Tuan, Jiang, arXiv 2509.05794). Copies are bulk
/// transfers from node to node; one that fails is tried again after ten seconds, in which the old pod serves. A request
/// that comes to a pod that is stopped waits, and follows the state to the new place; what is in service is finished
/// where it is. When the old cluster has no pod whose state could move, the new one starts without. Checked by:
/// tests/physics/migration_test.cpp.
class Migrations : public Measured {
 public:
  Migrations(World&, Applications&, Transport);

  /// When it is brought up, `to` gets the state of a pod of its service in the cluster `from`, which names one that is
  /// ready.
  void plan(ClusterId from, PodId to);
  /// The new pod shall not be.
  void cancel(PodId to) { origins_.erase(to.index); }
  bool planned(PodId to) const { return origins_.contains(to.index); }
  /// Brings the state to a pod whose container has started; it is ready then.
  Task<> receive(PodId to);

  /// Told when a pod stands still so that its state can move, and when it goes on as before.
  std::function<void(PodId, bool frozen)> on_frozen;

  struct Totals {
    std::uint64_t moved = 0;   ///< States that arrived.
    std::uint64_t fresh = 0;   ///< New pods that started without, their old one being lost.
    std::uint64_t failed = 0;  ///< Copies cut short by the loss of either pod or of the way.
    Bytes received;            ///< Of what was copied in all rounds, what arrived whole.
    Histogram downtime;        ///< From stopping to serving again [s].
    Histogram duration;        ///< From the beginning of the copy to serving [s].
  };
  MovedBytes sent_;
  const Totals& totals() const { return totals_; }
  void reset() override;
  void figures(Figures&) override;

 private:
  /// Where a migration stands; one that ends early lets the old pod serve on.
  struct Move {
    Move(Migrations& owner, PodId source, PodId target);
    ~Move();
    void freeze();
    void thaw();
    /// It is cut short: by the loss of the new pod too, which ends it in the midst of whatever it waits for.
    void cut();
    /// Whether the old pod has been there all the time, and is as this left it.
    bool intact() const;
    Migrations& migrations;
    PodId from, to;
    std::uint32_t binding;
    Seconds start, frozen_since = forever;
    bool over = false;  // it has moved, or was cut short
    Bytes size;
  };
  Task<Outcome> carry_out(Move&);
  Task<Outcome> copy(Move&, Bytes);
  Task<Outcome> stop_and_copy(Move&);
  Task<Outcome> pre_copy(Move&);
  Task<Outcome> replay(Move&);
  /// A ready pod of the service of `to` in a cluster whose state goes nowhere yet; none: there is none. Those whose
  /// nodes are to go come first.
  PodId name_one(ClusterId from, PodId to) const;

  World& world_;
  Applications& applications_;
  Transport transport_;
  std::map<std::uint32_t, ClusterId> origins_;  // by new pod
  std::set<std::uint32_t> moving_;              // pods whose state is under way
  Totals totals_;
};

}  // namespace codecosim
