#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/histogram.hpp"
#include "sim/base/units.hpp"

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
  std::optional<double> value;            ///< None: nothing was measured, as the mean of nothing or a share of nothing.
  std::optional<Histogram> distribution;  ///< Its mean is the value.
  bool is_ratio = false;                  ///< A part of a whole: zero of it says something.
  /// Of a distribution: what has begun and not ended belongs to it, and is so long already.
  std::optional<Histogram> unended{};
};

/// Puts the figures of a summary together, in the order in which they are told.
class Figures {
 public:
  /// `span`: over which they are measured.
  explicit Figures(Seconds span) : span_(span) {}
  void add(std::string name, const char* unit, Better better, std::optional<double> value, std::string meaning) {
    all_.push_back({std::move(name), unit, better, std::move(meaning), value, {}});
  }
  template <class T>
  void count(std::string name, Better better, T number, std::string meaning) {
    add(std::move(name), "1", better, static_cast<double>(number), std::move(meaning));
  }
  /// A part divided by the whole, or a sum by how many there were; none of nothing.
  template <class Part, class Whole>
  void ratio(const char* name, Better better, Part part, Whole whole, const char* meaning) {
    const bool any = whole > Whole{};
    add(name, "1", better, any ? std::optional(static_cast<double>(part) / static_cast<double>(whole)) : std::nullopt,
        meaning);
    all_.back().is_ratio = true;
  }
  /// An amount divided by the span, or by another; of a unit times time, its average over that. None where no time has
  /// passed.
  void rate(const char* name, const char* unit, Better better, double amount, const char* meaning) {
    rate(name, unit, better, amount, span_, meaning);
  }
  void rate(const char* name, const char* unit, Better better, double amount, Seconds span, const char* meaning) {
    add(name, unit, better, span > Seconds(0) ? std::optional(amount / span.value) : std::nullopt, meaning);
  }
  void spread(const char* name, const char* unit, Better better, const Histogram& histogram, const char* meaning) {
    all_.push_back({name, unit, better, meaning, histogram.count() > 0 ? std::optional(histogram.mean()) : std::nullopt,
                    histogram});
  }
  /// The same of what may not have ended: `unended` are the ages of what has not.
  void spread(const char* name, const char* unit, Better better, const Histogram& histogram, const Histogram& unended,
              const char* meaning) {
    spread(name, unit, better, histogram, meaning);
    all_.back().unended = unended;
  }
  std::vector<Figure> take() { return std::move(all_); }

 private:
  Seconds span_;
  std::vector<Figure> all_;
};

}  // namespace codecosim
