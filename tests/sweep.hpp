#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "analysis/results.hpp"
#include "tests/shell.hpp"

namespace codecosim::test {

/// The rows of a sweep's table as texts by column, without what depends on when, where and how fast a run was made.
inline std::vector<std::map<std::string, std::string>> repeatable(const std::string& directory) {
  const Results results({directory});
  std::vector<std::map<std::string, std::string>> rows(results.rows());
  for (std::size_t column = 0; column < results.columns().size(); ++column) {
    const std::string& name = results.columns()[column].name;
    const std::vector<std::string> vary{"wall_s", "build_s", "deciding_s", "peak_memory_bytes", "host", "started"};
    if (std::find(vary.begin(), vary.end(), name) != vary.end()) continue;
    const bool metric = results.columns()[column].role == Results::Role::metric;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto number = metric ? results.number(row, column) : std::nullopt;
      rows[row][name] = !metric ? results.text(row, column) : number ? fmt::format("{}", *number) : "";
    }
  }
  return rows;
}

/// Lines in the journals of a sweep that record a run.
inline std::size_t recorded(const std::string& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/journal")) {
    const std::string text = contents(entry.path().string());
    for (std::size_t at = 0; (at = text.find("\"status\":", at)) != std::string::npos; ++at) ++count;
  }
  return count;
}

}  // namespace codecosim::test
