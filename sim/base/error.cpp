#include "sim/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace codecosim {

namespace {
std::string list(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.where + ": " + problem.what;
  }
  return text;
}

/// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment); letter case costs nothing.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  };
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j - 1] + !same(a[i - 1], b[j - 1]), row[j] + 1, next[j - 1] + 1});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}
}  // namespace

ScenarioError::ScenarioError(std::vector<Problem> all)
    : Error(Failure::scenario, list(all)), problems(std::move(all)) {}

void broken_promise(const char* condition, const char* text, const char* file, int line) {
  throw Error(Failure::internal, fmt::format("internal error: {} ({} at {}:{}); please report it with the scenario",
                                             text, condition, file, line));
}

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    if (word.size() > 200 || candidate.size() > 200) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string close = nearest(word, known);
  if (!close.empty()) return fmt::format("; did you mean \"{}\"?", close);
  constexpr std::size_t shown = 16;
  std::vector<std::string> some(known.begin(), known.begin() + static_cast<long>(std::min(known.size(), shown)));
  return some.empty() ? "" : fmt::format("; known: {}{}", fmt::join(some, ", "), known.size() > shown ? ", ..." : "");
}

}  // namespace codecosim
