#pragma once
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/histogram.hpp"

namespace codecosim {

/// Which way a metric is better.
enum class Better : std::uint8_t { lower, higher, neither };
/// As files have it: empty for neither.
constexpr std::string_view name(Better better) {
  constexpr std::array<std::string_view, 3> names{"lower", "higher", ""};
  return names[static_cast<std::size_t>(better)];
}

/// One figure of a summary. All that is ever said of a metric stands where its figure is told.
struct Figure {
  std::string name, unit;
  Better better = Better::neither;
  std::string meaning;
  double value = 0;
  std::optional<Histogram> distribution;  ///< Its mean is the value.
};

/// Puts the figures of a summary together, in the order in which they are told.
class Figures {
 public:
  void add(const char* name, const char* unit, Better better, double value, const char* meaning) {
    all_.push_back({name, unit, better, meaning, value, {}});
  }
  void count(const char* name, Better better, std::uint64_t number, const char* meaning) {
    add(name, "1", better, static_cast<double>(number), meaning);
  }
  void spread(const char* name, const char* unit, Better better, const Histogram& histogram, const char* meaning) {
    all_.push_back({name, unit, better, meaning, histogram.mean(), histogram});
  }
  void append(std::vector<Figure> more) {
    all_.insert(all_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  std::vector<Figure> take() { return std::move(all_); }

 private:
  std::vector<Figure> all_;
};

}  // namespace codecosim
