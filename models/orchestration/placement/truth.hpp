#pragma once
#include "models/application/applications.hpp"
#include "models/application/image_store.hpp"
#include "models/application/requests.hpp"
#include "models/data/datasets.hpp"
#include "models/orchestration/placement/built_network.hpp"
#include "models/orchestration/placement/nearby.hpp"

namespace codecosim {

/// The true state as Knowledge. The oracle, policies which are bounds, and the judging of decisions use it.
class Truth : public Knowledge {
 public:
  Truth(const World&, const Applications&, const Requests&, const Datasets&, const ImageStore&);

  std::vector<ClusterId> clusters() const override;
  bool knows_most() const override { return true; }
  const std::vector<ClusterId>& changes() const override { return world_.security_changes(); }
  bool has(ClusterId) const override { return true; }
  std::optional<std::string> obstacle(ClusterId) const override { return std::nullopt; }
  ClusterSums sums(ClusterId, const std::vector<Assigned>&) const override;
  bool fits(ClusterId, const std::vector<Assigned>&, const ComponentSpec&) const override;
  bool scores_at_once() const override { return true; }
  void describe(PlacementProblem::Row&, ClusterId) const override;
  Security security(ClusterId) const override;
  Seconds latency(ClusterId from, ClusterId to) const override;
  Nearest nearest(ClusterId from) const override;
  BytesPerSecond reserved(LinkId) const override { return BytesPerSecond(0); }
  const std::vector<ClusterId>& clients(ApplicationId) const override;
  std::uint32_t draining(ServiceId, ClusterId) const override;

  /// The true row of a cluster, or of a node, for an application.
  PlacementProblem::Row row(ClusterId, ApplicationId) const;
  PlacementProblem::Row row(NodeId, ApplicationId, const PlacementProblem&) const;

 private:
  const World& world_;
  const Applications& applications_;
  const Requests& requests_;
  const Datasets& datasets_;
  const ImageStore& images_;
  BuiltNetwork plan_;
  Nearby nearby_;
};

}  // namespace codecosim
