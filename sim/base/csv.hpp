#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace codecosim {

/// A text as one cell of a comma-separated table (RFC 4180): quoted where it holds a comma, a quote or a line's end.
std::string csv_cell(const std::string& text);

/// A small comma-separated table with a header line (RFC 4180 quoting), read whole and checked. Throws Error(scenario)
/// naming the file and line where it is malformed, missing, larger than 256 MB, or has rows of differing length.
class Csv {
 public:
  explicit Csv(const std::string& path);

  std::size_t rows() const { return rows_.size(); }
  /// The column with this header, letter case ignored; throws when there is none.
  std::size_t column(const std::string& name) const;
  bool has(const std::string& name) const;
  const std::string& text(std::size_t row, std::size_t column) const { return rows_[row][column]; }
  /// A plain number; throws naming the line when it is not one.
  double number(std::size_t row, std::size_t column) const;
  /// Throws Error(scenario) about this row.
  [[noreturn]] void fail(std::size_t row, const std::string& what) const;

 private:
  std::string path_;
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> lines_;
};

}  // namespace codecosim
