#pragma once
#include <span>
#include <string>
#include <vector>

namespace codecosim {

// Names come from untrusted scenarios and tables. They reach a script in single quotes only, where gnuplot neither runs
// nor expands anything, and terminals draw them as they are (`noenhanced`).

/// One line of valid UTF-8: other bytes become `?`, control characters spaces.
std::string plain(const std::string& text);
/// A text as plain(), cut to the length that fits a figure.
std::string label(const std::string& text);
/// A text as a string literal of gnuplot.
std::string literal(const std::string& text);
/// Positions and labels for `set xtics` or `set ytics`: `('a' 0, 'b' 1)`.
std::string tics(const std::vector<std::string>& labels);
/// The same for an x axis of this length [cm]: slanted where the labels would overlap.
std::string tics_across(const std::vector<std::string>& labels, double length);

/// The unit in which numbers are written for people: divided by `factor`, in `name`.
struct Scale {
  double factor = 1;
  std::string name;
};
/// The scale in which a number of about this size is short: 0.0281 s as 28.1 ms.
Scale scale_for(const std::string& unit, double size);
double largest(std::span<const double> values);

/// `request.latency.p99` as `Request latency, p99`.
std::string title_of(const std::string& metric);
/// `Request latency (ms)`.
std::string axis(const std::string& title, const std::string& unit);
/// A column of a data file with its unit: `mean_ms`.
std::string column_name(const std::string& name, const std::string& unit);
/// Lines of a data file; text in it is plain().
class DataFile {
 public:
  explicit DataFile(const std::vector<std::string>& header) { add(header); }
  void add(const std::vector<std::string>& cells);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};
/// A number as written in a data file; empty where it is not finite.
std::string cell(double value);

}  // namespace codecosim
