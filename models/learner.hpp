#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/plugin_call.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

struct PlacementProblem;
struct Feedback;

/// A model of CODECO's PDLC-DL: it is trained where its data arises, and its parameters can be exchanged with learners
/// of the same kind as a vector of numbers. Values in, values out: callers charge the cost of training and of an
/// exchange.
class Learner : public Named {
 public:
  struct Training {
    std::uint64_t samples = 0;  ///< Samples that it learnt from.
    double operations = 0;      ///< Floating-point operations that it took.
    double loss = 0;            ///< Mean over these samples, before the training.
  };
  virtual ~Learner() = default;
  /// Trains one round on the samples since the last one.
  virtual Training train(Rng& rng) = 0;
  /// Samples that wait for the next round.
  virtual std::uint64_t waiting() const = 0;
  /// Its parameters. Learners of the same shape have as many, in the same order.
  virtual std::vector<float> parameters() const = 0;
  /// Replaces its parameters by those of another learner, or by an average. There are as many numbers as parameters()
  /// has.
  virtual void set_parameters(const std::vector<float>& parameters) = 0;
  /// The shape of the model, which decides whether parameters fit it: kind, layers, features, as one line of text.
  virtual std::string shape() const = 0;
};

/// Learns which target to recommend for a workload, from the results of earlier decisions.
class Recommender : public Learner {
 public:
  /// The recommendations [workload][row], in [0, 1]; higher is better.
  virtual std::vector<std::vector<double>> recommend(const PlacementProblem& problem, Rng& rng) = 0;
  /// Tells it the decision: a row for each workload, or none.
  virtual void decided(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) = 0;
  /// The time after a decision at which it gets feedback; forever: it needs none besides decided().
  virtual Seconds patience() const { return forever; }
  virtual void learn(const Feedback&) {}
};

/// Learns to forecast the figures of a cluster.
class Forecaster : public Learner {
 public:
  /// The graph that is observed: nodes, by number, and the pairs of them that are linked.
  struct Graph {
    std::uint32_t nodes = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
  };
  /// One sample, or forecast, of all figures. The latency of a link that was not measured is NaN.
  struct Figures {
    std::vector<double> cpu;      ///< By node: share of its cores that is busy.
    std::vector<double> memory;   ///< By node: share of its memory that is requested.
    std::vector<double> latency;  ///< By link [s].
  };
  /// Sets the graph, once, before anything else.
  virtual void watch(const Graph& graph) = 0;
  /// Takes the next sample; samples come at regular intervals.
  virtual void observe(const Figures& figures) = 0;
  /// The forecast for this many intervals ahead; zeros before the first sample.
  virtual Figures forecast(std::uint32_t steps) const = 0;
};

}  // namespace codecosim
