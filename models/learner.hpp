#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/asking.hpp"
#include "sim/base/rng.hpp"
#include "sim/base/units.hpp"

namespace codecosim {

struct PlacementProblem;
struct Feedback;

/// A model of CODECO's PDLC-DL: it is trained where its data arises, and can be exchanged with its like as a vector of
/// numbers. Values in, values out: what training costs, and what an exchange takes, is for others to charge.
class Learner : public Named {
 public:
  struct Training {
    std::uint64_t samples = 0;  ///< That it learnt from.
    double operations = 0;      ///< Floating-point operations that it took.
    double loss = 0;            ///< Mean over these samples, before.
  };
  virtual ~Learner() = default;
  /// Learns from what it has seen since it last did, one round.
  virtual Training train(Rng& rng) = 0;
  /// Samples that wait for the next round.
  virtual std::uint64_t waiting() const = 0;
  /// All that it has learnt; learners of the same parameters have as many numbers, in the same order.
  virtual std::vector<float> parameters() const = 0;
  /// Takes over what another, or an average of others, has learnt. As many numbers as parameters() has.
  virtual void set_parameters(const std::vector<float>& parameters) = 0;
  /// What decides whether learnt numbers fit it: kind, layers, features, as one line of text.
  virtual std::string shape() const = 0;
};

/// Learns which target to recommend for a workload, from what came of earlier decisions.
class Recommender : public Learner {
 public:
  /// [workload][row], in [0, 1]; higher is better.
  virtual std::vector<std::vector<double>> recommend(const PlacementProblem& problem, Rng& rng) = 0;
  /// What was decided in the end: a row for each workload, or none.
  virtual void decided(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) = 0;
  /// How long after a decision it wants to learn what came of it; forever: what decided() says is enough.
  virtual Seconds patience() const { return forever; }
  virtual void learn(const Feedback&) {}
};

/// Learns to tell what the figures of a cluster will be.
class Forecaster : public Learner {
 public:
  /// What is watched: nodes, by number, and which pairs of them are linked.
  struct Graph {
    std::uint32_t nodes = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> links;
  };
  /// One sample, or forecast, of everything. A link's latency that was not measured is not a number.
  struct Figures {
    std::vector<double> cpu;      ///< By node: share of its cores that is busy.
    std::vector<double> memory;   ///< By node: share of its memory that is requested.
    std::vector<double> latency;  ///< By link [s].
  };
  /// Told once, before anything else.
  virtual void watch(const Graph& graph) = 0;
  /// The next sample; they come at regular intervals.
  virtual void observe(const Figures& figures) = 0;
  /// What is expected after this many intervals. Before it has seen anything: zeros.
  virtual Figures forecast(std::uint32_t steps) const = 0;
};

}  // namespace codecosim
