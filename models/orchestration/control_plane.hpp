#pragma once
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
#include "sim/base/observers.hpp"

namespace codecosim {

/// A replica that is not ready, and the reason. It has no pod where none has been made for it.
struct Pending {
  ServiceId service;
  PodId pod;
  std::string reason;
};

/// The parts of the simulation that a control plane uses, and its policies.
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
  ClusterId registry;  ///< Cluster with the image registry.
  Transport bulk;
  Registry<PlacementPolicy>::Choice placement, scheduler;
};

/// A control plane, which observes the federation and deploys applications. It is notified of events, and acts with its
/// own delays.
class ControlPlane : public Measured {
 public:
  /// The run begins.
  virtual void start() {}
  /// A user submits an application, sets the number of replicas of a component from now on, or starts the rollout of a
  /// component's next revision.
  virtual void submit(ApplicationId) = 0;
  virtual void scale(ApplicationId, std::uint32_t component, std::uint32_t replicas) = 0;
  virtual void roll_out(ApplicationId, std::uint32_t component) = 0;
  /// A node went down, with its pods still bound to it; or came back, empty.
  virtual void node_down(NodeId) = 0;
  virtual void node_up(NodeId) = 0;
  /// A node has been cordoned: it is to go after this notice. Or it takes pods again.
  virtual void cordoned(NodeId, Seconds notice) = 0;
  virtual void uncordoned(NodeId) = 0;
  /// A moving node is out of the coverage of every cell, while its pods run on; or is covered again.
  virtual void node_silent(NodeId) {}
  virtual void node_heard(NodeId) {}
  /// A cluster's security class fell, or rose again.
  virtual void security_changed(ClusterId) {}
  /// A client is reached through another cluster's gateway than before.
  virtual void client_moved(ClientId, ClusterId) = 0;
  /// The cluster that reaches a client, as far as the decision maker of its application knows.
  virtual ClusterId known_cluster(ClientId) const = 0;
  /// One-way latency between two clusters, as far as that decision maker knows.
  virtual Seconds known_latency(ApplicationId, ClusterId from, ClusterId to) const = 0;
  /// The migration problem of an application; nothing while it cannot be moved.
  virtual std::optional<MigrationProblem> migration(ApplicationId, std::optional<Seconds> least_gain) const = 0;
  /// Moves a replica of the last migration problem to a cluster of that problem.
  virtual void migrate(ApplicationId, std::uint32_t replica, ClusterId) = 0;
  /// Decides by other policies from now on, which know nothing of earlier decisions.
  virtual void use(const Registry<PlacementPolicy>::Make& placement,
                   const Registry<PlacementPolicy>::Make& scheduler) = 0;
  /// Called when the decision maker has learnt that nodes of an application are to go, or the location of a client of
  /// it.
  Observers<ApplicationId> on_cordoned, on_located;
  /// Whether the decision maker knows everything at once, without a message.
  virtual bool prompt() const { return false; }
  /// Whether a cluster runs applications as a managed cluster, and the hub that manages it.
  virtual bool managed(ClusterId) const = 0;
  virtual ClusterId hub_of(ClusterId) const = 0;
  /// The neighbours of a cluster; nothing where there are no neighbourhoods.
  virtual std::optional<std::vector<ClusterId>> neighbours(ClusterId) const { return std::nullopt; }
  /// The number of busy cores of a node, as its cluster has last learnt.
  virtual Cores known_busy(NodeId) const = 0;
  /// The replicas of submitted applications that are not ready.
  virtual std::vector<Pending> pending() const = 0;
  /// Adds the figure of the pending replicas at the end; a derived class adds its own.
  void figures(Figures& figures) override {
    figures.count("placement.pending", Better::lower, pending().size(),
                  "Replicas that at the end are not ready, or of an older revision than is wanted.");
  }
};

}  // namespace codecosim
