#pragma once
#include <cstdint>
#include <optional>

#include "sim/base/histogram.hpp"

namespace codecosim {

/// Durations of which some have not ended: bounds of their distribution once all have ended.
///
/// A duration that is under way lasts at least as long as it has up to now, and nothing says how much longer (right
/// censoring). So a value is bounded from below by letting all end now, and from above by letting them never end.
class Censored {
 public:
  /// `unended`: the ages of the durations that are under way.
  Censored(const Histogram& ended, const Histogram& unended) : ended_(ended), at_least_(ended) {
    at_least_.merge(unended);
  }
  std::uint64_t unended() const { return at_least_.count() - ended_.count(); }
  double mean_at_least() const { return at_least_.mean(); }
  double quantile_at_least(double q) const { return at_least_.quantile(q); }
  /// None where so few have ended that nothing bounds it.
  std::optional<double> quantile_at_most(double q) const {
    const double of_ended = q * static_cast<double>(at_least_.count()) / static_cast<double>(ended_.count());
    return ended_.count() > 0 && of_ended <= 1 ? std::optional(ended_.quantile(of_ended)) : std::nullopt;
  }
  /// Whether censoring matters: the mean or one of the quantiles in `told` can differ by more than this share of it.
  bool matters(double share) const {
    if (unended() == 0) return false;
    if (ended_.count() == 0) return true;
    if (mean_at_least() > (1 + share) * ended_.mean()) return true;
    for (const double q : told) {
      const auto most = quantile_at_most(q);
      if (!most || *most > (1 + share) * ended_.quantile(q)) return true;
    }
    return false;
  }

 private:
  static constexpr double told[] = {0.5, 0.99};
  Histogram ended_, at_least_;
};

}  // namespace codecosim
