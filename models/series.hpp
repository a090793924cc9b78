#pragma once
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/world.hpp"

namespace codecosim {

/// Samples of a run at regular intervals. What counts begins anew with the figures; docs/output.md has the columns.
class Series {
 public:
  Series(World&, Applications&, Seconds interval);
  void start() { spawn(sample()); }
  static const std::vector<std::string>& columns();
  const std::vector<std::vector<double>>& rows() const { return rows_; }

 private:
  Process sample();

  World& world_;
  Applications& applications_;
  Seconds interval_;
  std::vector<std::vector<double>> rows_;
};

}  // namespace codecosim
