#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/plot/plot.hpp"
#include "analysis/statistics.hpp"

namespace codecosim {

/// A factor of a figure, and its levels among the figure's runs: numbers rising, others in the order of the table.
struct Factor {
  std::size_t column;
  std::string name;
  std::vector<std::string> levels;
};

/// The runs that a figure is about: those that ended well and are where the options say. Every factor in which they
/// differ is one of the figure's, so that no mean mixes what should be told apart.
class Runs {
 public:
  /// `by`, `x`: as the options say; what they leave open is filled with the factors that remain, in the order of
  /// `places`.
  enum class Place { by, x };
  Runs(const Results&, const PlotOptions&, const std::vector<Place>& places);

  std::optional<Factor> by, x;
  /// The runs of a level of `by` and one of `x`; of a factor that the figure lacks, 0 is the only level.
  std::vector<std::size_t> at(std::size_t by_level, std::size_t x_level = 0) const;
  std::size_t by_levels() const { return by ? by->levels.size() : 1; }
  std::size_t x_levels() const { return x ? x->levels.size() : 1; }
  /// Throws Error(usage) where a factor has more levels than a reader can tell apart.
  void limit(const std::optional<Factor>&, std::size_t most, const char* what) const;

  const std::vector<std::size_t>& all() const { return rows_; }
  std::vector<std::string> notes;

 private:
  const Results& results_;
  std::vector<std::size_t> rows_;
};

/// "1 run", "2 runs".
std::string counted(std::size_t count, const std::string& thing);

/// A mean over replications.
struct Mean {
  double mean = 0;
  std::optional<Interval> interval;  ///< Student's, 95 %; none for one value, or where all are the same.
  std::size_t runs = 0;              ///< Or draws of sampled factors, where there are several.
};
/// Of one value or more.
Mean mean_over(std::span<const double> values);
/// Of a metric over some runs, the replications of one draw of sampled factors being one value: they share it; none
/// where it was measured in none of them.
std::optional<Mean> mean_over(const Results&, const std::vector<std::size_t>& rows, std::size_t metric);
/// Says so where there is no interval because there is one run only.
void note_single(std::vector<std::string>& notes, const std::vector<Mean>&);

/// Levels as numbers, and the unit that they share ("20 ms", "50 ms").
struct Numbers {
  std::vector<double> values;
  std::string unit;
};
/// None where one is no number, or has another unit.
std::optional<Numbers> numbers_of(const std::vector<std::string>& levels);

}  // namespace codecosim
