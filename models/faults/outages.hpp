#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/bounds.hpp"
#include "sim/base/distribution.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/units.hpp"
#include "sim/base/words.hpp"

namespace codecosim {

/// An outage of an entity.
struct Outage {
  Seconds start;
  Seconds duration;
};

/// The outages of one entity, which do not depend on the simulated world.
class Outages {
 public:
  virtual ~Outages() = default;
  /// The next outage that begins at or after `from`; none when there is no more. Outages of one entity do not overlap.
  virtual std::optional<Outage> next(Rng& rng, Seconds from, std::uint64_t& position) const = 0;
  /// A date before which no outage begins; forever: there is none at all.
  virtual Seconds earliest() const { return Seconds(0); }
};

/// Alternating renewal process: up for a draw of one law, down for a draw of the other.
std::unique_ptr<Outages> renewal_outages(Distribution<Seconds> up, Distribution<Seconds> down);
/// The union of the outages listed, which are sorted by start: those that overlap or touch are one.
std::unique_ptr<Outages> listed_outages(const std::vector<Outage>& outages);

/// A fault of a scenario: the entities that it matches, and their outages.
struct FaultSpec {
  enum class Kind : std::uint8_t { node, link, cluster, partition, security };
  Kind kind = Kind::node;
  std::string match;        ///< Shell pattern over names.
  std::string from = "**";  ///< Partition: pattern of the other side; clusters that match both are on the first.
  Seconds notice;           ///< Nodes: time from the cordon to going down; pods are evicted within it.
  std::shared_ptr<const Outages> outages;
  template <class V>
  void fields(V&& v);
};
template <>
inline constexpr auto words_of<FaultSpec::Kind> =
    std::to_array<std::string_view>({"node", "link", "cluster", "partition", "security"});

template <class V>
void FaultSpec::fields(V&& v) {
  v.choice(
      "kind", kind,
      "What breaks. A cluster breaks with its nodes and its uplink; a partition lets nothing pass between two sets "
      "of clusters; security takes a cluster's security class away.");
  v.need("match", match, "Shell pattern over names: \"edge-3/*\" nodes, \"edge-*.up\" links, \"edge-1?\" clusters.");
  v("from", from, "Of a partition: pattern of the clusters on the other side; who matches both stays on the first.");
  v("notice", notice,
    "Of nodes that are drained before they go down: so long, before each outage, nothing new is placed on one, and "
    "migration policies are asked what is to move; 30 s before it goes, but not before half of the notice is over, its "
    "pods are evicted.",
    not_negative);
}

}  // namespace codecosim
