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
#include "sim/base/bounds.hpp"

namespace codecosim {

/// The learning of a scenario. Where `make` is empty, there is no such learner.
struct LearningSpec {
  Registry<Recommender>::Choice recommender{};
  Registry<Forecaster>::Choice forecaster{};
  PlacementProblem::Level level = PlacementProblem::Level::cluster;  ///< Level from whose problems it learns.
  ExchangeSpec exchange;
  double delta = 1e-5;  ///< Delta at which epsilon is reported.
  Seconds sample{15};   ///< Interval between the samples of forecasters.
  Seconds horizon{60};  ///< Time ahead for which they forecast.
  /// Initial parameters of learners; empty: as they are made.
  std::vector<float> recommender_begins{}, forecaster_begins{};
  template <class V>
  void fields(V&& v) {
    v.choice("level", level,
             "Whose questions recommenders learn from: the hubs', or each cluster's own; missing: cluster.");
    v("sample", sample, "Between two samples of what forecasters watch. [S: scrapes, 15 s]", positive);
    v("horizon", horizon, "How far ahead they forecast, in whole samples.", positive);
  }
};

/// CODECO's PDLC-DL: decentralised learning and inference, in every cluster that runs applications.
///
/// Claim: each such cluster has learners of its own, which get local data only: a recommender gets the placement
/// problems of the cluster's own scheduler, the decisions, and their feedback; a forecaster gets the utilisation of the
/// nodes, as the cluster has last learnt, every `sample`. At level federation there is a recommender at each hub
/// instead, which gets the hub's problems. A forecast for `horizon` ahead is part of every problem of its cluster and
/// is sent, summed over the nodes, to the hub, where the last one that has arrived is part of the hub's problems.
/// Learners train and exchange their parameters as Cohort says, recommenders and forecasters separately. With the
/// oracle, hubs know forecasts at once; models are sent all the same. Equations: error of a forecast = mean over nodes
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

  /// Each learner and its cluster: recommenders, then forecasters, by cluster.
  struct Located {
    ClusterId cluster;
    const Learner* learner;
  };
  std::vector<Located> learners() const;
  void restart() override;
  void figures(Figures&) override;

 private:
  struct Adviser {
    std::unique_ptr<Recommender> recommender;
    Rng rng;
    std::set<std::uint64_t> open;  // problems whose feedback it has not got
  };
  struct ClusterForecaster {
    std::unique_ptr<Forecaster> forecaster;
    std::vector<double> ahead;  // share of each node's cores at the horizon; empty: no sample yet
    struct Expected {
      std::vector<double> ahead, last;
    };
    std::deque<Expected> due;  // forecasts in the order in which they can be judged
  };
  Forecaster::Graph graph(ClusterId) const;
  Forecaster::Figures seen(ClusterId, const Forecaster::Graph&) const;
  Process watch(ClusterId, ClusterForecaster&);
  void judge(ClusterForecaster&, const Forecaster::Figures&);
  Process tell(ClusterId, Cores expected);
  Cores expected(const ClusterForecaster&, NodeId) const;

  World& world_;
  const ControlPlane& control_;
  LearningSpec spec_;
  Wire wire_;
  std::map<std::uint32_t, Adviser> advisers_;            // by cluster
  std::map<std::uint32_t, ClusterForecaster> outlooks_;  // by cluster
  std::map<std::uint32_t, Cores> told_;                  // by cluster, the last forecast that its hub has received
  std::vector<std::unique_ptr<Cohort>> cohorts_;
  std::uint64_t asked_ = 0, followed_ = 0;  // workloads with a recommended row, and those that were given it
  double error_ = 0, error_of_last_ = 0;
  std::uint64_t judged_ = 0;
};

}  // namespace codecosim
