#pragma once
#include <cstdint>
#include <optional>

#include "sim/base/rng.hpp"

namespace codecosim {

/// The index of least cost among those offered. Among equal costs it is one at random, each as likely, by one draw (as
/// kube-scheduler's selectHost in effect): where ties are the normal case, the order of indices would decide for a
/// policy. Which of the equals is chosen depends only on their ids and on the draw, neither on their order nor on what
/// else is offered (highest random weight: Thaler, Ravishankar, "Using name-based mappings to increase hit rates",
/// IEEE/ACM Trans. Networking 6(1), 1998). `Cost` is any type that `<` orders; a pair breaks ties by a second criterion
/// first.
template <class Cost>
class Lowest {
 public:
  explicit Lowest(Rng& rng) : weights_(rng.bits(), 0) {}
  /// Whether an offer at this cost could change the index, or end that all offers so far cost the same.
  bool could_change(const Cost& cost) const { return !differ_ || !any_ || !(cost_ < cost); }
  /// `id` identifies the candidate among all that exist.
  void offer(std::uint32_t index, const Cost& cost, std::uint64_t id) {
    const bool worse = any_ && cost_ < cost, equal = any_ && !worse && !(cost < cost_);
    several_ = several_ || any_;
    differ_ = differ_ || (any_ && !equal);
    if (worse) return;
    const std::uint64_t weight = weights_.stream(id).bits();
    if (equal && weight <= weight_) return;
    any_ = true;
    index_ = index;
    cost_ = cost;
    weight_ = weight;
  }
  /// None where nothing was offered.
  std::optional<std::uint32_t> index() const { return any_ ? std::optional(index_) : std::nullopt; }
  /// Whether several were offered, and all cost the same.
  bool indifferent() const { return several_ && !differ_; }

 private:
  Rng weights_;
  Cost cost_{};
  std::uint32_t index_ = 0;
  std::uint64_t weight_ = 0;
  bool any_ = false, several_ = false, differ_ = false;
};

}  // namespace codecosim
