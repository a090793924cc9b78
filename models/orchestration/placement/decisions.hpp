#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/application/requests.hpp"
#include "models/measured.hpp"
#include "models/orchestration/placement/truth.hpp"
#include "models/policy.hpp"

namespace codecosim {

/// What learns from decisions and has something to say about them: CODECO's PDLC-DL, of which each place that decides
/// has its own.
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

/// What a policy is asked: where replicas of these components of an application go, one workload a replica.
struct Question {
  ApplicationId application;
  std::vector<std::uint32_t> components;  ///< By workload.
  PlacementProblem problem;
  const Knowledge* knowledge = nullptr;  ///< Of who asks.
};

/// What a policy chose for each workload: a row, or none and why.
struct Answer {
  std::vector<std::uint32_t> rows;
  std::vector<std::string> reasons;
  std::vector<bool> indifferent{};  ///< Several rows would have done as well, by the policy's own measure.
};

/// How control planes pose questions of placement, have them answered, and hear what came of the answers.
///
/// Claim: a question goes through PDLC-CA, which says what each candidate would cost, and PDLC-DL, which recommends and
/// forecasts, before the policy answers it. What makes no sense in the answer is refused and counted. Of a share of the
/// decisions, chosen by a stream of its own, the regret is measured: how much more the answer costs than the best one,
/// both by the yardstick and as things are. Who wants to learn from a decision is told after its patience what the
/// application's requests met with since. Checked by: tests/physics/decisions_test.cpp.
class Decisions : public Measured {
 public:
  Decisions(World&, const Applications&, Requests&, const Truth&, const std::vector<DatasetSpec>&, const DecisionSpec&,
            const Policies&);

  /// Where to place these replicas of an application; still without rows.
  Question pose(const Knowledge&, ApplicationId, std::vector<std::uint32_t> components, PlacementProblem::Level) const;
  /// Asks, at this cluster. Afterwards the problem is as the policy saw it. What the policy draws comes from a stream
  /// of the question's own: who asks, and what else is asked, changes nothing of it.
  Answer ask(const std::shared_ptr<PlacementPolicy>&, Question&, ClusterId at);
  /// The question of placement in one of migration: what the replicas say, and the network and costs of a question that
  /// is asked.
  void complete(MigrationProblem&, const Knowledge&) const;
  /// Whether anything says what candidates cost.
  bool has_costs() const { return cost_ != nullptr; }
  /// Whether nothing but the policy looks at what a question offers, so that what it would not choose can be left out.
  bool only_policy_looks() const { return !cost_ && !advisor && !on_answer && !yardstick_; }
  /// The scores that PDLC would publish of these rows: OCM's AddOnPlacementScore, by cost. None where there are no
  /// costs.
  std::vector<AddOnScore> scores(const PlacementProblem&) const;

  /// Counts and records what was decided of one replica (at a hub: it has no pod yet) or pod, and the age of what was
  /// seen of its target.
  void record(const Decided&, Seconds age = Seconds(0), bool indifferent = false);
  /// A replica that may go anywhere was placed before most clusters were known.
  void record_early();
  /// A replica that had a place gets another, or a pod that had a node.
  void record_move();

  void reset() override;
  void restart() override;
  void figures(Figures&) override;

  Advisor* advisor = nullptr;
  Futures* futures = nullptr;
  /// Told of each answer before it is carried out, which it may change.
  std::function<void(const Question&, Answer&)> on_answer;

  /// Real time that policies took, and questions that they answered.
  double thinking() const { return thinking_; }
  std::uint64_t asked() const { return asked_; }

 private:
  Rng stream(const Question&, ClusterId at);
  std::vector<double> costs(const PlacementProblem&) const;
  Answer sift(const Placement&, const PlacementProblem&);
  void connect(PlacementProblem&, const Knowledge&) const;
  void refresh_with_truth(Question&) const;
  void judge(Question, const Answer&);
  /// Share of the replicas of these components that are ready, wherever they are.
  double ready_share(ApplicationId, const std::vector<std::uint32_t>& components) const;
  Process appraise(std::uint64_t number, ApplicationId, std::vector<std::uint32_t> components, Seconds after,
                   std::function<void(const Feedback&)> learn);

  World& world_;
  const Applications& applications_;
  Requests& requests_;
  const Truth& truth_;
  const std::vector<DatasetSpec>& datasets_;
  DecisionSpec spec_;
  std::unique_ptr<CostPolicy> cost_;
  std::unique_ptr<Yardstick> yardstick_;
  Rng judging_;
  std::uint64_t asked_ = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> asked_of_;  // by cluster, or none, and application
  double thinking_ = 0;
};

}  // namespace codecosim
