#include "sweep/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/statistics.hpp"

namespace codecosim {

namespace {
/// Whether a sample's mean is known as well as the rule asks. Of what has not varied yet, nothing is known.
bool narrow(const std::vector<double>& sample, const StoppingRule& rule) {
  const auto interval = student_interval(sample, rule.confidence);
  return interval && (interval->high - interval->low) / 2 <=
                         (rule.half_width > 0 ? rule.half_width : rule.relative * std::abs(mean_of(sample)));
}
}  // namespace

Schedule::Schedule(std::size_t points, const StoppingRule& rule, Chunk chunk)
    : points_(points), rule_(rule), chunk_(chunk), recorded_(points * rule.at_most) {
  if (adaptive()) wanted_.assign(points, rule.at_least);
  for (std::size_t point = 0; point < points; ++point)
    for (std::size_t replication = 0; replication < rule.at_least; ++replication)
      planned_ += mine(point * rule.at_most + replication);
}

bool Schedule::mine(std::size_t run) const {
  // Whether a point needs another replication depends on all that it has had.
  return (adaptive() ? run / rule_.at_most : run) % chunk_.of == chunk_.index;
}

void Schedule::record(std::size_t run, bool done, std::optional<double> metric) {
  if (!mine(run) || recorded_[run]) return;
  recorded_[run] = true;
  failed_ += !done;
  const std::size_t point = run / rule_.at_most, replication = run % rule_.at_most;
  if (!adaptive()) {
    ++recorded_count_;
    return;
  }
  auto& values = values_[point];
  values.resize(std::max(values.size(), replication + 1));
  values[replication] = metric;
  if (replication < wanted_[point]) ++recorded_count_;
  look(point);
}

void Schedule::look(std::size_t point) {
  const auto has = [&](std::size_t replication) { return recorded_[point * rule_.at_most + replication]; };
  for (;;) {
    std::uint32_t& wanted = wanted_[point];
    std::vector<double> sample;
    for (std::size_t replication = 0; replication < wanted; ++replication) {
      if (!has(replication)) return;
      if (const auto value = values_[point][replication]) sample.push_back(*value);
    }
    if (wanted == rule_.at_most) return;
    if (sample.empty() || narrow(sample, rule_)) return;  // where all fail, more will
    const std::uint32_t before = wanted;
    wanted = std::min(wanted + rule_.step, rule_.at_most);
    planned_ += wanted - before;
    for (std::size_t replication = before; replication < wanted; ++replication) {
      if (has(replication))
        ++recorded_count_;
      else
        more_.push(point * rule_.at_most + replication);
    }
  }
}

std::optional<std::size_t> Schedule::next() {
  for (const std::size_t end = points_ * rule_.at_least; cursor_ < end;) {
    const std::size_t replication = cursor_ / points_, point = cursor_ % points_;
    ++cursor_;
    const std::size_t run = point * rule_.at_most + replication;
    if (mine(run) && !recorded_[run]) return run;
  }
  while (!more_.empty()) {
    const std::size_t run = more_.front();
    more_.pop();
    if (!recorded_[run]) return run;
  }
  return std::nullopt;
}

}  // namespace codecosim
