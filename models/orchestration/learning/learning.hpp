#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/orchestration/control_plane.hpp"
#include "models/orchestration/learning/cohort.hpp"
#include "models/orchestration/placement/decisions.hpp"

namespace codecosim {

/// What a scenario says of learning. `make` empty: no such learner.
struct LearningSpec {
  Registry<Recommender>::Choice recommender{};
  Registry<Forecaster>::Choice forecaster{};
  PlacementProblem::Level level = PlacementProblem::Level::cluster;  ///< Whose questions a recommender learns from.
  ExchangeSpec exchange;
  double delta = 1e-5;  ///< At which epsilon is told.
  Seconds sample{15};   ///< Of what forecasters watch.
  Seconds horizon{60};  ///< Of what they forecast.
  /// What learners begin with; empty: as they are made.
  std::vector<float> recommender_begins{}, forecaster_begins{};
};

/// CODECO's PDLC-DL: decentralised learning and inference, in every cluster that runs applications.
///
/// Claim: each such cluster has learners of its own, fed by what arises there alone: a recommender by the questions
/// that its own scheduler is asked, what was decided, and what came of it; a forecaster by how busy its nodes are, as
/// the cluster has last learnt, every `sample`. At level federation there is a recommender at each hub instead, fed by
/// the hub's questions. A forecast for `horizon` ahead goes with every question that its cluster is asked, and, summed
/// over the nodes, to the hub, where the last that has arrived goes with the hub's questions. Learners train and
/// exchange what they have learnt as Cohort says; of recommenders and forecasters, each with their like. With the
/// oracle, hubs know forecasts at once; models travel all the same. Equations: error of a forecast = mean over nodes
/// and samples of |share forecast `horizon` ago - share now|, beside that of keeping the last value; epsilon:
/// averaging.hpp. Source: CODECO's PDLC pods run on each managed cluster [S]; what they exchange is not published [I].
/// Valid for: inference that costs no time. Checked by: tests/physics/learning_test.cpp.
class Learning : public Advisor, public Measured {
 public:
  Learning(World&, const ControlPlane&, const LearningSpec&, Transport bulk);

  void start();
  /// Called before the node's pods are ended.
  void node_down(NodeId);

  void advise(PlacementProblem&, ClusterId at) override;
  void decided(const PlacementProblem&, const std::vector<std::uint32_t>& rows, ClusterId at) override;
  Seconds patience() const override;
  void learn(const Feedback&, ClusterId at) override;

  /// Each learner and where it is: recommenders, then forecasters, by cluster.
  struct Place {
    ClusterId cluster;
    const Learner* learner;
  };
  std::vector<Place> learners() const;
  void restart() override;
  void figures(Figures&) override;

 private:
  struct Adviser {
    std::unique_ptr<Recommender> recommender;
    Rng rng;
    std::set<std::uint64_t> open;  // questions of which it has not heard what came of them
  };
  struct Outlook {
    std::unique_ptr<Forecaster> forecaster;
    std::vector<double> ahead;  // share of each node's cores at the horizon; empty: nothing seen yet
    struct Expected {
      std::vector<double> ahead, last;
    };
    std::deque<Expected> due;  // by when it can be judged
  };
  Forecaster::Graph graph(ClusterId) const;
  Forecaster::Figures seen(ClusterId, const Forecaster::Graph&) const;
  Process watch(ClusterId, Outlook&);
  void judge(Outlook&, const Forecaster::Figures&);
  Process tell(ClusterId, Cores expected);
  Cores expected(const Outlook&, NodeId) const;

  World& world_;
  const ControlPlane& control_;
  LearningSpec spec_;
  Wire wire_;
  std::map<std::uint32_t, Adviser> advisers_;  // by cluster
  std::map<std::uint32_t, Outlook> outlooks_;  // likewise
  std::map<std::uint32_t, Cores> told_;        // by cluster, what its hub has heard that it expects
  std::vector<std::unique_ptr<Cohort>> cohorts_;
  std::uint64_t asked_ = 0, followed_ = 0;  // workloads that were recommended a row, and given it
  double error_ = 0, error_of_last_ = 0;
  std::uint64_t judged_ = 0;
};

}  // namespace codecosim
