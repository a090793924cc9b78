#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/application/requests.hpp"
#include "models/data/datasets.hpp"
#include "models/metrics.hpp"
#include "models/orchestration/migration/migrations.hpp"
#include "models/orchestration/placement/decisions.hpp"
#include "models/policy.hpp"
#include "sim/base/ids.hpp"

namespace codecosim {

/// A replica that is not ready, and why. It has no pod where none has been made for it.
struct Pending {
  ServiceId service;
  PodId pod;
  std::string reason;
};

/// What a control plane works on, and by whom it has things decided.
struct Parts {
  World& world;
  Applications& applications;
  Requests& requests;
  Datasets& datasets;
  Migrations& migrations;
  ImageStore& images;
  const Truth& truth;
  Decisions& decisions;
  const NetworkPlan& plan;
  ClusterId registry;  ///< Where images come from.
  Transport bulk;
  Registry<PlacementPolicy>::Choice placement, scheduler;
};

/// What watches the federation and brings applications to run: told what happens, it acts in its own time.
class ControlPlane : public Measured {
 public:
  /// The run begins.
  virtual void start() {}
  /// A user submits an application; or wants so many replicas of a component of it from now on, or pods of its next
  /// revision.
  virtual void submit(ApplicationId) = 0;
  virtual void scale(ApplicationId, std::uint32_t component, std::uint32_t replicas) = 0;
  virtual void roll_out(ApplicationId, std::uint32_t component) = 0;
  /// A node went down, with its pods still bound to it; or came back, empty.
  virtual void node_down(NodeId) = 0;
  virtual void node_up(NodeId) = 0;
  /// A node has been cordoned: it is to go after this notice. Or it takes pods again.
  virtual void cordoned(NodeId, Seconds notice) = 0;
  virtual void uncordoned(NodeId) = 0;
  /// A node that moves is out of the reach of every cell, with its pods running on; or is in reach again.
  virtual void node_silent(NodeId) {}
  virtual void node_heard(NodeId) {}
  /// A cluster's security class fell, or rose again.
  virtual void security_changed(ClusterId) {}
  /// A client is reached through another cluster's gateway than before.
  virtual void client_moved(ClientId, ClusterId) = 0;
  /// The cluster that reaches a client, as far as who decides about its application knows.
  virtual ClusterId known_cluster(ClientId) const = 0;
  /// One way between two clusters, as far as it knows.
  virtual Seconds known_latency(ApplicationId, ClusterId from, ClusterId to) const = 0;
  /// What there is to say about moving an application; nothing while it cannot be moved.
  virtual std::optional<MigrationProblem> migration(ApplicationId, std::optional<Seconds> least_gain) const = 0;
  /// Moves a replica of the problem last posed to a cluster of it.
  virtual void migrate(ApplicationId, std::uint32_t replica, ClusterId) = 0;
  /// Decides by other policies from now on, which know nothing of what was decided before.
  virtual void use(const Registry<PlacementPolicy>::Make& placement,
                   const Registry<PlacementPolicy>::Make& scheduler) = 0;
  /// Told when who decides has learnt that nodes of an application are to go, or where a client of it is.
  std::function<void(ApplicationId)> on_cordoned, on_located;
  /// Whether who decides knows everything at once, without a message.
  virtual bool prompt() const { return false; }
  /// Whether it runs applications, as what manages it, and which cluster that is.
  virtual bool managed(ClusterId) const = 0;
  virtual ClusterId hub_of(ClusterId) const = 0;
  /// Those of its neighbourhoods; nothing where there are none.
  virtual std::optional<std::vector<ClusterId>> neighbours(ClusterId) const { return std::nullopt; }
  /// Cores of a node that are busy, as its cluster has last learnt.
  virtual Cores known_busy(NodeId) const = 0;
  /// The replicas of what is submitted that are not ready.
  virtual std::vector<Pending> pending() const = 0;
  /// Of what is pending at the end; and of its own.
  void figures(Figures& figures) override {
    figures.count("placement.pending", Better::lower, pending().size(),
                  "Replicas that at the end are not ready, or of an older revision than is wanted.");
  }
};

}  // namespace codecosim
