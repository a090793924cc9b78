#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

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

/// Events, the earliest first: a 4-ary heap in which the four children of an event share a cache line.
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

}  // namespace codecosim
