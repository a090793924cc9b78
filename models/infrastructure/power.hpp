#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "sim/base/units.hpp"

namespace codecosim {

/// Electrical power of a node as a pure function of the share of its cores that is busy.
class PowerModel {
 public:
  virtual ~PowerModel() = default;
  /// Power at a `busy_share` in [0, 1] of a node that is up. A node that is down draws nothing.
  virtual Watts at(double busy_share) const = 0;
};

/// P(u) = idle + (busy - idle) * u. Fan, Weber, Barroso: "Power provisioning for a warehouse-sized computer", ISCA
/// 2007, eq. 1.
std::unique_ptr<PowerModel> linear_power(Watts idle, Watts busy);
/// P(u) = idle + (busy - idle) * u^3: dynamic power grows with frequency cubed where frequency follows load.
std::unique_ptr<PowerModel> cubic_power(Watts idle, Watts busy);
/// Measured points (busy share, power), joined by straight lines, as SPECpower_ssj2008 reports them; first at 0, last
/// at 1.
std::unique_ptr<PowerModel> table_power(std::vector<std::pair<double, Watts>> points);

}  // namespace codecosim
