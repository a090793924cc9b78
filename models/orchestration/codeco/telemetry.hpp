#pragma once
#include <vector>

#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/ocm/spokes.hpp"

namespace codecosim {

/// How busy nodes are, on its way to whoever decides: Prometheus in each cluster, remote-written to the hub.
///
/// Claim: every `scrape`, from a phase of its own, a cluster asks each of its nodes for a page, which crosses the LAN,
/// and notes how busy the node has been on average since the last page. Then the cluster's samples, and those that
/// could not be written before, for up to `keep`, go to the hub; a write that fails is tried again after 5 s. What the
/// hub knows of a cluster is the state it had at the scrape. Where the context comes from the hub, a cluster reads its
/// own nodes' figures back every `refresh`; else it has them when they are scraped. Checked by:
/// tests/physics/control_plane_test.cpp.
class Telemetry {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// A cluster's state has been written to a hub, by its number.
    virtual void state_written(std::size_t hub, ClusterId, const ClusterState&) = 0;
  };
  Telemetry(World&, Wire&, Kubernetes&, Spokes&, const TelemetrySpec&, CodecoSpec::Context, std::vector<Hub*> hubs,
            Listener&);
  void start();

 private:
  struct Cluster {
    ClusterState state;
    double rounds = 0;  // not yet written
    bool writing = false;
  };
  struct Node {
    CoreSeconds busy;  // until the last page
    Seconds since;
    NodeReading scraped, written;  // here, and at the hub
  };
  Process scrape(ClusterId);
  Process write(ClusterId);
  Process read_back(ClusterId);

  World& world_;
  Wire& wire_;
  Kubernetes& kubernetes_;
  Spokes& spokes_;
  const TelemetrySpec& spec_;
  CodecoSpec::Context context_;
  std::vector<Hub*> hubs_;
  Listener& listener_;
  std::vector<Cluster> clusters_;
  std::vector<Node> nodes_;
};

}  // namespace codecosim
