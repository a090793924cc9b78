#pragma once
#include <cstdint>
#include <optional>

#include "sim/base/rng.hpp"

namespace codecosim {

/// The index of least cost among those offered; of equals one at random, each as likely, by one draw for each that
/// equals the least so far (as kube-scheduler's selectHost). Where ties are the normal case, an order of indices would
/// decide for a policy. `Cost` is anything that `<` orders: a pair to decide among equals by something else first.
template <class Cost>
class Lowest {
 public:
  explicit Lowest(Rng& rng) : rng_(rng) {}
  /// Whether an offer at this cost could change anything; what could not counts as offered.
  bool could_take(const Cost& cost) {
    const bool could = equals_ == 0 || !(cost_ < cost);
    differ_ = differ_ || !could;
    return could;
  }
  void offer(std::uint32_t index, const Cost& cost) {
    if (!could_take(cost)) return;
    const bool equal = equals_ > 0 && !(cost < cost_);
    differ_ = differ_ || (equals_ > 0 && !equal);
    equals_ = equal ? equals_ + 1 : 1;
    if (equal && rng_.below(equals_) > 0) return;
    index_ = index;
    cost_ = cost;
  }
  /// None: nothing was offered.
  std::optional<std::uint32_t> index() const { return equals_ > 0 ? std::optional(index_) : std::nullopt; }
  /// Whether several were offered, and all cost the same.
  bool indifferent() const { return equals_ > 1 && !differ_; }

 private:
  Rng& rng_;
  Cost cost_{};
  std::uint32_t index_ = 0;
  std::uint64_t equals_ = 0;  // that cost as little
  bool differ_ = false;
};

}  // namespace codecosim
