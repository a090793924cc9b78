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
#include "sim/base/bounds.hpp"
#include "sim/base/observers.hpp"

namespace codecosim {

/// Learns from decisions and advises on them: CODECO's PDLC-DL. Each cluster that decides has its own learners.
class Advisor {
 public:
  virtual ~Advisor() = default;
  /// Adds recommendations and forecasts to a problem, at the cluster where it is posed.
  virtual void advise(PlacementProblem&, ClusterId at) = 0;
  /// Tells it the decision: a row for each workload, or none.
  virtual void decided(const PlacementProblem&, const std::vector<std::uint32_t>& rows, ClusterId at) = 0;
  /// The time after a decision at which it gets feedback; forever: never.
  virtual Seconds patience() const = 0;
  virtual void learn(const Feedback&, ClusterId at) = 0;
};

/// The settings of a scenario for placement decisions.
struct DecisionSpec {
  Registry<CostPolicy>::Choice cost{"none", {}};
  double judged = 0;  ///< Share of the decisions whose regret is measured.
  template <class V>
  void fields(V&& v) {
    v("judged", judged, "Share of the placement decisions whose regret is measured.", between(0, 1));
  }
};

/// The question that a policy is asked: the targets of replicas of these components of an application, one workload a
/// replica.
struct Question {
  ApplicationId application;
  std::vector<std::uint32_t> components;  ///< Component of each workload.
  PlacementProblem problem;
  const Knowledge* knowledge = nullptr;  ///< Knowledge of the asker.
};

/// The policy's choice for each workload: a row, or none and the reason.
struct Answer {
  std::vector<std::uint32_t> rows;
  std::vector<std::string> reasons;
  std::vector<bool> indifferent{};  ///< Whether several rows were equally good, by the policy's own measure.
};

/// The interface between control planes and placement policies: questions, answers and feedback.
///
/// Claim: a question goes through PDLC-CA, which gives the cost of each candidate, and PDLC-DL, which recommends and
/// forecasts, before the policy answers it. Invalid parts of the answer are refused and counted. The regret is measured
/// for a share of the decisions, chosen by a stream of its own: the cost of the answer beyond that of the best one,
/// both by the yardstick and the true state. A policy or learner that wants feedback on a decision gets, after its
/// patience, the outcomes of the application's requests since. Checked by: tests/physics/decisions_test.cpp.
class Decisions : public Measured {
 public:
  Decisions(World&, const Applications&, Requests&, const Truth&, const std::vector<DatasetSpec>&, const DecisionSpec&,
            const Policies&);

  /// Makes the question where to place these replicas of an application, still without rows.
  Question make_question(const Knowledge&, ApplicationId, std::vector<std::uint32_t> components,
                         PlacementProblem::Level) const;
  /// Asks a policy, at this cluster. Afterwards the problem is as the policy saw it. The policy draws from a stream of
  /// the question's own, which does not depend on other questions.
  Answer ask(const std::shared_ptr<PlacementPolicy>&, Question&, ClusterId at);
  /// Fills in the placement problem inside a migration problem: its workloads from the replicas, and the network and
  /// costs as for a question that is asked.
  void fill_in(MigrationProblem&, const Knowledge&) const;
  /// Whether there is a cost policy.
  bool has_costs() const { return cost_ != nullptr; }
  /// Whether only the policy uses the rows of a question, so that rows which it would not choose can be left out.
  bool only_policy_looks() const { return !cost_ && !advisor && !on_answer && !yardstick_; }
  /// The scores that PDLC would publish of these rows: OCM's AddOnPlacementScore, by cost. None where there are no
  /// costs.
  std::vector<AddOnScore> scores(const PlacementProblem&) const;

  /// Counts and records the decision about one replica (at a hub: it has no pod yet) or pod, and the age of the
  /// information about its target.
  void record(const Decided&, Seconds age = Seconds(0), bool indifferent = false);
  /// Counts a replica without a pinned cluster that was placed before most clusters were known.
  void record_early();
  /// Counts a replica that had a cluster, or a pod that had a node, and is placed again.
  void record_move();

  void reset() override;
  void restart() override;
  void figures(Figures&) override;

  Advisor* advisor = nullptr;
  Futures* futures = nullptr;
  /// Called with each answer before it is carried out; it may change the answer.
  Observers<const Question&, Answer&> on_answer;

  /// Real time that policies took [s], and the number of questions that they answered.
  double solver_time() const { return thinking_; }
  std::uint64_t asked() const { return asked_; }

 private:
  Rng stream(const Question&, ClusterId at);
  std::vector<double> costs(const PlacementProblem&) const;
  Answer validate(const Placement&, const PlacementProblem&);
  void connect(PlacementProblem&, const Knowledge&) const;
  void refresh_with_truth(Question&) const;
  void judge(Question, const Answer&);
  /// Share of the replicas of these components that are ready, in any cluster.
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
