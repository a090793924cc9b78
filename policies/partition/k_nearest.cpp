#include <algorithm>
#include <numeric>
#include <tuple>

#include "policies/partition/policies.hpp"

#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

/// The k clusters of least client latency; among equals those closest to the nearest one, then any.
class KNearest final : public PartitionPolicy {
 public:
  explicit KNearest(std::uint32_t k) : k_(k) {}
  std::optional<std::uint32_t> takes_nearest() const override { return k_; }

  Neighbourhood form(const PartitionProblem& problem, Rng& rng) override {
    Neighbourhood found{std::vector<std::uint32_t>(problem.rows.size()), nearest_to_clients(problem, rng)};
    std::iota(found.members.begin(), found.members.end(), 0U);
    const PartitionProblem::Row& nearest = problem.rows[found.coordinator];
    // As in Lowest: which of equals are taken does not depend on who else is offered.
    const Rng weights(rng.bits(), 0);
    const auto rank = [&](std::uint32_t index) {
      const PartitionProblem::Row& row = problem.rows[index];
      const double x = row.x - nearest.x, y = row.y - nearest.y, z = row.z - nearest.z;
      return std::tuple(row.client_latency, x * x + y * y + z * z, index != found.coordinator,
                        weights.stream(row.id).bits());
    };
    std::ranges::sort(found.members, {}, rank);
    found.members.resize(std::min<std::size_t>(k_, found.members.size()));
    std::ranges::sort(found.members);
    return found;
  }

 private:
  std::uint32_t k_;
};

}  // namespace

Registry<PartitionPolicy>::Make read_k_nearest(Reader& reader) {
  const auto k = reader.get<std::uint32_t>("k", 8, "Clusters in a neighbourhood, at most.", at_least(1));
  return [k] { return std::make_unique<KNearest>(k); };
}

}  // namespace codecosim
