#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/policy.hpp"
#include "policies/cost/metrics.hpp"

/// PDLC-CA's performance profiles. A cost is in [0, 1], and lower is better. A metric that is better when higher is
/// inverted after it is normalised. Checked by tests/unit/cost_test.cpp against vectors computed by hand.
namespace codecosim {

/// The rule that maps the values of a metric over all rows to [0, 1]. CODECO's document divides by the maximum, its
/// code scales from the minimum to the maximum [S]. Where that is 0 / 0, the metric does not distinguish the rows, and
/// costs nothing. A latency or age of `forever` gets the worst cost, and does not count as the maximum.
enum class Normalisation : std::uint8_t { maximum, min_max };
Normalisation read_normalisation(Reader& reader);

/// A weighted mean of terms. Each term is normalised by itself first, so a metric may be in any unit. A product of
/// metrics is one term.
struct Profile {
  struct Term {
    double weight = 1;  ///< Not negative.
    Metric::Better better = Metric::Better::lower;
    std::function<double(const PlacementProblem::Row&)> value;
  };
  std::string name;
  std::string prose;
  std::vector<Term> terms;

  /// Costs by row. All are zero where every weight is zero.
  std::vector<double> costs(std::span<const PlacementProblem::Row> rows, Normalisation normalisation) const;
};

/// The named profiles.
std::span<const Profile> profiles();
/// The profile of this name, in upper or lower case; null if there is none.
const Profile* find_profile(std::string_view name);

}  // namespace codecosim
