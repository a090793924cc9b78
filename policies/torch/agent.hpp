#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "policies/learning/neural.hpp"
#include "policies/torch/network.hpp"

/// The common base of `dqn` and `ppo`: the observation of a problem, the network that scores its targets, and the
/// collection of transitions with their rewards.
namespace codecosim::neural {

/// The observation of one decision. The actions are the rows; in CODECO's presets 20 rows, padded, and Fake, which
/// places nothing.
struct Observation {
  std::vector<float> figures;       ///< CODECO's state, or the features of each row, one row after another.
  std::vector<std::uint8_t> fits;   ///< By action: whether it is feasible.
  std::vector<std::uint8_t> there;  ///< By action: 0 where it is only padding.
};

/// A batch of observations, padded to the same number of actions.
struct ObservationBatch {
  Tensor figures;      ///< [sight, figure] or [sight, row, figure].
  Tensor fits, there;  ///< [sight, action].
  std::int64_t count() const { return figures.size(0); }
  /// Rows of an observation that a network scores one by one.
  std::int64_t rows() const { return figures.dim() == 3 ? figures.size(1) : 1; }
};
ObservationBatch gather(const std::vector<const Observation*>& sights, Preset preset);

/// The network that scores actions. In CODECO's presets the whole state is one input, so that what is learnt about a
/// row is tied to the row's number. In the others each row is scored by itself, for any number of rows.
class Scorer {
 public:
  Scorer(Layout& layout, const ScorerSpec& spec);
  /// [sight, action], higher is better.
  Tensor operator()(const Weights& weights, const ObservationBatch& sights) const;
  double multiply_adds(const ObservationBatch& sights) const;

 private:
  bool together_;
  Perceptron network_;
};

/// The value network (critic): the value of an observation. Where rows are scored by themselves, it is the mean over
/// the rows that fit.
class Critic {
 public:
  Critic(Layout& layout, const ScorerSpec& spec);
  Tensor operator()(const Weights& weights, const ObservationBatch& sights) const;  ///< [sight].
  double multiply_adds(const ObservationBatch& sights) const;

 private:
  bool together_;
  Perceptron network_;
};

/// The scores with those of masked-out actions so low that they are never taken.
Tensor masked(const Tensor& scores, const Tensor& mask);

/// A transition: a decision and its outcome.
struct Step {
  Observation before, after;  ///< Observations at this decision and at the next one.
  std::int64_t action = 0;
  double reward = 0;
  double log_probability = 0;  ///< Logarithm of the probability of this action under the policy of that time.
};

/// A reinforcement-learning agent. It recommends by the output of its network, and learns from the decisions that are
/// taken, by any policy.
class Agent : public Recommender {
 public:
  std::vector<std::vector<double>> recommend(const PlacementProblem& problem, Rng& rng) override;
  void decided(const PlacementProblem& problem, const std::vector<std::uint32_t>& rows) override;
  Seconds patience() const override { return is_immediate(spec_.preset) ? forever : spec_.patience; }
  void learn(const Feedback& feedback) override;
  std::vector<float> parameters() const override { return trainee_.read(); }
  void set_parameters(const std::vector<float>& parameters) override { trainee_.write(parameters); }
  std::string shape() const override;

 protected:
  Agent(const char* kind, const ScorerSpec& spec, const Layout& layout, double learning_rate, double max_gradient_norm);
  /// Values in [0, 1] by action, of the actions that fit; 0 for others.
  virtual std::vector<double> values(const Observation& sight) const = 0;
  /// The action that is finally preferred. It swaps its value with the highest of the values.
  virtual std::int64_t preferred(const Observation& sight, const std::vector<double>& values, Rng& rng) = 0;
  /// Stores a transition, once it is complete.
  virtual void remember(Step step) = 0;
  /// The logarithm of the probability of an action under the policy, for agents that need it.
  virtual double log_probability(const Observation&, std::int64_t /*action*/) const { return 0; }
  /// The infeasible action that the agent would have taken, if any.
  virtual std::optional<std::int64_t> infeasible_choice(const Observation&) const { return std::nullopt; }

  Preset preset() const { return spec_.preset; }
  AdamOptimizer& trainee() { return trainee_; }
  const Tensor& theta() const { return trainee_.theta(); }

 private:
  /// An incomplete transition.
  struct Open {
    Step step;
    std::uint64_t number = 0;  ///< Number of the problem.
    bool rewarded = false, followed = false;
  };
  void open(Open next);
  void close();

  const char* kind_;
  ScorerSpec spec_;
  AdamOptimizer trainee_;
  std::deque<Open> open_;
};

}  // namespace codecosim::neural
