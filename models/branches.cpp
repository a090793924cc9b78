#include "models/branches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/base/number.hpp"

namespace codecosim {

Futures::Answer Branches::play(std::uint32_t alternatives, Seconds horizon) {
  const Copies::Split split = Copies::split(alternatives, spec_.limits);
  if (split.number) {
    run_.restart();
    report_ = [this] { return fmt::format("{}", judged_by()); };
    spawn(report_at(std::min(now() + horizon, run_.end())));
  }
  Answer answer{split.number, {}};
  for (const auto& text : split.answers) answer.values.push_back(text ? parse_number(*text) : std::nullopt);
  return answer;
}

Process Branches::fork_at(Seconds at, std::vector<std::function<void()>> changes) {
  co_await until(at);
  const Copies::Split split = Copies::split(static_cast<std::uint32_t>(changes.size()), spec_.limits);
  if (split.number) {
    run_.restart();
    changes[*split.number]();
  } else {
    reports_ = split.answers;
    calendar().stop();
  }
}

void Branches::report() const { Child::answer(report_()); }

Process Branches::report_at(Seconds when) {
  co_await until(when);
  report();
}

double Branches::judged_by() const {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  const bool more_is_better = spec_.figure.starts_with('-');
  const std::string name = spec_.figure.substr(more_is_better ? 1 : 0);
  for (const Figure& figure : run_.summary()) {
    if (figure.name != name || !figure.value) continue;
    return more_is_better || figure.better == Better::higher ? -*figure.value : *figure.value;
  }
  return nothing;
}

}  // namespace codecosim
