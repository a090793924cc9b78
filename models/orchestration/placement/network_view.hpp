#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "models/infrastructure/federation.hpp"
#include "sim/base/ids.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// The knowledge about the path from one cluster to another.
struct LinkView {
  Seconds latency = forever;  ///< One-way: half of the round trip; forever until one was measured.
  BytesPerSecond bandwidth;   ///< Throughput of one TCP flow; zero until it was measured.
  Seconds jitter;             ///< As RFC 3550 defines it, one way.
  Seconds taken = forever;    ///< Date of the last probe of the oldest of these figures; forever: never.
  bool up = true;  ///< Whether the last probe, of any kind, came through. If not, the figures are from before.
};

/// The knowledge of one hub about the network, reported by the clusters that belong to it, and the reservations of its
/// channels.
class NetworkView {
 public:
  using Pair = std::pair<ClusterId, ClusterId>;
  explicit NetworkView(ClusterId hub) : hub_(hub) {}

  ClusterId hub() const { return hub_; }
  /// Takes the report of a cluster about a path that it probes.
  void tell(ClusterId from, ClusterId to, LinkView);
  /// The hub's present knowledge about a path. A path that was not probed directly is composed of the paths to and from
  /// the hub: latencies and jitters add, bandwidth is the minimum, `taken` the older.
  std::optional<LinkView> seen(ClusterId from, ClusterId to) const;
  /// The same, from direct probes only.
  std::optional<LinkView> probed(ClusterId from, ClusterId to) const;
  /// All paths that were probed from one cluster, by rising second cluster.
  std::span<const std::pair<ClusterId, LinkView>> probed(ClusterId from) const;
  /// The number of times that the hub has learnt of a pair for the first time, that it went down or up, or that its
  /// latency changed by more than a tenth.
  std::uint64_t changes() const { return changes_; }

  /// An entry of the ALTO cost map at the borders of providers.
  struct Cost {
    Seconds latency;           ///< Mean over the pairs of clusters that are known and up.
    BytesPerSecond bandwidth;  ///< Minimum over these pairs.
    Seconds taken;             ///< Date of the oldest of these.
    std::uint32_t pairs = 0;
  };
  /// Makes the cost map anew from the hub's present knowledge.
  void build_cost_map(const Federation&);
  /// The cost at the last time that the map was made; none where nothing is known. Arguments are indices of two
  /// different providers.
  std::optional<Cost> cost(std::uint32_t from_provider, std::uint32_t to_provider) const;

  /// Bits per second that ASSURED channels have reserved on a link: whole, so that sums are exact.
  std::uint64_t reserved_bits(LinkId link) const { return link.index < reserved_.size() ? reserved_[link.index] : 0; }
  BytesPerSecond reserved(LinkId link) const { return BytesPerSecond(static_cast<double>(reserved_bits(link)) / 8); }
  void reserve(LinkId, std::uint64_t bits);
  void release(LinkId, std::uint64_t bits);

 private:
  ClusterId hub_;
  std::vector<std::vector<std::pair<ClusterId, LinkView>>> told_;  // by first cluster, then by rising second cluster
  std::map<std::pair<std::uint32_t, std::uint32_t>, Cost> costs_;
  std::vector<std::uint64_t> reserved_;  // by link
  std::uint64_t changes_ = 0;
};

}  // namespace codecosim
