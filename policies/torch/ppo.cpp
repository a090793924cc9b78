#include "policies/torch/ppo.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace codecosim::neural {

Tensor ppo_loss(const Scorer& policy, const Critic& valuer, const Weights& weights, const Experience& experience,
                const PpoSpec& spec) {
  const Tensor all = masked(policy(weights, experience.sights), experience.sights.fits).log_softmax(1);
  const Tensor odds = (all.gather(1, experience.actions.unsqueeze(1)).squeeze(1) - experience.log_chances).exp();
  const Tensor clipped = odds.clamp(1 - spec.clip, 1 + spec.clip);
  const Tensor gain = at::minimum(odds * experience.advantages, clipped * experience.advantages).mean();
  const Tensor error = (valuer(weights, experience.sights) - experience.returns).square().mean();
  const Tensor entropy = -(all.exp() * all).sum(1).mean();
  return spec.value_weight * error - gain - spec.entropy * entropy;
}

std::vector<double> advantages(const std::vector<double>& rewards, const std::vector<double>& values, double discount,
                               double lambda) {
  std::vector<double> all(rewards.size());
  double after = 0;
  for (std::size_t i = rewards.size(); i-- > 0;) {
    after = rewards[i] + discount * values[i + 1] - values[i] + discount * lambda * after;
    all[i] = after;
  }
  return all;
}

namespace {

constexpr double longest_gradient = 0.5;

/// Claim: learns a policy, the probability of each action, from the transitions since the last round, which are then
/// discarded. Equation: softmax of the scores of feasible actions; ppo_loss, with advantages of mean 0 and deviation 1
/// in each round. Source: Schulman et al., 2017; masking as in Huang and Ontanon: "A closer look at invalid action
/// masking",
/// 2022. Constants are those of the paper, where it has one set, else common ones; CODECO's code states none for its
/// masked PPO. Valid for: decisions that follow its recommendations. Others count as if the policy had drawn them, with
/// their small probability. Checked by: tests/unit/torch_test.cpp (dynamic programming), tests/torch/gradient_test.cpp
/// (differences).
class Ppo final : public Agent {
 public:
  explicit Ppo(const PpoSpec& spec) : Ppo(spec, Layout()) {}

  std::uint64_t waiting() const override { return steps_.size(); }

  Training train(Rng& rng) override {
    Training training{steps_.size()};
    if (steps_.empty()) return training;
    const Experience all = experience(training.operations);
    const auto count = static_cast<std::int64_t>(steps_.size());
    std::vector<std::int64_t> order(steps_.size());
    std::iota(order.begin(), order.end(), 0);
    std::int64_t taken = 0;
    for (std::uint32_t epoch = 0; epoch < spec_.epochs; ++epoch) {
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
      for (std::int64_t first = 0; first < count; first += spec_.batch, ++taken)
        training.loss += improve(all, order, first, training.operations);
    }
    training.loss /= static_cast<double>(taken);
    steps_.clear();
    return training;
  }

 private:
  Ppo(const PpoSpec& spec, Layout layout) : Ppo(spec, Scorer(layout, spec.scorer), layout) {}
  Ppo(const PpoSpec& spec, const Scorer& policy, Layout& layout)
      : Ppo(spec, policy, Critic(layout, spec.scorer), layout) {}
  Ppo(const PpoSpec& spec, const Scorer& policy, const Critic& valuer, const Layout& layout)
      : Agent("ppo", spec.scorer, layout, spec.learning_rate, longest_gradient),
        spec_(spec),
        layout_(layout),
        policy_(policy),
        valuer_(valuer) {}

  Tensor log_chances(const ObservationBatch& sights) const {
    return masked(policy_(layout_.split(theta()), sights), sights.fits).log_softmax(1);
  }

  /// Probabilities of the actions.
  std::vector<double> values(const Observation& sight) const override {
    const Tensor chances = log_chances(gather({&sight}, preset())).exp();
    const float* first = chances.data_ptr<float>();
    return {first, first + sight.fits.size()};
  }

  std::int64_t preferred(const Observation& sight, const std::vector<double>& chances, Rng& rng) override {
    const auto likeliest = std::ranges::max_element(chances) - chances.begin();
    if (!spec_.sample) return likeliest;
    double left = rng.uniform();
    for (std::size_t action = 0; action < chances.size(); ++action) {
      if (!sight.fits[action]) continue;
      left -= chances[action];
      if (left < 0) return static_cast<std::int64_t>(action);
    }
    return likeliest;  // the probabilities may add up to a little less than 1
  }

  double log_probability(const Observation& sight, std::int64_t action) const override {
    return log_chances(gather({&sight}, preset()))[0][action].item<double>();
  }

  void remember(Step step) override { steps_.push_back(std::move(step)); }

  Experience experience(double& operations) const {
    std::vector<const Observation*> seen;
    std::vector<double> rewards;
    for (const Step& step : steps_) {
      seen.push_back(&step.before);
      rewards.push_back(step.reward);
    }
    seen.push_back(&steps_.back().after);
    const ObservationBatch sights = gather(seen, preset());
    const auto count = static_cast<std::int64_t>(steps_.size());
    const Tensor values = valuer_(layout_.split(theta()), sights).to(at::kDouble);
    operations += 2 * valuer_.multiply_adds(sights);
    const double* expected = values.data_ptr<double>();
    const std::vector<double> better =
        advantages(rewards, {expected, expected + count + 1}, spec_.discount, spec_.lambda);

    Experience all;
    all.sights = {sights.figures.narrow(0, 0, count), sights.fits.narrow(0, 0, count),
                  sights.there.narrow(0, 0, count)};
    all.actions = at::empty({count}, at::kLong);
    all.log_chances = at::empty({count}, at::kFloat);
    const Tensor gained = at::empty({count}, at::kDouble);
    std::ranges::copy(better, gained.data_ptr<double>());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      all.actions.data_ptr<std::int64_t>()[i] = steps_[i].action;
      all.log_chances.data_ptr<float>()[i] = static_cast<float>(steps_[i].log_probability);
    }
    all.returns = (gained + values.narrow(0, 0, count)).to(at::kFloat);
    const Tensor spread = gained.std(false).clamp_min(1e-8);
    all.advantages = ((gained - gained.mean()) / spread).to(at::kFloat);
    return all;
  }

  /// One step of the optimiser on the batch that starts at index `first` of this order; returns the loss.
  double improve(const Experience& all, std::vector<std::int64_t>& order, std::int64_t first, double& operations) {
    const std::int64_t count = std::min<std::int64_t>(spec_.batch, static_cast<std::int64_t>(order.size()) - first);
    const Tensor chosen = at::from_blob(order.data() + first, {count}, at::kLong);
    const auto of = [&](const Tensor& tensor) { return tensor.index_select(0, chosen); };
    const Experience some{{of(all.sights.figures), of(all.sights.fits), of(all.sights.there)},
                          of(all.actions),
                          of(all.log_chances),
                          of(all.advantages),
                          of(all.returns)};
    operations += training_operations(policy_.multiply_adds(some.sights) + valuer_.multiply_adds(some.sights));
    return trainee().step(
        [&](const Tensor& theta) { return ppo_loss(policy_, valuer_, layout_.split(theta), some, spec_); });
  }

  PpoSpec spec_;
  Layout layout_;
  Scorer policy_;
  Critic valuer_;
  std::vector<Step> steps_;
};

}  // namespace
}  // namespace codecosim::neural

namespace codecosim {
extern "C" Recommender* codecosim_make_ppo(const PpoSpec& spec) {
  neural::use_single_thread();
  return new neural::Ppo(spec);
}
}  // namespace codecosim
