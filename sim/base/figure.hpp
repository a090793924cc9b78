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

/// The direction in which a metric is better.
enum class Better : std::uint8_t { lower, higher, neither };
/// Its name in files; empty for neither.
constexpr std::string_view name(Better better) {
  constexpr std::array<std::string_view, 3> names{"lower", "higher", ""};
  return names[static_cast<std::size_t>(better)];
}

/// One figure of a summary. The name, unit and meaning of a metric are written only where its figure is added.
struct Figure {
  std::string name, unit;
  Better better = Better::neither;
  std::string meaning;
  std::optional<double> value;            ///< None where nothing was measured: mean of no values, share of zero.
  std::optional<Histogram> distribution;  ///< Its mean is the value.
  bool is_ratio = false;                  ///< A part of a whole, of which a zero is meaningful too.
  /// The ages of durations that belong to the distribution and have begun but not ended.
  std::optional<Histogram> unended{};
};

/// Collects the figures of a summary, in the order in which they are added.
class Figures {
 public:
  /// `span`: the time over which the figures are measured.
  explicit Figures(Seconds span) : span_(span) {}
  void add(std::string name, const char* unit, Better better, std::optional<double> value, std::string meaning) {
    all_.push_back({std::move(name), unit, better, std::move(meaning), value, {}});
  }
  template <class T>
  void count(std::string name, Better better, T number, std::string meaning) {
    add(std::move(name), "1", better, static_cast<double>(number), std::move(meaning));
  }
  /// A part divided by the whole, or a sum by the number of its terms. None where the divisor is zero.
  template <class Part, class Whole>
  void ratio(const char* name, Better better, Part part, Whole whole, const char* meaning) {
    const bool any = whole > Whole{};
    add(name, "1", better, any ? std::optional(static_cast<double>(part) / static_cast<double>(whole)) : std::nullopt,
        meaning);
    all_.back().is_ratio = true;
  }
  /// An amount divided by the span, or by another one. For an amount in a unit times time, this is its average over the
  /// span. None where no time has passed.
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
  /// The same for durations that may not have ended: `unended` are the ages of those that have not.
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
