#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "policies/learning/neural.hpp"
#include "policies/torch/network.hpp"

/// What `dqn` and `ppo` have in common: how they see a problem, the network that scores its targets, and how they learn
/// what came of a decision.
namespace codecosim::neural {

/// One decision as a network sees it. Its actions are the rows; in CODECO's presets 20 of them, padded, and Fake: to
/// place nothing.
struct Sight {
  std::vector<float> figures;       ///< CODECO's state, or the features of each row, one row after another.
  std::vector<std::uint8_t> fits;   ///< By action.
  std::vector<std::uint8_t> there;  ///< By action: 0 where it is only padding.
};

/// Several of them, as many actions each: what is short of some is padded.
struct Sights {
  Tensor figures;      ///< [sight, figure] or [sight, row, figure].
  Tensor fits, there;  ///< [sight, action].
  std::int64_t count() const { return figures.size(0); }
  std::int64_t rows() const {
    return figures.dim() == 3 ? figures.size(1) : 1;
  }  ///< A sight, that a network goes through.
};
Sights gather(const std::vector<const Sight*>& sights, Preset preset);

/// Scores actions. In CODECO's presets all of a decision's figures enter it together, so that what it learns of a row
/// stays with that row's number; in the others it scores each row by itself, whatever their number.
class Scorer {
 public:
  Scorer(Layout& layout, const ScorerSpec& spec);
  /// [sight, action], higher is better.
  Tensor operator()(const Weights& weights, const Sights& sights) const;
  double multiply_adds(const Sights& sights) const;

 private:
  bool together_;
  Perceptron network_;
};

/// Says what it is worth to be asked this; where a scorer takes rows by themselves it is the mean of those that fit.
class Valuer {
 public:
  Valuer(Layout& layout, const ScorerSpec& spec);
  Tensor operator()(const Weights& weights, const Sights& sights) const;  ///< [sight].
  double multiply_adds(const Sights& sights) const;

 private:
  bool together_;
  Perceptron network_;
};

/// The scores of the actions that `mask` has, and for others so little that they are never taken.
Tensor masked(const Tensor& scores, const Tensor& mask);

/// A decision, and what came of it.
struct Step {
  Sight before, after;  ///< What was seen then, and at the next decision.
  std::int64_t action = 0;
  double reward = 0;
  double log_chance = 0;  ///< Logarithm of the chance with which the policy of that time takes this action.
};

/// Recommends by what its network says, and learns from the decisions that are taken, by whomever.
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
  Agent(const char* kind, const ScorerSpec& spec, const Layout& layout, double learning_rate, double longest);
  /// By action, in [0, 1], what it makes of those that fit; 0 for others.
  virtual std::vector<double> values(const Sight& sight) const = 0;
  /// The action that it prefers in the end: it gets the highest of the values, in exchange for its own.
  virtual std::int64_t preferred(const Sight& sight, const std::vector<double>& values, Rng& rng) = 0;
  /// Takes a decision that was taken, once all of it is known.
  virtual void remember(Step step) = 0;
  /// The logarithm of the chance with which it takes an action, where it has to know.
  virtual double log_chance(const Sight&, std::int64_t /*action*/) const { return 0; }
  /// The infeasible action that it would have taken, if it may and would.
  virtual std::optional<std::int64_t> mistake(const Sight&) const { return std::nullopt; }

  Preset preset() const { return spec_.preset; }
  Trainee& trainee() { return trainee_; }
  const Tensor& theta() const { return trainee_.theta(); }

 private:
  /// A step of which something is not known yet.
  struct Open {
    Step step;
    std::uint64_t number = 0;  ///< Of the problem.
    bool rewarded = false, followed = false;
  };
  void open(Open next);
  void close();

  const char* kind_;
  ScorerSpec spec_;
  Trainee trainee_;
  std::deque<Open> open_;
};

}  // namespace codecosim::neural
