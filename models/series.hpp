#pragma once
#include <optional>
#include <string>
#include <vector>

#include "models/application/applications.hpp"
#include "models/world.hpp"

namespace codecosim {

/// Samples of a run at regular intervals. Counters begin anew with the figures; docs/output.md has the columns.
class Series {
 public:
  Series(World&, Applications&, Seconds interval);
  /// A value is none where nothing was measured.
  using Row = std::vector<std::optional<double>>;
  /// Starts the sampling, up to this date, which has the last sample.
  void start(Seconds end) { spawn(sample(end)); }
  static const std::vector<std::string>& columns();
  const std::vector<Row>& rows() const { return rows_; }

 private:
  Process sample(Seconds end);

  World& world_;
  Applications& applications_;
  Seconds interval_;
  std::vector<Row> rows_;
};

}  // namespace codecosim
