#include "policies/torch/dqn.hpp"

#include <algorithm>
#include <cmath>

namespace codecosim::neural {

Tensor dqn_loss(const Scorer& scorer, const Weights& weights, const ObservationBatch& before, const Tensor& actions,
                const Tensor& targets) {
  return at::huber_loss(scorer(weights, before).gather(1, actions.unsqueeze(1)).squeeze(1), targets);
}

namespace {

constexpr double longest_gradient = 10;

/// Claim: learns Q(s, a), the discounted return of a decision, from the replay buffer. Equation: Q(s, a) towards r +
/// discount * max_b Q'(s', b), where Q' is the target network, which after each round moves towards Q by the share
/// `target_mix`. Source: Mnih et al., 2015; van Hasselt et al., 2016 (`twice`); figures of CODECO's agent. Checked by:
/// tests/unit/torch_test.cpp (dynamic programming), tests/torch/gradient_test.cpp (differences).
class Dqn final : public Agent {
 public:
  explicit Dqn(const DqnSpec& spec) : Dqn(spec, Layout()) {}

  std::uint64_t waiting() const override { return waiting_; }

  Training train(Rng& rng) override {
    Training training{waiting_};
    if (waiting_ == 0) return training;
    const auto steps = std::max<std::int64_t>(1, std::llround(spec_.steps * static_cast<double>(waiting_)));
    for (std::int64_t step = 0; step < steps; ++step)
      training.loss += improve(rng, training.operations) / static_cast<double>(steps);
    target_.lerp_(theta(), spec_.target_mix);
    waiting_ = 0;
    return training;
  }

 private:
  Dqn(const DqnSpec& spec, Layout layout) : Dqn(spec, Scorer(layout, spec.scorer), layout) {}
  Dqn(const DqnSpec& spec, const Scorer& scorer, const Layout& layout)
      : Agent("dqn", spec.scorer, layout, spec.learning_rate, longest_gradient),
        spec_(spec),
        layout_(layout),
        scorer_(scorer),
        target_(theta().clone()) {}

  Tensor scores(const Tensor& theta, const ObservationBatch& sights) const {
    return masked(scorer_(layout_.split(theta), sights), spec_.mask ? sights.fits : sights.there);
  }

  /// Q values, scaled linearly to [0, 1]; the best has 1.
  std::vector<double> values(const Observation& sight) const override {
    const Tensor q = scores(theta(), gather({&sight}, preset()));
    const float* worth = q.data_ptr<float>();
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (std::size_t action = 0; action < sight.fits.size(); ++action)
      if (sight.fits[action]) {
        low = std::min<double>(low, worth[action]);
        high = std::max<double>(high, worth[action]);
      }
    std::vector<double> values(sight.fits.size());
    for (std::size_t action = 0; action < values.size(); ++action)
      if (sight.fits[action]) values[action] = high > low ? (worth[action] - low) / (high - low) : 1;
    return values;
  }

  std::int64_t preferred(const Observation& sight, const std::vector<double>& values, Rng& rng) override {
    const double done = std::min(1.0, static_cast<double>(recommended_++) / spec_.explore_decisions);
    if (!rng.chance(spec_.explore_first + done * (spec_.explore_last - spec_.explore_first)))
      return std::ranges::max_element(values) - values.begin();
    auto left = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(std::ranges::count(sight.fits, 1))));
    std::int64_t action = 0;
    while (!sight.fits[static_cast<std::size_t>(action)] || left-- > 0) ++action;
    return action;
  }

  std::optional<std::int64_t> infeasible_choice(const Observation& sight) const override {
    if (spec_.mask) return std::nullopt;
    const auto best = scores(theta(), gather({&sight}, preset())).argmax(1).item<std::int64_t>();
    return sight.fits[static_cast<std::size_t>(best)] ? std::nullopt : std::optional(best);
  }

  void remember(Step step) override {
    if (memory_.size() < spec_.buffer)
      memory_.push_back(std::move(step));
    else
      memory_[next_] = std::move(step);
    next_ = (next_ + 1) % spec_.buffer;
    ++waiting_;
  }

  /// One step of the optimiser on a batch from the replay buffer; returns the loss.
  double improve(Rng& rng, double& operations) {
    std::vector<const Observation*> before, after;
    Tensor actions = at::empty({spec_.batch}, at::kLong), targets = at::empty({spec_.batch}, at::kFloat);
    for (std::uint32_t i = 0; i < spec_.batch; ++i) {
      const Step& step = memory_[rng.below(memory_.size())];
      before.push_back(&step.before);
      after.push_back(&step.after);
      actions.data_ptr<std::int64_t>()[i] = step.action;
      targets.data_ptr<float>()[i] = static_cast<float>(step.reward);
    }
    const ObservationBatch seen = gather(before, preset()), next = gather(after, preset());
    const Tensor worth = scores(target_, next);
    const Tensor best = (spec_.twice ? scores(theta(), next) : worth).argmax(1, true);
    targets.add_(worth.gather(1, best).squeeze(1), spec_.discount);
    operations +=
        training_operations(scorer_.multiply_adds(seen)) + (spec_.twice ? 4 : 2) * scorer_.multiply_adds(next);
    return trainee().step(
        [&](const Tensor& theta) { return dqn_loss(scorer_, layout_.split(theta), seen, actions, targets); });
  }

  DqnSpec spec_;
  Layout layout_;
  Scorer scorer_;
  Tensor target_;
  std::vector<Step> memory_;
  std::size_t next_ = 0;
  std::uint64_t waiting_ = 0, recommended_ = 0;
};

}  // namespace
}  // namespace codecosim::neural

namespace codecosim {
extern "C" Recommender* codecosim_make_dqn(const DqnSpec& spec) {
  neural::use_single_thread();
  return new neural::Dqn(spec);
}
}  // namespace codecosim
