#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/base/rng.hpp"

/// The building blocks shared by the learners of this folder. A network is a function of one vector, `theta`, of all
/// its parameters. Learners exchange this vector, the optimiser updates it, and losses are differentiated by it; in
/// single precision, or in double to check the derivatives.
namespace codecosim::neural {

using at::Tensor;

/// The parameters of a network, layer by layer: views of its vector.
using Weights = std::vector<Tensor>;

/// An affine layer: the place of its matrix [out, in] and its offsets [out] among the weights.
struct Dense {
  std::size_t place = 0;
  std::int64_t in = 0, out = 0;
  Tensor operator()(const Weights& weights, const Tensor& x) const {
    return at::linear(x, weights[place], weights[place + 1]);
  }
  double multiply_adds() const { return static_cast<double>(in * out); }
};

/// The layers of a network.
class Layout {
 public:
  /// Adds a layer, whose first weights are uniform in +-1/sqrt(in), or all zero.
  Dense dense(std::int64_t in, std::int64_t out, bool zero = false);
  Weights split(const Tensor& theta) const;
  Tensor first_weights(Rng rng) const;

 private:
  struct Layer {
    std::int64_t in, out;
    bool zero;
  };
  std::vector<Layer> layers_;
};

/// Layers with a rectifier, max(0, x), between them.
class Perceptron {
 public:
  Perceptron(Layout& layout, std::int64_t in, const std::vector<std::uint32_t>& hidden, std::int64_t out);
  Tensor operator()(const Weights& weights, Tensor x) const;
  double multiply_adds() const;

 private:
  std::vector<Dense> layers_;
};

/// Floating-point operations of a training step: a multiplication and an addition for each weight in the forward pass,
/// twice as many in the backward pass (for the derivatives by the weights and by the layer's input).
inline double training_operations(double multiply_adds) { return 3 * 2 * multiply_adds; }

/// A vector of parameters and its optimiser: Adam (Kingma and Ba, 2015, with the constants it proposes), after the
/// gradient has been clipped to the norm `max_gradient_norm`.
class AdamOptimizer {
 public:
  AdamOptimizer(Tensor first, double learning_rate, double max_gradient_norm);
  /// Takes one optimiser step on this loss; returns the loss.
  double step(const std::function<Tensor(const Tensor& theta)>& loss);
  const Tensor& theta() const { return theta_; }
  std::vector<float> read() const;
  void write(const std::vector<float>& numbers);

 private:
  Tensor theta_, mean_, square_;
  double learning_rate_, longest_, mean_decay_ = 1, square_decay_ = 1;
};

/// A matrix with one row per vector; all have the same length.
Tensor stack(const std::vector<std::vector<float>>& rows);

/// Makes LibTorch compute on this thread alone, so that its sums have one order.
void use_single_thread();

}  // namespace codecosim::neural
