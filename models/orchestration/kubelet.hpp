#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "models/application/applications.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// What a node's agent does to bring a pod up: pull its image, start it, report it ready.
///
/// Claim: images come from the registry, a cluster's gateway, as bulk transfers; a node pulls one at a time (kubelet's
/// serializeImagePulls default); a cluster with a cache fetches an image once over the wide area, for all who ask meanwhile,
/// and hands it out over its LAN; a pull that fails is tried again after 10 s, doubling to 300 s (kubelet's image back-off).
/// Checked by: tests/physics/deployment_test.cpp.
class Kubelet {
 public:
  Kubelet(World&, Applications&, ClusterId registry, Transport images);

  /// From bound to ready. Ends early only by being destroyed.
  Task<> bring_up(PodId);
  /// Whether an image needs no pull on this node.
  bool has(NodeId, std::uint32_t image) const;

 private:
  struct Cached {
    bool filling = false, filled = false;
    WaitQueue waiting;
  };
  Task<Outcome> pull(NodeId, std::uint32_t image);
  Process fill(ClusterId, std::uint32_t image, Cached&);
  Server& puller(NodeId);
  Cached& cached(ClusterId, std::uint32_t image);

  World& world_;
  Applications& applications_;
  ClusterId registry_;
  Transport transport_;
  std::vector<std::vector<std::uint32_t>> images_;  // by node, sorted
  // Looked up, never walked.
  std::unordered_map<std::uint32_t, std::unique_ptr<Server>> pullers_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Cached>> caches_;
};

}  // namespace codecosim
