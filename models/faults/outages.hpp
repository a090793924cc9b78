#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/distribution.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

/// Something is down for a while.
struct Outage {
  Seconds start;
  Seconds duration;
};

/// When one thing is down: a source that cannot see the world.
class Outages {
 public:
  virtual ~Outages() = default;
  /// The next outage that begins at or after `from`; none when there is no more. Outages of one thing do not overlap.
  virtual std::optional<Outage> next(Rng& rng, Seconds from, std::uint64_t& position) const = 0;
  /// None begins before; forever: there is none at all.
  virtual Seconds earliest() const { return Seconds(0); }
};

/// Alternating renewal process: up for a draw of one law, down for a draw of the other.
std::unique_ptr<Outages> renewal_outages(Distribution<Seconds> up, Distribution<Seconds> down);
/// The union of the outages listed, which are sorted by start: those that overlap or touch are one.
std::unique_ptr<Outages> listed_outages(std::vector<Outage> outages);

/// What a scenario says of faults: which things, and when they are down.
struct FaultSpec {
  enum class Kind : std::uint8_t { node, link, cluster, partition, security };
  Kind kind = Kind::node;
  std::string match;       ///< Shell pattern over names.
  std::string from = "*";  ///< Of a partition: the other side; clusters that match both patterns stay on the first.
  Seconds notice;  ///< Of nodes: how long before it goes down it is cordoned; then its pods are evicted at once.
  std::shared_ptr<const Outages> outages;
};

}  // namespace codecosim
