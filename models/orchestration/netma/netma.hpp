#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "models/orchestration/placement/network_view.hpp"
#include "models/orchestration/wire.hpp"
#include "models/world.hpp"
#include "sim/base/bounds.hpp"
#include "sim/kernel/resource.hpp"

namespace codecosim {

/// The parameters of NetMA's measurements and exports. Defaults are those of CODECO's code unless said otherwise.
struct NetmaSpec {
  Seconds first{20};
  Seconds ramp{1200};
  double spread = 0.2;
  Seconds rtt_period{600}, jitter_period{300}, throughput_period{1200};
  std::uint32_t pings = 10;
  Bytes ping{64};
  Seconds ping_interval{1};
  std::uint32_t datagrams = 100;
  Bytes datagram{1460};
  BytesPerSecond datagram_rate{125e3};
  Seconds blast{10};
  bool node_mesh = true;
  Seconds scrape{15};
  Seconds export_period{300};
  Bytes topology_base{1000}, topology_link{200};
  Seconds expose{30};

  template <class V>
  void fields(V&& v) {
    v("first", first, "From the start of a prober to its first probe.", not_negative);
    v("ramp", ramp, "The first throughput probe of each pair is later by up to this much: probers are not in step.",
      not_negative);
    v("spread", spread, "Each wait between probes is multiplied by 1 + U(-spread, spread).", between(0, 1));
    v("rtt", rtt_period, "Period of round-trip probes.", positive);
    v("jitter", jitter_period, "Period of jitter probes.", positive);
    v("throughput", throughput_period, "Period of throughput probes.", positive);
    v("pings", pings, "Pings of one round-trip probe, which measures their mean.", at_least(1));
    v("ping", ping, "Size of a ping, and of its answer.", positive);
    v("ping_interval", ping_interval, "From a ping's answer to the next ping.", not_negative);
    v("datagrams", datagrams, "Datagrams of one jitter probe.", at_least(2));
    v("datagram", datagram, "Size of a datagram.", positive);
    v("datagram_rate", datagram_rate, "Rate at which datagrams are sent.", positive);
    v("blast", blast, "How long a throughput probe takes at the bandwidth measured last, or else the nominal one.",
      positive);
    v("node_mesh", node_mesh, "Whether nodes of a cluster ping each other too.", Bounds{});
    v("scrape", scrape, "Period at which a cluster collects what its probers measured.", positive);
    v("export", export_period, "Period at which a cluster tells the hub what it collected.", positive);
    v("topology_base", topology_base, "Size of such a topology without links.", not_negative);
    v("topology_link", topology_link, "Size of one link of it.", not_negative);
    v("expose", expose, "Period at which the hub's ALTO server sums up what it was told.", positive);
  }
};

/// NetMA: the measurements that clusters make of the paths to others, and that they export to their hubs.
///
/// Claim: for each watched ordered pair of clusters, probes cross the links that everything else uses: pings, a train
/// of UDP datagrams, a TCP flow, one at a time. The prober's cluster collects results every `scrape` and sends all of
/// them to the hub to which it belongs, every `export`. That hub knows a result only when the message has arrived, and
/// no other hub ever does. Sources and status: docs/models.md. Checked by: tests/physics/netma_test.cpp.
class Netma {
 public:
  using Pair = NetworkView::Pair;
  /// The number of the hub, in the order of `hubs`, to which a cluster belongs now.
  using HubOf = std::function<std::size_t(ClusterId)>;
  Netma(World&, Wire&, const NetmaSpec&, std::vector<NetworkView*> hubs, HubOf, const std::vector<Pair>& watched = {});

  /// Probes the path between two clusters from now on, until each such call is undone.
  void watch(ClusterId from, ClusterId to);
  void unwatch(ClusterId from, ClusterId to);

 private:
  enum class Probe : std::uint8_t { rtt, jitter, throughput };
  struct Watched {
    ClusterId from, to;
    LinkView collected;                                       // results at the prober's cluster
    std::array<Seconds, 3> taken{forever, forever, forever};  // date of the last result, by kind of probe
    Server prober{1};
    std::uint32_t wanted = 1;
  };
  struct Train;
  Process probe_rtt(Watched&);
  Process probe_jitter(Watched&);
  Process probe_throughput(Watched&);
  Task<std::optional<Seconds>> ping(Watched&);
  Task<std::optional<Seconds>> send_train(Watched&);
  Task<Outcome> send(Address from, Address to, Bytes);
  Process send_datagram(const Watched&, Train&);
  Task<std::optional<BytesPerSecond>> blast(Watched&);
  Process probe_nodes(ClusterId);
  Process ping_node(NodeId from, NodeId to);
  Process export_topology(ClusterId);
  Process expose(std::size_t hub);
  bool probes(const Watched& pair) const { return pair.wanted > 0 && world_.alive(pair.from); }
  Rng stream(const char* name, const Watched&) const;
  Seconds spread(Seconds period, Rng&) const;
  Seconds next_scrape() const;
  static LinkView& collect(Watched&, Probe, Seconds taken, bool up);
  BytesPerSecond nominal(ClusterId from, ClusterId to) const;
  std::uint32_t node_links(ClusterId) const;

  World& world_;
  Wire& wire_;
  NetmaSpec spec_;
  std::vector<NetworkView*> hubs_;
  HubOf hub_of_;
  std::deque<Watched> pairs_;
  std::map<Pair, Watched*> found_;
  std::vector<std::vector<Watched*>> pairs_of_;  // by cluster that probes
  std::vector<std::uint64_t> heard_;             // by hub: number of exports that have arrived
};

}  // namespace codecosim
