#include "policies/learning/ridge.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>

#include "sim/base/error.hpp"

namespace codecosim {
namespace {

// A buffer for any vector that is solved for, without heap allocation.
using Scratch = std::array<double, Ridge::most>;
using Matrix = Eigen::MatrixXd;

Eigen::Map<const Eigen::VectorXd> view(std::span<const double> x) {
  return {x.data(), static_cast<Eigen::Index>(x.size())};
}
Eigen::Map<Eigen::VectorXd> edit(std::span<double> x) { return {x.data(), static_cast<Eigen::Index>(x.size())}; }
Eigen::Map<const Matrix> square(const std::vector<double>& numbers, std::size_t size) {
  return {numbers.data(), static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(size)};
}

}  // namespace

Ridge::Ridge(std::size_t size, double ridge)
    : size_(size), ridge_(ridge), products_(size * size), targets_(size), factor_(size * size), weights_(size) {
  ensure(size > 0 && size <= most && ridge > 0, "a regression of no, or too many, weights, or without a ridge");
  fit();
}

void Ridge::add(std::span<const double> x, double y) {
  ensure(x.size() == size_, "a sample of another size");
  for (std::size_t column = 0; column < size_; ++column) {
    for (std::size_t row = 0; row < size_; ++row) products_[column * size_ + row] += x[row] * x[column];
    targets_[column] += y * x[column];
  }
}

double Ridge::add_operations() const { return static_cast<double>(size_ * (size_ + 1) + 2 * size_); }

double Ridge::fit_operations() const {
  const auto n = static_cast<double>(size_);
  return n * n * n / 3 + 2 * n * n;
}

void Ridge::fit() {
  const auto size = static_cast<Eigen::Index>(size_);
  Eigen::Map<Matrix> factor(factor_.data(), size, size);
  Eigen::LLT<Matrix> decomposed;
  // Sums rounded to floats may not be positive definite: then a larger ridge is used.
  for (double ridge = ridge_;; ridge *= 10) {
    factor = square(products_, size_);
    factor.diagonal().array() += ridge;
    decomposed.compute(factor);
    if (decomposed.info() == Eigen::Success) break;
    ensure(ridge < 1e30, "sums that are no sums of squares");
  }
  factor = decomposed.matrixL();
  edit(weights_) = decomposed.solve(view(targets_));
}

double Ridge::mean(std::span<const double> x) const { return view(x).dot(view(weights_)); }

double Ridge::deviation(std::span<const double> x) const {
  Scratch scratch{};
  auto solved = edit(std::span(scratch).first(size_));
  solved = view(x);
  square(factor_, size_).triangularView<Eigen::Lower>().solveInPlace(solved);
  return solved.norm();
}

void Ridge::draw(double deviation, Rng& rng, std::span<double> weights) const {
  ensure(weights.size() == size_, "weights of another size");
  // With L'u = z, the covariance of u is L'^-1 L^-1 = A^-1.
  Scratch scratch{};
  auto normal = edit(std::span(scratch).first(size_));
  for (double& each : normal) each = rng.normal(0, deviation);
  square(factor_, size_).transpose().triangularView<Eigen::Upper>().solveInPlace(normal);
  edit(weights) = view(weights_) + normal;
}

void Ridge::append_sums(std::vector<float>& numbers) const {
  for (std::size_t row = 0; row < size_; ++row)
    for (std::size_t column = row; column < size_; ++column)
      numbers.push_back(static_cast<float>(products_[column * size_ + row]));
  for (const double each : targets_) numbers.push_back(static_cast<float>(each));
}

void Ridge::set_sums(std::span<const float> numbers) {
  ensure(numbers.size() == sum_count(), "sums of a regression of another size");
  std::size_t next = 0;
  for (std::size_t row = 0; row < size_; ++row)
    for (std::size_t column = row; column < size_; ++column, ++next)
      products_[column * size_ + row] = products_[row * size_ + column] = static_cast<double>(numbers[next]);
  for (double& each : targets_) each = static_cast<double>(numbers[next++]);
  fit();
}

}  // namespace codecosim
