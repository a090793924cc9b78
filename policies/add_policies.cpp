#include "policies/add_policies.hpp"

#include "policies/cost/policies.hpp"
#include "policies/learning/neural.hpp"
#include "policies/learning/policies.hpp"
#include "policies/migration/policies.hpp"
#include "policies/partition/policies.hpp"
#include "policies/placement/policies.hpp"
#include "policies/routing/policies.hpp"
#include "sim/base/reader.hpp"

namespace codecosim {

// NOLINTNEXTLINE(readability-function-size): the one list of all policies, by what they decide.
void add_policies(Policies& policies) {
  policies.placement.add("random", "Any target that fits, each with the same chance.", make_random);
  policies.placement.add("round-robin", "The next target that fits, in order of id, after the one used last.",
                         make_round_robin);
  policies.placement.add("first-fit", "The first target that fits, in the order listed.", make_first_fit);
  policies.placement.add("nearest", "The target that fits with the least latency to the application's clients.",
                         make_nearest);
  policies.placement.add("kube-default",
                         "The best target by the filters and scores of kube-scheduler's default profile.",
                         make_kube_default);
  policies.placement.add_with(
      "ocm", "The best cluster by the filters and prioritizers of Open Cluster Management's Placement.", read_ocm);
  policies.placement.add_with("swm-search",
                              "CODECO's scheduler: the least objective that insertion by regret and local search find.",
                              read_swm_search);
  const auto add_exact = [&](const char* name, const char* prose, Registry<PlacementPolicy>::Make (*read)(Reader&)) {
    if (exact_is_built())
      policies.placement.add_with(name, prose, read);
    else
      policies.placement.add_missing_with(name, prose, std::string(name) + ": " + why_not_exact(), read);
  };
  add_exact("swm-exact", "CODECO's scheduler: the least objective, as a mixed-integer programme.", read_swm_exact);
  add_exact("oracle", "As \"swm-exact\", but of how things are and not of what is known: a bound.", read_oracle);
  policies.yardstick = make_yardstick;

  policies.placement.add("ocm-default", "As ocm with the weights that Placement has by itself: Steady 1 and Balance 1.",
                         make_ocm_default);
  policies.placement.add("ocm-resource",
                         "As ocm-default, and ResourceAllocatableCPU 1 and ResourceAllocatableMemory 1.",
                         make_ocm_resource);
  policies.placement.add_with("network-aware",
                              "As kube-default with the network-aware plugins of Kubernetes' scheduler-plugins.",
                              read_network_aware);
  policies.placement.add_with("latency-greedy",
                              "The target that fits with the least latency to clients and placed peers.",
                              read_latency_greedy);
  policies.placement.add("carbon-greedy", "The target that fits with the least carbon for a core.", make_carbon_greedy);
  policies.placement.add("data-local", "The target that fits with the most of the data that is read; then the nearest.",
                         make_data_local);
  policies.placement.add("least-cost", "The target that fits with the cheapest cores.", make_least_cost);
  policies.placement.add("load-balance", "The target that fits and is least loaded: worst fit.", make_load_balance);
  policies.placement.add("best-fit", "The target that fits with the least room left.", make_best_fit);
  policies.placement.add("pdlc", "The target that fits with the least cost by PDLC-CA, deciding alone.", make_pdlc);
  policies.placement.add("recommended", "The target that fits with the highest recommendation of PDLC-DL.",
                         make_recommended);

  // The rollout policy comes last: its base may be any of the others.
  policies.placement.add_with("rollout",
                              "What leads to the best future of those played, from another policy's choice on.",
                              [bases = policies.placement](Reader& r) { return read_rollout(r, bases); });

  policies.recommender.add_with("lin-ucb", "A linear bandit that recommends by upper confidence bounds.", read_lin_ucb);
  policies.recommender.add_with("thompson", "A linear bandit that recommends by Thompson sampling.", read_thompson);
  policies.recommender.add_with("auction", "Agents with candidates of their own that bid for each workload.",
                                read_auction);

  policies.forecaster.add("last-value", "Everything stays as it was last seen.", make_last_value);
  policies.forecaster.add_with("ar", "Autoregression, fitted by least squares to what was seen lately.",
                               read_autoregressive);
  policies.forecaster.add_with("holt-winters", "Exponential smoothing of level, trend and season.", read_holt_winters);

  policies.migration.add("never", "Replicas stay where they are.", make_never);
  policies.migration.add_with("follow-user", "To the cluster nearest to the clients, when it is nearer by a margin.",
                              read_follow_user);
  policies.migration.add_with("on-qos", "To the cluster nearest to the clients, when too many answers are not in time.",
                              read_on_qos);
  policies.migration.add_with("predictive",
                              "To the cluster nearest to where the clients will be, by their known way or a forecast.",
                              read_predictive);

  policies.migration.add_with(
      "swm",
      "Where CODECO's scheduler wants it, when answers are late, a cluster overloaded, power dirty, or a node to go.",
      read_swm_migration);

  policies.routing.add("random", "Any endpoint, each with the same chance: kube-proxy with iptables or nftables.",
                       make_random_routing);
  policies.routing.add("round-robin", "Each endpoint in turn, separately for the callers of each cluster: IPVS.",
                       make_round_robin_routing);
  policies.routing.add("round-robin-over-all",
                       "Each endpoint in turn, over all callers: one load balancer in front of the Service.",
                       make_round_robin_over_all);
  policies.routing.add_with(
      "least-requests", "Of two endpoints the one to which the callers of this cluster have fewer requests under way.",
      read_least_requests);
  policies.routing.add_with("weighted", "Any endpoint, the clusters by their weights.", read_weighted_routing);
  policies.routing.add_with("nearest", "The endpoint of least latency, equals in turn; or by locality, with failover.",
                            read_nearest_routing);
  policies.routing.add_with(
      "latency-aware", "Of two endpoints the one of less latency, as these callers have seen it, and fewer requests.",
      read_latency_aware);
  policies.routing.add("sticky", "Each caller always the same endpoint, by consistent hashing.", make_sticky);
  policies.routing.add("shortest-queue",
                       "The endpoint at which the fewest requests are, from whatever callers: a bound.",
                       make_shortest_queue);

  policies.partition.add("none", "All clusters: one neighbourhood, known to everybody.", make_no_partition);
  policies.partition.add("by-provider", "The clusters of the provider that is nearest to the application's clients.",
                         make_by_provider);
  policies.partition.add_with("k-nearest", "The k clusters with the least latency to the application's clients.",
                              read_k_nearest);
  policies.partition.add_with(
      "k-means", "The cluster nearest to the application's clients, with those like it in place and resources.",
      read_k_means);

  policies.cost.add("none", "No costs.", make_no_costs);
  for (const Profile& profile : profiles())
    policies.cost.add_with(profile.name, profile.prose,
                           [&profile](Reader& reader) { return read_profile(profile, reader); });
  policies.cost.add_with("weighted", "A weighted mean of metrics of your choice.", read_weighted);
  policies.cost.add_with("profile", "The profile that each application asks for in performanceProfile, by these names.",
                         read_requested_profile);
  add_neural(policies);
}

}  // namespace codecosim
