#include "models/network/shared_air.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace codecosim {

SharedAir::SharedAir(Network& network, const LinkSpec& spec, std::shared_ptr<const MediumAccess> access)
    : Air(network, spec, [](Activation& self) { static_cast<SharedAir&>(self).done(); }), access_(std::move(access)) {}

void SharedAir::progress(Seconds gone) {
  for (std::size_t k = 0; k < lines_.size(); ++k)
    if (!lines_[k].entries.empty()) lines_[k].progress += gone.value * parts_[k];
}

void SharedAir::insert(Line& line, const Entry& entry) {
  // Among entries that end at the same date, the one that came first goes first.
  const auto later = [](const Entry& a, const Entry& b) {
    return a.end > b.end || (a.end == b.end && order(*a.message) > order(*b.message));
  };
  line.entries.insert(std::lower_bound(line.entries.begin(), line.entries.end(), entry, later), entry);
}

void SharedAir::add(Message& message, std::uint32_t bearer, std::uint8_t way) {
  Line& line = lines_[class_of(message)];
  if (line.entries.empty()) line.progress = 0;
  const double airtime = (message.size() / rate(bearer, way)).value;
  const Seconds granted = grants() && way == 0 ? this->granted(bearer) : now();
  insert(line, {line.progress + airtime, airtime, now(), granted, bearer, way, &message});
}

// A device with a transmission under way, or that waits for a grant, asks along with that.
Seconds SharedAir::granted(std::uint32_t bearer) {
  GrantOf& its = grant_of(bearer);
  const bool first = in_air(bearer, 0) == 1;  // the message that has just come
  if (first && now() >= its.under_way_until) its.from = grants()->granted(now(), its.phase);
  return std::max(now(), its.from);
}

void SharedAir::take_out(Message& message, std::uint32_t, std::uint8_t) {
  Line& line = lines_[class_of(message)];
  line.entries.erase(std::ranges::find(line.entries, &message, &Entry::message));
}

void SharedAir::find(std::uint32_t bearer, std::uint8_t way, std::vector<Message*>& all) const {
  for (const Line& line : lines_)
    for (const Entry& one : line.entries)
      if (one.bearer == bearer && one.way == way) all.push_back(one.message);
}

void SharedAir::measure_anew(std::uint32_t bearer, std::uint8_t way) {
  for (Line& line : lines_) {
    std::vector<Entry> changed;
    std::erase_if(line.entries, [&](const Entry& one) {
      const bool its = one.bearer == bearer && one.way == way;
      if (its) changed.push_back(one);
      return its;
    });
    for (Entry& one : changed) {
      const double before = std::exchange(one.airtime, (one.message->size() / rate(bearer, way)).value);
      if (before > 0) one.end = line.progress + (one.end - line.progress) * (one.airtime / before);
      insert(line, one);
    }
  }
}

void SharedAir::plan() {
  double flows = 0;
  for (const Crossing& one : crossings_) flows += one.flows;
  const std::array<double, 2> messages{static_cast<double>(lines_[0].entries.size()),
                                       static_cast<double>(lines_[1].entries.size())};
  const std::array<double, 2> parts = parts_of_classes(assured_share_, messages[0], messages[1], flows);
  messages_part_ = parts[0] + parts[1];
  for (Crossing& one : crossings_) {
    const double part = std::max(0.0, 1 - messages_part_) / flows;
    one.per_second = {part, part * rate(one.bearer, one.way).value};
  }
  if (scheduled()) calendar().withdraw(*this);
  double soonest = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    if (lines_[k].entries.empty()) continue;
    parts_[k] = parts[k] / messages[k];
    const double after = std::max(0.0, lines_[k].entries.back().end - lines_[k].progress) / parts_[k];
    if (after < soonest) {
      soonest = after;
      due_ = k;
    }
  }
  if (soonest < std::numeric_limits<double>::infinity()) calendar().at(now() + Seconds(soonest), *this);
}

void SharedAir::done() {
  account();
  Line& line = lines_[due_];
  line.progress = std::max(line.progress, line.entries.back().end);
  while (!line.entries.empty() && line.entries.back().end <= line.progress) {
    const Entry one = line.entries.back();
    line.entries.pop_back();
    Seconds end = now();
    if (const Grants* by = grants()) {
      end = std::max(end, by->end_of_slots(one.way == 0, one.granted, now() - one.asked));
      if (one.way == 0) grant_of(one.bearer).under_way_until = std::max(grant_of(one.bearer).under_way_until, end);
    }
    sent(*one.message, one.bearer, one.way, end);
  }
  change();
}

}  // namespace codecosim
