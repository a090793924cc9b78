#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/base/rng.hpp"

/// What the learners of this folder share. A network is a function of one vector, `theta`, of all its parameters: that
/// is what learners exchange, what the optimiser moves and what losses are differentiated by; in single precision, or
/// in double to check the derivatives.
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

/// Which layers a network has.
class Layout {
 public:
  /// One more layer; its first weights are uniform in +-1/sqrt(in), or all zero.
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

/// Floating-point operations of a step of training: a multiplication and an addition for each weight that is used
/// forward, twice as many backward (for the derivative by the weights, and by what enters the layer).
inline double training_operations(double multiply_adds) { return 3 * 2 * multiply_adds; }

/// A vector of parameters and what moves it: Adam (Kingma and Ba, 2015, with the constants it proposes), after the
/// derivative has been cut to the norm `longest`.
class Trainee {
 public:
  Trainee(Tensor first, double learning_rate, double longest);
  /// One step down this loss; returns it.
  double step(const std::function<Tensor(const Tensor& theta)>& loss);
  const Tensor& theta() const { return theta_; }
  std::vector<float> read() const;
  void write(const std::vector<float>& numbers);

 private:
  Tensor theta_, mean_, square_;
  double learning_rate_, longest_, mean_decay_ = 1, square_decay_ = 1;
};

/// One row a vector, all of one length.
Tensor stack(const std::vector<std::vector<float>>& rows);

/// Makes LibTorch compute on this thread alone, so that its sums have one order.
void settle();

}  // namespace codecosim::neural
