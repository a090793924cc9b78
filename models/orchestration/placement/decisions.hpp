#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/application/requests.hpp"
#include "models/data/datasets.hpp"
#include "models/orchestration/kubernetes/kubelet.hpp"
#include "models/policy.hpp"

namespace codecosim {

/// What learns from decisions and has something to say about them: CODECO's PDLC-DL, of which each place that decides has its own.
class Advisor {
 public:
  virtual ~Advisor() = default;
  /// Says what it recommends and expects, at the cluster where the question is asked.
  virtual void advise(PlacementProblem&, ClusterId at) = 0;
  /// Is told what was decided: a row for each workload, or none.
  virtual void decided(const PlacementProblem&, const std::vector<std::uint32_t>& rows, ClusterId at) = 0;
  /// How long after a decision it wants to learn what came of it; forever: not at all.
  virtual Seconds patience() const = 0;
  virtual void learn(const Feedback&, ClusterId at) = 0;
};

/// What a scenario says of how decisions are come to.
struct DecisionSpec {
  Registry<CostPolicy>::Choice cost{"none", {}};
  double judged = 0;  ///< Share of the decisions whose regret is measured.
};

/// Which pods of an application are to be placed, and what the policy is asked about them, one workload a pod.
struct Question {
  ApplicationId application;
  std::vector<PodId> pods;
  PlacementProblem problem;
};

/// What a policy chose for each workload: a row, or none and why.
struct Answer {
  std::vector<std::uint32_t> rows;
  std::vector<std::string> reasons;
};

/// How control planes pose questions of placement, have them answered, and hear what came of the answers.
///
/// Claim: a question goes through PDLC-CA, which says what each candidate would cost, and PDLC-DL, which recommends and forecasts,
/// before the policy answers it. What makes no sense in the answer is refused and counted. Of a share of the decisions, chosen by a
/// stream of its own, the regret is measured: how much more the answer costs than the best one, both by the yardstick and as things
/// are. Who wants to learn from a decision is told after its patience what the application's requests met with since. Checked by:
/// tests/physics/decisions_test.cpp.
class Decisions {
 public:
  Decisions(World&, Applications&, Requests&, Kubelet&, const Datasets&, const DecisionSpec&, const Policies&);

  /// Where to place these pods of an application; still without rows.
  Question pose(ApplicationId, std::vector<PodId>, PlacementProblem::Level) const;
  /// A node as the API server of its cluster has it.
  PlacementProblem::Row row_of(NodeId, ApplicationId, const PlacementProblem&) const;
  /// A cluster as it is, or all of it but what concerns an application.
  PlacementProblem::Row row_of(ClusterId, ApplicationId) const;
  PlacementProblem::Row row_of(ClusterId) const;
  /// Asks, at this cluster. Afterwards the problem is as the policy saw it.
  Answer ask(const std::shared_ptr<PlacementPolicy>&, Question&, Rng&, ClusterId at);
  /// The question of placement in one of migration: what the replicas say, and the network and costs of a question that is asked.
  void complete(MigrationProblem&) const;
  /// Whether anything says what candidates cost.
  bool costs() const { return cost_ != nullptr; }
  /// The scores that PDLC would publish of these rows: OCM's AddOnPlacementScore, by cost. None where there are no costs.
  std::vector<AddOnScore> scores(const PlacementProblem&) const;

  /// What is known of the way between two clusters; not set: how it is.
  std::function<Seconds(ClusterId from, ClusterId to)> known_latency;
  /// What ASSURED channels have been promised of a link; not set: nothing.
  std::function<BytesPerSecond(LinkId)> reserved;
  Advisor* advisor = nullptr;
  Futures* futures = nullptr;
  /// Told of each answer before it is carried out, which it may change.
  std::function<void(const Question&, Answer&)> on_answer;

  /// Real time that policies took, and questions that they answered.
  double thinking() const { return thinking_; }
  std::uint64_t asked() const { return asked_; }

 private:
  Answer sift(const Placement&, const PlacementProblem&);
  enum class Knowledge : std::uint8_t { as_known, as_it_is };
  void connect(PlacementProblem&, Knowledge) const;
  void see_as_it_is(Question&) const;
  void judge(Question, const Answer&);
  Process appraise(std::uint64_t number, ApplicationId, std::vector<PodId>, Seconds after,
                   std::function<void(const Feedback&)> learn);

  World& world_;
  Applications& applications_;
  Requests& requests_;
  Kubelet& kubelet_;
  const Datasets& datasets_;
  DecisionSpec spec_;
  std::unique_ptr<CostPolicy> cost_;
  std::unique_ptr<Yardstick> yardstick_;
  Rng judging_;
  std::uint64_t asked_ = 0;
  double thinking_ = 0;
};

}  // namespace codecosim
