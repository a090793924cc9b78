#pragma once
#include <vector>

#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/ocm/spokes.hpp"

namespace codecosim {

/// The utilisation of nodes, as reported to the decision makers: Prometheus in each cluster, remote-written to the hub.
///
/// Claim: every `scrape`, from a phase of its own, a cluster asks each of its nodes for a page, which crosses the LAN,
/// and records the mean utilisation of the node since the last page. Then the cluster's samples, and those of up to
/// `keep` before that could not be written, go to the hub; a write that fails is tried again after 5 s. The hub knows
/// the state that a cluster had at the scrape. Where the context comes from the hub, a cluster reads its own nodes'
/// figures back every `refresh`; else it has them when they are scraped. Checked by:
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
    double rounds = 0;  // scrapes that are not yet written
    bool writing = false;
  };
  struct Node {
    CoreSeconds busy;  // core time up to the last page
    Seconds since;
    NodeReading scraped, written;  // the last reading here, and at the hub
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
