#include "sim/base/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/base/csv_rows.hpp"
#include "sim/base/error.hpp"
#include "sim/base/number.hpp"

namespace codecosim {

namespace {
std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}
}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

Csv::Csv(const std::string& path) : path_(path) {
  read_csv(path, 256'000'000, [&](std::size_t line, std::vector<std::string>& row) {
    if (header_.empty()) {
      header_ = std::move(row);
    } else {
      rows_.push_back(std::move(row));
      lines_.push_back(line);
    }
  });
}

void read_csv(const std::string& path, std::uintmax_t most_bytes,
              const std::function<void(std::size_t line, std::vector<std::string>& row)>& take) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw Error(Failure::scenario, fmt::format("{}: no such file, or not a regular one", path));
  if (std::filesystem::file_size(path, error) > most_bytes)
    throw Error(Failure::scenario, fmt::format("{}: larger than {} MB", path, most_bytes / 1'000'000));
  std::ifstream in(path, std::ios::binary);
  std::string all(static_cast<std::size_t>(std::filesystem::file_size(path, error)), '\0');
  in.read(all.data(), static_cast<std::streamsize>(all.size()));
  if (!in) throw Error(Failure::scenario, fmt::format("{}: cannot be read", path));
  if (all.find('\0') != std::string::npos) throw Error(Failure::scenario, fmt::format("{}: not a text file", path));

  std::size_t line = 1, start_line = 1, at = all.starts_with("\xef\xbb\xbf") ? 3 : 0;
  bool quoted = false;
  std::size_t width = 0;  // number of columns of the header
  std::string field;
  std::vector<std::string> row;
  const auto finish_row = [&] {
    row.push_back(std::move(field));
    field.clear();
    const bool blank = row.size() == 1 && row[0].empty();
    if (!blank && width > 0 && row.size() != width)
      throw Error(Failure::scenario,
                  fmt::format("{}:{}: {} fields, but the header has {}", path, start_line, row.size(), width));
    if (!blank && width == 0) width = row.size();
    if (!blank) take(start_line, row);
    row.clear();
    start_line = line + 1;
  };
  for (; at < all.size(); ++at) {
    const char c = all[at];
    if (quoted) {
      if (c == '"' && at + 1 < all.size() && all[at + 1] == '"') {
        field += '"';
        ++at;
      } else if (c == '"')
        quoted = false;
      else
        field += c;
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      row.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      finish_row();
    } else if (c != '\r') {
      field += c;
    }
    if (c == '\n') ++line;
  }
  if (quoted) throw Error(Failure::scenario, fmt::format("{}:{}: a quote is not closed", path, start_line));
  if (!field.empty() || !row.empty()) finish_row();
  if (width == 0) throw Error(Failure::scenario, fmt::format("{}: empty, expected a header line", path));
}

bool Csv::has(const std::string& name) const {
  return std::any_of(header_.begin(), header_.end(),
                     [&](const std::string& title) { return lower(title) == lower(name); });
}

std::size_t Csv::column(const std::string& name) const {
  for (std::size_t i = 0; i < header_.size(); ++i)
    if (lower(header_[i]) == lower(name)) return i;
  throw Error(Failure::scenario, fmt::format("{}: no column \"{}\"; it has {}", path_, name, fmt::join(header_, ", ")));
}

double Csv::number(std::size_t row, std::size_t column) const {
  const std::string& text = rows_[row][column];
  const std::optional<double> value = parse_number(text);
  if (!value) fail(row, fmt::format("column \"{}\": \"{}\" is not a number", header_[column], text));
  return *value;
}

void Csv::fail(std::size_t row, const std::string& what) const {
  throw Error(Failure::scenario, fmt::format("{}:{}: {}", path_, lines_[row], what));
}

}  // namespace codecosim
