#pragma once
#include <algorithm>
#include <vector>

namespace codecosim {

/// Sorts, and keeps one of each that are equal.
template <class T>
void make_distinct(std::vector<T>& all) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
}

}  // namespace codecosim
