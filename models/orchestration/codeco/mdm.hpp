#pragma once
#include <map>
#include <memory>
#include <vector>

#include "models/orchestration/codeco/spec.hpp"
#include "models/orchestration/ocm/spokes.hpp"

namespace codecosim {

/// CODECO's catalogue of metadata: facts about clusters and data, as events with keys.
///
/// Claim: connectors in each cluster report changes as events. An event goes over the network to its hub's log, in
/// order, and into the hub's graph, one after the other. While the hub cannot be reached a connector keeps, as a
/// compacted log does, the latest event of each key only, and tries again every 5 s. A cluster's own catalogue knows
/// its own facts at once. Facts keep the date since which they hold. Checked by: tests/physics/data_test.cpp.
class Mdm {
 public:
  struct Key {
    enum class Kind : std::uint8_t { security, copy } kind;
    std::uint32_t cluster;
    std::uint32_t data;
    auto operator<=>(const Key&) const = default;
  };
  struct Fact {
    std::uint32_t value = 0;
    Seconds since;
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    /// A fact has entered the graph of a hub, by its number.
    virtual void fact_learnt(std::size_t hub, const Key&, const Fact&) = 0;
  };
  Mdm(World&, Wire&, Kubernetes&, Spokes&, const MdmSpec&, std::vector<Hub*> hubs, Listener&);

  /// Gives an event to the connector in this cluster.
  void tell(ClusterId, Key, std::uint32_t value);

  struct Totals {
    std::uint64_t events = 0, compacted = 0;
    Histogram age;  ///< From the date since which a fact holds to its arrival in the hub's graph [s].
  };
  const Totals& totals() const { return totals_; }
  void restart() { totals_ = {}; }

 private:
  struct Connector {
    std::map<Key, Fact> log;
    bool sending = false;
  };
  Process send(ClusterId);

  Wire& wire_;
  Kubernetes& kubernetes_;
  Spokes& spokes_;
  const MdmSpec& spec_;
  std::vector<Hub*> hubs_;
  std::vector<Connector> connectors_;
  Listener& listener_;
  struct AtHub {
    std::map<Key, Fact> graph;
    Server controller{1};
  };
  std::vector<std::unique_ptr<AtHub>> at_hub_;
  Totals totals_;
};

}  // namespace codecosim
