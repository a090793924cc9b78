#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/plot/plot.hpp"
#include "analysis/statistics.hpp"

namespace codecosim {

/// A factor of a figure, and its levels among the figure's runs: numbers in rising order, others in the order of the
/// table.
struct Factor {
  std::size_t column;
  std::string name;
  std::vector<std::string> levels;
};

/// The runs of a figure: those that ended well and that the options select. Every factor in which they differ is `by`
/// or `x`, so that no mean is over different conditions.
class Runs {
 public:
  /// `by` and `x` are those of the options; unset ones are filled with the remaining factors, in the order of `places`.
  enum class Place { by, x };
  Runs(const Results&, const PlotOptions&, const std::vector<Place>& places);

  std::optional<Factor> by, x;
  /// The runs of a level of `by` and one of `x`; of a factor that the figure lacks, 0 is the only level.
  std::vector<std::size_t> at(std::size_t by_level, std::size_t x_level = 0) const;
  std::size_t by_levels() const { return by ? by->levels.size() : 1; }
  std::size_t x_levels() const { return x ? x->levels.size() : 1; }
  /// Throws Error(usage) where a factor has more levels than a reader can distinguish.
  void limit(const std::optional<Factor>&, std::size_t most, const char* what) const;

  const std::vector<std::size_t>& all() const { return rows_; }
  std::vector<std::string> notes;

 private:
  /// Keeps the runs that `where` chooses and that ended well.
  void select(const std::vector<std::pair<std::string, std::string>>& where);
  void set_factors(const PlotOptions&, const std::vector<Place>& places);
  /// Throws Error(usage) where two runs are the same replication at the same levels.
  void refuse_twins() const;

  const Results& results_;
  std::vector<std::size_t> rows_;
};

/// "1 run", "2 runs".
std::string counted(std::size_t count, const std::string& thing);

/// A mean over replications.
struct Mean {
  double mean = 0;
  std::optional<Interval> interval;  ///< Student's, 95 %; none for one value, or where all are the same.
  std::size_t runs = 0;              ///< Number of runs, or of draws of sampled factors where there are several.
};
/// The mean of one value or more.
Mean mean_over(std::span<const double> values);
/// The mean of a metric over some runs. The replications of one draw of sampled factors count as one value. None where
/// no run measured the metric.
std::optional<Mean> mean_over(const Results&, const std::vector<std::size_t>& rows, std::size_t metric);
/// Adds a note where there is no interval because there is only one run.
void note_single(std::vector<std::string>& notes, const std::vector<Mean>&);

/// Levels as numbers, and the unit that they share ("20 ms", "50 ms").
struct Numbers {
  std::vector<double> values;
  std::string unit;
};
/// None where a level is not a number, or has another unit.
std::optional<Numbers> numbers_of(const std::vector<std::string>& levels);

}  // namespace codecosim
