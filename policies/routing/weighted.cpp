#include <string>
#include <unordered_map>
#include <utility>

#include "policies/routing/policies.hpp"
#include "sim/base/glob.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

/// The group of clusters by its weight, times how far its endpoints can serve, as Envoy weighs localities; then any
/// healthy endpoint of the group. The last group is the clusters that no pattern matches.
class Weighted final : public RoutingPolicy {
 public:
  struct Settings {
    std::vector<std::pair<std::string, double>>
        weights;  ///< Of clusters whose name matches the pattern; the first counts.
    double other = 1;
    double over_provisioning = 1.4;
  };
  explicit Weighted(Settings settings) : settings_(std::move(settings)) {}

  std::uint32_t choose(const RoutingProblem& problem) override {
    std::vector<KnownEndpoints>& groups = groups_;
    groups.assign(settings_.weights.size() + 1, {});
    for (std::uint32_t i = 0; i < problem.known(); ++i) {
      KnownEndpoints& group = groups[group_of(problem, i)];
      ++group.all;
      group.healthy += i < problem.size();
    }
    double total = 0;
    for (std::uint32_t g = 0; g < groups.size(); ++g) total += weight(g);
    if (total <= 0) return any_endpoint(problem);
    Rng rng = problem.rng();
    double point = rng.uniform() * total;
    std::uint32_t chosen = 0;
    for (std::uint32_t g = 0; g < groups.size(); ++g) {
      if (weight(g) <= 0) continue;
      chosen = g;
      point -= weight(g);
      if (point < 0) break;
    }
    std::uint64_t before = rng.below(groups[chosen].healthy);
    for (std::uint32_t i = 0;; ++i)
      if (group_of(problem, i) == chosen && before-- == 0) return i;
  }

 private:
  double weight(std::uint32_t group) const {
    const double stated = group < settings_.weights.size() ? settings_.weights[group].second : settings_.other;
    return stated * groups_[group].health(settings_.over_provisioning);
  }
  std::uint32_t group_of(const RoutingProblem& problem, std::uint32_t endpoint) {
    const auto [found, is_new] = group_of_.try_emplace(problem.id(endpoint), 0);
    if (!is_new) return found->second;
    const std::string cluster = problem.cluster(endpoint);
    while (found->second < settings_.weights.size() && !matches_path(settings_.weights[found->second].first, cluster))
      ++found->second;
    return found->second;
  }

  Settings settings_;
  std::vector<KnownEndpoints> groups_;
  std::unordered_map<std::uint32_t, std::uint32_t> group_of_;  // by endpoint
};

}  // namespace

Registry<RoutingPolicy>::Make read_weighted_routing(Reader& reader) {
  Weighted::Settings settings;
  for (auto& [pattern, r] : reader.members(
           "clusters", "Weights by whole names of clusters, or patterns of these; the first that matches counts."))
    settings.weights.emplace_back(pattern, r.value<double>(not_negative));
  settings.other = reader.get<double>("other", settings.other, "Weight of all other clusters.", not_negative);
  settings.over_provisioning = reader.get<double>(
      "over_provisioning", settings.over_provisioning,
      "A group gets its whole weight while so many times its healthy share is 1. Envoy's default is 1.4.", at_least(1));
  return [settings] { return std::make_unique<Weighted>(settings); };
}

}  // namespace codecosim
