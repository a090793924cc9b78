#include "sweep/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "analysis/compare.hpp"
#include "analysis/statistics.hpp"

namespace codecosim {

namespace {
/// Whether a sample's mean is as precise as the rule asks. A sample without variance is not precise.
bool narrow(const std::vector<double>& sample, const StoppingRule& rule) {
  const auto interval = student_interval(sample, rule.confidence);
  return interval && (interval->high - interval->low) / 2 <=
                         (rule.half_width > 0 ? rule.half_width : rule.relative * std::abs(mean_of(sample)));
}
bool varies(const std::vector<double>& sample) {
  if (sample.empty()) return false;
  constexpr double rounding = 1e-12;
  const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
  return *high - *low > rounding * std::max(std::abs(*low), std::abs(*high));
}
}  // namespace

std::vector<std::size_t> compared_groups(const Plan& plan) {
  std::vector<std::size_t> several;
  std::size_t compared = plan.axes.size();
  for (std::size_t axis = 0; axis < plan.axes.size(); ++axis) {
    if (plan.axes[axis].size > 1 && !plan.axes[axis].sampled) several.push_back(axis);
    for (const Factor& factor : plan.axes[axis].factors)
      if (is_policy(factor.name)) compared = axis;
  }
  if (several.size() == 1) compared = several.front();
  std::map<std::vector<std::size_t>, std::size_t> numbers;
  std::vector<std::size_t> all;
  for (std::size_t point = 0; point < plan.points(); ++point) {
    std::vector<std::size_t> at = plan.levels(point);
    if (compared < at.size()) at[compared] = 0;
    all.push_back(numbers.emplace(std::move(at), numbers.size()).first->second);
  }
  return all;
}

Schedule::Schedule(std::vector<std::size_t> groups, const StoppingRule& rule, Chunk chunk)
    : groups_(std::move(groups)),
      rule_(rule),
      chunk_(chunk),
      recorded_(groups_.size() * rule.at_most),
      done_(recorded_.size()) {
  for (std::size_t point = 0; point < groups_.size(); ++point) {
    members_.resize(std::max(members_.size(), groups_[point] + 1));
    members_[groups_[point]].push_back(point);
    for (std::size_t replication = 0; replication < rule.at_least; ++replication)
      planned_ += mine(point * rule.at_most + replication);
  }
  if (adaptive()) wanted_.assign(members_.size(), rule.at_least);
}

bool Schedule::mine(std::size_t run) const {
  // The need for another replication depends on all replications of the group.
  return (adaptive() ? groups_[run / rule_.at_most] : run) % chunk_.of == chunk_.index;
}

void Schedule::record(std::size_t run, bool done, std::optional<double> metric) {
  if (!mine(run) || recorded_[run]) return;
  recorded_[run] = true;
  done_[run] = done;
  failed_ += !done;
  if (!adaptive()) {
    ++recorded_count_;
    return;
  }
  const std::size_t point = run / rule_.at_most, replication = run % rule_.at_most;
  auto& values = values_[point];
  values.resize(std::max(values.size(), replication + 1));
  values[replication] = metric;
  if (replication < wanted(point)) ++recorded_count_;
  look(groups_[point]);
}

std::uint32_t Schedule::wanted(std::size_t point) const {
  const auto found = values_.find(point);
  for (std::uint32_t replication = 0; replication < rule_.at_least; ++replication)
    if (!has(point, replication) || found->second[replication]) return wanted_[groups_[point]];
  return rule_.at_least;
}

std::optional<std::vector<double>> Schedule::sample(std::size_t point) const {
  std::vector<double> all;
  for (std::size_t replication = 0; replication < wanted(point); ++replication) {
    if (!has(point, replication)) return std::nullopt;
    if (const auto value = values_.at(point)[replication]) all.push_back(*value);
  }
  return all;
}

void Schedule::look(std::size_t group) {
  for (std::uint32_t& wanted_now = wanted_[group];;) {
    bool wide = false;
    for (const std::size_t point : members_[group]) {
      const auto all = sample(point);
      if (!all) return;
      wide = wide || (!all->empty() && !narrow(*all, rule_));
    }
    if (!wide || wanted_now == rule_.at_most) return;
    const std::uint32_t before = wanted_now;
    wanted_now = std::min(wanted_now + rule_.step, rule_.at_most);
    for (const std::size_t point : members_[group])
      for (std::size_t replication = before; replication < wanted(point); ++replication) {
        ++planned_;
        if (has(point, replication))
          ++recorded_count_;
        else
          more_.push(point * rule_.at_most + replication);
      }
  }
}

std::vector<std::size_t> Schedule::imprecise() const {
  std::vector<std::size_t> all;
  for (std::size_t point = 0; adaptive() && point < groups_.size(); ++point) {
    if (!mine(point * rule_.at_most)) continue;
    const auto values = sample(point);
    if (!values) continue;
    std::size_t done = 0;
    for (std::size_t r = 0; r < wanted(point); ++r) done += done_[point * rule_.at_most + r];
    const bool at_most = wanted(point) == rule_.at_most;
    if (values->size() < done || (at_most && varies(*values) && !narrow(*values, rule_))) all.push_back(point);
  }
  return all;
}

std::optional<std::size_t> Schedule::next() {
  for (const std::size_t end = groups_.size() * rule_.at_least; cursor_ < end;) {
    const std::size_t replication = cursor_ / groups_.size(), point = cursor_ % groups_.size();
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
