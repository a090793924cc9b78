#include "analysis/found.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace codecosim {

std::vector<std::string> found_in(const Results& results, const std::vector<std::size_t>& rows,
                                  std::optional<std::size_t> factor) {
  const auto column = results.find("findings");
  if (!column) return {};
  struct Count {
    std::size_t all = 0;
    std::map<std::string, std::size_t> by_level;
  };
  std::map<std::string, Count> counts;
  std::map<std::string, std::size_t> runs;
  std::size_t done = 0;
  for (const std::size_t row : rows) {
    if (!results.done(row)) continue;
    ++done;
    const std::string level = factor ? results.text(row, *factor) : "";
    ++runs[level];
    std::istringstream kinds(results.text(row, *column));
    for (std::string kind; kinds >> kind;) {
      ++counts[kind].all;
      ++counts[kind].by_level[level];
    }
  }
  std::vector<std::pair<std::string, Count>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.all > b.second.all; });
  std::vector<std::string> notes;
  for (const auto& [kind, count] : sorted) {
    std::string note = fmt::format("Finding {}: in {} of {} runs", kind, count.all, done);
    // Levels are listed only where there are several and not all runs have the finding.
    if (factor && runs.size() > 1 && count.all < done) {
      std::vector<std::string> where;
      for (const auto& [level, number] : count.by_level)
        where.push_back(fmt::format("{} of {} of {}", number, runs[level], level));
      note += fmt::format(" ({})", fmt::join(where, ", "));
    }
    notes.push_back(note + ".");
  }
  if (!notes.empty()) notes.back() += " \"codecosim describe findings\" says what findings mean.";
  return notes;
}

}  // namespace codecosim
