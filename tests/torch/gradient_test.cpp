// The losses of the learners in policies/torch: their derivatives against differences, and the advantages against their
// definition. Linked to LibTorch, which is why this is a program of its own.
#include <cmath>

#include "policies/torch/dqn.hpp"
#include "policies/torch/gnn.hpp"
#include "policies/torch/ppo.hpp"
#include "tests/catch.hpp"

using namespace codecosim;
using namespace codecosim::neural;

namespace {

Tensor normals(Rng& rng, std::vector<std::int64_t> sizes) {
  const Tensor all = at::empty(sizes, at::kDouble);
  for (std::int64_t i = 0; i < all.numel(); ++i) all.data_ptr<double>()[i] = rng.normal(0, 1);
  return all;
}

/// Distance between the derivative and central differences of 1e-6 in each direction, over the length of the latter. In
/// double precision differences are good to about 1e-16 / 1e-6 (rounding) and 1e-12 (the third derivative).
double off(const std::function<Tensor(const Tensor&)>& loss, const Tensor& theta) {
  constexpr double step = 1e-6;
  const Tensor at_point = theta.clone().set_requires_grad(true);
  loss(at_point).backward();
  const Tensor differences = at::empty_like(theta);
  const Tensor moved = theta.clone();
  for (std::int64_t i = 0; i < theta.numel(); ++i) {
    double& number = moved.data_ptr<double>()[i];
    const double there = number;
    number = there + step;
    const double above = loss(moved).item<double>();
    number = there - step;
    const double below = loss(moved).item<double>();
    number = there;
    differences.data_ptr<double>()[i] = (above - below) / (2 * step);
  }
  REQUIRE(differences.norm().item<double>() > 1e-3);
  return ((at_point.grad() - differences).norm() / differences.norm()).item<double>();
}

constexpr std::int64_t decisions = 7;

/// Decisions on five rows, of which some do not fit.
ObservationBatch sights(Rng& rng, Preset preset) {
  const bool together = is_codeco(preset);
  const std::int64_t actions = together ? codeco_rows + 1 : 5;
  const Tensor fits = normals(rng, {decisions, actions}) > -0.5;
  fits.select(1, 0).fill_(true);
  return {together ? normals(rng, {decisions, static_cast<std::int64_t>(codeco_state_size)})
                   : normals(rng, {decisions, actions, 10}),
          fits, at::ones({decisions, actions}, at::kBool)};
}

Tensor parameters(Rng& rng, const Layout& layout) {
  return 0.3 * normals(rng, {layout.first_weights(Rng(1, 0)).numel()});
}

constexpr double allowed = 1e-5;

}  // namespace

TEST_CASE("The derivative of the loss of dqn agrees with differences", "[torch]") {
  const auto preset = GENERATE(Preset::codeco_balance, Preset::estimate);
  Rng rng(7, 0);
  ScorerSpec spec{preset, {6, 5}};
  Layout layout;
  const Scorer scorer(layout, spec);
  const ObservationBatch seen = sights(rng, preset);
  const Tensor actions = at::zeros({decisions}, at::kLong);
  // Some far away, where Huber's loss is linear, and some near.
  const Tensor targets = 2 * normals(rng, {decisions});
  const auto loss = [&](const Tensor& theta) { return dqn_loss(scorer, layout.split(theta), seen, actions, targets); };
  CHECK(off(loss, parameters(rng, layout)) < allowed);
}

TEST_CASE("The derivative of the loss of ppo agrees with differences", "[torch]") {
  const auto preset = GENERATE(Preset::codeco_balance, Preset::estimate);
  Rng rng(8, 0);
  PpoSpec spec;
  spec.scorer = {preset, {6, 5}};
  Layout layout;
  const Scorer policy(layout, spec.scorer);
  const Critic valuer(layout, spec.scorer);
  const Tensor theta = parameters(rng, layout);
  Experience experience{
      sights(rng, preset), at::zeros({decisions}, at::kLong), {}, normals(rng, {decisions}), normals(rng, {decisions})};
  // Odds from about 0.5 to 2, so that some of them are clipped.
  const Tensor now =
      masked(policy(layout.split(theta), experience.sights), experience.sights.fits).log_softmax(1).select(1, 0);
  experience.log_chances = now + 0.3 * normals(rng, {decisions});
  const auto loss = [&](const Tensor& at) { return ppo_loss(policy, valuer, layout.split(at), experience, spec); };
  CHECK(off(loss, theta) < allowed);
}

TEST_CASE("The derivative of the loss of gnn agrees with differences", "[torch]") {
  const bool attention = GENERATE(false, true);
  Rng rng(9, 0);
  GnnSpec spec;
  spec.attention = attention;
  spec.hidden = 4;
  spec.horizon = 2;
  Layout layout;
  const TemporalGraphNetwork network(layout, spec);
  const Tensor adjacency = normalised_adjacency({4, {{0, 1}, {1, 2}, {2, 0}, {2, 3}}});
  const Tensor figures = normals(rng, {4, 5, 3, node_figures}), changes = normals(rng, {4, 3, node_figures, 2});
  const auto loss = [&](const Tensor& theta) {
    return gnn_loss(network, layout.split(theta), adjacency, figures, changes);
  };
  CHECK(off(loss, parameters(rng, layout)) < allowed);
}

TEST_CASE("The adjacency is normalised as Kipf and Welling do", "[torch]") {
  // A path of three: degrees with the loops are 2, 3 and 2. A link that is named both ways counts once.
  const Tensor dense = normalised_adjacency({3, {{0, 1}, {1, 0}, {1, 2}}}).to_dense();
  const double half = 1.0 / 2, third = 1.0 / 3, root = 1 / std::sqrt(6.0);
  const double expected[3][3] = {{half, root, 0}, {root, third, root}, {0, root, half}};
  for (std::int64_t from = 0; from < 3; ++from)
    for (std::int64_t to = 0; to < 3; ++to) CHECK(dense[from][to].item<double>() == Approx(expected[from][to]));
}

TEST_CASE("Advantages are what their definition says", "[torch]") {
  Rng rng(10, 0);
  std::vector<double> rewards(6), values(7);
  for (double& reward : rewards) reward = rng.normal(0, 1);
  for (double& value : values) value = rng.normal(0, 1);
  const double discount = 0.9, lambda = 0.7;
  const std::vector<double> all = advantages(rewards, values, discount, lambda);
  for (std::size_t i = 0; i < rewards.size(); ++i) {
    double sum = 0;
    for (std::size_t k = i; k < rewards.size(); ++k)
      sum +=
          std::pow(discount * lambda, static_cast<double>(k - i)) * (rewards[k] + discount * values[k + 1] - values[k]);
    CHECK(all[i] == Approx(sum));
  }
}
