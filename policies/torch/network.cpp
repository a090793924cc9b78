#include "policies/torch/network.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"

namespace codecosim::neural {

Dense Layout::dense(std::int64_t in, std::int64_t out, bool zero) {
  layers_.push_back({in, out, zero});
  return {2 * (layers_.size() - 1), in, out};
}

Weights Layout::split(const Tensor& theta) const {
  std::vector<std::int64_t> sizes;
  for (const Layer& layer : layers_) sizes.insert(sizes.end(), {layer.in * layer.out, layer.out});
  Weights weights = theta.split_with_sizes(sizes);
  for (std::size_t i = 0; i < layers_.size(); ++i)
    weights[2 * i] = weights[2 * i].view({layers_[i].out, layers_[i].in});
  return weights;
}

Tensor Layout::first_weights(Rng rng) const {
  std::vector<float> numbers;
  for (const Layer& layer : layers_) {
    const double bound = layer.zero ? 0 : 1 / std::sqrt(static_cast<double>(layer.in));
    for (std::int64_t i = 0; i < (layer.in + 1) * layer.out; ++i)
      numbers.push_back(static_cast<float>(rng.uniform(-bound, bound)));
  }
  return stack({numbers})[0];
}

Perceptron::Perceptron(Layout& layout, std::int64_t in, const std::vector<std::uint32_t>& hidden, std::int64_t out) {
  for (const std::uint32_t units : hidden) {
    layers_.push_back(layout.dense(in, units));
    in = units;
  }
  layers_.push_back(layout.dense(in, out));
}

Tensor Perceptron::operator()(const Weights& weights, Tensor x) const {
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) x = layers_[i](weights, x).relu();
  return layers_.back()(weights, x);
}

double Perceptron::multiply_adds() const {
  double sum = 0;
  for (const Dense& layer : layers_) sum += layer.multiply_adds();
  return sum;
}

AdamOptimizer::AdamOptimizer(Tensor first, double learning_rate, double max_gradient_norm)
    : theta_(std::move(first)),
      mean_(at::zeros_like(theta_)),
      square_(at::zeros_like(theta_)),
      learning_rate_(learning_rate),
      longest_(max_gradient_norm) {}

double AdamOptimizer::step(const std::function<Tensor(const Tensor& theta)>& loss) {
  constexpr double mean_kept = 0.9, square_kept = 0.999, least = 1e-8;
  const Tensor theta = theta_.detach().set_requires_grad(true);
  const Tensor value = loss(theta);
  value.backward();
  const Tensor& gradient = theta.grad();
  const double norm = gradient.norm().item<double>();
  if (norm > longest_) gradient.mul_(longest_ / norm);
  mean_.mul_(mean_kept).add_(gradient, 1 - mean_kept);
  square_.mul_(square_kept).addcmul_(gradient, gradient, 1 - square_kept);
  mean_decay_ *= mean_kept;
  square_decay_ *= square_kept;
  const Tensor deviation = (square_ / (1 - square_decay_)).sqrt_().add_(least);
  theta_.addcdiv_(mean_, deviation, -learning_rate_ / (1 - mean_decay_));
  return value.item<double>();
}

std::vector<float> AdamOptimizer::read() const {
  const float* numbers = theta_.data_ptr<float>();
  return {numbers, numbers + theta_.numel()};
}

void AdamOptimizer::write(const std::vector<float>& numbers) {
  ensure(static_cast<std::int64_t>(numbers.size()) == theta_.numel(),
         "a learner was given parameters of another shape");
  std::ranges::copy(numbers, theta_.data_ptr<float>());
}

Tensor stack(const std::vector<std::vector<float>>& rows) {
  const std::size_t columns = rows.empty() ? 0 : rows.front().size();
  Tensor all = at::empty({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(columns)}, at::kFloat);
  for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(rows[i], all.data_ptr<float>() + i * columns);
  return all;
}

void use_single_thread() {
  [[maybe_unused]] static const bool once = [] {
    at::set_num_threads(1);
    at::set_num_interop_threads(1);
    at::globalContext().setDeterministicAlgorithms(true, false);
    return true;
  }();
}

}  // namespace codecosim::neural
