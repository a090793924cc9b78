#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/metrics.hpp"
#include "sim/base/error.hpp"

namespace codecosim {

/// The table of an experiment, one row per run. `compare`, `plot` and `report` read it.
///
/// A sweep writes it as `results.csv` with the columns `run`, `key` (of its directory in `runs/`) and `point`, one per
/// factor (sampled or not), `replication`, `seed`, `status` (done, failed, crashed, killed, time, memory), `reason`,
/// one per metric in base units, and provenance (`fingerprint`, `wall_s`, `build_s`, `peak_memory_bytes`, `host`,
/// `started`); beside it, `columns.csv` gives the `role`, `unit`, `meaning` and direction `better` of each `column`. An
/// empty cell: not measured. Single runs make a table too: their directories are the levels of the factor `run`.
class Results {
 public:
  /// `sample`: a factor whose levels a sampling design drew. Its values are draws of parameters, not conditions to
  /// compare.
  enum class Role { id, factor, sample, status, metric, provenance };
  struct Column {
    std::string name;
    Role role;
    std::string unit, meaning;
    Better better = Better::neither;
  };

  /// `paths`: one sweep's directory or its results.csv; or directories of runs. Throws Error(scenario) naming the file
  /// where something is missing or malformed.
  explicit Results(const std::vector<std::string>& paths);

  /// The name of the sweep, or of the scenario.
  const std::string& name() const { return name_; }
  const std::vector<Column>& columns() const { return columns_; }
  std::size_t rows() const { return folders_.size(); }
  std::optional<std::size_t> find(const std::string& column) const;
  /// The index of a column that must exist; throws Error(usage) with the nearest name of the same role.
  std::size_t need(const std::string& column, Role role) const;
  /// The text of a cell in any column but a metric's, whose cells are numbers.
  const std::string& text(std::size_t row, std::size_t column) const {
    ensure(columns_[column].role != Role::metric, "a metric was asked for as a text");
    return cells_[column].texts[cells_[column].codes[row]];
  }
  /// The number in a cell; none where it is empty or not a finite number.
  std::optional<double> number(std::size_t row, std::size_t column) const;
  /// Whether the run ended well; other runs have no metrics.
  bool done(std::size_t row) const;
  std::size_t replication(std::size_t row) const;
  /// The index of a factor, sampled or not, as need().
  std::size_t need_factor(const std::string& column) const;
  /// The factors that are not sampled, in the order of the table.
  std::vector<std::size_t> factors() const;
  std::vector<std::size_t> samples() const;
  /// The distinct values of a column, in order of appearance.
  std::vector<std::string> levels(std::size_t column) const;
  /// The directory of a run's files (series.csv, distributions.csv, summary.json), where it was kept; empty: it was
  /// not.
  const std::string& folder(std::size_t row) const { return folders_[row]; }

 private:
  /// The cells of one column: metrics as numbers, NaN where there is none, others as codes of distinct texts, because a
  /// sweep has millions of cells.
  struct Cells {
    void add(Role, std::string text);
    std::vector<double> numbers;
    std::vector<std::string> texts;
    std::vector<std::uint32_t> codes;
    std::unordered_map<std::string, std::uint32_t> known;
  };
  std::vector<std::size_t> all(Role) const;
  void read_sweep(const std::string& path);
  void read_runs(const std::vector<std::string>& paths);

  std::string name_;
  std::vector<Column> columns_;
  std::vector<Cells> cells_;
  std::vector<std::string> folders_;
};

}  // namespace codecosim
