#include "models/infrastructure/power.hpp"

#include <algorithm>

namespace codecosim {

namespace {
class Linear : public PowerModel {
 public:
  Linear(Watts idle, Watts busy) : idle_(idle), span_(busy - idle) {}
  Watts at(double u) const override { return idle_ + span_ * u; }

 private:
  Watts idle_, span_;
};

class Cubic : public PowerModel {
 public:
  Cubic(Watts idle, Watts busy) : idle_(idle), span_(busy - idle) {}
  Watts at(double u) const override { return idle_ + span_ * (u * u * u); }

 private:
  Watts idle_, span_;
};

class Table : public PowerModel {
 public:
  explicit Table(std::vector<std::pair<double, Watts>> points) : points_(std::move(points)) {}
  Watts at(double u) const override {
    const auto above = std::lower_bound(points_.begin(), points_.end(), u,
                                        [](const auto& point, double x) { return point.first < x; });
    if (above == points_.begin()) return above->second;
    if (above == points_.end()) return points_.back().second;
    const auto below = above - 1;
    return below->second + (above->second - below->second) * ((u - below->first) / (above->first - below->first));
  }

 private:
  std::vector<std::pair<double, Watts>> points_;
};
}  // namespace

std::unique_ptr<PowerModel> linear_power(Watts idle, Watts busy) { return std::make_unique<Linear>(idle, busy); }
std::unique_ptr<PowerModel> cubic_power(Watts idle, Watts busy) { return std::make_unique<Cubic>(idle, busy); }
std::unique_ptr<PowerModel> table_power(std::vector<std::pair<double, Watts>> points) {
  return std::make_unique<Table>(std::move(points));
}

}  // namespace codecosim
