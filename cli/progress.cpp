#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "sim/base/quantity_text.hpp"

namespace codecosim {

Progress::Progress(const std::string& style, Seconds horizon) : horizon_(horizon) {
  style_ = style == "plain"                           ? Style::plain
           : style == "json"                          ? Style::json
           : style == "auto" && isatty(STDERR_FILENO) ? Style::bar
                                                      : Style::none;
}

void Progress::show(Seconds now) {
  if (style_ == Style::none) return;
  const Clock::time_point wall = Clock::now();
  if (wall - last_ < std::chrono::milliseconds(100)) return;
  last_ = wall;
  const double spent = std::chrono::duration<double>(wall - start_).count();
  const double share = std::clamp(now / horizon_, 0.0, 1.0);
  const double speed_up = now.value / spent;
  const Seconds left(share > 0 ? spent * (1 - share) / share : 0);
  if (style_ == Style::json) {
    fmt::print(stderr, "{{\"simulated_s\":{},\"share\":{},\"speed_up\":{},\"left_s\":{}}}\n", now.value, share,
               speed_up, left.value);
  } else if (style_ == Style::plain) {
    if (static_cast<int>(share * 10) <= tenths_) return;
    tenths_ = static_cast<int>(share * 10);
    fmt::print(stderr, "{}0 % simulated, {:.0f} times real time, {} left\n", tenths_, speed_up, readable(left));
  } else {
    constexpr int width = 30;
    const int full = static_cast<int>(share * width);
    fmt::print(stderr, "\r\033[K[{}{}] {} of {}, {:.0f} times real time, {} left",
               std::string(static_cast<std::size_t>(full), '#'),
               std::string(static_cast<std::size_t>(width - full), '.'), readable(now), readable(horizon_), speed_up,
               readable(left));
  }
  std::fflush(stderr);
}

void Progress::done() {
  if (style_ == Style::bar) fmt::print(stderr, "\r\033[K");
}

}  // namespace codecosim
