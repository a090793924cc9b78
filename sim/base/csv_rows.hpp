#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace codecosim {

/// Reads a table of at most `most_bytes` row by row, the header first. `take` gets each row with its line number, and
/// may move from the row. Errors are as those of Csv.
void read_csv(const std::string& path, std::uintmax_t most_bytes,
              const std::function<void(std::size_t line, std::vector<std::string>& row)>& take);

}  // namespace codecosim
