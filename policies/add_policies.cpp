#include "policies/add_policies.hpp"

#include "policies/learning/neural.hpp"
#include "policies/learning/policies.hpp"
#include "policies/migration/policies.hpp"
#include "policies/partition/policies.hpp"
#include "policies/placement/policies.hpp"

namespace codecosim {

void add_policies(Policies& policies) {
  policies.placement.add("random", "Any target that fits, each with the same chance.", make_random);
  policies.placement.add("round-robin", "The next target that fits, in order of id, after the one used last.", make_round_robin);
  policies.placement.add("first-fit", "The first target that fits, in the order listed.", make_first_fit);
  policies.placement.add("nearest", "The target that fits with the least latency to the application's clients.", make_nearest);
  policies.placement.add("kube-default", "The best target by the filters and scores of kube-scheduler's default profile.",
                         make_kube_default);
  policies.placement.add_with("ocm", "The best cluster by the filters and prioritizers of Open Cluster Management's Placement.",
                              read_ocm);
  policies.placement.add("recommended", "The target that fits with the highest recommendation of PDLC-DL.", make_recommended);

  policies.recommender.add_with("lin-ucb", "A linear bandit that recommends by upper confidence bounds.", read_lin_ucb);
  policies.recommender.add_with("thompson", "A linear bandit that recommends by Thompson sampling.", read_thompson);
  policies.recommender.add_with("auction", "Agents with candidates of their own that bid for each workload.", read_auction);

  policies.forecaster.add("last-value", "Everything stays as it was last seen.", make_last_value);
  policies.forecaster.add_with("ar", "Autoregression, fitted by least squares to what was seen lately.", read_autoregressive);
  policies.forecaster.add_with("holt-winters", "Exponential smoothing of level, trend and season.", read_holt_winters);

  policies.migration.add("never", "Replicas stay where they are.", make_never);
  policies.migration.add_with("follow-user", "To the cluster nearest to the clients, when it is nearer by a margin.",
                              read_follow_user);
  policies.migration.add_with("on-qos", "To the cluster nearest to the clients, when too many answers are not in time.",
                              read_on_qos);
  policies.migration.add_with(
      "predictive", "To the cluster nearest to where the clients will be, by their known way or a forecast.", read_predictive);

  policies.partition.add("none", "All clusters: one neighbourhood, known to everybody.", make_no_partition);
  policies.partition.add("by-provider", "The clusters of the provider that is nearest to the application's clients.",
                         make_by_provider);
  policies.partition.add_with("k-nearest", "The k clusters with the least latency to the application's clients.", read_k_nearest);
  policies.partition.add_with(
      "k-means", "The cluster nearest to the application's clients, with those like it in place and resources.", read_k_means);

  add_neural(policies);
}

}  // namespace codecosim
