#pragma once
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "models/orchestration/learning/cohort.hpp"
#include "tests/federation.hpp"

namespace codecosim::test {

/// A learner that goes a part of the way to where it is drawn each round, all its parameters alike: what it comes to is
/// calculated by hand. It notes when it is told parameters, and which.
class Drawn : public Learner {
 public:
  struct How {
    float start = 0, target = 1, part = 1;
    std::uint64_t samples = 1;
    double operations = 0;
    std::size_t size = 1;
  };
  explicit Drawn(const How& how) : how_(how), parameters_(how.size, how.start) {}

  Training train(Rng&) override {
    const float before = parameters_.front();
    for (float& one : parameters_) one += how_.part * (how_.target - one);
    trained_at.push_back(now().value);
    return {how_.samples, how_.operations, static_cast<double>((how_.target - before) * (how_.target - before))};
  }
  std::uint64_t waiting() const override { return how_.samples; }
  std::vector<float> parameters() const override { return parameters_; }
  void set_parameters(const std::vector<float>& parameters) override {
    told.emplace_back(now().value, parameters.front());
    parameters_ = parameters;
  }
  std::string shape() const override { return "drawn"; }
  double value() const { return static_cast<double>(parameters_.front()); }

  std::vector<double> trained_at;
  std::vector<std::pair<double, float>> told;

 private:
  How how_;
  std::vector<float> parameters_;
};

/// The L2 norm of the difference between two vectors.
inline double apart(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return std::sqrt(sum);
}

/// Learners at clusters of a world without a scenario, who exchange over its links; the hub is the first cluster.
struct Class {
  Class(Land& where, const ExchangeSpec& how, const std::vector<std::pair<std::uint32_t, Drawn::How>>& pupils,
        const std::string& kind = "test")
      : spec(how) {
    std::vector<Cohort::Member> members;
    for (const auto& [cluster, each] : pupils) {
      learners.push_back(std::make_unique<Drawn>(each));
      members.push_back({{cluster}, learners.back().get()});
    }
    cohort.emplace(where.world, where.wire, spec, Transport::flow, kind, members,
                   Cohort::Links{[](ClusterId) { return ClusterId{0}; }, [](ClusterId) { return std::nullopt; }});
    cohort->start();
  }
  // Everything that is suspended goes before what it waits for.
  ~Class() { frames::destroy_processes(); }
  Drawn& operator[](std::size_t i) { return *learners[i]; }

  ExchangeSpec spec;
  std::vector<std::unique_ptr<Drawn>> learners;
  std::optional<Cohort> cohort;
};

}  // namespace codecosim::test
