#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/base/table.hpp"

namespace codecosim {

/// A scheduled event: sixteen bytes that are compared as one number, by date and then by key.
class Event {
 public:
  Event() = default;
  /// A date must not be negative.
  Event(double date, std::uint64_t key)
      : rank_(static_cast<Rank>(std::bit_cast<std::uint64_t>(date + 0.0)) << 64 | key) {}
  double date() const { return std::bit_cast<double>(static_cast<std::uint64_t>(rank_ >> 64)); }
  std::uint64_t key() const { return static_cast<std::uint64_t>(rank_); }
  bool operator<(const Event& other) const { return rank_ < other.rank_; }

 private:
  // Doubles that are not negative order as their bits do. One comparison of integers needs no branch.
  __extension__ using Rank = unsigned __int128;
  Rank rank_ = 0;
};

/// Few events, the earliest first: a 4-ary heap in which the four children of an event share a cache line.
class EventHeap {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return all_.size() - root; }
  const Event& front() const { return all_[root]; }

  void push(Event event) {
    all_.emplace_back();
    rise(all_.size() - 1, event);
  }

  /// Removes the earliest event. The last event belongs near the bottom most of the time: so the hole sinks to the
  /// bottom, and the last event rises from there.
  void pop() {
    const Event last = all_.back();
    all_.pop_back();
    if (empty()) return;
    Event* const all = all_.data();
    const std::size_t size = all_.size();
    std::size_t hole = root, first = first_child(root);
    for (; first + 4 <= size; first = first_child(hole)) {
      const std::size_t left = all[first + 1] < all[first] ? first + 1 : first;
      const std::size_t right = all[first + 3] < all[first + 2] ? first + 3 : first + 2;
      const std::size_t least = all[right] < all[left] ? right : left;
      all[hole] = all[least];
      hole = least;
    }
    if (first < size) {
      const auto least = static_cast<std::size_t>(std::min_element(all + first, all + size) - all);
      all[hole] = all[least];
      hole = least;
    }
    rise(hole, last);
  }

  /// All events, in no order.
  std::span<const Event> all() const { return std::span(all_.begin() + root, all_.end()); }

  void clear() { all_.resize(root); }

  template <class Predicate>
  void erase_if(Predicate predicate) {
    all_.erase(std::remove_if(all_.begin() + root, all_.end(), predicate), all_.end());
    std::sort(all_.begin() + root, all_.end());
  }

 private:
  // Three places before the root stay empty, so that the children of an event begin where a cache line begins.
  static constexpr std::size_t root = 3;
  static std::size_t first_child(std::size_t at) { return 4 * (at - root + 1); }
  static std::size_t parent(std::size_t at) { return at / 4 + root - 1; }

  void rise(std::size_t at, Event event) {
    for (; at > root && event < all_[parent(at)]; at = parent(at)) all_[at] = all_[parent(at)];
    all_[at] = event;
  }

  Table<Event> all_ = Table<Event>(root);
};

/// Events, the earliest first, however many: a ladder queue (W. T. Tang, R. S. M. Goh, I. L.-J. Thng, "Ladder queue: an
/// O(1) priority queue structure for large-scale discrete event simulation", ACM TOMACS 15(3), 2005) whose bottom is a
/// heap.
///
/// The next events are in the heap, which fits the cache of a core. Later events lie unsorted: on rungs, in buckets
/// that are spans of time of one length, and above the rungs. When the heap is empty, the events of the next bucket go
/// there. A bucket of too many, or a heap of too many, becomes a rung of shorter spans below the other rungs.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size() + later_; }
  const Event& front() const { return heap_.front(); }

  void push(Event event) {
    if (event.date() > reached_)
      push_later(event);
    else
      heap_.push(event);
    if (heap_.size() > most_in_heap_) [[unlikely]]
      spread_heap();
  }

  void pop() {
    heap_.pop();
    if (heap_.empty()) [[unlikely]]
      refill();
  }

  /// Calls `f` with each event, in no order.
  template <class F>
  void for_each(F f) const {
    for (const Event& event : heap_.all()) f(event);
    for (const Rung& rung : rungs_)
      for (const std::vector<Event>& bucket : rung.buckets)
        for (const Event& event : bucket) f(event);
    for (const Event& event : above_) f(event);
  }

  template <class Predicate>
  void erase_if(Predicate predicate) {
    heap_.erase_if(predicate);
    std::erase_if(above_, predicate);
    later_ = above_.size();
    for (Rung& rung : rungs_) {
      rung.events = 0;
      for (std::vector<Event>& bucket : rung.buckets) {
        std::erase_if(bucket, predicate);
        rung.events += bucket.size();
      }
      later_ += rung.events;
    }
    if (heap_.empty()) refill();
  }

 private:
  static constexpr std::size_t bucket_limit = 512, heap_limit = 4096, per_bucket = 16, most_rungs = 32;

  struct Rung {
    double begin = 0, per_second = 0;  // date of its first event, buckets in a second
    std::size_t used = 0;              // buckets that it has
    std::size_t next = 0;              // the first bucket that has not gone down
    std::size_t events = 0;
    std::vector<std::vector<Event>> buckets;
    /// Dates beyond its ends count to the first and the last bucket. Whatever the rounding, a later date never has an
    /// earlier bucket.
    std::size_t bucket_of(double date) const {
      return static_cast<std::size_t>(std::clamp((date - begin) * per_second, 0.0, static_cast<double>(used - 1)));
    }
  };

  void push_later(Event);
  void refill();
  /// Takes the events of the next bucket to the heap, or makes a rung of them.
  void descend();
  void spread_heap();
  /// Makes a rung below the others of the events in `moving_`. False: of events of one date there is none.
  bool spread();

  EventHeap heap_;
  double reached_ = -1;  // events up to this date belong in the heap
  std::size_t most_in_heap_ = heap_limit;
  std::vector<Rung> rungs_;  // the longest spans first; those from depth_ on are empty, and keep their memory
  std::size_t depth_ = 0;
  double highest_ = -1;  // events after this date belong above the rungs
  std::vector<Event> above_;
  std::size_t later_ = 0;      // events that are not in the heap
  std::vector<Event> moving_;  // on their way down
};

}  // namespace codecosim
