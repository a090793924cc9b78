#include <utility>

#include "policies/placement/least.hpp"
#include "policies/placement/peers.hpp"
#include "policies/placement/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {
namespace {

struct Settings {
  double clients = 1, channels = 1;
};

/// The feasible row with the least weighted sum of latencies: to the application's clients, and over each channel of
/// the component the mean to the peer's placed replicas, in the direction of the channel. The number of unreachable
/// ends is compared first.
class LatencyGreedy final : public PlacementPolicy {
 public:
  explicit LatencyGreedy(Settings settings) : settings_(settings) {}

  Placement place(const PlacementProblem& problem, Rng& rng) override {
    Peers peers(problem);
    Ways ways(problem);
    return place_one_by_one(problem, [&](const Feasible& feasible, std::uint32_t workload) {
      const std::uint32_t component = problem.workloads[workload].component;
      const Choice target = least(feasible, workload, rng, [&](std::uint32_t row) {
        int unreachable = 0;
        Seconds sum = settings_.clients * problem.rows[row].client_latency;
        for (const PlacementProblem::Channel& channel : problem.channels) {
          if (channel.from == channel.to || (channel.from != component && channel.to != component)) continue;
          const auto others = peers.of(channel.from == component ? channel.to : channel.from);
          for (const std::uint32_t peer : others) {
            const Seconds latency = channel.from == component ? ways.latency(row, peer) : ways.latency(peer, row);
            if (latency < forever)
              sum += settings_.channels / static_cast<double>(others.size()) * latency;
            else
              ++unreachable;
          }
        }
        return std::pair(unreachable, sum);
      });
      peers.decide(workload, target.row);
      return target;
    });
  }

 private:
  Settings settings_;
};

}  // namespace

Registry<PlacementPolicy>::Make read_latency_greedy(Reader& reader) {
  Settings settings;
  settings.clients =
      reader.get<double>("clients", 1, "Weight of the mean latency to the application's clients.", not_negative);
  settings.channels = reader.get<double>(
      "channels", 1, "Weight of the latency of each channel to components that are placed.", not_negative);
  return [settings] { return std::make_unique<LatencyGreedy>(settings); };
}

}  // namespace codecosim
