#include "sim/kernel/event_queue.hpp"

#include <cmath>

namespace codecosim {

// An event whose bucket has gone down on every rung is earlier than all on the rungs.
void EventQueue::push_later(Event event) {
  const double date = event.date();
  if (date > highest_) {
    above_.push_back(event);
    ++later_;
    if (heap_.empty()) refill();
    return;
  }
  for (std::size_t r = 0; r < depth_; ++r) {
    Rung& rung = rungs_[r];
    const std::size_t bucket = rung.bucket_of(date);
    if (bucket < rung.next) continue;
    rung.buckets[bucket].push_back(event);
    ++rung.events;
    ++later_;
    return;
  }
  heap_.push(event);
  reached_ = date;
}

void EventQueue::refill() {
  most_in_heap_ = heap_limit;
  while (heap_.empty() && later_ > 0) descend();
}

void EventQueue::descend() {
  while (depth_ > 0 && rungs_[depth_ - 1].events == 0) --depth_;
  // The bucket that goes down gets this memory. Large memory would wander into bucket after bucket, and stay there.
  if (moving_.capacity() > 4 * per_bucket) std::vector<Event>().swap(moving_);
  if (depth_ == 0) {
    moving_.swap(above_);
  } else {
    Rung& rung = rungs_[depth_ - 1];
    while (rung.buckets[rung.next].empty()) ++rung.next;
    moving_.swap(rung.buckets[rung.next++]);
    rung.events -= moving_.size();
  }
  if (moving_.size() <= bucket_limit || !spread()) {
    for (const Event& event : moving_) {
      heap_.push(event);
      reached_ = std::max(reached_, event.date());
    }
    highest_ = std::max(highest_, reached_);
    later_ -= moving_.size();
  }
  moving_.clear();
}

void EventQueue::spread_heap() {
  moving_.assign(heap_.all().begin(), heap_.all().end());
  if (spread()) {
    heap_.clear();
    later_ += moving_.size();
    // Until the first of its buckets goes down, no date belongs in the heap that is on the new rung.
    reached_ = -1;
  } else {
    most_in_heap_ = 2 * heap_.size();
  }
  moving_.clear();
  if (heap_.empty()) refill();
}

bool EventQueue::spread() {
  const auto [first, last] = std::ranges::minmax(moving_, {}, &Event::date);
  const std::size_t buckets = std::max<std::size_t>(moving_.size() / per_bucket, 2);
  const double per_second = static_cast<double>(buckets) / (last.date() - first.date());
  if (!std::isfinite(per_second) || depth_ == most_rungs) return false;
  if (depth_ == rungs_.size()) rungs_.emplace_back();
  Rung& rung = rungs_[depth_];
  rung.begin = first.date();
  rung.per_second = per_second;
  rung.used = buckets;
  rung.next = 0;
  rung.events = moving_.size();
  rung.buckets.resize(std::max(rung.buckets.size(), buckets));
  for (const Event& event : moving_) rung.buckets[rung.bucket_of(event.date())].push_back(event);
  if (depth_++ == 0) highest_ = std::max(highest_, last.date());
  return true;
}

}  // namespace codecosim
